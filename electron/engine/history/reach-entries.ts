/** When a cluster that Sluice watches could not be reached any more, and when it could again: so that a calm stretch is told from a blind one. */
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Clock, Dispose } from '../ports.ts'

/** One look between two tries of a connection is enough. */
const lookEveryMs = 2000
/** Shorter losses are a matter of the way: nothing was missed. */
const graceMs = 10_000

export class ReachEntries {
  readonly #view: Pick<ClusterView, 'id' | 'contexts'>
  readonly #clock: Clock
  readonly #write: (entries: readonly NewHistoryEntry[]) => void
  #stop: Dispose
  /** Since when it is gone, null: it is there, or never was. */
  #lostAt: number | null = null
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
    this.#stop = clock.after(lookEveryMs, () => this.#look())
  }

  stop(): void {
    this.#stop()
  }

  #look(): void {
    this.#stop = this.#clock.after(lookEveryMs, () => this.#look())
    const now = this.#clock.now()
    const contexts = this.#view.contexts()
    const isReached = contexts.some(({ connection }) => connection === 'connected')
    if (isReached) {
      if (this.#isTold) this.#write([this.#entry('ClusterReached', 'The cluster answers again', now)])
      this.#wasReached = true
      this.#isTold = false
      this.#lostAt = null
    } else if (this.#wasReached && !this.#isTold) {
      this.#lostAt ??= now
      if (now - this.#lostAt < graceMs) return
      this.#isTold = true
      const why = contexts[0]?.error?.message ?? 'The cluster does not answer'
      this.#write([this.#entry('ClusterLost', why, this.#lostAt)])
    }
  }

  #entry(reason: string, message: string, at: number): NewHistoryEntry {
    return {
      cluster: this.#view.id,
      type: 'session',
      ref: null,
      owner: null,
      at,
      reason,
      message,
      tone: 'plain',
      revision: '',
      by: '',
      count: 1,
      isBackfilled: false,
      identity: '',
      facts: null,
    }
  }
}
