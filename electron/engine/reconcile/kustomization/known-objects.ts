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
}

export interface OwnerKnowledge {
  isUnchanged(object: KubeObject, live: KubeObject | null): boolean
  /** Something is remembered of it, whether it still holds or not: it was there. */
  isKnown(object: KubeObject): boolean
  remember(object: KubeObject, live: KubeObject): void
}

interface Known {
  readonly body: string
  readonly validity: Validity
  readonly at: number
}

export function createKnownObjects({ codec, clock }: { readonly codec: Codec; readonly clock: Clock }): KnownObjects {
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
      return {
        isKnown: (object) => objects.has(idOf(object)),
        isUnchanged(object, live) {
          const entry = objects.get(idOf(object))
          if (entry === undefined || live === null || clock.monotonicMs() - entry.at > trustedMs) return false
          if (entry.body !== digestOf(object)) return false
          const { uid, resourceVersion } = live.metadata
          if (entry.validity.uid === uid && entry.validity.resourceVersion === resourceVersion) return true
          const validity = validityOf(live, codec)
          return isStillValid(entry.validity, { validity, since: validity.resourceVersion })
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
    forget: (owner) => void owners.delete(owner),
  }
}

/** Whatever namespace the desired object of a cluster-scoped kind names. */
function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}|${metadata.namespace ?? ''}/${metadata.name}`
}
