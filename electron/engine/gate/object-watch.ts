/**
 * Waiting for single objects over shared live copies of their kinds: one watch per kind and namespace however many objects are waited
 * for, never polling. Beyond a handful of namespaces one watch of all of them is cheaper.
 */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Dispose } from '../ports.ts'

export interface ObjectListener {
  /** null: the object was deleted. */
  changed(object: KubeObject | null): void
  /** The watch failed in a way that it will not mend by itself at once; it goes on trying. */
  failed(error: unknown): void
}

export interface ObjectWatch {
  follow(ref: ObjectRef, listener: ObjectListener): Dispose
}

const manyNamespaces = 8

/** `refs`: all objects that may be followed, which decides how many watches there will be. */
export function createObjectWatch(view: ClusterView, refs: readonly ObjectRef[]): ObjectWatch {
  const namespaces = new Map<string, Set<string>>()
  for (const ref of refs) {
    const known = namespaces.get(kindKey(ref))
    if (known === undefined) namespaces.set(kindKey(ref), new Set([ref.namespace]))
    else known.add(ref.namespace)
  }
  const feeds = new Map<
    string,
    { readonly listeners: Map<string, Set<ObjectListener>>; readonly latest: Map<string, KubeObject>; stop: Dispose }
  >()

  function open(ref: ObjectRef, scope: string, feedKey: string) {
    const listeners = new Map<string, Set<ObjectListener>>()
    const latest = new Map<string, KubeObject>()
    const feed = { listeners, latest, stop: (): void => undefined }
    feeds.set(feedKey, feed)
    const keyOf = (object: KubeObject): string =>
      refKey({ ...ref, namespace: object.metadata.namespace ?? '', name: object.metadata.name })
    const tell = (key: string, object: KubeObject | null): void => {
      for (const listener of [...(listeners.get(key) ?? [])]) listener.changed(object)
    }
    feed.stop = view.watchKind(ref.group, ref.kind, scope, (change) => {
      if (change.error !== null && change.error !== undefined)
        for (const followers of [...listeners.values()])
          for (const listener of [...followers]) listener.failed(change.error)
      if (change.isSnapshot) {
        const present = new Set(change.upsert.map(keyOf))
        for (const key of [...latest.keys()])
          if (!present.has(key)) {
            latest.delete(key)
            tell(key, null)
          }
      }
      for (const object of change.upsert) {
        const key = keyOf(object)
        if (!listeners.has(key)) continue
        latest.set(key, object)
        tell(key, object)
      }
      for (const object of change.remove) {
        const key = keyOf(object)
        if (latest.delete(key)) tell(key, null)
      }
    })
    return feed
  }

  return {
    follow(ref, listener) {
      const scope = (namespaces.get(kindKey(ref))?.size ?? 1) > manyNamespaces ? '' : ref.namespace
      const feedKey = `${kindKey(ref)}|${scope}`
      const key = refKey(ref)
      const feed = feeds.get(feedKey) ?? open(ref, scope, feedKey)
      const followers = feed.listeners.get(key) ?? new Set()
      feed.listeners.set(key, followers)
      followers.add(listener)
      const known = feed.latest.get(key)
      if (known !== undefined) listener.changed(known)
      return () => {
        followers.delete(listener)
        if (followers.size > 0 || feed.listeners.get(key) !== followers) return
        feed.listeners.delete(key)
        feed.latest.delete(key)
        if (feed.listeners.size > 0) return
        feeds.delete(feedKey)
        feed.stop()
      }
    },
  }
}

function kindKey(ref: ObjectRef): string {
  return `${ref.group}/${ref.kind}`
}
