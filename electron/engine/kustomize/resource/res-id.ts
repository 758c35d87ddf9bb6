/** A resource's identity within a build: group, version, kind, name, namespace (kyaml's ResId). */
import { scopeOf } from '../schema/builtin-scopes.ts'
import type { Gvk } from './gvk.ts'
import { apiVersionOf, gvkEquals, gvkText } from './gvk.ts'

export interface ResId extends Gvk {
  readonly name: string
  readonly namespace: string
  /** The kind certainly has no namespace. Left out (false) for ids that upstream builds without asking the schema: previous ids. */
  readonly isClusterScoped?: boolean
}

/** What stands for the namespace of cluster-scoped objects wherever ids are compared or remembered. */
export const nonNamespaceable = '_non_namespaceable_'

/** An id whose scope is that of the builtin kind, unless given. */
export function makeResId(
  gvk: Gvk,
  name: string,
  namespace: string,
  isClusterScoped: boolean = scopeOf(apiVersionOf(gvk), gvk.kind) === false,
): ResId {
  return { group: gvk.group, version: gvk.version, kind: gvk.kind, name, namespace, isClusterScoped }
}

/** '' and `default` are one namespace; all cluster-scoped ids share one of their own, whatever they say. */
export function effectiveNamespace(id: ResId): string {
  if (id.isClusterScoped === true) return nonNamespaceable
  return id.namespace === '' ? 'default' : id.namespace
}

/** Same gvk and name, and namespaces that mean the same (kyaml's `ResId.Equals`). */
export function resIdEquals(a: ResId, b: ResId): boolean {
  return a.name === b.name && gvkEquals(a, b) && effectiveNamespace(a) === effectiveNamespace(b)
}

/** True if every part that `selector` gives is equal; '' selects anything (kyaml's `ResId.IsSelectedBy`). */
export function resIdIsSelected(id: ResId, selector: ResId): boolean {
  return (
    (selector.name === '' || selector.name === id.name) &&
    (selector.namespace === '' || effectiveNamespace(selector) === effectiveNamespace(id)) &&
    (selector.group === '' || selector.group === id.group) &&
    (selector.version === '' || selector.version === id.version) &&
    (selector.kind === '' || selector.kind === id.kind)
  )
}

/** kyaml's `ResId.String()`: `Deployment.v1.apps/NAME.NAMESPACE`, with `[noName]`, `[noNs]`. */
export function resIdText(id: ResId): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}

/** The id that `resIdText` printed (kyaml's `resid.FromString`). */
export function parseResId(text: string): ResId {
  const [gvkPart = '', namePart = ''] = text.split('/')
  const [kind = '', version = '', ...group] = gvkPart.split('.')
  const names = namePart.split('.')
  const namespace = names.pop() ?? ''
  return makeResId(
    {
      group: unless(group.join('.'), '[noGrp]'),
      version: unless(version, '[noVer]'),
      kind: unless(kind, '[noKind]'),
    },
    unless(names.join('.'), '[noName]'),
    unless(namespace, '[noNs]'),
  )
}

/** Go's `%#v` of an id, which some of upstream's messages carry. */
export function resIdGoText(id: ResId): string {
  const [group, version, kind, name, namespace] = [id.group, id.version, id.kind, id.name, id.namespace].map((text) =>
    JSON.stringify(text),
  )
  const scoped = id.isClusterScoped === true
  return `resid.ResId{Gvk:resid.Gvk{Group:${group}, Version:${version}, Kind:${kind}, isClusterScoped:${scoped}}, Name:${name}, Namespace:${namespace}}`
}

/** Equal for equal ids, different for others: for Map indexes. */
export function resIdKey(id: ResId): string {
  return `${id.group}\u0000${id.version}\u0000${id.kind}\u0000${effectiveNamespace(id)}\u0000${id.name}`
}

function unless(text: string, placeholder: string): string {
  return text === placeholder ? '' : text
}
