/**
 * Holds the rest of long lists back until the window shows its first view: on few cores, reading thousands of objects would take from the
 * first hundred the time to be drawn. Without a window nothing is held back, and never for longer than a moment.
 */
import type { Clock, Dispose } from '../ports.ts'

/** A window that has not drawn by then is in no hurry. */
const patienceMs = 1500

/** What the first view seldom shows waits so long at most. */
const courtesyMs = 400

export class FirstView {
  readonly #clock: Clock
  #isShown: boolean
  readonly #shown: Promise<void>
  #show: () => void = () => undefined

  constructor(clock: Clock, isWindowExpected: boolean) {
    this.#clock = clock
    this.#isShown = !isWindowExpected
    this.#shown = new Promise((resolve) => {
      if (!isWindowExpected) resolve()
      else {
        const finish = (): void => {
          this.#isShown = true
          resolve()
        }
        const cancel = clock.after(patienceMs, finish)
        this.#show = () => {
          cancel()
          finish()
        }
      }
    })
  }

  /** The first view is on screen, or will not come. */
  shown(): void {
    this.#show()
  }

  wait(): Promise<void> {
    return this.#shown
  }

  /** Calls once the first view is on screen, or a moment from now; at once where it is already. Returns what gives it up. */
  afterCourtesy(act: () => void): Dispose {
    if (this.#isShown) {
      act()
      return () => undefined
    }
    let isDone = false
    const finish = (): void => {
      if (isDone) return
      isDone = true
      cancel()
      act()
    }
    const cancel = this.#clock.after(courtesyMs, finish)
    void this.#shown.then(finish)
    return () => {
      isDone = true
      cancel()
    }
  }
}
