/** What was kept, asked for in pages, and asked for anew when there is more. Components give a query; the newest page follows what is recorded. */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { InputOf } from '../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { AuditCheck } from '../../shared/model/audit.ts'
import { chartHashLength, chartVersionHash, sha1Of } from '../../shared/flux/revision.ts'
import type {
  HistoryBucket,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  HistoryStoreState,
} from '../../shared/model/history.ts'
import { sourceRevision } from '../../shared/model/history.ts'
import type { ClusterId } from '../../shared/model/identity.ts'
import type { Result } from '../bridge/bridge.ts'
import { callHost } from './host.ts'
import { showFailure } from './toasts.ts'
import { useAsked } from './use-asked.ts'
import { useStream } from './use-stream.ts'

const pageSize = 200

export interface HistoryLook {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[]
  /** The first page has come. */
  readonly isReady: boolean
  readonly hasMore: boolean
  readonly error: SluiceErrorData | null
  readonly more: () => void
}

interface Pages {
  readonly id: string
  readonly entries: readonly HistoryEntry[]
  readonly next: string | null
  readonly isReady: boolean
  readonly error: SluiceErrorData | null
}

/** A slow look hands over short pages: asked on until a page is full or there is no more. `onPart` hears of each but the last. */
async function askPage(
  id: string,
  after: string | null,
  isGone: () => boolean,
  onPart: (entries: readonly HistoryEntry[]) => void,
): Promise<Result<HistoryPage>> {
  const entries: HistoryEntry[] = []
  for (let place = after; ;) {
    const result = await callHost('history.query', { query: readQuery(id), limit: pageSize, after: place })
    if (!result.ok) return result
    entries.push(...result.value.entries)
    const { next } = result.value
    if (next === null || entries.length >= pageSize || isGone()) return { ok: true, value: { entries, next } }
    place = next
    onPart([...entries])
  }
}

/** `query` may be a new object each time: it is compared by value. */
export function useHistory(query: HistoryQuery): HistoryLook {
  const id = JSON.stringify(query)
  const changes = useAdded()
  const [pages, setPages] = useState<Pages>({ id, entries: [], next: null, isReady: false, error: null })
  const isAsking = useRef(false)
  const shownId = useRef(id)
  useEffect(() => {
    shownId.current = id
  }, [id])
  useAsked(id, changes, async (isGone) => {
    const show = (entries: readonly HistoryEntry[], next: string | null, isReady: boolean): void =>
      setPages((before) =>
        before.id === id && before.isReady && before.entries.length > pageSize
          ? { ...before, entries: joinPages(entries, before.entries), error: null }
          : { id, entries, next, isReady, error: null },
      )
    // What is there already is not replaced by the beginning of the same.
    const result = await askPage(id, null, isGone, (entries) =>
      setPages((before) =>
        isGone() || (before.id === id && before.isReady)
          ? before
          : { id, entries, next: null, isReady: false, error: null },
      ),
    )
    if (isGone()) return
    if (result.ok) show(result.value.entries, result.value.next, true)
    else setPages((before) => ({ ...before, id, isReady: true, error: result.error }))
  })
  const { next } = pages
  return useMemo(() => {
    const isCurrent = pages.id === id
    return {
      entries: isCurrent ? pages.entries : [],
      isReady: isCurrent && (pages.isReady || pages.entries.length > 0),
      hasMore: !isCurrent || !pages.isReady || next !== null,
      error: isCurrent ? pages.error : null,
      more: () => {
        if (next === null || isAsking.current) return
        isAsking.current = true
        const isGone = (): boolean => shownId.current !== id
        void askPage(id, next, isGone, () => undefined).then((result) => {
          isAsking.current = false
          setPages((before) => {
            if (before.id !== id || before.next !== next) return before
            if (!result.ok) return { ...before, error: result.error }
            return {
              ...before,
              entries: joinPages(before.entries, result.value.entries),
              next: result.value.next,
              error: null,
            }
          })
        })
      },
    }
  }, [pages, id, next])
}

/**
 * Entries with when Sluice watched these clusters, whatever else is asked for: stretches in which nobody looked are never hidden. Down to the last
 * entry that has come, no further.
 */
export function useSessions(
  { entries, hasMore }: HistoryLook,
  clusters: readonly string[],
  until?: number,
): readonly HistoryEntry[] {
  const sessions = useHistory({ clusters, types: ['session'], ...(until !== undefined && { until }) }).entries
  return useMemo(() => {
    const end = hasMore ? (entries.at(-1)?.at ?? Infinity) : -Infinity
    return joinPages(
      entries,
      sessions.filter(({ at }) => at >= end),
    )
  }, [entries, hasMore, sessions])
}

/** '' of what is no commit: digests of OCI artifacts, most versions of charts; some of those have the beginning of one. */
function shaOf(entry: HistoryEntry): string {
  return sha1Of(sourceRevision(entry)) || chartVersionHash(entry.revision)
}

/** More at once than a question may name are asked for in turns. */
const maxCommits = 50

/** What the revisions of these entries are in Git, as far as it is known by now. */
export function useCommits(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const changes = useAdded()
  const [known, setKnown] = useState<ReadonlyMap<string, HistoryEntry>>(new Map())
  const wanted = useMemo(() => [...new Set(entries.filter(({ type }) => type !== 'event').map(shaOf))], [entries])
  const missing = wanted.filter((sha) => sha !== '' && !known.has(sha)).join(' ')
  useAsked(missing, changes, async (isGone) => {
    const shas = missing === '' ? [] : missing.split(' ')
    for (let start = 0; start < shas.length && !isGone(); start += maxCommits) {
      const query = { types: ['commit' as const], commits: shas.slice(start, start + maxCommits) }
      const result = await callHost('history.query', { query, limit: pageSize, after: null })
      if (isGone() || !result.ok || result.value.entries.length === 0) continue
      setKnown((before) => {
        const next = new Map(before)
        for (const entry of result.value.entries)
          next.set(shaOf(entry), entry).set(shaOf(entry).slice(0, chartHashLength), entry)
        return next
      })
    }
  })
  return useMemo(() => [...new Set(known.values())], [known])
}

function readQuery(id: string): InputOf<'history.query'>['query'] {
  return JSON.parse(id) as InputOf<'history.query'>['query']
}

/** Both, each entry once: the first one's is the younger word. */
export function joinPages(first: readonly HistoryEntry[], second: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const known = new Set(first.map(({ key }) => key))
  return [...first, ...second.filter(({ key }) => !known.has(key))].sort(
    (a, b) => b.at - a.at || Number(b.key) - Number(a.key),
  )
}

/** Counts over a range for the strip above a timeline; empty until they have come. */
export function useHistoryBuckets(
  query: HistoryQuery,
  from: number,
  until: number,
  count: number,
): readonly HistoryBucket[] {
  const id = JSON.stringify(query)
  const changes = useAdded()
  const [buckets, setBuckets] = useState<readonly HistoryBucket[]>([])
  useAsked(`${id} ${from} ${until} ${count}`, changes, async (isGone) => {
    const result = await callHost('history.buckets', { query: readQuery(id), from, until, count })
    if (!isGone() && result.ok) setBuckets(result.value.buckets)
  })
  return buckets
}

/** null until it is known. Looked at anew when entries come, and when `turn` becomes another. */
export function useHistoryState(turn = 0): HistoryStoreState | null {
  const changes = useAdded()
  const [state, setState] = useState<HistoryStoreState | null>(null)
  useAsked(String(turn), changes, async (isGone) => {
    const result = await callHost('history.state', {})
    if (!isGone() && result.ok) setState(result.value)
  })
  return state
}

/** Whether every action is what was written; null where it could not be looked at, and that was said. */
export async function checkAudit(): Promise<AuditCheck | null> {
  const result = await callHost('history.checkAudit', {})
  if (result.ok) return result.value
  showFailure(result.error)
  return null
}

/** Deletes what happened in these clusters, or everything; false where it could not, and that was said. */
export async function forgetHistory(clusters: readonly ClusterId[] | null): Promise<boolean> {
  const result = await callHost('history.forget', { clusters: clusters === null ? null : [...clusters] })
  if (!result.ok) showFailure(result.error)
  return result.ok
}

function useAdded(): number {
  const { items } = useStream('history.changes', {})
  return items.get('changes')?.added ?? 0
}
