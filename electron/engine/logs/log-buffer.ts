/** Lines between the API server and a window: in order, no faster than a window can take them, bounded whatever a container prints. */
import type { LogLine } from '../../../shared/model/detail.ts'
import type { StreamSink } from '../../../shared/contract/index.ts'
import type { Clock, Dispose } from '../ports.ts'
import type { ReadLine } from './log-line.ts'

const flushMs = 100
/** 2,500 lines a second: half of what the wire's frames carry. */
const linesPerFlush = 250
/** Waiting for the window; beyond it the oldest give way, and a line says how many. */
const maxWaiting = 10_000
/** Lines that a client keeps; older ones are taken back. */
const maxKept = 20_000

export class LogBuffer {
  readonly #clock: Clock
  readonly #sink: StreamSink<LogLine>
  readonly #pod: string
  readonly #container: string
  #waiting: ReadLine[] = []
  #dropped = 0
  #next = 1
  #oldest = 1
  #timer: Dispose | null = null
  #isOver = false
  #onEmpty: (() => void) | null = null

  constructor(options: { clock: Clock; sink: StreamSink<LogLine>; pod: string; container: string }) {
    this.#clock = options.clock
    this.#sink = options.sink
    this.#pod = options.pod
    this.#container = options.container
  }

  add(lines: readonly ReadLine[]): void {
    if (lines.length === 0 || this.#isOver) return
    this.#waiting.push(...lines)
    const excess = this.#waiting.length - maxWaiting
    if (excess > 0) {
      this.#waiting.splice(0, excess)
      this.#dropped += excess
    }
    this.#arm()
  }

  /** Calls back when all lines have been told. */
  whenEmpty(callback: () => void): void {
    if (this.#waiting.length === 0) callback()
    else this.#onEmpty = callback
  }

  stop(): void {
    this.#isOver = true
    this.#timer?.()
    this.#waiting = []
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(flushMs, () => {
      this.#timer = null
      this.#flush()
    })
  }

  #flush(): void {
    const lines = this.#waiting.splice(0, linesPerFlush).map((line) => this.#toItem(line.at, line.text))
    if (this.#dropped > 0) {
      const count = String(this.#dropped)
      lines.unshift(this.#toItem(null, `… ${count} lines left out: the container prints faster than they can be shown`))
      this.#dropped = 0
    }
    const remove: string[] = []
    while (this.#next - this.#oldest > maxKept) {
      remove.push(toKey(this.#oldest))
      this.#oldest += 1
    }
    this.#sink.push(lines, remove)
    if (this.#waiting.length > 0) this.#arm()
    else {
      const callback = this.#onEmpty
      this.#onEmpty = null
      callback?.()
    }
  }

  #toItem(at: number | null, text: string): LogLine {
    const key = toKey(this.#next)
    this.#next += 1
    return { key, at, pod: this.#pod, container: this.#container, text }
  }
}

/** Text order is number order. */
function toKey(number: number): string {
  return String(number).padStart(12, '0')
}
