/**
 * What Overview shows, computed from rows, contexts, controllers and events: pure, so that its judgement is tested. What needs a person
 * comes first, with its cause; blocked objects stand under what blocks them.
 */
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { compareRows, isFailure } from '../../../shared/lib/row-order.ts'
import type { ContextRow, ControllerRow, EventRow, FluxRow } from '../../../shared/model/rows.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { noCounts } from '../../stores/row-counts.ts'
import type { Counts } from '../../stores/row-counts.ts'

export interface AttentionRow {
  readonly kind: 'object'
  readonly row: FluxRow
  /** Objects that wait for this one, by name. */
  readonly blocks: readonly FluxRow[]
}

export type AttentionItem =
  | AttentionRow
  | { readonly kind: 'context'; readonly context: ContextRow }
  | { readonly kind: 'controller'; readonly controller: ControllerRow }
  /** A suspension past its date. */
  | { readonly kind: 'expired'; readonly row: FluxRow }

const connectionNeedsPerson = new Set<ContextRow['connection']>([
  'unreachable',
  'unauthorized',
  'needs-approval',
  'invalid',
])

/** Clusters that no selected context reaches now: what is shown of them was seen before. */
export function silentClusters(contexts: readonly ContextRow[]): ReadonlySet<ClusterId> {
  const silent = new Set<ClusterId>()
  for (const { cluster, connection } of contexts)
    if (cluster !== null && connectionNeedsPerson.has(connection)) silent.add(cluster)
  for (const { cluster, connection } of contexts)
    if (cluster !== null && !connectionNeedsPerson.has(connection)) silent.delete(cluster)
  return silent
}

/** The counts with every object of a silent cluster as Unknown: what nobody sees now is neither ready nor failed. */
export function liveCounts(
  all: Counts,
  byCluster: ReadonlyMap<ClusterId, Counts>,
  silent: ReadonlySet<ClusterId>,
): Counts {
  const words = { ...all.words }
  let { failures, overdue } = all
  for (const cluster of silent) {
    const counts = byCluster.get(cluster) ?? noCounts
    failures -= counts.failures
    overdue -= counts.overdue
    for (const [word, count] of Object.entries(counts.words) as [StatusWord, number][])
      words[word] = (words[word] ?? 0) - count
    words.Unknown = (words.Unknown ?? 0) + counts.total
  }
  return { total: all.total, failures, overdue, words }
}

/** What needs attention, in order: failures (newest first within their word; of clusters that answer), silent contexts, sick controllers, expired suspensions. */
export function attentionOf(
  rows: Iterable<FluxRow>,
  contexts: readonly ContextRow[],
  controllers: Iterable<ControllerRow>,
  now: number,
): readonly AttentionItem[] {
  const silent = silentClusters(contexts)
  const failed: FluxRow[] = []
  const expired: FluxRow[] = []
  const blockedBy = new Map<string, FluxRow[]>()
  for (const row of rows) {
    if (silent.has(row.ref.cluster)) continue
    if (isFailure(row.status)) failed.push(row)
    const resumeAt = row.suspend?.resumeAt ?? null
    if (row.isSuspended === true && row.suspend?.isTrusted === true && resumeAt !== null && resumeAt < now)
      expired.push(row)
    const cause = row.blockedBy.at(-1)
    if (row.status.word !== 'Waiting' || cause === undefined) continue
    const key = refKey(cause)
    const known = blockedBy.get(key)
    if (known === undefined) blockedBy.set(key, [row])
    else known.push(row)
  }
  failed.sort(compareRows)
  const sick = [...controllers].filter(
    (controller) => controller.readyReplicas < controller.replicas || controller.status === 'Failed',
  )
  return [
    ...failed.map((row): AttentionItem => ({ kind: 'object', row, blocks: blockedBy.get(row.key) ?? [] })),
    ...contexts
      .filter((context) => connectionNeedsPerson.has(context.connection))
      .map((context): AttentionItem => ({ kind: 'context', context })),
    ...sick.map((controller): AttentionItem => ({ kind: 'controller', controller })),
    ...expired.sort(compareRows).map((row): AttentionItem => ({ kind: 'expired', row })),
  ]
}

/** Words counted at the top, in reading order. */
export const counterWords = [
  'Failed',
  'Stalled',
  'Waiting',
  'Progressing',
  'Suspended',
  'Unknown',
  'Ready',
] as const satisfies readonly StatusWord[]

export interface LaneMark {
  readonly at: number
  readonly kind: 'changed' | 'unchanged' | 'failed'
}

export interface LaneSpan {
  readonly from: number
  readonly to: number
  readonly kind: 'failing' | 'suspended' | 'nodata'
}

export interface Lane {
  readonly marks: readonly LaneMark[]
  readonly spans: readonly LaneSpan[]
}

/** Reasons by which controllers say that they changed something, and that there was nothing to change. */
const changedReasons = new Set([
  'ReconciliationSucceeded',
  'InstallSucceeded',
  'UpgradeSucceeded',
  'RollbackSucceeded',
  'Progressing',
  'NewArtifact',
])
const unchangedReasons = new Set(['GitOperationSucceeded', 'ArtifactUpToDate', 'Succeeded'])
const maxMarks = 400

/**
 * The lane of one cluster between `from` and `now`, from what is known now: the cluster's events, when objects were last applied, since
 * when they fail or are suspended. What lies before the oldest event is no data, not calm.
 */
export function laneOf(
  cluster: ClusterId | null,
  rows: Iterable<FluxRow>,
  events: Iterable<EventRow>,
  context: Pick<ContextRow, 'connection' | 'lastSeenAt'>,
  from: number,
  now: number,
): Lane {
  if (cluster === null) return { marks: [], spans: [{ from, to: now, kind: 'nodata' }] }
  const marks: LaneMark[] = []
  const failing: LaneSpan[] = []
  const suspended: LaneSpan[] = []
  let oldest = now
  for (const event of events) {
    if (event.involved.cluster !== cluster) continue
    oldest = Math.min(oldest, event.firstAt)
    const kind =
      event.type === 'Warning'
        ? 'failed'
        : changedReasons.has(event.reason)
          ? 'changed'
          : unchangedReasons.has(event.reason)
            ? 'unchanged'
            : null
    if (kind === null) continue
    if (event.lastAt >= from) marks.push({ at: event.lastAt, kind })
    if (event.count > 1 && event.firstAt >= from) marks.push({ at: event.firstAt, kind })
  }
  for (const row of rows) {
    if (row.ref.cluster !== cluster) continue
    if (row.lastAppliedAt !== null && row.lastAppliedAt >= from) {
      marks.push({ at: row.lastAppliedAt, kind: 'unchanged' })
      oldest = Math.min(oldest, row.lastAppliedAt)
    }
    const since = row.isSuspended === true ? (row.suspend?.at ?? row.status.since) : row.status.since
    if (since === null || since === undefined) continue
    if (row.isSuspended === true) suspended.push({ from: Math.max(from, since), to: now, kind: 'suspended' })
    else if (isFailure(row.status)) failing.push({ from: Math.max(from, since), to: now, kind: 'failing' })
  }
  const spans = [...mergeSpans(failing), ...mergeSpans(suspended)]
  const isSilent = context.connection !== 'connected' && context.lastSeenAt !== null
  const silentAt = isSilent ? Math.max(from, Math.min(now, context.lastSeenAt)) : now
  const knownAt = Math.min(oldest, silentAt)
  if (knownAt > from) spans.unshift({ from, to: knownAt, kind: 'nodata' })
  if (silentAt < now) spans.push({ from: silentAt, to: now, kind: 'nodata' })
  return { marks: thin(marks, from, now), spans }
}

function mergeSpans(spans: readonly LaneSpan[]): readonly LaneSpan[] {
  const merged: { from: number; to: number; kind: LaneSpan['kind'] }[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

/** One mark of a kind per step of the axis: more cannot be seen. */
function thin(marks: readonly LaneMark[], from: number, now: number): readonly LaneMark[] {
  const seen = new Set<string>()
  const kept: LaneMark[] = []
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const step = Math.round(((mark.at - from) / Math.max(1, now - from)) * maxMarks)
    const id = `${mark.kind} ${step}`
    if (seen.has(id)) continue
    seen.add(id)
    kept.push(mark)
  }
  return kept
}

export interface AxisTick {
  readonly at: number
  readonly position: number
}

/** Whole hours of the axis, six at most, in local time; none so near the end that it would run into "now". */
export function axisTicks(from: number, now: number): readonly AxisTick[] {
  const span = now - from
  const hour = 3_600_000
  const steps = [hour / 6, hour / 4, hour, 2 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour]
  const step = steps.find((each) => span / each <= 6) ?? span
  const offset = new Date(now).getTimezoneOffset() * 60_000
  const ticks: AxisTick[] = []
  for (let at = Math.ceil((from - offset) / step) * step + offset; at < now - span * 0.12; at += step)
    if (at > from + span * 0.02) ticks.push({ at, position: (at - from) / span })
  return ticks
}

/** Plain text of what needs attention, for a ticket or a chat. */
export function reportOf(items: readonly AttentionItem[], contextName: (cluster: ClusterId) => string): string {
  return items
    .map((item) => {
      switch (item.kind) {
        case 'object':
          return [
            `${item.row.status.word}  ${item.row.ref.kind}/${refTitle(item.row.ref)}  ${contextName(item.row.ref.cluster)}`,
            `  ${item.row.status.message}`,
            ...(item.blocks.length === 0 ? [] : [`  Blocks ${item.blocks.map((row) => refTitle(row.ref)).join(', ')}`]),
          ].join('\n')
        case 'context':
          return `${item.context.connection}  context ${item.context.name}\n  ${item.context.error?.message ?? ''}`
        case 'controller':
          return `${item.controller.readyReplicas}/${item.controller.replicas} ready  ${item.controller.namespace}/${item.controller.name}  ${contextName(item.controller.cluster)}\n  ${item.controller.message}`
        case 'expired':
          return `Suspended past its date  ${item.row.ref.kind}/${refTitle(item.row.ref)}  ${contextName(item.row.ref.cluster)}`
      }
    })
    .join('\n')
}
