/**
 * One kind of a cluster, watched as narrowly as it is asked about and as widely as pays: namespace by namespace while few are asked about,
 * the whole cluster beyond that, object by object where a list would be far larger than what is compared.
 */
import type { ObjectName } from '../../cache/object-store.ts'
import { resourcePath } from '../../clusters/view.ts'
import type { ServedResource } from '../../clusters/view.ts'
import type { Clock, Codec, KubeClient, Logger, Random } from '../../ports.ts'
import type { LiveEntry } from '../validity.ts'
import { LiveScope } from './live-scope.ts'

export interface LiveKindDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  readonly isMetadataOnly: boolean
  readonly client: () => KubeClient | null
  /** As discovery serves it now, null when it is served no longer. */
  readonly served: () => ServedResource | null
  /** One more watch may be opened. */
  readonly mayOpen: () => boolean
  readonly onChange: (name: ObjectName) => void
}

/** What the watches know of one object. */
export type LiveKnowledge =
  /** `isCurrent`: nothing can have been missed. */
  | { readonly isKnown: true; readonly entry: LiveEntry | null; readonly isCurrent: boolean }
  | { readonly isKnown: false }

/** From so many namespaces on the whole cluster is listed. */
const wideFrom = 3
const worth = { wide: 3000, narrow: 1000, perAsked: 20, metadata: 10 }

export class LiveKind {
  readonly group: string
  readonly kind: string
  readonly version: string
  readonly isNamespaced: boolean
  readonly #deps: LiveKindDeps
  readonly #resource: ServedResource
  readonly #asked = new Map<string, Set<ObjectName>>()
  readonly #narrow = new Map<string, LiveScope>()
  readonly #single = new Map<ObjectName, LiveScope>()
  #wide: LiveScope | null = null

  /** `version`: in which whole objects are listed. */
  constructor(resource: ServedResource, version: string, deps: LiveKindDeps) {
    this.group = resource.group
    this.kind = resource.kind
    this.version = version
    this.isNamespaced = resource.isNamespaced
    this.#resource = resource
    this.#deps = deps
  }

  get watchCount(): number {
    return (this.#wide === null ? 0 : 1) + this.#narrow.size + this.#single.size
  }

  get isAsked(): boolean {
    return this.#asked.size > 0
  }

  get askedCount(): number {
    let count = 0
    for (const names of this.#asked.values()) count += names.size
    return count
  }

  /** Sees to it that the object is watched; the scope that covers it once it has listed, null where none can. */
  async follow(namespace: string, name: ObjectName): Promise<LiveScope | null> {
    const names = this.#asked.get(namespace)
    if (names === undefined) this.#asked.set(namespace, new Set([name]))
    else names.add(name)
    // Each round ends one kind of scope for good: too large, or refused.
    for (let round = 0; round < 4; round += 1) {
      const scope = this.#choose(namespace, name)
      if (scope === null) return null
      await scope.settled()
      if (scope.word === 'live' || scope.word === 'broken' || scope.word === 'waiting') return scope
    }
    return null
  }

  know(namespace: string, name: ObjectName): LiveKnowledge {
    for (const scope of [this.#wide, this.#narrow.get(namespace), this.#single.get(name)]) {
      if (scope?.word !== 'live' && scope?.word !== 'broken') continue
      return { isKnown: true, entry: scope.entries.get(name) ?? null, isCurrent: scope.word === 'live' }
    }
    return { isKnown: false }
  }

  /** Forgets what is followed no longer. */
  retain(isFollowed: (name: ObjectName) => boolean): void {
    for (const [namespace, names] of this.#asked) {
      for (const name of names) {
        if (isFollowed(name)) continue
        names.delete(name)
        this.#single.get(name)?.stop()
        this.#single.delete(name)
      }
      if (names.size > 0) continue
      this.#asked.delete(namespace)
      this.#narrow.get(namespace)?.stop()
      this.#narrow.delete(namespace)
    }
  }

  /** The way in changed: refusals of another identity mean nothing. */
  kick(): void {
    if (this.#wide?.word === 'refused') {
      this.#wide.stop()
      this.#wide = null
    }
    for (const scopes of [this.#narrow, this.#single] as Map<string, LiveScope>[])
      for (const [key, scope] of scopes)
        if (scope.word === 'refused') {
          scope.stop()
          scopes.delete(key)
        } else scope.kick()
    this.#wide?.kick()
  }

  stop(): void {
    this.#wide?.stop()
    for (const scope of [...this.#narrow.values(), ...this.#single.values()]) scope.stop()
    this.#narrow.clear()
    this.#single.clear()
    this.#wide = null
  }

  #choose(namespace: string, name: ObjectName): LiveScope | null {
    const isWideOut = this.#wide?.word === 'refused' || this.#wide?.word === 'tooLarge'
    if (this.#wide !== null && !isWideOut) return this.#wide
    if (!this.isNamespaced) {
      if (this.#wide === null) return (this.#wide = this.#open('', null))
      return this.#wide.word === 'tooLarge' ? this.#openSingle(namespace, name) : null
    }
    const narrow = this.#narrow.get(namespace)
    if (narrow?.word === 'tooLarge') return this.#openSingle(namespace, name)
    if (narrow !== undefined) return narrow.word === 'refused' ? null : narrow
    if (!isWideOut && this.#asked.size >= wideFrom) return (this.#wide = this.#open('', null))
    const opened = this.#open(namespace, null)
    if (opened !== null) this.#narrow.set(namespace, opened)
    return opened
  }

  #openSingle(namespace: string, name: ObjectName): LiveScope | null {
    const known = this.#single.get(name)
    if (known !== undefined) return known.word === 'refused' ? null : known
    const opened = this.#open(namespace, name)
    if (opened !== null) this.#single.set(name, opened)
    return opened
  }

  #open(namespace: string, single: ObjectName | null): LiveScope | null {
    const { clock, random, logger, codec, isMetadataOnly, client, served, mayOpen, onChange } = this.#deps
    if (!mayOpen()) return null
    const resource = (): ServedResource => ({ ...(served() ?? this.#resource), version: this.version })
    const askedCount = (): number => (namespace === '' ? this.askedCount : (this.#asked.get(namespace)?.size ?? 0))
    const limit = namespace === '' ? worth.wide : worth.narrow
    const selectors = [
      ...(single === null ? [] : [`metadata.name=${single.slice(single.indexOf('/') + 1)}`]),
      // Releases as Helm stores them are large, many, and nobody's desired objects.
      ...(this.group === '' && this.kind === 'Secret' && single === null ? ['type!=helm.sh/release.v1'] : []),
    ]
    const scope: LiveScope = new LiveScope({
      clock,
      random,
      logger,
      codec,
      isMetadataOnly,
      title: namespace === '' ? this.kind : `${this.kind} in ${namespace}`,
      group: this.group,
      kind: this.kind,
      version: this.version,
      path: () => resourcePath(resource(), namespace),
      query: selectors.length === 0 ? '' : `fieldSelector=${encodeURIComponent(selectors.join(','))}`,
      client,
      isWanted: (name) => this.#asked.get(name.slice(0, name.indexOf('/')))?.has(name) === true,
      worthOf: (total) => {
        if (single !== null || total <= limit || total <= worth.perAsked * askedCount()) return 'whole'
        return total <= limit * worth.metadata ? 'metadata' : 'nothing'
      },
      onChange,
      onState: () => {
        if (scope === this.#wide && scope.word === 'live') this.#stopNarrow()
        // Asked again when the way in changes; a kind that is not served may come back.
        if (scope.word === 'refused' && scope.error?.code === 'Forbidden') scope.stop()
      },
    })
    return scope
  }

  /** What they told is now told by the whole. */
  #stopNarrow(): void {
    for (const scope of [...this.#narrow.values(), ...this.#single.values()]) scope.stop()
    this.#narrow.clear()
    this.#single.clear()
  }
}
