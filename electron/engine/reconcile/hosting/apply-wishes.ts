/**
 * What the user said is to be applied of objects in mode `manual`. Kept until it is done or has failed: a lease that is lost meanwhile, a dependency
 * that is not ready or a restart does not use it up. Asks the guard about a prune, the wish waits for that answer and goes on with it.
 */
import type { ManualPlan } from '../../../../shared/model/hosting.ts'
import type { Ports } from '../../ports.ts'
import { StoredJson } from '../../settings/stored-json.ts'
import { asRecord, textAt } from '../../status/read.ts'
import type { ApplyWish, RunOutcome } from '../reconciler.ts'

interface Kept extends ApplyWish {
  /** The run that it asked for needs an approval: nothing is applied before that. */
  readonly isAsking: boolean
}

export interface BegunWish {
  readonly applyOnce: ApplyWish | null
  ended(outcome: RunOutcome): void
}

type Plans = Readonly<Record<string, ManualPlan>>

export class ApplyWishes {
  readonly loaded: Promise<void>
  readonly #logger: Ports['logger']
  /** Of wishes that mean a plan: what there may be after a restart was not said to be applied. */
  readonly #stored: StoredJson<Plans>
  /** By refKey. */
  readonly #kept = new Map<string, Kept>()

  constructor(ports: Pick<Ports, 'store' | 'logger'>) {
    this.#logger = ports.logger
    this.#stored = new StoredJson<Plans>(ports, 'hosting-apply-now.json')
    this.loaded = this.#stored.read(readPlans).then((plans) => {
      // Asked the guard before, it asks once more.
      for (const [key, plan] of Object.entries(plans ?? {}))
        if (!this.#kept.has(key)) this.#kept.set(key, { plan, isAsking: false })
    })
  }

  add(key: string, { plan }: ApplyWish): void {
    this.#kept.set(key, { plan, isAsking: false })
    this.#save()
  }

  approved(key: string): void {
    const kept = this.#kept.get(key)
    if (kept?.isAsking === true) this.#kept.set(key, { ...kept, isAsking: false })
  }

  forget(isMeant: (key: string) => boolean): void {
    const gone = [...this.#kept.keys()].filter(isMeant)
    for (const key of gone) this.#kept.delete(key)
    if (gone.length > 0) this.#save()
  }

  /** Drops what another process of this installation has done since it was read. */
  async recheck(): Promise<void> {
    await this.loaded
    if (this.#kept.size === 0) return
    await this.#stored.settled()
    const plans = (await this.#stored.read(readPlans)) ?? {}
    for (const [key, { plan }] of this.#kept)
      if (plan !== null && plans[key]?.digest !== plan.digest) this.#kept.delete(key)
  }

  settled(): Promise<void> {
    return this.#stored.settled()
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
        else if (!isOpen(outcome)) {
          this.#kept.delete(key)
          this.#save()
        }
      },
    }
  }

  #save(): void {
    const plans = [...this.#kept].flatMap(([key, { plan }]) => (plan === null ? [] : [[key, plan] as const]))
    this.#stored.write(Object.fromEntries(plans)).catch((error: unknown) => {
      this.#logger.log('warn', 'what is to be applied could not be kept', { error: String(error) })
    })
  }
}

/** Neither done nor failed nor moot (another mode by now, or what was looked at has changed). */
function isOpen({ mode, state, result }: RunOutcome): boolean {
  return mode === 'manual' && state !== 'manual' && result !== 'succeeded' && result !== 'failed'
}

function readPlans(value: unknown): Plans {
  const plans = Object.entries(asRecord(value)).flatMap(([key, plan]) => {
    const [digest, revision] = [textAt(plan, 'digest'), textAt(plan, 'revision')]
    return digest === '' ? [] : [[key, { digest, revision }] as const]
  })
  return Object.fromEntries(plans)
}
