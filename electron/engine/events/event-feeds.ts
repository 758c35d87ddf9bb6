/** Live Events of one cluster in given namespaces ('' = all), from whichever API serves them. */
import { toErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Dispose } from '../ports.ts'

export interface EventFeedListener {
  changed(upsert: readonly KubeObject[], remove: readonly KubeObject[]): void
  /** The feed of that namespace begins anew: what it told before is void. */
  restarted(namespace: string): void
  /** Some feed is complete, or failed: look at isSettled and error again. */
  settled(): void
}

interface Feed {
  readonly stop: Dispose
  isComplete: boolean
  error: SluiceErrorData | null
}

export class EventFeeds {
  readonly #view: ClusterView
  readonly #listener: EventFeedListener
  readonly #isKept: boolean
  readonly #feeds = new Map<string, Feed>()

  /** `isKept` false: for one who writes them down; `restarted` and removals are not told then. */
  constructor(view: ClusterView, listener: EventFeedListener, isKept = true) {
    this.#view = view
    this.#listener = listener
    this.#isKept = isKept
  }

  /** Watches exactly these namespaces from now on; returns those that are no longer watched. */
  watch(namespaces: ReadonlySet<string>): readonly string[] {
    const dropped: string[] = []
    for (const [namespace, feed] of this.#feeds)
      if (!namespaces.has(namespace)) {
        feed.stop()
        this.#feeds.delete(namespace)
        dropped.push(namespace)
      }
    // Every cluster serves core/v1 Events today; one that does not serves the newer group.
    const group =
      this.#view.served('', 'Event') === null && this.#view.served('events.k8s.io', 'Event') !== null
        ? 'events.k8s.io'
        : ''
    for (const namespace of namespaces) if (!this.#feeds.has(namespace)) this.#open(group, namespace)
    return dropped
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop()
    this.#feeds.clear()
  }

  /** Every feed is complete or has failed. */
  get isSettled(): boolean {
    return [...this.#feeds.values()].every((feed) => feed.isComplete || feed.error !== null)
  }

  /** Some feed has told what the cluster has. */
  get isAnswered(): boolean {
    return [...this.#feeds.values()].some((feed) => feed.isComplete)
  }

  /** The error, when every feed was refused and none has ever told anything; else null. */
  get refusal(): SluiceErrorData | null {
    const feeds = [...this.#feeds.values()]
    const [first] = feeds
    if (first === undefined || feeds.some((feed) => feed.isComplete || !isRefusal(feed.error))) return null
    return first.error
  }

  #open(group: string, namespace: string): void {
    const feed: Feed = {
      isComplete: false,
      error: null,
      stop: this.#view.watchKind(
        group,
        'Event',
        namespace,
        (change) => {
          if (change.isSnapshot && feed.isComplete) this.#listener.restarted(namespace)
          if (change.upsert.length > 0 || change.remove.length > 0) this.#listener.changed(change.upsert, change.remove)
          if (change.isSnapshot) feed.isComplete = true
          feed.error = change.error === null || change.error === undefined ? null : toErrorData(change.error)
          if (change.isSnapshot || feed.error !== null) this.#listener.settled()
        },
        { isKept: this.#isKept },
      ),
    }
    this.#feeds.set(namespace, feed)
  }
}

function isRefusal(error: SluiceErrorData | null): boolean {
  return error !== null && (error.code === 'Forbidden' || error.code === 'ResourceNotServed')
}
