/**
 * Stretches of time from the turns that were recorded: failing, suspended, unreachable, and those in which nobody looked. A stretch that began before
 * the range, or has not ended, is known from the first turn after it and from the rows as they are now.
 */
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { BandKind, CompareScope, HistoryBand } from '../../../shared/model/history-compare.ts'
import { isGateTurn, lostStretch } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { textAt } from '../status/read.ts'
import { readAll } from './compare-read.ts'
import type { ReadStore } from './compare-read.ts'

/** Shorter than that nobody would have seen anything either. */
const shortestGapMs = 60_000
/** Of a fleet the newest of them: the strip is some hundred points wide. */
const maxTurns = 5000
const badWords: ReadonlySet<string> = new Set(['Failed', 'Stalled'])

export interface BandRange {
  readonly from: number
  readonly until: number
  readonly now: number
}

/** `rows`: those of the scope as they are now. */
export async function findBands(
  store: ReadStore,
  scope: CompareScope,
  range: BandRange,
  rows: Iterable<FluxRow>,
  signal: AbortSignal,
): Promise<readonly HistoryBand[]> {
  const { clusters, owner, ref } = scope
  const about = owner ?? ref
  const [sessions, turns] = await Promise.all([
    readSessions(store, clusters, range.until, signal),
    readAll(
      store,
      {
        clusters,
        ...(about === null ? {} : { ref: about }),
        types: ['status', 'gate', 'object'],
        from: range.from,
        until: range.until,
      },
      maxTurns,
      signal,
    ),
  ])
  const bands = [...sessionBands(sessions, clusters, range)]
  const byObject = new Map<string, { readonly row: FluxRow | null; readonly entries: HistoryEntry[] }>()
  for (const row of rows) byObject.set(row.key, { row, entries: [] })
  // Oldest first.
  for (const entry of turns.entries.toReversed()) {
    if (entry.ref === null) continue
    const key = refKey(entry.ref)
    const known = byObject.get(key) ?? { row: null, entries: [] }
    known.entries.push(entry)
    byObject.set(key, known)
  }
  const found: HistoryBand[] = []
  for (const { row, entries } of byObject.values()) {
    const cluster = entries[0]?.cluster ?? row?.ref.cluster ?? ''
    found.push(...failing(row, entries, cluster, range))
    // A gate of many says nothing in one line: of one object alone.
    if (about !== null) found.push(...suspended(row, entries, cluster, range))
  }
  return [...bands, ...joinBands(found)].sort((a, b) => a.from - b.from)
}

/** When Sluice watched and reached these clusters, newest first. */
export async function readSessions(
  store: ReadStore,
  clusters: readonly string[],
  until: number,
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  return (await readAll(store, { clusters, types: ['session'], until }, 2000, signal)).entries
}

/** `sessions` newest first. */
export function sessionBands(
  sessions: readonly HistoryEntry[],
  clusters: readonly string[],
  { from, until, now }: BandRange,
): readonly HistoryBand[] {
  const bands: HistoryBand[] = []
  const end = Math.min(until, now)
  for (const cluster of clusters) {
    /** Nothing is known before the first entry. */
    let off: number | null = from
    let lost: number | null = null
    for (const entry of sessions.toReversed()) {
      const { cluster: where, reason, at } = entry
      if (where !== cluster) continue
      const gap = lostStretch(entry)
      // However short: what happened then is not known.
      if (gap !== null) push('off', gap.from, Math.max(gap.until, gap.from + 1), 1)
      if (reason === 'WatchBegan') {
        push('off', off, at)
        off = null
      } else if (reason === 'WatchEnded') {
        push('unreachable', lost, at)
        lost = null
        off = at
      } else if (reason === 'ClusterLost') lost ??= at
      else if (reason === 'ClusterReached') {
        push('unreachable', lost, at)
        lost = null
      }
    }
    push('off', off, end)
    push('unreachable', lost, end)

    function push(
      kind: BandKind,
      start: number | null,
      stop: number,
      shortestMs = kind === 'off' ? shortestGapMs : 1,
    ): void {
      if (start === null) return
      const band = { kind, cluster, from: Math.max(from, start), until: Math.min(end, stop) }
      if (band.until - band.from >= shortestMs) bands.push(band)
    }
  }
  return bands
}

/** Stretches of one kind from its turns, oldest first: one that has begun begins no second time, and one without length is none. */
function createStretches(kind: BandKind, cluster: string) {
  const bands: HistoryBand[] = []
  let since: number | null = null
  return {
    bands,
    begin: (at: number): void => {
      since ??= at
    },
    end: (at: number): void => {
      if (since !== null && at > since) bands.push({ kind, cluster, from: since, until: at })
      since = null
    },
  }
}

function failing(
  row: FluxRow | null,
  entries: readonly HistoryEntry[],
  cluster: string,
  { from, until, now }: BandRange,
): readonly HistoryBand[] {
  const { bands, begin, end } = createStretches('failing', cluster)
  let isFirst = true
  for (const { type, reason, at, facts } of entries) {
    if (type === 'gate') continue
    if (isFirst && type === 'status' && badWords.has(textAt(facts, 'before'))) begin(from)
    isFirst = isFirst && type !== 'status'
    if (type === 'status' && badWords.has(reason)) begin(at)
    else if (type === 'status' || reason !== 'SpecChanged') end(at)
  }
  const isBadNow = row !== null && badWords.has(row.status.word)
  if (isFirst && isBadNow) begin(Math.max(from, row.status.since ?? from))
  // It goes on while nothing says that it ended, and its row does not either.
  if (row === null || isBadNow || until < now) end(Math.min(until, now))
  return bands
}

function suspended(
  row: FluxRow | null,
  entries: readonly HistoryEntry[],
  cluster: string,
  { from, until, now }: BandRange,
): readonly HistoryBand[] {
  const { bands, begin, end } = createStretches('suspended', cluster)
  const turns = entries.filter(({ type }) => type === 'gate')
  const [first] = turns
  // What opens was closed before, and so was what is closed in another way.
  if (first !== undefined && (first.tone === 'open' || !isGateTurn(first))) begin(from)
  for (const { tone, at } of turns)
    if (tone === 'closed') begin(at)
    else end(at)
  if (turns.length === 0 && row?.isSuspended === true && until >= now) begin(Math.max(from, row.suspend?.at ?? from))
  end(Math.min(until, now))
  return bands
}

/** Of one kind and cluster, those that meet are one: a fleet fails in many places at once. */
function joinBands(bands: readonly HistoryBand[]): readonly HistoryBand[] {
  const joined: HistoryBand[] = []
  const last = new Map<string, number>()
  for (const band of bands.toSorted((a, b) => a.from - b.from)) {
    const key = `${band.kind}|${band.cluster}`
    const index = last.get(key)
    const before = index === undefined ? undefined : joined[index]
    if (index !== undefined && before !== undefined && before.until >= band.from)
      joined[index] = { ...before, until: Math.max(before.until, band.until) }
    else last.set(key, joined.push(band) - 1)
  }
  return joined
}
