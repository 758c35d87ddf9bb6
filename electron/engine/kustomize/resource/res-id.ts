/** A resource's identity within a build: group, version, kind, name, namespace (kyaml's ResId). */
import type { Gvk } from './gvk.ts'
import { gvkEquals, gvkText } from './gvk.ts'

export interface ResId extends Gvk {
  readonly name: string
  readonly namespace: string
}

export function makeResId(gvk: Gvk, name: string, namespace: string): ResId {
  return { group: gvk.group, version: gvk.version, kind: gvk.kind, name, namespace }
}

/** '' and `default` are one namespace. */
export function effectiveNamespace(id: ResId): string {
  return id.namespace === '' ? 'default' : id.namespace
}

/** Same gvk and name, and namespaces that mean the same (kyaml's `ResId.Equals`). */
export function resIdEquals(a: ResId, b: ResId): boolean {
  return a.name === b.name && gvkEquals(a, b) && effectiveNamespace(a) === effectiveNamespace(b)
}

/** kyaml's `ResId.String()`: `Deployment.v1.apps/NAME.NAMESPACE`, with `[noName]`, `[noNs]`. */
export function resIdText(id: ResId): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}

/** Equal for equal ids, different for others: for Map indexes. */
export function resIdKey(id: ResId): string {
  return `${id.group}\u0000${id.version}\u0000${id.kind}\u0000${effectiveNamespace(id)}\u0000${id.name}`
}
