/**
 * The way from recorders into the store: gathers what comes within a moment, keeps what cannot be written now, and tries again. What waits longer is
 * packed: a storm of events comes faster than any disk takes it. Bounded: what is beyond is counted, and told as a gap when the store takes entries again.
 */
import { entriesLost } from '../../../shared/model/history.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { backoffMs } from '../cache/backoff.ts'
import type { Clock, Codec, Dispose, Logger, Random } from '../ports.ts'
import type { EventStore } from './event-store-port.ts'
import { sessionEntry } from './session-entry.ts'

/** Gathered for so long, or until so many have come. */
const gatherMs = 250
const batchSize = 1000
/** Some 4 MB. What waits beyond is packed, a batch at a time, to about a tenth. */
const maxLoose = 10_000
/** Minutes of ten thousand events a second on a disk that takes half of them. */
const maxPackedBytes = 64 * 1024 * 1024
const retry = { firstMs: 1000, maxMs: 60_000 }

/** What there was no room for. */
interface Lost {
  readonly count: number
  /** When the first of them came. */
  readonly since: number
}

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
  readonly codec: Pick<Codec, 'deflate' | 'inflate'>
  readonly maxPackedBytes?: number
}): Journal {
  const { store, clock, random, logger, codec } = options
  const maxBytes = options.maxPackedBytes ?? maxPackedBytes
  /** On its way, or refused: before all that is packed, which is before all that is loose. */
  let current: readonly NewHistoryEntry[] = []
  const packed: Uint8Array[] = []
  let packedBytes = 0
  const loose: NewHistoryEntry[] = []
  const lost = new Map<string, Lost>()
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

  function take(): readonly NewHistoryEntry[] {
    const first = packed.shift()
    if (first === undefined) return loose.splice(0, batchSize)
    packedBytes -= first.length
    return JSON.parse(codec.inflate(first)) as readonly NewHistoryEntry[]
  }

  function pack(): void {
    const bytes = codec.deflate(JSON.stringify(loose.splice(0, batchSize)))
    packedBytes += bytes.length
    packed.push(bytes)
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    try {
      for (;;) {
        if (current.length === 0) current = take()
        const gaps = [...lost]
        if (current.length === 0 && gaps.length === 0) return
        try {
          await store.append([...gaps.map(([cluster, gap]) => gapEntry(cluster, gap, clock.now())), ...current])
        } catch (error) {
          failures += 1
          if (failures === 1) logger.log('warn', 'history could not be written', { error: String(error) })
          if (!isClosed) schedule(backoffMs(random, failures, retry))
          return
        }
        failures = 0
        current = []
        // More may have been lost meanwhile.
        for (const [cluster, told] of gaps) {
          const count = (lost.get(cluster)?.count ?? 0) - told.count
          if (count > 0) lost.set(cluster, { count, since: told.since })
          else lost.delete(cluster)
        }
      }
    } finally {
      isWriting = false
    }
  }

  return {
    write(entries) {
      for (const entry of entries) {
        if (loose.length >= maxLoose) {
          if (packedBytes >= maxBytes) {
            const { count = 0, since = clock.now() } = lost.get(entry.cluster) ?? {}
            lost.set(entry.cluster, { count: count + 1, since })
            continue
          }
          pack()
        }
        loose.push(entry)
      }
      if (failures > 0) return
      if (loose.length >= batchSize) run()
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

function gapEntry(cluster: string, { count, since }: Lost, at: number): NewHistoryEntry {
  const message = `${count.toLocaleString('en')} entries could not be written in time`
  return { ...sessionEntry(cluster, entriesLost, message, at), tone: 'bad', count, facts: { from: since } }
}
