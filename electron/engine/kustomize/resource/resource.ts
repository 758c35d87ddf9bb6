/**
 * One object of a build: its node tree and what the build must remember about it. Upstream keeps these as internal annotations and strips
 * them at the end; here they are fields, so ids cost nothing and nothing can leak into the output.
 */
import type { MapNode } from '../yaml/node.ts'
import { getField, getMap, getText, makeString, setField } from '../yaml/node.ts'
import type { Gvk } from './gvk.ts'
import { apiVersionOf, gvkOf } from './gvk.ts'
import type { ResId } from './res-id.ts'
import { makeResId } from './res-id.ts'
import { MapNode as YamlMap } from '../yaml/node.ts'

export type GeneratorBehavior = 'unspecified' | 'create' | 'replace' | 'merge'

/** Where an object, or a change to it, comes from (buildMetadata origin and transformer annotations, and the Repositories view). */
export interface Origin {
  readonly path?: string
  readonly repo?: string
  readonly ref?: string
  readonly configuredIn?: string
  readonly configuredBy?: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly namespace: string
  }
}

export interface PreviousId {
  readonly namespace: string
  readonly name: string
  readonly kind: string
}

export class Resource {
  node: MapNode
  /** Oldest first; the first one is the original id. */
  previousIds: PreviousId[] = []
  namePrefixes: string[] = []
  nameSuffixes: string[] = []
  behavior: GeneratorBehavior = 'unspecified'
  needsHashSuffix = false
  allowsNameChange = false
  allowsKindChange = false
  /** Current ids of the resources whose fields name this one. */
  refBy: ResId[] = []
  /** Names of vars that read from this resource. */
  refVarNames: string[] = []
  origin: Origin | null = null
  transformations: Origin[] = []

  constructor(node: MapNode) {
    this.node = node
  }

  get apiVersion(): string {
    return getText(this.node, 'apiVersion')
  }

  get kind(): string {
    return getText(this.node, 'kind')
  }

  get name(): string {
    const metadata = getMap(this.node, 'metadata')
    return metadata === null ? '' : getText(metadata, 'name')
  }

  get namespace(): string {
    const metadata = getMap(this.node, 'metadata')
    return metadata === null ? '' : getText(metadata, 'namespace')
  }

  get gvk(): Gvk {
    return gvkOf(this.apiVersion, this.kind)
  }

  setGvk(gvk: Gvk): void {
    setField(this.node, 'apiVersion', makeString(apiVersionOf(gvk)))
    setField(this.node, 'kind', makeString(gvk.kind))
  }

  setName(name: string): void {
    setField(this.metadata(), 'name', makeString(name))
  }

  setNamespace(namespace: string): void {
    setField(this.metadata(), 'namespace', makeString(namespace))
  }

  /** `metadata.labels` or `metadata.annotations` as plain pairs, in the order of the node. */
  labels(): ReadonlyMap<string, string> {
    return pairs(getMap(this.node, 'metadata'), 'labels')
  }

  annotations(): ReadonlyMap<string, string> {
    return pairs(getMap(this.node, 'metadata'), 'annotations')
  }

  currentId(): ResId {
    return makeResId(this.gvk, this.name, this.namespace)
  }

  originalId(): ResId {
    const first = this.previousIds[0]
    if (first === undefined) return this.currentId()
    return makeResId({ ...this.gvk, kind: first.kind }, first.name, first.namespace)
  }

  previous(): readonly ResId[] {
    const { group, version } = this.gvk
    return this.previousIds.map(({ namespace, name, kind }) => ({ group, version, kind, name, namespace }))
  }

  /** Remembers the id as it stands, before a transformer changes name, namespace or kind. */
  storePreviousId(): void {
    this.previousIds.push({ namespace: this.namespace, name: this.name, kind: this.kind })
  }

  private metadata(): MapNode {
    const found = getMap(this.node, 'metadata')
    if (found !== null) return found
    const created = new YamlMap()
    setField(this.node, 'metadata', created)
    return created
  }
}

function pairs(metadata: MapNode | null, field: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>()
  const map = metadata === null ? undefined : getField(metadata, field)
  if (map?.kind !== 'map') return result
  map.keys.forEach((key, index) => {
    const value = map.values[index]
    if (key.kind === 'scalar' && value?.kind === 'scalar') result.set(key.value, value.value)
  })
  return result
}
