/**
 * What is known of managed objects from the last pass: a body whose dry-run changed nothing, and the live state that it was asked for. While both
 * are what they were, the next pass asks nothing. Metadata decides, as for drift (drift/validity.ts).
 */
import type { KubeObject } from '../../clusters/view.ts'
import type { DesiredSet } from '../../drift/desired-set.ts'
import { isStillValid, validityOf } from '../../drift/validity.ts'
import type { Validity } from '../../drift/validity.ts'
import { exactText } from '../../exact-json.ts'
import type { Clock, Codec } from '../../ports.ts'
import { groupOf } from '../../status/read.ts'

/** Webhooks and defaults of the API server may change without any object changing: after this long it is asked again. */
const trustedMs = 30 * 60_000

export interface KnownObjects {
  /** Of one owner; forgets what an earlier set wanted and this one does not. */
  open(owner: string, set: DesiredSet, remoteKey: string): OwnerKnowledge
  forget(owner: string): void
  /** Somebody remembers the object of this id (`group/Kind|namespace/name`). */
  has(id: string): boolean
}

export interface OwnerKnowledge {
  isUnchanged(object: KubeObject, live: KubeObject | null): boolean
  /** The same without reading it: by what is watched. */
  standsUnchanged(object: KubeObject, stands: (object: KubeObject, seen: Validity) => boolean): boolean
  /** Something is remembered of it, whether it still holds or not: it was there. */
  isKnown(object: KubeObject): boolean
  remember(object: KubeObject, live: KubeObject): void
}

interface Known {
  readonly body: string
  readonly validity: Validity
  readonly at: number
}

export interface KnownObjectsDeps {
  readonly codec: Codec
  readonly clock: Clock
  /** Some object is remembered no longer. */
  readonly onForgotten: () => void
}

export function createKnownObjects({ codec, clock, onForgotten }: KnownObjectsDeps): KnownObjects {
  const owners = new Map<string, { readonly key: string; readonly objects: Map<string, Known> }>()
  /** Renders that are asked for again give the very same objects. */
  const digests = new WeakMap<KubeObject, string>()

  function digestOf(object: KubeObject): string {
    const known = digests.get(object)
    if (known !== undefined) return known
    const digest = codec.sha256Hex(exactText(object)).slice(0, 32)
    digests.set(object, digest)
    return digest
  }

  /** Of the same body, not too long ago. */
  function recent(objects: ReadonlyMap<string, Known>, object: KubeObject): Known | null {
    const entry = objects.get(idOf(object))
    if (entry === undefined || clock.monotonicMs() - entry.at > trustedMs) return null
    return entry.body === digestOf(object) ? entry : null
  }

  return {
    open(owner, set, remoteKey) {
      const { ignoreRules, isForced, overrideManagers, customStageKinds, target } = set
      const key = JSON.stringify([
        ignoreRules,
        isForced,
        overrideManagers,
        customStageKinds,
        target.impersonate,
        remoteKey,
      ])
      const known = owners.get(owner)
      const before = known?.key === key ? known.objects : new Map<string, Known>()
      const objects = new Map<string, Known>()
      owners.set(owner, { key, objects })
      // What this pass does not look at (a stage before it failed) stays known.
      for (const { object } of set.objects) {
        const id = idOf(object)
        const entry = before.get(id)
        if (entry !== undefined) objects.set(id, entry)
      }
      if (known !== undefined && known.objects.size > objects.size) onForgotten()
      return {
        isKnown: (object) => objects.has(idOf(object)),
        isUnchanged(object, live) {
          const entry = recent(objects, object)
          if (entry === null || live === null) return false
          const { uid, resourceVersion } = live.metadata
          if (entry.validity.uid === uid && entry.validity.resourceVersion === resourceVersion) return true
          const validity = validityOf(live, codec)
          return isStillValid(entry.validity, { validity, since: validity.resourceVersion })
        },
        standsUnchanged(object, stands) {
          const entry = recent(objects, object)
          return entry !== null && stands(object, entry.validity)
        },
        remember(object, live) {
          objects.set(idOf(object), {
            body: digestOf(object),
            validity: validityOf(live, codec),
            at: clock.monotonicMs(),
          })
        },
      }
    },
    forget(owner) {
      if (owners.delete(owner)) onForgotten()
    },
    has: (id) => [...owners.values()].some(({ objects }) => objects.has(id)),
  }
}

/** Whatever namespace the desired object of a cluster-scoped kind names. */
function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}|${metadata.namespace ?? ''}/${metadata.name}`
}
