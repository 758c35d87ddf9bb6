/** Waits for the end of a requested run by the object's watch, telling each step. */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { durationMs, formatDuration } from '../../../shared/flux/durations.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Clock } from '../ports.ts'
import { at } from '../status/read.ts'
import { isSuspended } from '../status/suspend-info.ts'
import type { ObjectWatch } from './object-watch.ts'
import { movedError, titleOf } from './planned-write.ts'
import { judgeRun } from './reconcile-judge.ts'
import type { RunRequest, RunVerdict } from './reconcile-judge.ts'

export interface RunToWaitFor {
  readonly ref: ObjectRef
  readonly kind: FluxKind
  readonly uid: string
  readonly request: RunRequest
}

const leastTimeoutMs = 5 * 60_000
const longestTimeoutMs = 60 * 60_000
const graceMs = 60_000

export interface RunWait {
  /** Resolves with the verdict `done`; rejects with ReconcileFailed (carrying the stage), ReconcileTimeout, SuspendedRefused, PlanMoved or Canceled. */
  readonly end: Promise<RunVerdict>
  /** Starts the clock: the request was sent, and this is what the API server answered. */
  begin(object: KubeObject): void
  /** Ends the wait without a verdict: the request could not be sent. */
  abandon(): void
}

/** Begins to follow the object. Call this before the request is sent, so that no state is missed. */
export function followRun(
  run: RunToWaitFor,
  watch: ObjectWatch,
  clock: Clock,
  signal: AbortSignal,
  onStep: (verdict: RunVerdict) => void,
): RunWait {
  const title = titleOf(run.ref)
  let isOver = false
  let last: RunVerdict | null = null
  let hasBegun = false
  /** What the watch told while the request was under way: may be its outcome already. */
  let early: KubeObject | null | undefined
  let stopTimer = (): void => undefined
  let stopFollowing = (): void => undefined
  let resolveEnd: (verdict: RunVerdict) => void = () => undefined
  let rejectEnd: (error: unknown) => void = () => undefined
  const end = new Promise<RunVerdict>((resolve, reject) => {
    resolveEnd = resolve
    rejectEnd = reject
  })
  // Nobody may be listening yet, or any more.
  end.catch(() => undefined)

  function finish(act: () => void): void {
    if (isOver) return
    isOver = true
    stopTimer()
    stopFollowing()
    signal.removeEventListener('abort', cancel)
    act()
  }
  function fail(error: SluiceError): void {
    finish(() => {
      rejectEnd(error)
    })
  }
  function cancel(): void {
    fail(
      new SluiceError('Canceled', `${title}: no longer waited for; the controller goes on with the request.`, {
        retry: 'canceled',
      }),
    )
  }
  function look(object: KubeObject | null): void {
    if (isOver) return
    if (!hasBegun) {
      early = object
      return
    }
    if (object === null) return fail(movedError(title, 'was deleted while it was reconciled'))
    if (object.metadata.uid !== run.uid) return fail(movedError(title, 'was deleted and created anew'))
    if (isSuspended(object, run.kind) === true)
      return fail(
        new SluiceError('SuspendedRefused', `${title} was suspended while it was to be reconciled.`, {
          remedy: 'Resume it, then reconcile again.',
        }),
      )
    const verdict = judgeRun(object, run.kind, run.request)
    if (last === null || !isSameVerdict(verdict, last)) {
      last = verdict
      onStep(verdict)
    }
    if (verdict.state === 'done')
      finish(() => {
        resolveEnd(verdict)
      })
    if (verdict.state === 'failed')
      fail(
        new SluiceError('ReconcileFailed', `${title} failed to reconcile: ${verdict.message}`, {
          detail: verdict.message,
        }),
      )
  }

  stopFollowing = watch.follow(run.ref, {
    changed: look,
    // The watch mends itself; if it does not, the time-out says so.
    failed: () => undefined,
  })
  if (isOver) stopFollowing()
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()

  return {
    end,
    begin(object) {
      const ms = timeoutFor(object)
      if (!isOver)
        stopTimer = clock.after(ms, () => {
          const where = last === null || last.message === '' ? '' : ` Last word: ${last.message}`
          fail(
            new SluiceError('ReconcileTimeout', `${title} did not finish within ${formatDuration(ms)}.${where}`, {
              remedy: 'Look at the controller: is it running, and does it watch this namespace?',
            }),
          )
        })
      hasBegun = true
      look(object)
      if (early !== undefined) look(early)
    },
    abandon() {
      finish(() => {
        rejectEnd(new SluiceError('Canceled', `${title}: not requested`, { retry: 'canceled' }))
      })
    },
  }
}

/** As long as flux waits, or a little longer than one run may take by spec.timeout; never the default, which is nearly the interval. */
function timeoutFor(object: KubeObject): number {
  const own = durationMs(at(object, 'spec', 'timeout')) ?? 0
  return Math.min(Math.max(leastTimeoutMs, own + graceMs), longestTimeoutMs)
}

function isSameVerdict(a: RunVerdict, b: RunVerdict): boolean {
  return a.state === b.state && a.stage === b.stage && a.message === b.message && a.revision === b.revision
}
