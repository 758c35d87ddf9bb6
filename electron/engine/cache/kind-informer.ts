/**
 * One kind of one cluster, informed by whichever way in may list it: cluster-wide by the healthiest context, else by another whose
 * identity may, else namespace by namespace. Keeps the one word that says how far the copy can be trusted.
 */
import type { SluiceError } from '../../../shared/model/errors.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import type { KindStateWord } from '../../../shared/model/rows.ts'
import { resourcePath } from '../clusters/view.ts'
import type { ServedResource } from '../clusters/view.ts'
import type { Clock, KubeClient, Logger, Random } from '../ports.ts'
import { ListWatch } from './list-watch.ts'
import type { ListWatchSink, ListWatchState } from './list-watch.ts'

/** A connected context as the cache sees it. */
export interface Member {
  readonly context: ContextId
  readonly client: KubeClient
  readonly namespace: string
  /** The server was not reached, or the credentials do not hold. */
  lost(error: SluiceError): void
  seen(): void
}

export interface KindInformerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Connected members, healthiest first. */
  readonly members: () => readonly Member[]
  /** The resource as discovery serves it now, null when it is served no longer. */
  readonly resource: () => ServedResource
  /** Namespaces to try one by one with this member. */
  readonly namespaces: (member: Member) => Promise<readonly string[]>
  readonly query?: string
  readonly accept?: string
  readonly sink: (scope: string | null) => ListWatchSink
  /** Everything of a namespace is to be forgotten (null: of all). */
  readonly drop: (scope: string | null) => void
  readonly onChange: () => void
  readonly onNotServed: () => void
  readonly beforeRest?: () => Promise<void>
}

export interface KindInformerState {
  readonly word: Exclude<KindStateWord, 'unreachable' | 'stale'>
  readonly message: string
  /** Namespaces listed one by one, null when cluster-wide. */
  readonly namespaces: readonly string[] | null
}

/** How long a refusal of one identity is believed before it is asked again. */
const refusalMs = 5 * 60_000
const maxNamespaces = 100

export class KindInformer {
  readonly #options: KindInformerOptions
  readonly #refusals = new Map<ContextId, { readonly error: SluiceError; readonly at: number }>()
  #wide: ListWatch
  #wideWord: ListWatchState['word'] = 'loading'
  #error: SluiceError | null = null
  readonly #narrow = new Map<string, { readonly run: ListWatch; word: ListWatchState['word']; since: number }>()
  #narrowMember: ContextId | null = null
  /** The context whose client the cluster-wide run took last. */
  #wideContext: ContextId | null = null
  #isChoosing = false
  #isSettled = false
  #isStopped = false

  constructor(options: KindInformerOptions) {
    this.#options = options
    this.#wide = this.#startWide()
  }

  stop(): void {
    this.#isStopped = true
    this.#wide.stop()
    this.#stopNarrow()
  }

  /** Members came, went or changed places. */
  kick(): void {
    const members = this.#options.members()
    if (this.#narrow.size === 0) this.#wide.kick()
    else if (members.some((member) => !this.#isRefused(member.context))) this.#wide.kick()
    for (const { run } of this.#narrow.values()) run.kick()
  }

  /** A member left: whatever ran through it goes on through another. */
  memberLeft(context: ContextId): void {
    this.#refusals.delete(context)
    if (this.#narrowMember === context) {
      this.#stopNarrow()
      this.#options.drop(null)
    }
    if (this.#wideContext === context) this.#wide.restart(false)
  }

  /** Where namespaces are listed one by one: takes up those that have appeared since. */
  reconsider(): void {
    if (this.#wideWord !== 'forbidden' || !this.#options.resource().isNamespaced) return
    const now = this.#options.clock.monotonicMs()
    for (const [namespace, { word, since }] of this.#narrow)
      if (word === 'forbidden' && now - since > refusalMs) this.#narrow.delete(namespace)
    void this.#startNarrow()
  }

  /** Discovery changed the version or scope: list anew. */
  relist(): void {
    this.#refusals.clear()
    this.#wide.restart(true)
    for (const { run } of this.#narrow.values()) run.restart(true)
  }

  state(): KindInformerState {
    if (this.#narrow.size > 0) {
      const words = [...this.#narrow.values()].map((entry) => entry.word)
      const readable = [...this.#narrow].filter(([, entry]) => entry.word !== 'forbidden').map(([name]) => name)
      const message = this.#error === null ? '' : this.#error.detail || this.#error.message
      if (words.includes('live')) return { word: 'live', message, namespaces: readable }
      if (words.every((word) => word === 'forbidden')) return { word: 'forbidden', message, namespaces: null }
      return { word: 'loading', message, namespaces: readable }
    }
    const message = this.#error === null ? '' : this.#error.detail || this.#error.message
    switch (this.#wideWord) {
      case 'unreachable':
      case 'loading':
        return { word: this.#isSettled ? 'live' : 'loading', message: '', namespaces: null }
      case 'forbidden':
        return { word: this.#isChoosing ? 'loading' : 'forbidden', message, namespaces: null }
      case 'live':
        return { word: 'live', message: '', namespaces: null }
      case 'notInstalled':
      case 'error':
        return { word: this.#wideWord, message, namespaces: null }
    }
  }

  /** The API server's sentence where this context's identity may not list the kind cluster-wide, null if not refused. */
  refusalOf(context: ContextId): string | null {
    const refusal = this.#refusals.get(context)
    return refusal === undefined ? null : refusal.error.detail || refusal.error.message
  }

  /** The context that informs this kind now. */
  informedBy(): ContextId | null {
    if (this.#narrow.size > 0) return this.#narrowMember
    return this.#wideMember()?.context ?? null
  }

  #isRefused(context: ContextId): boolean {
    const refusal = this.#refusals.get(context)
    return refusal !== undefined && this.#options.clock.monotonicMs() - refusal.at < refusalMs
  }

  #wideMember(): Member | null {
    const members = this.#options.members()
    return members.find((member) => !this.#isRefused(member.context)) ?? members[0] ?? null
  }

  #startWide(): ListWatch {
    const { clock, random, logger, resource, query, accept, beforeRest } = this.#options
    return new ListWatch({
      ...(beforeRest === undefined ? {} : { beforeRest }),
      clock,
      random,
      logger,
      title: resource().kind,
      path: () => resourcePath(resource(), ''),
      ...(query === undefined ? {} : { query }),
      ...(accept === undefined ? {} : { accept }),
      sink: this.#options.sink(null),
      client: () => {
        const member = this.#wideMember()
        this.#wideContext = member?.context ?? null
        return member?.client ?? null
      },
      onState: (state) => {
        this.#wideState(state)
      },
      onLost: (client, error) => {
        this.#memberOf(client)?.lost(error)
      },
      onSeen: (client) => {
        this.#memberOf(client)?.seen()
      },
      onNotServed: this.#options.onNotServed,
      onForbidden: (client, error) => {
        const member = this.#memberOf(client)
        if (member === null) return false
        this.#refusals.set(member.context, { error, at: clock.monotonicMs() })
        return this.#options.members().some((other) => !this.#isRefused(other.context))
      },
    })
  }

  #wideState(state: ListWatchState): void {
    if (this.#isStopped) return
    this.#wideWord = state.word
    if ('error' in state) this.#error = state.error
    if (state.word === 'live') {
      this.#isSettled = true
      this.#error = null
      const context = this.#wideMember()?.context
      if (context !== undefined) this.#refusals.delete(context)
      // What the single namespaces told is now told by the whole.
      this.#stopNarrow()
    }
    if (state.word === 'forbidden' || state.word === 'notInstalled') this.#isSettled = false
    if (state.word === 'forbidden' && this.#options.resource().isNamespaced && this.#narrow.size === 0)
      void this.#startNarrow()
    this.#options.onChange()
  }

  async #startNarrow(): Promise<void> {
    if (this.#isChoosing) return
    this.#isChoosing = true
    try {
      for (const member of this.#options.members()) {
        const namespaces = await this.#options.namespaces(member).catch((): readonly string[] => [])
        if (this.#isStopped || this.#wideWord === 'live') return
        if (namespaces.length === 0) continue
        if (this.#narrow.size > 0) {
          if (member.context !== this.#narrowMember) continue
          for (const namespace of namespaces.slice(0, maxNamespaces)) this.#addNarrow(namespace)
          return
        }
        this.#narrowMember = member.context
        // What an earlier, wider look knew of other namespaces can no longer be kept true.
        this.#options.drop(null)
        for (const namespace of namespaces.slice(0, maxNamespaces)) this.#addNarrow(namespace)
        return
      }
    } finally {
      this.#isChoosing = false
      this.#options.onChange()
    }
  }

  #addNarrow(namespace: string): void {
    if (this.#narrow.has(namespace)) return
    const { clock, random, logger, resource, query, accept, beforeRest } = this.#options
    const client = (): KubeClient | null =>
      this.#options.members().find((member) => member.context === this.#narrowMember)?.client ?? null
    const run = new ListWatch({
      ...(beforeRest === undefined ? {} : { beforeRest }),
      clock,
      random,
      logger,
      title: `${resource().kind} in ${namespace}`,
      path: () => resourcePath(resource(), namespace),
      ...(query === undefined ? {} : { query }),
      ...(accept === undefined ? {} : { accept }),
      sink: this.#options.sink(namespace),
      client,
      onState: (state) => {
        const entry = this.#narrow.get(namespace)
        // Cut and coming back: what is shown still holds.
        if (
          entry === undefined ||
          (entry.word === 'live' && (state.word === 'loading' || state.word === 'unreachable'))
        )
          return
        entry.word = state.word
        entry.since = clock.monotonicMs()
        // Hundreds of refused namespaces are not asked again and again: `reconsider` does, in good time.
        if (state.word === 'forbidden') entry.run.stop()
        this.#options.onChange()
      },
      onLost: (lost, error) => {
        this.#memberOf(lost)?.lost(error)
      },
      onSeen: (seen) => {
        this.#memberOf(seen)?.seen()
      },
      onNotServed: this.#options.onNotServed,
    })
    this.#narrow.set(namespace, { run, word: 'loading', since: clock.monotonicMs() })
  }

  #stopNarrow(): void {
    for (const { run } of this.#narrow.values()) run.stop()
    this.#narrow.clear()
    this.#narrowMember = null
  }

  #memberOf(client: KubeClient): Member | null {
    return this.#options.members().find((member) => member.client === client) ?? null
  }
}
