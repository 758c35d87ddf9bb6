/**
 * The resources of a build, in order, no two with the same current id. Ids are kept in Map indexes, which is what makes a build linear
 * where upstream is quadratic; whatever changes a resource's id must go through `reindex`.
 */
import type { SchemaSet } from '../schema/schema.ts'
import type { ResId } from './res-id.ts'
import type { Resource } from './resource.ts'

/** Fields left out select anything; texts are anchored regular expressions (RE2), label and annotation selectors as kubectl reads them. */
export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

export interface ResMap {
  readonly size: number
  resources(): readonly Resource[]
  /** Throws BuildError IdConflict with upstream's text on an equal current id. */
  append(resource: Resource): void
  appendAll(other: ResMap): void
  /** Create, merge or replace, as each resource's behavior says (generators). */
  absorbAll(other: ResMap): void
  /** Removes by current id; throws if absent. */
  remove(id: ResId): void
  /** Replaces the resource of the same current id; throws unless exactly one matches. */
  replace(resource: Resource): void
  clear(): void
  /** Call after an id changed (name, namespace, kind, apiVersion). Cheap; the index is rebuilt when next asked. */
  reindex(): void
  byCurrentId(predicate: (id: ResId) => boolean): readonly Resource[]
  byOriginalId(predicate: (id: ResId) => boolean): readonly Resource[]
  /** Matches any of original, previous or current ids. */
  byAnyId(predicate: (id: ResId) => boolean): readonly Resource[]
  getByCurrentId(id: ResId): Resource | null
  /** Exactly one by any id, else BuildError with upstream's text. */
  getById(id: ResId): Resource
  /** Applies upstream's selection: any of the resource's ids may match (kustomize `resmap.Select`). */
  select(selector: Selector): readonly Resource[]
  /** The resources of one namespace (for `default` and ''), and of none, as the current id has it. */
  groupedByCurrentNamespace(): ReadonlyMap<string, readonly Resource[]>
  clusterScoped(): readonly Resource[]
  copy(): ResMap
  readonly schemas: SchemaSet
}
