/**
 * The kinds that one cluster serves, kept current: discovery again whenever a CRD changes (watched by their metadata alone, since
 * whole CRDs weigh megabytes), every five minutes where CRDs may not be watched, and when a list finds its path gone.
 */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { partOfLabel, versionLabel } from '../../../shared/flux/labels.ts'
import type { SluiceError } from '../../../shared/model/errors.ts'
import { toErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Clock, Dispose, Logger, Random } from '../ports.ts'
import { isTransportFault } from './api-answer.ts'
import { backoffMs } from './backoff.ts'
import { discover, kindKey } from './discovery.ts'
import type { DiscoveredResource } from './discovery.ts'
import type { Member } from './kind-informer.ts'
import { ListWatch } from './list-watch.ts'
import { ObjectStore } from './object-store.ts'
import { readGenericKind } from './printer-columns.ts'
import type { GenericKind } from './printer-columns.ts'
import { nextTurn } from './slices.ts'

export interface ServedKindsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly members: () => readonly Member[]
  /** Served kinds, generic kinds or the Flux version changed. */
  readonly onChange: () => void
}

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const metadataAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
const rediscoverMs = 5 * 60_000
/** Discovery follows a CRD's change with some delay, hence twice. */
const afterChangeMs = [300, 3000] as const
const confirmMs = 2000
const maxGenericKinds = 60

interface Definition {
  readonly generation: number
  readonly version: string
  readonly partOf: string
}

export class ServedKinds {
  isDiscovered = false
  error: SluiceErrorData | null = null
  /** Kinds outside of the table that reconcile or draw from a source, by `group/Kind`. */
  readonly generic = new Map<string, GenericKind>()
  readonly #deps: ServedKindsDeps
  #resources: ReadonlyMap<string, DiscoveredResource> = new Map()
  #definitions: ListWatch | null = null
  #canWatchDefinitions = false
  readonly #store: ObjectStore<Definition>
  /** Kinds that the last discovery missed and that are kept for once. */
  #missing: ReadonlySet<string> = new Set()
  readonly #examined = new Map<string, number>()
  #isExamining = false
  #timers: Dispose[] = []
  #poll: Dispose = () => undefined
  #abort: AbortController | null = null
  #failures = 0
  /** Discoveries since a member was there (again). */
  #looks = 0
  #isStopped = false

  constructor(deps: ServedKindsDeps) {
    this.#deps = deps
    this.#store = new ObjectStore<Definition>({
      archive: null,
      pack: () => '',
      summarise: toDefinition,
      onUpsert: (_name, now, before) => {
        // The first list brings nothing that discovery has not told.
        if (this.#canWatchDefinitions) this.refreshSoon()
        if (before?.version !== now.version) this.#deps.onChange()
      },
      onRemove: () => {
        this.refreshSoon()
      },
    })
  }

  served(group: string, kind: string): DiscoveredResource | null {
    return this.#resources.get(kindKey(group, kind)) ?? null
  }

  all(): readonly DiscoveredResource[] {
    return [...this.#resources.values()]
  }

  /** Flux's distribution version as its CRDs tell it, '' where they do not. */
  fluxVersion(): string {
    for (const { summary } of this.#store.entries.values())
      if (summary.partOf === 'flux' && summary.version !== '') return summary.version
    return ''
  }

  /** A member is there (again): look now. */
  kick(): void {
    if (this.#isStopped) return
    this.#looks = 0
    void this.#discover()
    this.#definitions?.kick()
  }

  refreshSoon(): void {
    if (this.#isStopped) return
    for (const cancel of this.#timers) cancel()
    this.#timers = afterChangeMs.map((delayMs) =>
      this.#deps.clock.after(delayMs, () => {
        void this.#discover()
      }),
    )
  }

  dispose(): void {
    this.#isStopped = true
    this.#definitions?.stop()
    this.#abort?.abort()
    this.#poll()
    for (const cancel of this.#timers) cancel()
  }

  async #discover(): Promise<void> {
    const member = this.#deps.members()[0]
    if (member === undefined || this.#isStopped) return
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    const { clock, random, logger } = this.#deps
    let nextMs = rediscoverMs
    try {
      const { resources, failed } = await discover(
        member.client,
        (group, kind) => fluxKind(group, kind)?.versions ?? null,
        abort.signal,
      )
      if (abort.signal.aborted) return
      member.seen()
      this.#failures = 0
      const wasDoubtful = this.#missing.size > 0
      const { kept, isDoubtful } = this.#keepDoubtful(resources, failed)
      if (isDoubtful && !wasDoubtful) this.#looks = 0
      this.#resources = kept
      this.isDiscovered = true
      this.error = null
      // A server that is back tells more and more: looked at again after 2, 4, 8 … seconds.
      nextMs = Math.min(rediscoverMs, confirmMs * 2 ** this.#looks)
      this.#looks += 1
      if (failed.length > 0) nextMs = Math.min(nextMs, 30_000)
      for (const key of this.generic.keys()) if (!this.#resources.has(key)) this.generic.delete(key)
      this.#findByCategory()
      this.#watchDefinitions()
      this.#deps.onChange()
      void this.#examine()
    } catch (error) {
      if (abort.signal.aborted || this.#isStopped) return
      if (isTransportFault(error)) member.lost(error as SluiceError)
      this.#failures += 1
      nextMs = backoffMs(random, this.#failures, { firstMs: 500, maxMs: 30_000 })
      this.error = toErrorData(error)
      logger.log('warn', 'discovery failed', { code: this.error.code, detail: this.error.detail })
      this.#deps.onChange()
    }
    this.#poll()
    this.#poll = clock.after(nextMs, () => {
      if (nextMs < rediscoverMs || !this.#canWatchDefinitions) void this.#discover()
    })
  }

  /**
   * What was served and is missing now is kept until a second look misses it too: an API server that has just started tells of its
   * CRDs bit by bit. A group whose own discovery failed is kept as long as it fails.
   */
  #keepDoubtful(
    now: ReadonlyMap<string, DiscoveredResource>,
    failed: readonly string[],
  ): { readonly kept: ReadonlyMap<string, DiscoveredResource>; readonly isDoubtful: boolean } {
    const kept = new Map(now)
    const missing = new Set<string>()
    for (const [key, resource] of this.#resources) {
      if (kept.has(key)) continue
      const name = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
      // A CRD that is there and not served belongs to a server that is starting; its list says so where it is not.
      const isDefined = this.#canWatchDefinitions && this.#store.entries.has(`/${resource.plural}.${resource.group}`)
      const isConfirmed = this.#missing.has(key) && !isDefined
      if (failed.includes(name) || !isConfirmed) kept.set(key, resource)
      if (!failed.includes(name) && !isConfirmed) missing.add(key)
    }
    this.#missing = missing
    return { kept, isDoubtful: missing.size > 0 }
  }

  #watchDefinitions(): void {
    if (this.#definitions !== null) return
    const { clock, random, logger, members } = this.#deps
    const refused = new Set<string>()
    const member = (): Member | undefined =>
      members().find((candidate) => !refused.has(candidate.context)) ?? members()[0]
    this.#definitions = new ListWatch({
      clock,
      random,
      logger,
      title: 'CustomResourceDefinitions',
      path: () => definitionsPath,
      accept: metadataAccept,
      sink: this.#store.sink(null),
      client: () => member()?.client ?? null,
      onState: (state) => {
        this.#canWatchDefinitions = state.word === 'live'
        if (state.word === 'live') void this.#examine()
      },
      onLost: (client, error) => {
        members()
          .find((candidate) => candidate.client === client)
          ?.lost(error)
      },
      onForbidden: (client) => {
        const context = members().find((candidate) => candidate.client === client)?.context
        if (context !== undefined) refused.add(context)
        return members().some((candidate) => !refused.has(candidate.context))
      },
    })
  }

  /** Flux CRDs since 2.9.1 say so by category; enough where CRDs may not be read. */
  #findByCategory(): void {
    for (const [key, resource] of this.#resources) {
      if (fluxKind(resource.group, resource.kind) !== null || this.generic.has(key) || !isWatchable(resource)) continue
      if (resource.categories.some((category) => /^fluxcd\b/.test(category))) this.generic.set(key, { columns: [] })
    }
  }

  /** Reads the CRDs of unknown kinds one after the other, each once per generation. */
  async #examine(): Promise<void> {
    if (this.#isExamining || !this.isDiscovered) return
    this.#isExamining = true
    try {
      for (const resource of this.#resources.values()) {
        const name = `${resource.plural}.${resource.group}`
        const generation = this.#store.entries.get(`/${name}`)?.summary.generation
        if (generation === undefined || this.#examined.get(name) === generation) continue
        if (fluxKind(resource.group, resource.kind) !== null || !isWatchable(resource)) continue
        const member = this.#deps.members()[0]
        if (member === undefined || this.#isStopped || this.generic.size >= maxGenericKinds) return
        const answer = await member.client.request({
          method: 'GET',
          path: `${definitionsPath}/${encodeURIComponent(name)}`,
        })
        if (answer.status === 401 || answer.status >= 429) return
        this.#examined.set(name, generation)
        const found = answer.status === 200 ? readGenericKind(answer.json(), resource.version) : null
        const key = kindKey(resource.group, resource.kind)
        if (found !== null) this.generic.set(key, found)
        else if (!this.generic.delete(key)) continue
        this.#deps.onChange()
        await nextTurn(this.#deps.clock)
      }
    } catch (error) {
      this.#deps.logger.log('info', 'reading CRDs stopped', { error: String(error) })
    } finally {
      this.#isExamining = false
    }
  }
}

function isWatchable(resource: DiscoveredResource): boolean {
  return resource.verbs.includes('list') && resource.verbs.includes('watch')
}

function toDefinition(object: KubeObject): Definition {
  const labels = object.metadata.labels ?? {}
  return {
    generation: object.metadata.generation ?? 0,
    version: labels[versionLabel] ?? '',
    partOf: labels[partOfLabel] ?? '',
  }
}
