/** When the store's file is read through: quickly once Sluice has shown its first rows, wholly about once a week while nothing happens. */
import { StoredJson } from '../settings/stored-json.ts'
import type { Clock, Dispose, Ports } from '../ports.ts'
import { asRecord } from '../status/read.ts'
import type { EventStore } from './event-store-port.ts'

/** Nothing of a start waits for it. */
const quickAfterMs = 20_000
const fullEveryMs = 7 * 86_400_000
const lookEveryMs = 10 * 60_000
const calmMs = 5 * 60_000

export interface StoreChecks {
  /** Entries come, or somebody looks. */
  noteWork(): void
  dispose(): void
}

export function createStoreChecks(
  store: Pick<EventStore, 'check'>,
  ports: Pick<Ports, 'store' | 'logger'> & { readonly clock: Clock },
  /** After a check, and some time after entries came: what was found damaged is set aside by then. */
  checked: () => Promise<void>,
): StoreChecks {
  const { clock, logger } = ports
  const kept = new StoredJson<{ readonly fullAt: number }>(ports, 'history-check.json')
  let workedAt = clock.monotonicMs()
  let lookedAt = workedAt
  let timer: Dispose | null = null
  let isDisposed = false

  async function check(depth: 'quick' | 'full'): Promise<void> {
    try {
      await store.check(depth)
      await checked()
    } catch (error) {
      logger.log('warn', 'history could not be checked', { depth, error: String(error) })
    }
  }

  async function look(): Promise<void> {
    const { fullAt } = (await kept.read(readKept)) ?? { fullAt: 0 }
    if (workedAt > lookedAt) await checked()
    lookedAt = clock.monotonicMs()
    const isCalm = clock.monotonicMs() - workedAt >= calmMs
    // A clock that was set back does not put it off for ever.
    if (isCalm && (clock.now() - fullAt >= fullEveryMs || fullAt > clock.now())) {
      await kept.write({ fullAt: clock.now() })
      await check('full')
    }
    later(lookEveryMs, look)
  }

  function later(ms: number, work: () => Promise<void>): void {
    if (isDisposed) return
    timer = clock.after(ms, () => {
      work().catch((error: unknown) => logger.log('warn', 'history is not checked', { error: String(error) }))
    })
  }

  later(quickAfterMs, async () => {
    await check('quick')
    later(lookEveryMs, look)
  })
  return {
    noteWork() {
      workedAt = clock.monotonicMs()
    },
    dispose() {
      isDisposed = true
      timer?.()
    },
  }
}

function readKept(value: unknown): { readonly fullAt: number } | null {
  const { fullAt } = asRecord(value)
  return typeof fullAt === 'number' ? { fullAt } : null
}
