/**
 * One object of a build: its node tree and what the build must remember about it. Upstream keeps these as internal annotations and strips
 * them at the end; here they are fields, so ids cost nothing and nothing can leak into the output. What upstream's way makes visible is
 * kept: an object that is remembered something of has a `metadata.annotations` map from then on, so that a JSON patch may add to it.
 */
import { BuildPanic } from '../build-error.ts'
import { scopeOf } from '../schema/builtin-scopes.ts'
import type { SchemaSet } from '../schema/schema.ts'
import { wrongKind } from '../merge/node-kind.ts'
import { makeUntagged } from '../yaml/untagged.ts'
import {
  MapNode,
  cloneNode,
  fieldIndex,
  getField,
  getMap,
  getText,
  ScalarNode,
  removeField,
  setField,
} from '../yaml/node.ts'
import { makeFieldScalar } from '../merge/scalar-style.ts'
import type { Gvk } from './gvk.ts'
import { apiVersionOf, gvkOf } from './gvk.ts'
import type { ResId } from './res-id.ts'
import type { IdLists, PreviousId } from './previous-ids.ts'
import { entriesOf, PreviousIds } from './previous-ids.ts'
import { effectiveNamespace } from './res-id.ts'
import { pairs, stringMap, texts } from './text-pairs.ts'

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

const noScope = { apiVersion: '', kind: '', schemas: null, isScoped: false }

export class Resource {
  node: MapNode
  namePrefixes: string[] = []
  nameSuffixes: string[] = []
  behavior: GeneratorBehavior = 'unspecified'
  /** A behavior was set, though it may be `unspecified`. */
  isGenerated = false
  needsHashSuffix = false
  allowsNameChange = false
  allowsKindChange = false
  /** Current ids of the resources whose fields name this one. */
  refBy: ResId[] = []
  /** Names of vars that read from this resource. */
  refVarNames: string[] = []
  /** The file that it was read from, or that asked for it; null if unknown. */
  file: string | null = null
  origin: Origin | null = null
  transformations: Origin[] = []
  /** Where scopes of custom kinds are known; set by the ResMap that holds the resource. */
  schemas: SchemaSet | null = null

  private readonly formerIds = new PreviousIds()
  private knownScope: {
    readonly apiVersion: string
    readonly kind: string
    readonly schemas: SchemaSet | null
    readonly isScoped: boolean
  } = noScope

  constructor(node: MapNode) {
    this.node = node
  }

  /** Oldest first; the first one is the original id. Throws BuildPanic where upstream's lists of them do not agree. */
  get previousIds(): PreviousId[] {
    return this.formerIds.ids()
  }

  /** What is remembered of former ids, also where that makes none. */
  get idLists(): IdLists {
    return this.formerIds.lists()
  }

  set idLists(lists: IdLists) {
    this.formerIds.setLists(lists)
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

  /** True if the kind certainly has no namespace, by the builtin table or by the build's own schema. */
  get isClusterScoped(): boolean {
    return this.scopeOf(this.apiVersion, this.kind)
  }

  setGvk(gvk: Gvk): void {
    setText(this.node, 'apiVersion', apiVersionOf(gvk))
    setText(this.node, 'kind', gvk.kind)
  }

  setKind(kind: string): void {
    setText(this.node, 'kind', kind)
  }

  setName(name: string): void {
    setText(this.metadata(), 'name', name)
  }

  /** '' removes the field. */
  setNamespace(namespace: string): void {
    if (namespace !== '') setText(this.metadata(), 'namespace', namespace)
    else {
      const metadata = getMap(this.node, 'metadata')
      if (metadata !== null) removeField(metadata, 'namespace')
    }
  }

  /** `metadata.labels` or `metadata.annotations` as plain pairs, in the order of the node. */
  labels(): ReadonlyMap<string, string> {
    return pairs(getMap(this.node, 'metadata'), 'labels')
  }

  /** Text of one annotation; '' if there is none. */
  annotation(name: string): string {
    const metadata = getMap(this.node, 'metadata')
    const annotations = metadata === null ? undefined : getField(metadata, 'annotations')
    if (annotations?.kind === 'sequence') return this.annotations().get(name) ?? ''
    return annotations?.kind === 'map' ? getText(annotations, name) : ''
  }

  annotations(): ReadonlyMap<string, string> {
    return pairs(getMap(this.node, 'metadata'), 'annotations')
  }

  /** Throws BuildPanic where labels or annotations cannot be read; selectors read them even if they ask for none. */
  requirePairs(): void {
    const metadata = getMap(this.node, 'metadata')
    if (metadata === null) return
    if (getField(metadata, 'annotations')?.kind === 'sequence') this.annotations()
    if (getField(metadata, 'labels')?.kind === 'sequence') this.labels()
  }

  /** Writes the map anew: all values strings; the field goes when there is none (kyaml's `SetLabels`, `SetAnnotations`). */
  setLabels(labels: ReadonlyMap<string, string>): void {
    this.setPairs('labels', labels)
  }

  setAnnotations(annotations: ReadonlyMap<string, string>): void {
    this.setPairs('annotations', annotations)
  }

  currentId(): ResId {
    const { apiVersion, kind } = this
    const { group, version } = gvkOf(apiVersion, kind)
    const metadata = getMap(this.node, 'metadata')
    const name = metadata === null ? '' : getText(metadata, 'name')
    const namespace = metadata === null ? '' : getText(metadata, 'namespace')
    return { group, version, kind, name, namespace, isClusterScoped: this.scopeOf(apiVersion, kind) }
  }

  originalId(): ResId {
    const first = this.previousIds[0]
    if (first === undefined) return this.currentId()
    const { group, version } = this.gvk
    return { group, version, kind: first.kind, name: first.name, namespace: first.namespace }
  }

  previous(): readonly ResId[] {
    const { previousIds } = this
    if (previousIds.length === 0) return []
    const { group, version } = this.gvk
    return previousIds.map(({ namespace, name, kind }) => ({ group, version, kind, name, namespace }))
  }

  /** Remembers the id as it stands, before a transformer changes name, namespace or kind. */
  storePreviousId(): void {
    const id = this.currentId()
    this.ensureAnnotations()
    this.formerIds.add({ namespace: effectiveNamespace(id), name: id.name, kind: id.kind })
  }

  addNamePrefix(prefix: string): void {
    if (prefix === '') return
    this.ensureAnnotations()
    this.namePrefixes.push(...entriesOf(prefix))
  }

  addNameSuffix(suffix: string): void {
    if (suffix === '') return
    this.ensureAnnotations()
    this.nameSuffixes.push(...entriesOf(suffix))
  }

  addRefBy(id: ResId): void {
    this.ensureAnnotations()
    this.refBy.push(id)
  }

  enableHashSuffix(): void {
    this.ensureAnnotations()
    this.needsHashSuffix = true
  }

  setBehavior(behavior: GeneratorBehavior): void {
    this.ensureAnnotations()
    this.behavior = behavior
    this.isGenerated = true
  }

  allowNameChange(): void {
    this.ensureAnnotations()
    this.allowsNameChange = true
  }

  allowKindChange(): void {
    this.ensureAnnotations()
    this.allowsKindChange = true
  }

  /**
   * Gives the object a `metadata.annotations` map where it has none, as upstream's first internal annotation does. Throws BuildPanic where
   * there is a list, which takes none.
   */
  ensureAnnotations(): void {
    const metadata = this.metadata()
    const index = fieldIndex(metadata, 'annotations')
    if (index < 0) setField(metadata, 'annotations', new MapNode())
    else {
      const present = metadata.values[index]!
      if (present.kind === 'scalar') metadata.values[index] = new MapNode()
      else if (present.kind === 'sequence') {
        pairs(metadata, 'annotations')
        throw new BuildPanic(wrongKind(present, 'map').message)
      }
    }
  }

  isEmpty(): boolean {
    return this.node.keys.length === 0
  }

  /** A copy that shares nothing with this one. */
  copy(): Resource {
    const copied = new Resource(cloneNode(this.node))
    copied.copyStateFrom(this)
    copied.refVarNames = [...this.refVarNames]
    copied.file = this.file
    copied.origin = this.origin
    copied.transformations = [...this.transformations]
    copied.schemas = this.schemas
    return copied
  }

  /**
   * Takes over identity, labels, annotations and build state of the object that this one replaces or is merged into; own labels and
   * annotations win (upstream's `CopyMergeMetaDataFieldsFrom`).
   */
  mergeMetadataFrom(older: Resource): void {
    const hadHashSuffix = this.needsHashSuffix
    this.setLabels(new Map([...older.labels(), ...this.labels()]))
    this.setAnnotations(new Map([...older.annotations(), ...this.annotations()]))
    this.copyStateFrom(older)
    this.needsHashSuffix = hadHashSuffix && older.needsHashSuffix
    this.origin ??= older.origin
    if (this.transformations.length === 0) this.transformations = [...older.transformations]
    this.refVarNames = [...older.refVarNames]
    if (this.hasState()) this.ensureAnnotations()
    this.setName(older.name)
    this.setNamespace(older.namespace)
  }

  /** Fills `data` and `binaryData` with the older object's entries that this one does not have. */
  mergeDataFrom(older: Resource): void {
    this.mergeStringMap('data', older)
    this.mergeStringMap('binaryData', older)
  }

  /** True if upstream would hold an internal annotation on the object. */
  hasState(): boolean {
    return (
      !this.formerIds.isEmpty ||
      this.namePrefixes.length > 0 ||
      this.nameSuffixes.length > 0 ||
      this.isGenerated ||
      this.behavior !== 'unspecified' ||
      this.needsHashSuffix ||
      this.allowsNameChange ||
      this.allowsKindChange ||
      this.refBy.length > 0
    )
  }

  /** Ids are asked for far more often than kinds change. */
  private scopeOf(apiVersion: string, kind: string): boolean {
    const known = this.knownScope
    if (known.apiVersion === apiVersion && known.kind === kind && known.schemas === this.schemas) return known.isScoped
    const isNamespaced = scopeOf(apiVersion, kind) ?? this.schemas?.isNamespaced(apiVersion, kind)
    const isScoped = isNamespaced === false
    this.knownScope = { apiVersion, kind, schemas: this.schemas, isScoped }
    return isScoped
  }

  private copyStateFrom(other: Resource): void {
    this.formerIds.copyFrom(other.formerIds)
    this.namePrefixes = [...other.namePrefixes]
    this.nameSuffixes = [...other.nameSuffixes]
    this.behavior = other.behavior
    this.isGenerated = other.isGenerated
    this.needsHashSuffix = other.needsHashSuffix
    this.allowsNameChange = other.allowsNameChange
    this.allowsKindChange = other.allowsKindChange
    this.refBy = [...other.refBy]
  }

  private mergeStringMap(field: string, older: Resource): void {
    const merged = new Map([...texts(older.node, field), ...texts(this.node, field)])
    removeField(this.node, field)
    if (merged.size > 0) setField(this.node, field, stringMap(merged))
  }

  private setPairs(field: string, values: ReadonlyMap<string, string>): void {
    const metadata = this.metadata()
    removeField(metadata, field)
    if (values.has('')) throw wrongKind(new MapNode(), 'scalar')
    if (values.size > 0) setField(metadata, field, stringMap(values))
  }

  private metadata(): MapNode {
    const found = getMap(this.node, 'metadata')
    if (found !== null) return found
    const created = new MapNode()
    setField(this.node, 'metadata', created)
    return created
  }
}

/** Keeps how the present text is written: a quoted name stays a string whatever it looks like. New ones are quoted where they must be. */
function setText(map: MapNode, key: string, text: string): void {
  const present = getField(map, key)
  const style = present?.kind === 'scalar' ? present.style : 'plain'
  if (present === undefined) setField(map, key, makeFieldScalar(text))
  else setField(map, key, style === 'plain' ? makeUntagged(text) : new ScalarNode(text, '!!str', style, 0))
}
