/** When a cluster that Sluice watches could not be reached any more, and when it could again: so that a calm stretch is told from a blind one. */
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Clock, Dispose } from '../ports.ts'
import { sessionEntry } from './session-entry.ts'

/** Shorter losses are a matter of the way: nothing was missed. */
const graceMs = 10_000

export class ReachEntries {
  readonly #view: Pick<ClusterView, 'id' | 'contexts'>
  readonly #clock: Clock
  readonly #write: (entries: readonly NewHistoryEntry[]) => void
  #stopWaiting: Dispose | null = null
  /** Since when it is gone, as the clock says and as time goes: a clock that is set back puts nothing off. null: it is there, or never was. */
  #lost: { readonly at: number; readonly ms: number } | null = null
  #wasReached = false
  #isTold = false

  constructor(
    view: Pick<ClusterView, 'id' | 'contexts'>,
    clock: Clock,
    write: (entries: readonly NewHistoryEntry[]) => void,
  ) {
    this.#view = view
    this.#clock = clock
    this.#write = write
    this.look()
  }

  stop(): void {
    this.#stopWaiting?.()
  }

  /** Its contexts may have changed. */
  look(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = null
    const now = this.#clock.now()
    const contexts = this.#view.contexts()
    if (contexts.some(({ connection }) => connection === 'connected')) {
      if (this.#isTold) this.#write([sessionEntry(this.#view.id, 'ClusterReached', 'The cluster answers again', now)])
      this.#wasReached = true
      this.#isTold = false
      this.#lost = null
      return
    }
    if (!this.#wasReached || this.#isTold) return
    this.#lost ??= { at: now, ms: this.#clock.monotonicMs() }
    const left = this.#lost.ms + graceMs - this.#clock.monotonicMs()
    if (left > 0) {
      this.#stopWaiting = this.#clock.after(left, () => this.look())
      return
    }
    this.#isTold = true
    const why = contexts[0]?.error?.message ?? 'The cluster does not answer'
    this.#write([sessionEntry(this.#view.id, 'ClusterLost', why, this.#lost.at)])
  }
}
