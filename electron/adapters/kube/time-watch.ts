/** Time-outs and aborts of one exchange. */
import type { SluiceError } from '../../../shared/model/errors.ts'
import { canceled, toTransportError } from './network-errors.ts'
import type { Target } from './network-errors.ts'
import type { Exchange } from './wire.ts'

export interface TimeWatch {
  readonly signal: AbortSignal
  explain(error: unknown, target: Target): SluiceError
  stopTimer(): void
  stop(): void
}

/** The caller's signal and a time-out as one signal, and which of both it was. */
export function watchTime(outer: AbortSignal | undefined, timeoutMs: number, onTimeout: () => SluiceError): TimeWatch {
  const inner = new AbortController()
  const abort = (): void => inner.abort(canceled())
  if (outer?.aborted === true) abort()
  outer?.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(() => inner.abort(onTimeout()), timeoutMs)
  return {
    signal: inner.signal,
    explain: (error, target) =>
      inner.signal.aborted ? (inner.signal.reason as SluiceError) : toTransportError(error, target, 'exchange'),
    stopTimer: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
  }
}

/** The step goes on for others who wait for it; only this waiter leaves. */
export function abortable<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(canceled())
    const abort = (): void => reject(canceled())
    signal.addEventListener('abort', abort, { once: true })
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Rejects with Canceled when the signal aborts first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const step = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  return abortable(step, signal).finally(() => clearTimeout(timer))
}

/** Gives the exchange up when nothing arrives for `timeoutMs`; what nobody has read yet counts as having arrived. */
export function watchSilence(answer: Exchange, timeoutMs: number): { renew: () => void; stop: () => void } {
  const timer = setTimeout(() => {
    if (answer.body.readableLength === 0) answer.cancel()
    else timer.refresh()
  }, timeoutMs)
  timer.unref()
  return { renew: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}
