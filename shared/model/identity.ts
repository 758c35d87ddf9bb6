/**
 * Who is who. A cluster is a UID, a context is a way into it; objects belong to clusters, permissions to (cluster, identity).
 */

/** UID of namespace kube-system; where that may not be read, `h-` + 16 hex digits of sha256 over server URL and CA. */
export type ClusterId = string

/** Opaque, stable over restarts: the context's name, with `@` + a short hash of its file where two files share the name. */
export type ContextId = string

export interface GroupKind {
  readonly group: string
  readonly kind: string
}

/** An object of one cluster, in whatever version discovery serves. `namespace` is '' for cluster-scoped objects. */
export interface ObjectRef extends GroupKind {
  readonly cluster: ClusterId
  readonly namespace: string
  readonly name: string
}

/** One string per object: `cluster|group/Kind|namespace/name`. Row key on the wire and in every store. */
export function refKey(ref: ObjectRef): string {
  return `${ref.cluster}|${ref.group}/${ref.kind}|${ref.namespace}/${ref.name}`
}

/** `namespace/name`, or `name` for cluster-scoped objects: the accessible name of a row (interface.md, Accessibility). */
export function refTitle(ref: { readonly namespace: string; readonly name: string }): string {
  return ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
}

export function isSameRef(a: ObjectRef, b: ObjectRef): boolean {
  return (
    a.cluster === b.cluster &&
    a.group === b.group &&
    a.kind === b.kind &&
    a.namespace === b.namespace &&
    a.name === b.name
  )
}
