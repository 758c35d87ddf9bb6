/**
 * Holds the rest of long lists back until the window shows its first view: on few cores, reading thousands of objects would take from the
 * first hundred the time to be drawn. Without a window nothing is held back, and never for longer than a moment.
 */
import type { Clock } from '../ports.ts'

/** A window that has not drawn by then is in no hurry. */
const patienceMs = 1500

export class FirstView {
  readonly #shown: Promise<void>
  #show: () => void = () => undefined

  constructor(clock: Clock, isWindowExpected: boolean) {
    this.#shown = new Promise((resolve) => {
      if (!isWindowExpected) resolve()
      else {
        const cancel = clock.after(patienceMs, resolve)
        this.#show = () => {
          cancel()
          resolve()
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
}
