/** The leases of one hosted context, which are of use only together: asked for, given back, and told of as one. */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import type { FoundController, HostedController, HostedLease } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import { isSluiceHolder } from '../../controllers/leases.ts'
import type { Dispose } from '../../ports.ts'
import type { LeadershipOptions, RunningLeadership } from '../lease/create-leadership.ts'
import { controllerTimings, createLeadership } from '../lease/create-leadership.ts'

export interface LeadershipsOptions extends Omit<LeadershipOptions, 'controller' | 'mayAcquire' | 'onTakeable'> {
  /** A lease was taken, lost or changed hands; told at once. */
  readonly onChange: (isHeld: boolean) => void
}

/** A controller that restarts has its lease again within this many tries. */
const splitRetries = 3

export class Leaderships {
  readonly #options: LeadershipsOptions
  #joined: readonly RunningLeadership[] = []
  #yielding: Dispose | null = null

  constructor(options: LeadershipsOptions) {
    this.#options = options
  }

  get joined(): readonly RunningLeadership[] {
    return this.#joined
  }

  of(controller: HostedController): RunningLeadership | undefined {
    return this.#joined.find((each) => each.controller === controller)
  }

  current(): readonly HostedLease[] {
    return this.#joined.map((each) => each.current())
  }

  /** Each controller's lease is ours at this moment. */
  areHeld(): boolean {
    return hostedControllers.every((each) => this.of(each)?.isHeld() === true)
  }

  /** Takes part in the election for each of `wanted`, where it does not yet. */
  join(wanted: readonly HostedController[]): void {
    const joined = wanted.filter((each) => this.of(each) === undefined).map((each) => this.#join(each))
    if (joined.length > 0) this.#joined = [...this.#joined, ...joined]
  }

  /** Gives back all but those of `wanted`; `first`: what has to end before. */
  async letGo(wanted: readonly HostedController[], first: () => Promise<void>): Promise<void> {
    const leaving = this.#joined.filter(({ controller }) => !wanted.includes(controller))
    if (leaving.length === 0) return
    await first()
    await Promise.all(leaving.map((each) => each.release()))
    this.#joined = this.#joined.filter((each) => !leaving.includes(each))
  }

  /** Who has a lease and is not Sluice. */
  holders(): FoundController[] {
    return this.current()
      .filter(({ isOurs, holder }) => !isOurs && holder !== '' && !isSluiceHolder(holder))
      .map(({ controller, namespace, name, holder }) => ({
        name: controller,
        namespace,
        by: 'lease' as const,
        text: `${holder.split('_')[0] ?? holder} holds ${namespace}/${name}`,
      }))
  }

  /** Why one of them could not be asked for, null if all could. */
  problem(): SluiceError | null {
    return this.#joined.map((each) => each.problem()).find((each) => each !== null) ?? null
  }

  dispose(): void {
    this.#yielding?.()
  }

  #join(controller: HostedController): RunningLeadership {
    const { onChange, ...options } = this.#options
    const others = (): readonly RunningLeadership[] => this.#joined.filter((each) => each.controller !== controller)
    const leadership = createLeadership({
      ...options,
      controller,
      // One without the other helps nobody, and keeps a controller that restarts from its work.
      mayAcquire: () => others().every((other) => other.isHeld() || other.isTakeable()),
      onTakeable: () => {
        for (const other of others()) other.poke()
      },
    })
    leadership.watch(() => {
      onChange(leadership.isHeld())
      this.#yieldLater()
    })
    return leadership
  }

  /** Somebody else has one of the leases, and means to keep it: the other one is given back. */
  #yieldLater(): void {
    const isSplit = (): boolean =>
      this.#joined.some((each) => each.isHeld()) && this.#joined.some((each) => !each.isHeld() && !each.isTakeable())
    if (this.#yielding !== null || !isSplit()) return
    const { retryPeriodMs } = this.#options.timings ?? controllerTimings
    this.#yielding = this.#options.clock.after(splitRetries * retryPeriodMs, () => {
      this.#yielding = null
      if (isSplit()) for (const each of this.#joined) if (each.isHeld()) void each.yieldNow()
    })
  }
}
