/** The objects of one owner as the tree at the left of the Drift tab: what drifts by namespace or kind, then what does not. Pure. */
import { formatCountOf } from '../../../../shared/lib/format/numbers.ts'
import type { DriftObject } from '../../../../shared/model/drift.ts'
import { countsAsDrift, driftRank, isDrift, isRecordOnly } from '../../../../shared/model/drift.ts'
import { itemOfRef } from '../../../app/routes.ts'
import type { TreeItem } from '../../../ui/tree/tree-rows.ts'

export type DriftTreeGrouping = 'namespace' | 'kind'

export interface DriftTreeEntry extends TreeItem {
  /** null: a heading. */
  readonly object: DriftObject | null
  readonly heading: string
  readonly count: number
  /** Headings of what does not drift are closed at first. */
  readonly isOpenAtFirst: boolean
}

/** Drifts, or may drift: it could not be told. */
export function isInteresting({ action }: DriftObject): boolean {
  return isDrift(action) || action === 'refused' || action === 'moving'
}

function compare(a: DriftObject, b: DriftObject): number {
  return (
    driftRank(a) - driftRank(b) ||
    (a.ref.name < b.ref.name ? -1 : a.ref.name > b.ref.name ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  )
}

export function driftTree(objects: readonly DriftObject[], grouping: DriftTreeGrouping): readonly DriftTreeEntry[] {
  const interesting = new Map<string, DriftObject[]>()
  const quiet: Readonly<Record<'ignored' | 'others' | 'equal', DriftObject[]>> = { ignored: [], others: [], equal: [] }
  for (const object of objects) {
    if (isInteresting(object)) {
      const name = grouping === 'kind' ? object.ref.kind : object.ref.namespace
      const known = interesting.get(name)
      if (known === undefined) interesting.set(name, [object])
      else known.push(object)
    } else if (object.action === 'unchanged') quiet.equal.push(object)
    if (object.action === 'skipped' || object.ignoredCount > 0) quiet.ignored.push(object)
    if (object.notOwnedCount > 0) quiet.others.push(object)
  }
  const entries: DriftTreeEntry[] = []
  const add = (id: string, heading: string, below: readonly DriftObject[], isOpenAtFirst: boolean): void => {
    entries.push({ id, parent: null, object: null, heading, count: below.length, isOpenAtFirst })
    for (const object of below)
      entries.push({
        id: `${id}\n${itemOfRef(object.ref)}`,
        parent: id,
        object,
        heading: '',
        count: 0,
        isOpenAtFirst: false,
      })
  }
  for (const name of [...interesting.keys()].sort())
    add(`drift ${name}`, name === '' ? 'Cluster-scoped' : name, (interesting.get(name) ?? []).sort(compare), true)
  if (quiet.ignored.length > 0) add('ignored', 'Ignored by rule', quiet.ignored.sort(compare), false)
  if (quiet.others.length > 0) add('others', 'Field owned by others, not in Git', quiet.others.sort(compare), false)
  if (quiet.equal.length > 0) add('equal', 'Not drifted', quiet.equal.sort(compare), false)
  return entries
}

/** `5 of 48 objects` and `8 fields, 1 missing`. */
export function treeCounts(objects: readonly DriftObject[]): { readonly objects: string; readonly details: string } {
  let drifted = 0
  let fields = 0
  const words = new Map<string, number>()
  const count = (word: string): void => void words.set(word, (words.get(word) ?? 0) + 1)
  for (const object of objects) {
    const { action, driftCount } = object
    if (countsAsDrift(object)) drifted += 1
    else if (isRecordOnly(object)) count('record only')
    if (action === 'configured' || action === 'recreated') fields += driftCount
    if (action === 'created') count('missing')
    else if (action === 'pruned') count('not in Git')
    else if (action === 'refused' || action === 'moving') count('not known')
  }
  const details = [...words].map(([word, number]) => `${number.toLocaleString()} ${word}`)
  if (fields > 0) details.unshift(formatCountOf(fields, 'field'))
  return {
    objects: `${drifted.toLocaleString()} of ${formatCountOf(objects.length, 'object')}`,
    details: details.join(', '),
  }
}
