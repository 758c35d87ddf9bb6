/** When retention looks through the file: some minutes after something was written, as long as things are written. */
import { defaultHistoryRetention } from '../../../shared/model/history.ts'
import type { HistoryRetention } from '../../../shared/model/history.ts'

/** The first minutes of an application belong to its window. */
const everyMs = 10 * 60 * 1000

export interface Tidying {
  /** What is narrower from now on may be applied at once. */
  set(limits: HistoryRetention, isAtOnce: boolean): void
  noteWrite(): void
  stop(): void
}

/** `retain` is not called again before it has answered; what it rejects with (disk full, closed) is tried again with the next look. */
export function createTidying(retain: (limits: HistoryRetention) => Promise<void>): Tidying {
  let limits = defaultHistoryRetention
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  function run(): void {
    running = running.then(() => retain(limits)).catch(() => undefined)
  }

  return {
    set(next, isAtOnce) {
      limits = next
      if (isAtOnce) run()
    },
    noteWrite() {
      if (timer !== null) return
      timer = setTimeout(() => {
        timer = null
        run()
      }, everyMs)
      // Nothing waits for it.
      timer.unref()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
