/** What a timeline of one object needs beside its own entries: the commits of what it draws from, how its gate stood, what other clusters ran. */
import { useEffect, useMemo, useState } from 'react'
import { revisionKey } from '../../shared/flux/revision.ts'
import type { HistoryEntry, HistoryQuery } from '../../shared/model/history.ts'
import type { ClusterId, ObjectRef } from '../../shared/model/identity.ts'
import { callHost } from './host.ts'
import { useHistory } from './history.ts'
import type { HistoryLook } from './history.ts'

/** A commit belongs to its source alone until something ran it. Down to the last entry that has come, no further. */
export function useSourceCommits(
  source: ObjectRef,
  { entries, isReady, hasMore }: HistoryLook,
  bounds: Pick<HistoryQuery, 'from' | 'until'>,
): readonly HistoryEntry[] {
  const commits = useHistory({ ref: source, types: ['commit'], ...bounds })
  const end = hasMore ? (entries.at(-1)?.at ?? Infinity) : -Infinity
  const { more } = commits
  const isShort =
    isReady &&
    commits.isReady &&
    commits.hasMore &&
    commits.error === null &&
    (commits.entries.at(-1)?.at ?? Infinity) > end
  useEffect(() => {
    if (isShort) more()
  }, [isShort, more])
  return useMemo(() => commits.entries.filter(({ at }) => at >= end), [commits.entries, end])
}

/** Whether the gate was closed at `at`; null: it never turned, as far as is known. */
export function useGateAt(ref: ObjectRef, at: number): boolean | null {
  const { entries } = useHistory({ ref, types: ['gate'] })
  const before = entries.find((entry) => entry.at < at)
  if (before !== undefined) return before.tone === 'closed'
  const after = entries.at(-1)
  return after === undefined ? null : after.tone === 'open'
}

/** When the same object of another cluster ran a revision. */
export interface Arrival {
  readonly cluster: ClusterId
  readonly at: number
  /** What was last said of it there. */
  readonly isGood: boolean
}

/** As many clusters are asked, and as many of each one's newest runs and states. */
const maxClusters = 12
const maxArrivals = 500

/**
 * By revision (`revisionKey`), in the order of `clusters`. `turn` becomes another with what is recorded here: nobody waits for what other clusters do, so
 * they are asked again then and not before. `until`: only what came before it.
 */
export function useArrivals(
  ref: ObjectRef | null,
  clusters: readonly ClusterId[],
  until: number | undefined,
  turn: number,
): ReadonlyMap<string, readonly Arrival[]> {
  const asked = JSON.stringify(
    ref === null ? [] : clusters.slice(0, maxClusters).map((cluster) => ({ ...ref, cluster })),
  )
  const [found, setFound] = useState<ReadonlyMap<string, readonly Arrival[]>>(new Map())
  useEffect(() => {
    let isGone = false
    const refs = JSON.parse(asked) as ObjectRef[]
    const askOne = async (one: ObjectRef): Promise<readonly HistoryEntry[]> => {
      const query = {
        ref: one,
        types: ['run' as const, 'status' as const],
        tones: ['good' as const, 'bad' as const],
        ...(until !== undefined && { until }),
      }
      const result = await callHost('history.query', { query, limit: maxArrivals, after: null })
      return result.ok ? result.value.entries : []
    }
    void Promise.all(refs.map(askOne)).then((all) => {
      if (!isGone) setFound(arrivalsOf(all))
    })
    return () => {
      isGone = true
    }
  }, [asked, until, turn])
  return found
}

/** Of each cluster its entries, newest first. */
function arrivalsOf(all: readonly (readonly HistoryEntry[])[]): ReadonlyMap<string, readonly Arrival[]> {
  const found = new Map<string, Arrival[]>()
  for (const entries of all) {
    const own = new Map<string, Arrival>()
    for (const { cluster, revision, at, tone } of entries) {
      if (revision === '') continue
      const key = revisionKey(revision)
      // What is told later came to be of what arrived before.
      own.set(key, { cluster, at, isGood: own.get(key)?.isGood ?? tone === 'good' })
    }
    for (const [key, arrival] of own) found.set(key, [...(found.get(key) ?? []), arrival])
  }
  return found
}
