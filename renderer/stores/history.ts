/** What was kept, asked for in pages, and asked for anew when there is more. Components give a query; the newest page follows what is recorded. */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { InputOf } from '../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { HistoryBucket, HistoryEntry, HistoryQuery, HistoryStoreState } from '../../shared/model/history.ts'
import { callHost } from './host.ts'
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

/** `query` may be a new object each time: it is compared by value. */
export function useHistory(query: HistoryQuery): HistoryLook {
  const id = JSON.stringify(query)
  const changes = useAdded()
  const [pages, setPages] = useState<Pages>({ id, entries: [], next: null, isReady: false, error: null })
  const isAsking = useRef(false)
  useEffect(() => {
    let isGone = false
    void callHost('history.query', { query: readQuery(id), limit: pageSize, after: null }).then(
      (result) => {
        if (isGone) return
        if (!result.ok) {
          setPages((before) => ({ ...before, id, isReady: true, error: result.error }))
          return
        }
        const { entries, next } = result.value
        setPages((before) =>
          before.id === id && before.isReady && before.entries.length > pageSize
            ? { ...before, entries: joinPages(entries, before.entries), error: null }
            : { id, entries, next, isReady: true, error: null },
        )
      },
    )
    return () => {
      isGone = true
    }
  }, [id, changes])
  const { next } = pages
  return useMemo(() => {
    const isCurrent = pages.id === id
    return {
      entries: isCurrent ? pages.entries : [],
      isReady: isCurrent && pages.isReady,
      hasMore: isCurrent && next !== null,
      error: isCurrent ? pages.error : null,
      more: () => {
        if (next === null || isAsking.current) return
        isAsking.current = true
        void callHost('history.query', { query: readQuery(id), limit: pageSize, after: next }).then(
          (result) => {
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
          },
        )
      },
    }
  }, [pages, id, next])
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
  useEffect(() => {
    let isGone = false
    void callHost('history.buckets', { query: readQuery(id), from, until, count }).then((result) => {
      if (!isGone && result.ok) setBuckets(result.value.buckets)
    })
    return () => {
      isGone = true
    }
  }, [id, from, until, count, changes])
  return buckets
}

/** null until it is known. */
export function useHistoryState(): HistoryStoreState | null {
  const changes = useAdded()
  const [state, setState] = useState<HistoryStoreState | null>(null)
  useEffect(() => {
    let isGone = false
    void callHost('history.state', {}).then((result) => {
      if (!isGone && result.ok) setState(result.value)
    })
    return () => {
      isGone = true
    }
  }, [changes])
  return state
}

function useAdded(): number {
  const { items } = useStream('history.changes', {})
  return items.get('changes')?.added ?? 0
}
