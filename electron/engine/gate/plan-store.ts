/** Plans that were shown, by digest, until they are executed, ten minutes old, or pushed out by newer ones. In memory only. */
import type { Plan } from '../../../shared/model/actions.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { Clock } from '../ports.ts'
import type { PlannedWrite } from './planned-write.ts'
import type { RunRequest } from './reconcile-judge.ts'

/** What is to be done with one source or object: the write, and the run that follows it (reconciling actions only). */
export interface PlannedStep {
  readonly write: PlannedWrite
  readonly kind: FluxKind
  readonly run: RunRequest | null
}

/** Plan.items[i] is to be done by steps[i]: sources first, the object last; empty where nothing is to be written. */
export interface StoredPlan {
  readonly plan: Plan
  readonly steps: readonly (readonly PlannedStep[])[]
  readonly reason: string
}

export interface PlanStore {
  keep(plan: StoredPlan): void
  /** Takes the plan out: it is executed once. PlanUnknown when it is not there. */
  take(digest: string): StoredPlan
}

const keptMs = 10 * 60_000
const maxPlans = 50
const maxItems = 20_000

export function createPlanStore(clock: Clock): PlanStore {
  const plans = new Map<string, { readonly stored: StoredPlan; readonly until: number }>()
  let itemCount = 0

  function remove(digest: string): void {
    itemCount -= plans.get(digest)?.stored.plan.items.length ?? 0
    plans.delete(digest)
  }

  return {
    keep(stored) {
      const { digest, items } = stored.plan
      remove(digest)
      const now = clock.monotonicMs()
      for (const [known, { until }] of plans) {
        const isFull = plans.size >= maxPlans || itemCount + items.length > maxItems
        if (until <= now || isFull) remove(known)
      }
      plans.set(digest, { stored, until: now + keptMs })
      itemCount += items.length
    },
    take(digest) {
      const found = plans.get(digest)
      remove(digest)
      if (found !== undefined && found.until > clock.monotonicMs()) return found.stored
      throw new SluiceError(
        'PlanUnknown',
        'This plan is no longer known: plans are kept for ten minutes, and used once.',
        {
          remedy: 'Make the plan again.',
        },
      )
    },
  }
}
