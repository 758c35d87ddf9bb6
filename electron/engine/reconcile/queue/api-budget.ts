/**
 * How many requests hosted mode sends to one cluster: so many a second and at once. A 429 is answered with patience: nobody sends before the server's
 * time is over, and the request is sent again, since the server did nothing. Semantics: client-go rest (retries, Retry-After), API priority and fairness.
 */
import type { Clock, Dispose, KubeClient, KubeResponse, Random } from '../../ports.ts'
import { passThrough } from '../lease/fence.ts'

export interface ApiBudgetLimits {
  readonly perSecond: number
  /** Saved up while nothing is sent. */
  readonly burst: number
  readonly atOnce: number
}

/**
 * A controller may send 50 a second and 300 in a burst, each for itself; here both share one budget, and a run sends the same requests in a tenth of
 * the time. 16 at once is where an API server stops answering faster (control-plane.md).
 */
export const defaultApiBudget: ApiBudgetLimits = { perSecond: 200, burst: 400, atOnce: 16 }

const maxRetries = 10
const defaultRetryMs = 1000
const maxRetryMs = 60_000

export interface ApiBudget {
  /** The same client within the budget. */
  limit(client: KubeClient): KubeClient
  dispose(): void
}

export function createApiBudget(clock: Clock, random: Random, limits: ApiBudgetLimits = defaultApiBudget): ApiBudget {
  const waiting = new Set<() => void>()
  let tokens = limits.burst
  let refilledAt = clock.monotonicMs()
  let pausedUntil = 0
  let running = 0
  let timer: Dispose | null = null

  function pump(): void {
    timer?.()
    timer = null
    const now = clock.monotonicMs()
    tokens = Math.min(limits.burst, tokens + (Math.max(0, now - refilledAt) / 1000) * limits.perSecond)
    refilledAt = now
    for (const go of waiting) {
      if (running >= limits.atOnce) return
      const pauseMs = Math.max(pausedUntil - now, tokens >= 1 ? 0 : ((1 - tokens) / limits.perSecond) * 1000)
      if (pauseMs > 0) {
        timer = clock.after(Math.max(1, Math.ceil(pauseMs)), () => {
          timer = null
          pump()
        })
        return
      }
      tokens -= 1
      running += 1
      waiting.delete(go)
      go()
    }
  }

  function take(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        waiting.delete(go)
        reject(signal?.reason instanceof Error ? signal.reason : new DOMException('Canceled', 'AbortError'))
      }
      const go = (): void => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      if (signal?.aborted === true) {
        stop()
        return
      }
      signal?.addEventListener('abort', stop, { once: true })
      waiting.add(go)
      pump()
    })
  }

  return {
    limit: (client) => ({
      ...passThrough(client),
      async request(request) {
        for (let retries = 0; ; retries += 1) {
          await take(request.signal)
          let answer: KubeResponse
          try {
            answer = await client.request(request)
          } finally {
            running -= 1
            pump()
          }
          if (answer.status !== 429 || retries >= maxRetries) return answer
          const seconds = Number(answer.headers['retry-after'])
          const askedMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : defaultRetryMs
          const pauseMs = Math.min(maxRetryMs, askedMs) * (1 + 0.1 * random.unit())
          pausedUntil = Math.max(pausedUntil, clock.monotonicMs() + pauseMs)
        }
      },
    }),
    dispose() {
      timer?.()
      timer = null
    },
  }
}
