/** What history is asked beside its entries; each answer follows what is recorded, and stays while the next one comes. */
import { useEffect, useRef, useState } from 'react'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { HistoryQuery, HistoryType } from '../../shared/model/history.ts'
import type {
  ComparedTexts,
  ComparePoint,
  CompareScope,
  HistoryBand,
  HistoryComparison,
  ObjectAsItWas,
} from '../../shared/model/history-compare.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { callHost } from './host.ts'
import { uiStore } from './ui-state.ts'
import { useStream } from './use-stream.ts'

const freshMs = 120_000
/** A fleet tells something all the time: what reads thousands of entries is not asked each time. */
const soonMs = 1000
export const laterMs = 15_000

export interface Answer<T> {
  /** Of the question that is asked now; null until it has come. */
  readonly value: T | null
  readonly error: SluiceErrorData | null
}

export function useComparison(scope: CompareScope, from: ComparePoint, until: ComparePoint): Answer<HistoryComparison> {
  const [now] = useState(() => Date.now())
  // What was rendered for a moment ago may still be on its way to the disk.
  const isFresh = typeof until !== 'number' || until > now - freshMs
  return useAnswer(
    'history.compare',
    scope.clusters.length === 0 ? null : { scope: plain(scope), from, until },
    isFresh ? soonMs : null,
  )
}

/** null for `owner` or the times: nothing is asked. */
export function useComparedTexts(
  owner: ObjectRef | null,
  ref: ObjectRef | null,
  times: { readonly from: number; readonly until: number } | null,
): Answer<ComparedTexts> {
  return useAnswer(
    'history.compareTexts',
    owner === null || ref === null || times === null ? null : { owner, ref, from: times.from, until: times.until },
    null,
  )
}

export function useAsItWas(ref: ObjectRef | null, at: number): Answer<ObjectAsItWas> {
  return useAnswer('history.asItWas', ref === null ? null : { ref, at }, null)
}

const noBands: readonly HistoryBand[] = []

export function useBands(scope: CompareScope, from: number, until: number): readonly HistoryBand[] {
  const { value } = useAnswer(
    'history.bands',
    scope.clusters.length === 0 ? null : { scope: plain(scope), from, until },
    laterMs,
  )
  return value?.bands ?? noBands
}

function plain({ clusters, owner, ref }: CompareScope): InputOf<'history.compare'>['scope'] {
  return { clusters: [...clusters], owner, ref }
}

type Question = Extract<CallName, 'history.compare' | 'history.compareTexts' | 'history.asItWas' | 'history.bands'>

/** `input` is compared by value. `followMs`: asked again so long after entries were added; null: never. */
function useAnswer<N extends Question>(
  name: N,
  input: InputOf<N> | null,
  followMs: number | null,
): Answer<OutputOf<N>> {
  const id = input === null ? '' : JSON.stringify(input)
  const { items } = useStream('history.changes', {})
  const turn = useLater(items.get('changes')?.added ?? 0, followMs)
  const [kept, setKept] = useState<{ readonly id: string } & Answer<OutputOf<N>>>({ id: '', value: null, error: null })
  useEffect(() => {
    if (id === '') return undefined
    let isGone = false
    void callHost(name, JSON.parse(id) as InputOf<N>).then((result) => {
      if (isGone) return
      setKept(result.ok ? { id, value: result.value, error: null } : { id, value: null, error: result.error })
    })
    return () => {
      isGone = true
    }
  }, [name, id, turn])
  return kept.id === id ? kept : { value: null, error: null }
}

/** Follows `value`, at most once in `ms`; null: stays at what it was first. */
export function useLater(value: number, ms: number | null): number {
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  const isDue = ms !== null && value !== shown
  useEffect(() => {
    latest.current = value
  }, [value])
  useEffect(() => {
    if (!isDue) return undefined
    const timer = setTimeout(() => setShown(latest.current), ms)
    return () => clearTimeout(timer)
  }, [isDue, ms])
  return shown
}

/** How many entries of these types there are in a range, by name; what is not known is not there. */
export function useHistoryCounts(
  query: HistoryQuery,
  sets: Readonly<Record<string, readonly HistoryType[]>>,
  { from, until }: { readonly from: number; readonly until: number },
): Readonly<Record<string, number>> {
  const id = JSON.stringify({ query, sets, from, until })
  const { items } = useStream('history.changes', {})
  const turn = useLater(items.get('changes')?.added ?? 0, laterMs)
  const [kept, setKept] = useState<{ readonly id: string; readonly counts: Readonly<Record<string, number>> }>({
    id: '',
    counts: {},
  })
  useEffect(() => {
    let isGone = false
    const asked = JSON.parse(id) as {
      query: InputOf<'history.buckets'>['query']
      sets: Readonly<Record<string, HistoryType[]>>
    }
    void (async () => {
      const counts: Record<string, number> = {}
      for (const [name, types] of Object.entries(asked.sets)) {
        const input = { query: { ...asked.query, types }, from, until, count: 1 }
        const result = await callHost('history.buckets', input)
        if (isGone) return
        if (result.ok) counts[name] = result.value.buckets[0]?.count ?? 0
      }
      setKept({ id, counts })
    })()
    return () => {
      isGone = true
    }
  }, [id, from, until, turn])
  return kept.id === id ? kept.counts : noCounts
}

const noCounts: Readonly<Record<string, number>> = {}

/** When history was last looked at before now: when its view was left, or the window. null: never. */
export function useLastLook(): number | null {
  const [before, setBefore] = useState(() => uiStore.getState().lookedAt)
  useEffect(() => {
    const leave = (): void => uiStore.setState({ lookedAt: Date.now() })
    const come = (): void => setBefore(uiStore.getState().lookedAt)
    window.addEventListener('blur', leave)
    window.addEventListener('focus', come)
    return () => {
      window.removeEventListener('blur', leave)
      window.removeEventListener('focus', come)
      leave()
    }
  }, [])
  return before === 0 ? null : before
}
