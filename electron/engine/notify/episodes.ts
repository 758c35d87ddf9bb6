/**
 * What lasts: an object that fails, drifts, a cluster that does not answer. An episode begins with the first bad sign and ends with the first good
 * one; what lies between (a controller that tries again) is part of it. Told once. Only what is bad is kept.
 */
import type { NotifyEvent } from '../../../shared/model/notify.ts'
import type { Clock } from '../ports.ts'
import { maxEpisodes } from './stored-notify.ts'
import type { Episode } from './stored-notify.ts'

/** Episodes of the last run that nobody has seen again: the object went while the application was closed. */
const forgottenAfterMs = 30 * 86_400_000

interface Running extends Episode {
  readonly isTold: boolean
  /** The last sign was a bad one; false: between, or not seen yet in this run. */
  readonly isBad: boolean
}

export class Episodes {
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #all = new Map<string, Running>()

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  restore(stored: readonly Episode[]): void {
    const oldest = this.#clock.now() - forgottenAfterMs
    for (const episode of stored) {
      if (episode.seenAt < oldest) continue
      const id = idOf(episode.event, episode.subject)
      const running = this.#all.get(id)
      this.#all.set(id, { ...episode, isBad: running?.isBad ?? false })
    }
  }

  state(): readonly Episode[] {
    return [...this.#all.values()].slice(-maxEpisodes).map(({ event, subject, since, isTold, isBad, seenAt }) => ({
      event,
      subject,
      since,
      isTold,
      seenAt: isBad ? this.#clock.now() : seenAt,
    }))
  }

  /** A bad sign. True where it changed anything. */
  begin(event: NotifyEvent, subject: string, since: number | null): boolean {
    const id = idOf(event, subject)
    const running = this.#all.get(id)
    if (running?.isBad === true) return false
    const now = this.#clock.now()
    // The server's clock may be ahead of ours.
    const began = running?.since ?? Math.min(since ?? now, now)
    this.#all.set(id, { event, subject, since: began, isTold: running?.isTold ?? false, isBad: true, seenAt: now })
    this.#changed()
    return true
  }

  /** Neither good nor bad: it goes on, and is not told now. */
  pause(event: NotifyEvent, subject: string): void {
    const id = idOf(event, subject)
    const running = this.#all.get(id)
    if (running?.isBad === true) this.#all.set(id, { ...running, isBad: false, seenAt: this.#clock.now() })
  }

  /** A good sign, or the end of what it is about: the episode that ends, null where there was none. */
  end(event: NotifyEvent, subject: string): Episode | null {
    const id = idOf(event, subject)
    const running = this.#all.get(id)
    if (running === undefined) return null
    this.#all.delete(id)
    this.#changed()
    return running
  }

  has(event: NotifyEvent, subject: string): boolean {
    // Asked of every row that is well, and nearly always nothing is bad.
    return this.#all.size > 0 && this.#all.has(idOf(event, subject))
  }

  markTold({ event, subject }: Episode): void {
    const id = idOf(event, subject)
    const running = this.#all.get(id)
    if (running === undefined) return
    this.#all.set(id, { ...running, isTold: true })
    this.#changed()
  }

  /** What is bad now and was not told. */
  untold(event: NotifyEvent): readonly Episode[] {
    return [...this.#all.values()].filter((episode) => episode.event === event && episode.isBad && !episode.isTold)
  }

  subjects(event: NotifyEvent): readonly string[] {
    return [...this.#all.values()].flatMap((episode) => (episode.event === event ? [episode.subject] : []))
  }
}

function idOf(event: NotifyEvent, subject: string): string {
  return `${event} ${subject}`
}
