/** Words, marks and order of hosted mode's queue. Pure. */
import type { HostedRow } from '../../../shared/model/hosting.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { IconName } from '../../ui/icon/icon.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'

/** What a row is shown as: its state, or that it failed and is tried again. */
export type HostedWord = HostedRow['state'] | 'failed'

/** In the view's order: what asks for a person first, what cannot be done last. */
const order: readonly HostedWord[] = [
  'needs-approval',
  'failed',
  'waiting',
  'running',
  'queued',
  'manual',
  'held',
  'suspended',
  'sleeping',
  'not-hosted',
]

export function wordOf({ state, lastResult }: HostedRow): HostedWord {
  const isIdle = state === 'sleeping' || state === 'queued'
  return isIdle && lastResult === 'failed' ? 'failed' : state
}

export interface WordLook {
  readonly label: string
  readonly shape?: StatusShape
  readonly icon?: IconName
}

/** Filled shapes only where a person is asked for. */
export const wordLooks: Readonly<Record<HostedWord, WordLook>> = {
  'needs-approval': { label: 'Needs approval', shape: 'held' },
  failed: { label: 'Failed', shape: 'failed' },
  waiting: { label: 'Waiting', shape: 'waiting' },
  running: { label: 'Running', shape: 'progressing' },
  queued: { label: 'Queued', icon: 'clock' },
  manual: { label: 'Manual', icon: 'play' },
  held: { label: 'Held', icon: 'shield-check' },
  suspended: { label: 'Suspended', shape: 'suspended' },
  sleeping: { label: 'Sleeping', icon: 'moon' },
  'not-hosted': { label: 'Not hosted', shape: 'not-installed' },
}

const ranks = new Map(order.map((word, index) => [word, index]))

/** By word, then by name; cluster and kind break ties, so that rows never change places for nothing. */
export function compareHostedRows(a: HostedRow, b: HostedRow): number {
  const byWord = (ranks.get(wordOf(a)) ?? 0) - (ranks.get(wordOf(b)) ?? 0)
  if (byWord !== 0) return byWord
  return (
    compareText(a.ref.namespace, b.ref.namespace) || compareText(a.ref.name, b.ref.name) || compareText(a.key, b.key)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The sentence of a row; what it waits for is linked beside it and not said twice. */
export function messageOf(row: HostedRow): string {
  if (row.message !== '') return row.message
  if (row.waitsFor.length > 0) return `Waits for ${row.waitsFor.map(refTitle).join(', ')}`
  if (row.state === 'held') return 'No revision waits'
  if (row.state === 'manual') return 'Nothing to apply'
  if (row.state === 'queued') return 'Waits for its turn'
  if (row.state === 'suspended') return 'Nothing runs until it is resumed'
  if (row.state === 'sleeping' && row.lastResult === 'succeeded') return 'Its last run succeeded'
  return ''
}

/** Whatever came of its last run: one that failed may be applied again. */
export function mayApplyNow({ mode, state }: HostedRow): boolean {
  return mode === 'manual' && (state === 'manual' || state === 'sleeping' || state === 'waiting')
}

/** `1.2 s`, `2m 05s`: how long the last run took. */
export function tookText(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)}m ${Math.round((ms % 60_000) / 1000)}s`
}
