/**
 * lease/: one controller's leader election, taken part in as the controller itself does: same Lease, same timings, same record. Owns the question
 * "may we write now"; must not know what is written. Semantics: client-go tools/leaderelection (acquire, renew, release), pkg/runtime leaderelection
 * (35 s, 30 s, 5 s), controller-runtime (name, namespace). Beyond them: time is measured by the wall and by the monotonic clock, since a laptop
 * sleeps and its clock is set.
 */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { HostedController, HostedLease } from '../../../../shared/model/hosting.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import { resourcePath } from '../../clusters/view.ts'
import type { Clock, Dispose, KubeClient, KubeResponse, Logger, Random } from '../../ports.ts'
import { fenceClient } from './fence.ts'
import type { LeaseRecord, SeenLease } from './lease-record.ts'
import { leaseSpec, microTime, readLeaseObject } from './lease-record.ts'
import type { Leadership } from './leadership.ts'

export interface LeaseTimings {
  /** For how long others leave a lease alone that they see unchanged. */
  readonly leaseDurationMs: number
  /** For how long after a confirmed renewal we act. */
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

/** Of the controllers: pkg/runtime leaderelection. */
export const controllerTimings: LeaseTimings = {
  leaseDurationMs: 35_000,
  renewDeadlineMs: 30_000,
  retryPeriodMs: 5_000,
}

export interface LeadershipOptions {
  readonly controller: HostedController
  readonly namespace: string
  /** Throws while the cluster is not connected. */
  readonly client: () => KubeClient
  /** Nobody else uses it: see installation-identity.ts. */
  readonly identity: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly timings?: LeaseTimings
  /** False: it is looked at, not taken. What is held is renewed all the same. */
  readonly mayAcquire?: () => boolean
  /** `isTakeable` has become true: whoever waited for that may try. */
  readonly onTakeable?: () => void
}

export interface RunningLeadership extends Leadership {
  /** Nobody else holds it, as far as is known: free, ours, or run out. False before it was looked at. */
  isTakeable(): boolean
  /** Tries at once, unless it is held. */
  poke(): void
  /** Gives it back and goes on as a candidate. */
  yieldNow(): Promise<void>
  /** The machine goes to sleep: given back where that still works, and not asked for until `resume`. */
  suspend(): Promise<void>
  resume(): void
  /** Why it could not be asked for, null if it could. */
  problem(): SluiceError | null
}

const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', isNamespaced: true } as const
/** Candidates come at different moments: client-go's jitter factor. */
const jitterFactor = 1.2
/** Wall and monotonic clock part by so much only when the clock was set or the machine slept. */
const maxClockDriftMs = 2_000
const requestMs = 10_000
const releaseMs = 5_000

export function leaseName(controller: HostedController): string {
  return `${controller}-leader-election`
}

/** Takes part in the election until `release` or `dispose`. */
export function createLeadership(options: LeadershipOptions): RunningLeadership {
  const { controller, namespace, clock, random, logger } = options
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = options.timings ?? controllerTimings
  const name = leaseName(controller)
  const title = `Lease ${namespace}/${name}`
  const collection = resourcePath(leases, namespace)
  const path = resourcePath(leases, namespace, name)
  const listeners = new Set<(lease: HostedLease) => void>()
  /** renewTime values that we sent: a change of the lease that has none of them is somebody else's. */
  const ownRenewals: string[] = []
  let { identity } = options
  let seen: SeenLease | null = null
  /** Monotonic time at which the record was first seen as it is. */
  let seenAt = 0
  /** When the last renewal that the server confirmed was sent. */
  let confirmed: { readonly wall: number; readonly monotonic: number } | null = null
  let state: HostedLease['state'] = 'waiting'
  let abort = new AbortController()
  let timer: Dispose = () => undefined
  let deadline: Dispose = () => undefined
  let attempt: Promise<void> | null = null
  let isEnded = false
  let isAsleep = false
  let problem: SluiceError | null = null
  let told = ''
  let sequence = 0
  let hasHeld = false
  let isSeen = false
  let isPoked = false

  function current(): HostedLease {
    const record = seen?.record
    const isHolder = record !== undefined && record.holder === identity
    return {
      controller,
      namespace,
      name,
      state,
      holder: record?.holder ?? '',
      isOurs: isHolder,
      renewedAt: record?.renewedAt ?? null,
    }
  }

  function tell(): void {
    const lease = current()
    // Renewals every five seconds are no news; that nobody answers any more is.
    const text = `${lease.state} ${lease.holder} ${problem?.message ?? ''}`
    if (text === told) return
    told = text
    for (const listener of [...listeners]) listener(lease)
  }

  /** Time since the last confirmed renewal, by whichever clock saw more of it; null: the clocks disagree, so nothing is certain. */
  function elapsedMs(): number | null {
    if (confirmed === null) return null
    const wall = clock.now() - confirmed.wall
    const monotonic = clock.monotonicMs() - confirmed.monotonic
    if (wall < 0 || Math.abs(wall - monotonic) > maxClockDriftMs) return null
    return Math.max(wall, monotonic)
  }

  function isHeld(): boolean {
    if (confirmed === null) return false
    const elapsed = elapsedMs()
    if (elapsed !== null && elapsed < renewDeadlineMs) return true
    lose(elapsed === null ? 'the clock jumped, or the machine slept' : 'it could not be renewed in time')
    return false
  }

  function lose(why: string): void {
    if (confirmed === null) return
    confirmed = null
    deadline()
    state = 'lost'
    logger.log('warn', 'lease lost', { lease: title, why })
    abort.abort(refusal())
    tell()
    // Whoever has it now, or nobody: the server tells.
    if (!isEnded && !isAsleep && attempt === null) schedule(0)
  }

  function refusal(): SluiceError {
    return new SluiceError('LeaseLost', `${title} is not held: nothing is written`, {
      retry: 'transient',
      remedy: 'Wait until Sluice holds it again.',
    })
  }

  function take(sentAt: { readonly wall: number; readonly monotonic: number }): void {
    const isNew = confirmed === null
    confirmed = sentAt
    deadline()
    deadline = clock.after(Math.max(1, renewDeadlineMs - (clock.monotonicMs() - sentAt.monotonic)), () => isHeld())
    hasHeld = true
    if (isNew) {
      abort = new AbortController()
      state = 'held'
      logger.log('info', 'lease held', { lease: title, identity })
    }
    tell()
  }

  function observe(next: SeenLease): void {
    const isSame =
      seen !== null && seen.record.holder === next.record.holder && seen.record.renewTime === next.record.renewTime
    if (!isSame) seenAt = clock.monotonicMs()
    seen = next
  }

  async function ask(method: 'GET' | 'POST' | 'PUT', body?: unknown, timeoutMs = requestMs): Promise<KubeResponse> {
    return options.client().request({
      method,
      path: `${method === 'POST' ? collection : path}${method === 'GET' ? '' : '?fieldManager=sluice'}`,
      ...(body === undefined ? {} : { body, contentType: 'application/json' as const }),
      timeoutMs,
    })
  }

  function nextRecord(previous: LeaseRecord | null): Omit<LeaseRecord, 'renewedAt'> {
    sequence += 1
    const now = microTime(clock.now(), sequence)
    ownRenewals.push(now)
    if (ownRenewals.length > 32) ownRenewals.shift()
    const isOurs = previous?.holder === identity
    return {
      holder: identity,
      durationMs: leaseDurationMs,
      renewTime: now,
      acquireTime: isOurs && previous.acquireTime !== '' ? previous.acquireTime : now,
      transitions: previous === null ? 0 : previous.transitions + (isOurs ? 0 : 1),
    }
  }

  /** Replaces the lease as it was seen; the server refuses when it has changed since. True: confirmed. */
  async function write(from: SeenLease | null): Promise<boolean> {
    const spec = leaseSpec(nextRecord(from?.record ?? null))
    const sentAt = { wall: clock.now(), monotonic: clock.monotonicMs() }
    const answer =
      from === null
        ? await ask('POST', {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { name, namespace },
            spec,
          })
        : await ask('PUT', { ...from.object, spec })
    if (answer.status === 409) return false
    if (answer.status >= 300) throw errorFromAnswer(answer, title)
    if (isEnded || isAsleep) return true
    observe(readLeaseObject(answer.json()))
    take(sentAt)
    return true
  }

  function isTakeable(): boolean {
    if (!isSeen) return false
    if (seen === null) return true
    const { holder, durationMs } = seen.record
    if (holder === '' || holder === identity) return true
    return clock.monotonicMs() - seenAt >= (durationMs === 0 ? leaseDurationMs : durationMs)
  }

  /** One try to renew or to acquire. */
  async function tryOnce(): Promise<void> {
    const isHolding = isHeld()
    // Optimistic: as long as nobody else touched it, one request renews it.
    if (isHolding && seen !== null && (await write(seen))) return
    const answer = await ask('GET')
    if (answer.status === 404) {
      if (isHeld()) lose('it was deleted')
      seen = null
      isSeen = true
      if (options.mayAcquire?.() !== false) await write(null)
      return
    }
    if (answer.status !== 200) throw errorFromAnswer(answer, title)
    const now = readLeaseObject(answer.json())
    observe(now)
    isSeen = true
    const { record } = now
    if (hasHeld && record.holder === identity && !ownRenewals.includes(record.renewTime)) {
      // A copy of this installation: from now on each has a name of its own, and the one in the lease runs out.
      lose('another process uses the same identity')
      identity = `${options.identity}-${random.uuid().slice(0, 8)}`
      hasHeld = false
      return
    }
    if (record.holder !== '' && record.holder !== identity) {
      lose(`${record.holder} holds it`)
      if (!isTakeable()) return
    }
    if (isHeld() || options.mayAcquire?.() !== false) await write(now)
  }

  function schedule(ms: number): void {
    timer()
    timer = clock.after(ms, () => {
      attempt ??= tick().finally(() => {
        attempt = null
        if (!isEnded && !isAsleep) schedule(isPoked ? 0 : nextTryMs())
        isPoked = false
      })
    })
  }

  function nextTryMs(): number {
    return confirmed === null ? retryPeriodMs * (1 + jitterFactor * random.unit()) : retryPeriodMs
  }

  async function tick(): Promise<void> {
    const wasTakeable = isTakeable()
    try {
      await tryOnce()
      problem = null
    } catch (error) {
      problem =
        error instanceof SluiceError
          ? error
          : new SluiceError('Internal', `${title}: ${String(error)}`, { cause: error })
      logger.log('debug', 'lease not renewed', { lease: title, error: problem.message })
    }
    if (confirmed === null && state !== 'lost' && !isEnded) state = 'waiting'
    if (state === 'lost' && seen !== null && seen.record.holder !== '' && seen.record.holder !== identity)
      state = 'waiting'
    tell()
    if (!wasTakeable && isTakeable()) options.onTakeable?.()
  }

  /** Best effort: who cannot reach the server lets it run out. */
  async function giveBack(): Promise<void> {
    timer()
    deadline()
    const wasHolding = confirmed !== null || seen?.record.holder === identity
    confirmed = null
    state = 'released'
    abort.abort(refusal())
    await attempt?.catch(() => undefined)
    confirmed = null
    if (!wasHolding && seen?.record.holder !== identity) {
      tell()
      return
    }
    try {
      for (let tries = 0; tries < 3; tries += 1) {
        const answer = await ask('GET', undefined, releaseMs)
        if (answer.status !== 200) break
        const now = readLeaseObject(answer.json())
        seen = now
        if (now.record.holder !== identity) break
        const time = microTime(clock.now())
        const record = { ...now.record, holder: '', durationMs: 1000, renewTime: time, acquireTime: time }
        const done = await ask('PUT', { ...now.object, spec: leaseSpec(record) }, releaseMs)
        if (done.status === 200) {
          seen = readLeaseObject(done.json())
          logger.log('info', 'lease given back', { lease: title })
        }
        if (done.status !== 409) break
      }
    } catch (error) {
      logger.log('info', 'lease not given back: it runs out by itself', { lease: title, error: String(error) })
    }
    tell()
  }

  schedule(0)
  return {
    controller,
    current,
    problem: () => problem,
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isHeld,
    signal: () => abort.signal,
    fence: (client) =>
      fenceClient(client, {
        // Nobody takes it before the lease's own duration is over, counted from the last renewal.
        remainingMs: () => (isHeld() ? leaseDurationMs - (elapsedMs() ?? leaseDurationMs) : 0),
        signal: () => abort.signal,
        refusal,
      }),
    async release() {
      if (isEnded) return
      isEnded = true
      await giveBack()
    },
    isTakeable,
    poke() {
      if (confirmed !== null || isEnded || isAsleep) return
      if (attempt === null) schedule(0)
      else isPoked = true
    },
    async yieldNow() {
      await this.suspend()
      this.resume()
    },
    async suspend() {
      if (isEnded || isAsleep) return
      isAsleep = true
      await giveBack()
    },
    resume() {
      if (isEnded || !isAsleep) return
      isAsleep = false
      state = 'waiting'
      schedule(0)
    },
    async dispose() {
      await this.release()
      listeners.clear()
    },
  }
}
