/**
 * live/: the live objects of one cluster as comparisons read them, and afterwards what keeps an eye on them. Knows lists, watches and
 * validity; must not know owners or results. Requests go out with the user's own rights.
 */
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { LiveObjects } from '../../apply/compare-set.ts'
import { errorFromAnswer, isTransportFault, retryAfterMs } from '../../cache/api-answer.ts'
import { resourcePath } from '../../clusters/view.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { exactBody } from '../../exact-json.ts'
import { createLimiter } from '../../gate/limiter.ts'
import type { Clock, Codec, KubeClient, Logger, Random } from '../../ports.ts'
import { groupOf, versionOf } from '../../status/read.ts'
import { absentValidity, isStillValid, validityOf } from '../validity.ts'
import type { Validity } from '../validity.ts'
import { LiveKind } from './live-kind.ts'
import type { LiveScope } from './live-scope.ts'

/** `group/Kind|namespace/name`. */
export type LiveId = string

export interface LiveIndexDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  readonly view: Pick<ClusterView, 'client' | 'served'>
  /** False: objects are read one by one, and nothing is watched: the command line, other clusters. */
  readonly isWatching: boolean
  /** Nobody reads whole objects here: only their metadata is listed. */
  readonly isMetadataOnly?: boolean
  /** What is followed changed, came or went. */
  readonly onChange: (id: LiveId) => void
}

interface Wanted {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Beyond this many the API server's streams to one connection run short. */
const maxWatches = 60
const readsAtOnce = 16
const maxRetries = 3
const retryMs = 500
/** So many single reads within so long are a list. */
const missesToList = 12
const missesMs = 500
/** A list may be so many times what is asked for of it. */
const listWorth = 4

export function liveId(group: string, kind: string, namespace: string, name: string): LiveId {
  return `${group}/${kind}|${namespace}/${name}`
}

export class LiveIndex implements LiveObjects {
  /** Requests made for single objects, for the curious. */
  readCount = 0
  readonly #deps: LiveIndexDeps
  readonly #kinds = new Map<string, LiveKind>()
  readonly #reads = createLimiter(readsAtOnce)
  readonly #misses = new WeakMap<LiveScope, { readonly count: number; readonly at: number }>()

  constructor(deps: LiveIndexDeps) {
    this.#deps = deps
  }

  async read(wanted: Wanted): ReturnType<LiveObjects['read']> {
    const { kind, namespace, name } = wanted
    const scope = await this.#follow(groupOf(wanted.apiVersion), kind, namespace, name, versionOf(wanted.apiVersion))
    if (scope !== null && scope.kind.version === versionOf(wanted.apiVersion)) {
      const body = scope.scope.takeBody(scope.name) ?? (await this.#missed(scope.kind, scope.scope, scope.name))
      if (body !== null) return { object: body }
    }
    return this.readFresh(wanted)
  }

  readonly readFresh: LiveObjects['read'] = async ({ apiVersion, kind, namespace, name }) => {
    const resource = this.#deps.view.served(groupOf(apiVersion), kind)
    const title = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
    if (resource === null)
      return {
        problem: new SluiceError('ResourceNotServed', `${title}: the cluster does not serve ${apiVersion}`, {
          remedy: 'Install the CustomResourceDefinition.',
        }).toData(),
      }
    const path = resourcePath({ ...resource, version: versionOf(apiVersion) }, namespace, name)
    return this.#reads.run(async () => {
      for (let attempt = 0; ; attempt += 1) {
        this.readCount += 1
        const answer = await this.#deps.view.client().request({ method: 'GET', path })
        if (answer.status === 200) return { object: exactBody(answer) as KubeObject }
        const error = errorFromAnswer(answer, title)
        if (error.code === 'NotFound') return { object: null }
        const isPassing = error.code === 'Throttled' || error.code === 'ServerError'
        if (!isPassing || attempt >= maxRetries) {
          // Expired credentials are the context's trouble, not this object's.
          if (error.code === 'Unauthorized' || isTransportFault(error)) throw error
          return { problem: toErrorData(error) }
        }
        const waitMs = retryAfterMs(answer) ?? retryMs * 2 ** attempt
        await new Promise<void>((resolve) => this.#deps.clock.after(waitMs, resolve))
      }
    })
  }

  validity(object: KubeObject | null): Validity {
    return object === null ? absentValidity : validityOf(object, this.#deps.codec)
  }

  /** Not kept: many at once are listed once more, a few are read singly. */
  async #missed(kind: LiveKind, scope: LiveScope, name: string): Promise<KubeObject | null> {
    if (scope.word !== 'live' || !scope.entries.has(name)) return null
    const now = this.#deps.clock.monotonicMs()
    const misses = this.#misses.get(scope)
    const count = misses !== undefined && now - misses.at < missesMs ? misses.count + 1 : 1
    this.#misses.set(scope, { count, at: count === 1 ? now : (misses?.at ?? now) })
    if (count < missesToList || scope.entries.size > kind.askedCount * listWorth) return null
    await scope.refill()
    return scope.takeBody(name)
  }

  /** Watches the object from now on; resolves when its state is known, or cannot be. */
  async follow(group: string, kind: string, namespace: string, name: string): Promise<void> {
    await this.#follow(group, kind, namespace, name, null)
  }

  /** Whether what was read as `seen` still stands; 'unknown': nobody watches it. */
  judge(id: LiveId, seen: Validity): 'valid' | 'changed' | 'unknown' {
    const known = this.#know(id)
    if (known?.isKnown !== true) return 'unknown'
    return isStillValid(seen, known.entry) ? 'valid' : 'changed'
  }

  /** What was read as `seen` still stands, by a watch that has missed nothing; false where nobody can tell. */
  stands(id: LiveId, seen: Validity): boolean {
    const known = this.#know(id)
    return known?.isKnown === true && known.isCurrent && isStillValid(seen, known.entry)
  }

  /** resourceVersion of a followed object, '' where it is absent, null where nobody can tell. */
  versionOf(id: LiveId): string | null {
    const known = this.#know(id)
    return known?.isKnown === true ? (known.entry?.validity.resourceVersion ?? '') : null
  }

  /** Stops watching what nobody asks about any more. */
  retain(isFollowed: (id: LiveId) => boolean): void {
    for (const [key, kind] of this.#kinds) {
      kind.retain((name) => isFollowed(`${key}|${name}`))
      if (kind.isAsked) continue
      kind.stop()
      this.#kinds.delete(key)
    }
  }

  /** Contexts came, went or changed places. */
  kick(): void {
    for (const kind of this.#kinds.values()) kind.kick()
  }

  dispose(): void {
    for (const kind of this.#kinds.values()) kind.stop()
    this.#kinds.clear()
  }

  #know(id: LiveId): ReturnType<LiveKind['know']> | null {
    const bar = id.indexOf('|')
    const kind = this.#kinds.get(id.slice(0, bar))
    const name = id.slice(bar + 1)
    return kind?.know(name.slice(0, name.indexOf('/')), name) ?? null
  }

  async #follow(
    group: string,
    kind: string,
    namespace: string,
    name: string,
    version: string | null,
  ): Promise<{
    readonly kind: LiveKind
    readonly scope: LiveScope
    readonly name: string
  } | null> {
    if (!this.#deps.isWatching) return null
    const resource = this.#deps.view.served(group, kind)
    if (resource === null || !resource.verbs.includes('watch')) return null
    const key = `${group}/${kind}`
    let live = this.#kinds.get(key)
    if (live === undefined) {
      const { clock, random, logger, codec, view, onChange, isMetadataOnly = false } = this.#deps
      live = new LiveKind(resource, version ?? resource.version, {
        clock,
        random,
        logger,
        codec,
        isMetadataOnly,
        client: () => clientOrNull(view),
        served: () => view.served(group, kind),
        mayOpen: () => this.#watchCount() < maxWatches,
        onChange: (changed) => {
          onChange(`${key}|${changed}`)
        },
      })
      this.#kinds.set(key, live)
    }
    const scopeNamespace = resource.isNamespaced ? namespace : ''
    const objectName = `${scopeNamespace}/${name}`
    const scope = await live.follow(scopeNamespace, objectName)
    return scope === null ? null : { kind: live, scope, name: objectName }
  }

  #watchCount(): number {
    let count = 0
    for (const kind of this.#kinds.values()) count += kind.watchCount
    return count
  }
}

function clientOrNull(view: Pick<ClusterView, 'client'>): KubeClient | null {
  try {
    return view.client()
  } catch {
    return null
  }
}
