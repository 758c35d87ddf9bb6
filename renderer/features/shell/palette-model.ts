/**
 * What the palette offers for a text: actions, objects, views and filters, best first. Pure over the rows, views and commands that it
 * is given; every word of the text must be found in an entry, and every found part is marked.
 */
import { refTitle } from '../../../shared/model/identity.ts'
import { compareRows } from '../../../shared/lib/row-order.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { shortKind } from '../../../shared/flux/short-kinds.ts'
import { canDrift } from '../../stores/drift.ts'
import { approvalOf, approvalsStore, canHaveMode } from '../../stores/hosting.ts'

export type RowActionName =
  | 'open'
  | 'drift'
  | 'compare'
  | 'suspend'
  | 'resume'
  | 'mode'
  | 'approve'
  | 'applyNow'
  | 'reconcile'
  | 'reconcileWithSource'
  | 'force'
  | 'reset'
  | 'copyLink'

export interface RowAction {
  readonly name: RowActionName
  readonly label: string
  /** Words by which it is found. */
  readonly words: string
}

export const rowActions: readonly RowAction[] = [
  { name: 'open', label: 'Open', words: 'open go' },
  { name: 'drift', label: 'Show what differs from Git', words: 'drift diff' },
  { name: 'compare', label: 'Compare with Git again', words: 'compare drift again' },
  { name: 'suspend', label: 'Suspend…', words: 'suspend close gate' },
  { name: 'resume', label: 'Resume…', words: 'resume open gate' },
  { name: 'mode', label: 'Mode: automatic, manual, held…', words: 'mode automatic manual held hold' },
  { name: 'approve', label: 'Review and approve…', words: 'review approve' },
  { name: 'applyNow', label: 'Apply now…', words: 'apply now' },
  { name: 'reconcile', label: 'Reconcile…', words: 'reconcile' },
  { name: 'reconcileWithSource', label: 'Reconcile with source…', words: 'reconcile source' },
  { name: 'force', label: 'Force the release…', words: 'force release upgrade' },
  { name: 'reset', label: 'Reset the release’s failures…', words: 'reset release failures' },
  { name: 'copyLink', label: 'Copy sluice:// link', words: 'copy link' },
]

/** What could be done with a row, whether or not it may be: the dialog and the API server say the rest. */
export function actionsOfRow(row: FluxRow): readonly RowAction[] {
  return rowActions.filter(({ name }) => {
    if (name === 'open' || name === 'copyLink') return true
    if (name === 'drift' || name === 'compare') return canDrift(row.ref)
    if (name === 'mode') return canHaveMode(row.ref)
    if (name === 'approve') return approvalOf(approvalsStore.getState().items, row.ref) !== null
    if (name === 'applyNow') return row.mode === 'manual' && canHaveMode(row.ref)
    if (row.isSuspended === null) return false
    if (name === 'suspend') return !row.isSuspended
    if (name === 'resume') return row.isSuspended
    if (row.isSuspended) return false
    if (name === 'force' || name === 'reset') return row.ref.kind === 'HelmRelease'
    return name === 'reconcile' || row.source !== null
  })
}

export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

const haystacks = new WeakMap<FluxRow, string>()

function haystackOf(row: FluxRow): string {
  const known = haystacks.get(row)
  if (known !== undefined) return known
  const made = `${shortKind(row.ref.group, row.ref.kind)} ${row.ref.kind} ${refTitle(row.ref)}`.toLowerCase()
  haystacks.set(row, made)
  return made
}

/** Rows in which every word stands, names that begin with the first word before others, then by status. At most `max`. */
export function findRows(
  rows: Iterable<FluxRow>,
  words: readonly string[],
  max: number,
  contextName: (row: FluxRow) => string,
): readonly FluxRow[] {
  if (words.length === 0) return []
  const starting: FluxRow[] = []
  const containing: FluxRow[] = []
  const [first = ''] = words
  for (const row of rows) {
    const haystack = haystackOf(row)
    if (!words.every((word) => haystack.includes(word) || contextName(row).toLowerCase().includes(word))) continue
    if (row.ref.name.startsWith(first)) starting.push(row)
    else containing.push(row)
  }
  starting.sort(compareRows)
  if (starting.length >= max) return starting.slice(0, max)
  containing.sort(compareRows)
  return [...starting, ...containing].slice(0, max)
}

/**
 * Splits a text into the words of an action and the words of an object: `sus apps` is Suspend and `apps`. Empty when the first word
 * begins no action.
 */
export function splitAction(
  words: readonly string[],
): readonly { readonly action: RowAction; readonly rest: readonly string[] }[] {
  const [first = ''] = words
  if (first === '') return []
  return rowActions
    .filter(({ words: own, name }) => name !== 'open' && own.split(' ').some((word) => word.startsWith(first)))
    .map((action) => {
      const own = action.words.split(' ')
      let used = 1
      while (used < words.length && own.some((word) => word.startsWith(words[used] ?? ''))) used += 1
      return { action, rest: words.slice(used) }
    })
    .filter(({ rest }) => rest.length > 0)
}

/** The text cut where words are found: `[part, isMarked]`. */
export function markWords(text: string, words: readonly string[]): readonly (readonly [string, boolean])[] {
  const lower = text.toLowerCase()
  const marked = new Uint8Array(text.length)
  for (const word of words) {
    const at = lower.indexOf(word)
    if (at >= 0) marked.fill(1, at, at + word.length)
  }
  const parts: [string, boolean][] = []
  for (let index = 0; index < text.length; index += 1) {
    const isMarked = marked[index] === 1
    const last = parts.at(-1)
    if (last !== undefined && last[1] === isMarked) last[0] += text[index]
    else parts.push([text[index] ?? '', isMarked])
  }
  return parts
}
