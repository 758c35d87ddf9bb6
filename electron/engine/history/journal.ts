/**
 * The way from recorders into the store: gathers what comes within a moment, keeps what cannot be written now, and tries again. Bounded: what is beyond
 * is counted, and told as a gap when the store takes entries again.
 */
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { backoffMs } from '../cache/backoff.ts'
import type { Clock, Dispose, Logger, Random } from '../ports.ts'
import type { EventStore } from './event-store-port.ts'
import { sessionEntry } from './session-entry.ts'

/** Gathered for so long, or until so many have come. */
const gatherMs = 250
const batchSize = 1000
/** Some 20 MB of waiting entries. */
const maxWaiting = 50_000
const retry = { firstMs: 1000, maxMs: 60_000 }

export interface Journal {
  write(entries: readonly NewHistoryEntry[]): void
  /** Resolves when everything that was handed over is on disk, or could not be written. */
  flush(): Promise<void>
  close(): Promise<void>
}

export function createJournal(options: {
  readonly store: Pick<EventStore, 'append'>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}): Journal {
  const { store, clock, random, logger } = options
  let waiting: NewHistoryEntry[] = []
  let lost = new Map<string, number>()
  let failures = 0
  let timer: Dispose | null = null
  let running: Promise<void> = Promise.resolve()
  let isWriting = false
  let isClosed = false

  function schedule(ms: number): void {
    timer ??= clock.after(ms, () => {
      timer = null
      run()
    })
  }

  function run(): void {
    if (!isWriting) running = writeAll()
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    try {
      while (waiting.length > 0 || lost.size > 0) {
        const gaps = [...lost].map(([cluster, count]) => gapEntry(cluster, count, clock.now()))
        const batch = [...gaps, ...waiting.slice(0, batchSize)]
        try {
          await store.append(batch)
        } catch (error) {
          failures += 1
          if (failures === 1) logger.log('warn', 'history could not be written', { error: String(error) })
          if (!isClosed) schedule(backoffMs(random, failures, retry))
          return
        }
        failures = 0
        if (gaps.length > 0) lost = new Map()
        waiting = waiting.slice(batch.length - gaps.length)
      }
    } finally {
      isWriting = false
    }
  }

  return {
    write(entries) {
      const room = Math.max(0, maxWaiting - waiting.length)
      for (const { cluster } of entries.slice(room)) lost.set(cluster, (lost.get(cluster) ?? 0) + 1)
      // Not spread into push: a snapshot has more entries than a call may have arguments.
      for (const entry of entries.slice(0, room)) waiting.push(entry)
      if (failures > 0) return
      if (waiting.length >= batchSize) run()
      else schedule(gatherMs)
    },
    async flush() {
      timer?.()
      timer = null
      await running
      run()
      await running
    },
    async close() {
      isClosed = true
      await this.flush()
      timer?.()
    },
  }
}

function gapEntry(cluster: string, count: number, at: number): NewHistoryEntry {
  const message = `${count.toLocaleString('en')} entries could not be written in time`
  return { ...sessionEntry(cluster, 'EntriesLost', message, at), tone: 'bad', count }
}
