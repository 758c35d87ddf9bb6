/** What switching hosted mode on would do, asked for as the dialog opens; started by its digest. */
import { useEffect, useState } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { FluxRelease } from '../../../shared/model/hand-over.ts'
import type { HostingPlan } from '../../../shared/model/hosting.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { callHost } from '../../stores/host.ts'

export interface HostingPlanState {
  readonly plan: HostingPlan | null
  readonly error: SluiceErrorData | null
  readonly isLoading: boolean
  readonly again: () => void
  /** Whose definitions of Flux's kinds it shall take; null: what there is on this machine. */
  readonly release: FluxRelease | null
  readonly takeRelease: (release: FluxRelease) => void
  readonly leaveRelease: () => void
}

export function useHostingPlan(context: ContextId): HostingPlanState {
  const [round, setRound] = useState(0)
  const [release, setRelease] = useState<FluxRelease | null>(null)
  const [state, setState] = useState<Pick<HostingPlanState, 'plan' | 'error' | 'isLoading'>>({
    plan: null,
    error: null,
    isLoading: true,
  })
  useEffect(() => {
    const controller = new AbortController()
    setState((before) => ({ ...before, isLoading: true }))
    void callHost('hosting.plan', { context, ...(release === null ? {} : { release }) }, controller.signal).then(
      (result) => {
        if (controller.signal.aborted) return
        setState(
          result.ok
            ? { plan: result.value, error: null, isLoading: false }
            : { plan: null, error: result.error, isLoading: false },
        )
      },
    )
    return () => controller.abort()
  }, [context, release, round])
  return {
    ...state,
    again: () => setRound((before) => before + 1),
    release,
    takeRelease: setRelease,
    leaveRelease: () => setRelease(null),
  }
}
