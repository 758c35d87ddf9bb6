/** What a timeline of one object needs beside its own entries: the commits of what it draws from, and how its gate stood at a time. */
import { useEffect, useMemo } from 'react'
import type { HistoryEntry, HistoryQuery } from '../../shared/model/history.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
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
  const isShort = isReady && commits.isReady && commits.hasMore && (commits.entries.at(-1)?.at ?? Infinity) > end
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
