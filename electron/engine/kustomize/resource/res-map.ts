/**
 * The resources of a build, in order, no two with the same current id. Ids are kept in Map indexes, which is what makes a build linear
 * where upstream is quadratic; whatever changes a resource's id must go through `reindex`.
 */
import type { SchemaSet } from '../schema/schema.ts'
import { BuildError } from '../build-error.ts'
import type { ResId } from './res-id.ts'
import { effectiveNamespace, nonNamespaceable, resIdEquals, resIdGoText, resIdKey, resIdText } from './res-id.ts'
import type { Resource } from './resource.ts'
import type { Selector } from './resource-selector.ts'
import { resourceJson } from './build-annotations.ts'
import { selectResources } from './select-resources.ts'

export type { Selector } from './resource-selector.ts'

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
  /** Replaces the resource of the same current id and gives its index; throws unless exactly one matches. */
  replace(resource: Resource): number
  clear(): void
  /** Call after an id changed (name, namespace, kind, apiVersion). Cheap; the index is rebuilt when next asked. */
  reindex(): void
  byCurrentId(predicate: (id: ResId) => boolean): readonly Resource[]
  byOriginalId(predicate: (id: ResId) => boolean): readonly Resource[]
  /** Matches any of original, previous or current ids. */
  byAnyId(predicate: (id: ResId) => boolean): readonly Resource[]
  getByCurrentId(id: ResId): Resource | null
  /** Resources whose current id equals `id`: an index, not a search. */
  withCurrentId(id: ResId): readonly Resource[]
  /** Resources of which a previous or the current id equals `id`, in order: an index, not a search. */
  withAnyId(id: ResId): readonly Resource[]
  /** Removes objects that a patch or filter left without any field. */
  dropEmpties(): void
  /** Puts these resources in place of all there are, without looking at ids: for sorting and for filters that drop objects. */
  setResources(resources: readonly Resource[]): void
  /** Exactly one by any id, else BuildError with upstream's text. */
  getById(id: ResId): Resource
  /** Applies upstream's selection: any of the resource's ids may match (kustomize `resmap.Select`). */
  select(selector: Selector): readonly Resource[]
  /** The resources of one namespace (for `default` and ''), and of none, as the current id has it. */
  groupedByCurrentNamespace(): ReadonlyMap<string, readonly Resource[]>
  clusterScoped(): readonly Resource[]
  copy(): ResMap
  /** Another map of the same resources. */
  shallowCopy(): ResMap
  readonly schemas: SchemaSet
}

/** An empty map; `schemas` says which custom kinds have no namespace. */
export function createResMap(schemas: SchemaSet): ResMap {
  return new IndexedResMap(schemas, [])
}

class IndexedResMap implements ResMap {
  readonly schemas: SchemaSet
  private list: Resource[]
  /** Resources by key of their current id; null when it must be built anew. */
  private current: Map<string, Resource[]> | null = null
  /** Resources by key of each id that they have or had; null when it must be built anew. */
  private any: Map<string, Resource[]> | null = null

  constructor(schemas: SchemaSet, list: Resource[]) {
    this.schemas = schemas
    this.list = list
  }

  get size(): number {
    return this.list.length
  }

  resources(): readonly Resource[] {
    return this.list
  }

  append(resource: Resource): void {
    resource.schemas ??= this.schemas
    const id = resource.currentId()
    const key = resIdKey(id)
    const index = this.currentIndex()
    if (index.has(key))
      throw new BuildError('IdConflict', `may not add resource with an already registered id: ${resIdText(id)}`)
    index.set(key, [resource])
    if (this.any !== null) addToAnyIndex(this.any, resource)
    this.list.push(resource)
  }

  appendAll(other: ResMap): void {
    for (const resource of [...other.resources()]) this.append(resource)
  }

  absorbAll(other: ResMap): void {
    for (const resource of [...other.resources()]) this.absorb(resource)
  }

  remove(id: ResId): void {
    const kept = this.list.filter((resource) => !isSameId(resource.currentId(), id))
    if (kept.length !== this.list.length - 1)
      throw new BuildError('TransformFailed', `id ${resIdText(id)} not found in removal`)
    this.setResources(kept)
  }

  replace(resource: Resource): number {
    resource.schemas ??= this.schemas
    const id = resource.currentId()
    const matches = this.withCurrentId(id)
    if (matches.length > 1) throw new BuildError('IdConflict', `in Replace: id matched ${matches.length} resources`)
    const [old] = matches
    if (old === undefined)
      throw new BuildError('TransformFailed', `cannot find resource with id ${resIdText(id)} to replace`)
    const index = this.list.indexOf(old)
    this.list[index] = resource
    this.reindex()
    return index
  }

  clear(): void {
    this.setResources([])
  }

  reindex(): void {
    this.current = null
    this.any = null
  }

  setResources(resources: readonly Resource[]): void {
    this.list = [...resources]
    this.reindex()
  }

  dropEmpties(): void {
    if (this.list.some((resource) => resource.isEmpty()))
      this.setResources(this.list.filter((resource) => !resource.isEmpty()))
  }

  byCurrentId(predicate: (id: ResId) => boolean): readonly Resource[] {
    return this.list.filter((resource) => predicate(resource.currentId()))
  }

  byOriginalId(predicate: (id: ResId) => boolean): readonly Resource[] {
    return this.list.filter((resource) => predicate(resource.originalId()))
  }

  byAnyId(predicate: (id: ResId) => boolean): readonly Resource[] {
    return this.list.filter(
      (resource) => !resource.isEmpty() && (resource.previous().some(predicate) || predicate(resource.currentId())),
    )
  }

  withCurrentId(id: ResId): readonly Resource[] {
    return this.currentIndex().get(resIdKey(id)) ?? []
  }

  withAnyId(id: ResId): readonly Resource[] {
    if (this.any === null) {
      this.any = new Map()
      for (const resource of this.list) addToAnyIndex(this.any, resource)
    }
    return this.any.get(resIdKey(id)) ?? []
  }

  getByCurrentId(id: ResId): Resource | null {
    const matches = this.withCurrentId(id)
    return matches.length === 1 ? matches[0]! : null
  }

  getById(id: ResId): Resource {
    const matches = this.withAnyId(id)
    if (matches.length === 1) return matches[0]!
    const text = resIdText(id)
    const fault = matches.length > 1 ? 'multiple' : 'no'
    throw new BuildError(
      'PatchFailed',
      `${fault} matches for Id ${text}; failed to find unique target for patch ${text}`,
    )
  }

  select(selector: Selector): readonly Resource[] {
    return selectResources(this.list, selector)
  }

  groupedByCurrentNamespace(): ReadonlyMap<string, readonly Resource[]> {
    const groups = this.groups()
    groups.delete(nonNamespaceable)
    return groups
  }

  clusterScoped(): readonly Resource[] {
    return this.groups().get(nonNamespaceable) ?? []
  }

  copy(): ResMap {
    return new IndexedResMap(
      this.schemas,
      this.list.map((resource) => resource.copy()),
    )
  }

  shallowCopy(): ResMap {
    return new IndexedResMap(this.schemas, [...this.list])
  }

  private absorb(resource: Resource): void {
    resource.schemas ??= this.schemas
    const id = resource.currentId()
    const matches = this.withAnyId(id)
    const { behavior } = resource
    const [old] = matches
    if (old === undefined) {
      if (behavior === 'merge' || behavior === 'replace')
        throw new BuildError('IdConflict', `id ${resIdGoText(id)} does not exist; cannot merge or replace`)
      this.append(resource)
      return
    }
    if (matches.length > 1)
      throw new BuildError(
        'IdConflict',
        `found multiple objects [${matches.map(resourceJson).join(' ')}] that could accept merge of ${resIdText(id)}`,
      )
    if (behavior !== 'merge' && behavior !== 'replace')
      throw new BuildError(
        'IdConflict',
        `id ${resIdGoText(id)} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
      )
    resource.mergeMetadataFrom(old)
    if (behavior === 'merge') {
      resource.mergeDataFrom(old)
      if (old.origin !== null) resource.origin = old.origin
    }
    this.replace(resource)
  }

  private currentIndex(): Map<string, Resource[]> {
    if (this.current !== null) return this.current
    const index = new Map<string, Resource[]>()
    for (const resource of this.list) addTo(index, resIdKey(resource.currentId()), resource)
    this.current = index
    return index
  }

  private groups(): Map<string, Resource[]> {
    const groups = new Map<string, Resource[]>()
    for (const resource of this.list) addTo(groups, effectiveNamespace(resource.currentId()), resource)
    return groups
  }
}

function addToAnyIndex(index: Map<string, Resource[]>, resource: Resource): void {
  if (resource.isEmpty()) return
  for (const id of resource.previous()) addTo(index, resIdKey(id), resource)
  addTo(index, resIdKey(resource.currentId()), resource)
}

/** A resource stands once under a key, though several of its ids may be equal. */
function addTo(index: Map<string, Resource[]>, key: string, resource: Resource): void {
  const present = index.get(key)
  if (present === undefined) index.set(key, [resource])
  else if (present[present.length - 1] !== resource) present.push(resource)
}

/** Equal as Go compares the two structs: `default` and '' differ here. */
function isSameId(a: ResId, b: ResId): boolean {
  return resIdEquals(a, b) && a.namespace === b.namespace
}
