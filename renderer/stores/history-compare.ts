/** What history is asked beside its entries; each answer follows what is recorded, and stays while the next one comes. */
import { useEffect, useState } from 'react'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
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
    isFresh,
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
    false,
  )
}

export function useAsItWas(ref: ObjectRef | null, at: number): Answer<ObjectAsItWas> {
  return useAnswer('history.asItWas', ref === null ? null : { ref, at }, false)
}

const noBands: readonly HistoryBand[] = []

export function useBands(scope: CompareScope, from: number, until: number): readonly HistoryBand[] {
  const { value } = useAnswer(
    'history.bands',
    scope.clusters.length === 0 ? null : { scope: plain(scope), from, until },
    true,
  )
  return value?.bands ?? noBands
}

function plain({ clusters, owner, ref }: CompareScope): InputOf<'history.compare'>['scope'] {
  return { clusters: [...clusters], owner, ref }
}

type Question = Extract<CallName, 'history.compare' | 'history.compareTexts' | 'history.asItWas' | 'history.bands'>

/** `input` is compared by value. `isFollowing`: asked again when entries were added. */
function useAnswer<N extends Question>(name: N, input: InputOf<N> | null, isFollowing: boolean): Answer<OutputOf<N>> {
  const id = input === null ? '' : JSON.stringify(input)
  const { items } = useStream('history.changes', {})
  const turn = isFollowing ? (items.get('changes')?.added ?? 0) : 0
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
