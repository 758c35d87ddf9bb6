import type { Clock } from '../engine/ports.ts'

/** Calls and streams open at once on one connection. */
export const maxOpenCalls = 512
const callsPerSecond = 400
const burst = 2000

/** SECURITY: item 7: rate and concurrency limit per connection: a token bucket, and a cap on what is open. */
export function createCallBudget(clock: Clock): { take(openCalls: number): boolean } {
  let tokens = burst
  let refilledAt = clock.monotonicMs()
  return {
    take(openCalls) {
      const now = clock.monotonicMs()
      tokens = Math.min(burst, tokens + ((now - refilledAt) / 1000) * callsPerSecond)
      refilledAt = now
      if (tokens < 1 || openCalls >= maxOpenCalls) return false
      tokens -= 1
      return true
    },
  }
}
