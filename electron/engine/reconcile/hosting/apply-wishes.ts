/**
 * What the user said is to be applied of objects in mode `manual`. Kept until it is done or has failed: a lease that is lost meanwhile or a dependency
 * that is not ready does not use it up. Asks the guard about a prune, the wish waits for that answer and goes on with it.
 */
import type { ApplyWish, RunOutcome } from '../reconciler.ts'

interface Kept extends ApplyWish {
  /** The run that it asked for needs an approval: nothing is applied before that. */
  readonly isAsking: boolean
}

export interface BegunWish {
  readonly applyOnce: ApplyWish | null
  ended(outcome: RunOutcome): void
}

export class ApplyWishes {
  /** By refKey. */
  readonly #kept = new Map<string, Kept>()

  add(key: string, { plan }: ApplyWish): void {
    this.#kept.set(key, { plan, isAsking: false })
  }

  approved(key: string): void {
    const kept = this.#kept.get(key)
    if (kept?.isAsking === true) this.add(key, kept)
  }

  forget(key: string): void {
    this.#kept.delete(key)
  }

  /** A run begins; one that breaks does not end the wish. */
  begin(key: string): BegunWish {
    const kept = this.#kept.get(key)
    return {
      applyOnce: kept === undefined || kept.isAsking ? null : { plan: kept.plan },
      ended: (outcome) => {
        // What was said during the run is for the next one.
        if (kept === undefined || this.#kept.get(key) !== kept) return
        if (outcome.mode === 'manual' && outcome.state === 'needs-approval')
          this.#kept.set(key, { plan: kept.plan, isAsking: true })
        else if (!isOpen(outcome)) this.#kept.delete(key)
      },
    }
  }
}

/** Neither done nor failed nor moot (another mode by now, or what was looked at has changed). */
function isOpen({ mode, state, result }: RunOutcome): boolean {
  return mode === 'manual' && state !== 'manual' && result !== 'succeeded' && result !== 'failed'
}
