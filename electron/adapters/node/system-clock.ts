/** Time and chance of this machine, behind the engine's ports. */
import { randomUUID } from 'node:crypto'
import type { Clock, Random } from '../../engine/ports.ts'

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(ms, callback) {
      if (ms <= 0) {
        const immediate = setImmediate(callback)
        return () => clearImmediate(immediate)
      }
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  }
}

export function createRandom(): Random {
  return { uuid: () => randomUUID(), unit: () => Math.random() }
}
