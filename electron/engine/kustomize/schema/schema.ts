/**
 * What kustomize reads of an OpenAPI schema, and nothing else: how lists merge, and which kinds have no namespace. One set per build:
 * `openapi:` and `crds:` make a new set, never change a shared one (upstream's is global to the process; Flux resets it for each build).
 */
export interface SchemaSet {
  /** Schema of a kind; null where none is known (custom resources: lists replace). */
  forKind(apiVersion: string, kind: string): SchemaType | null
  /** True or false where the kind's scope is known, null where it is not (taken for namespaced). */
  isNamespaced(apiVersion: string, kind: string): boolean | null
}

/** One object, list or scalar type of a schema. */
export interface SchemaType {
  /** Schema of a map's field (or of any key, for maps with additionalProperties); null if unknown. */
  field(name: string): SchemaType | null
  /** Schema of a list's items; null if this is no list or they are unknown. */
  items(): SchemaType | null
  /** x-kubernetes-patch-strategy, e.g. `merge`, `merge,retainKeys`, `replace`; '' if none. */
  readonly patchStrategy: string
  /** x-kubernetes-list-map-keys, else the patch merge key, as kyaml's PatchStrategyAndKeyList gives them; empty if none. */
  readonly mergeKeys: readonly string[]
}
