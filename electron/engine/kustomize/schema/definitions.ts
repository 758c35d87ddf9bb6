/**
 * Definitions of OpenAPI documents and the schema types read from them. A definition is decoded when it is first asked for, and a type
 * once per index, so that a build pays only for the kinds that it patches.
 *
 * Semantics: kyaml's openapi package (`Field`, `Elements`, `PatchStrategyAndKeyList`), which follows `$ref` by name when it is met.
 */
import type { SchemaSet, SchemaType } from './schema.ts'
import { scopeOf } from './builtin-scopes.ts'

/** A schema as written: a reference is not followed. */
export interface SchemaSource {
  /** JSON pointer of the schema that stands here, `#/definitions/NAME`; '' if this is the schema itself. */
  readonly reference: string
  readonly isList: boolean
  readonly items: SchemaSource | null
  readonly properties: ReadonlyMap<string, SchemaSource> | null
  /** Of a map's values, where its keys are free. */
  readonly additional: SchemaSource | null
  readonly patchStrategy: string
  readonly mergeKeys: readonly string[]
}

/** A schema that says nothing but exists. */
export const bareSource: SchemaSource = {
  reference: '',
  isList: false,
  items: null,
  properties: null,
  additional: null,
  patchStrategy: '',
  mergeKeys: [],
}

export interface Definition {
  readonly name: string
  /** `apiVersion kind` of every kind that has this schema. */
  readonly kinds: readonly string[]
  source(): SchemaSource
}

/** What a build reads of one OpenAPI document. */
export interface SchemaDocument {
  readonly definitions: readonly Definition[]
  /** By `apiVersion kind`: true if namespaced. */
  readonly scopes: ReadonlyMap<string, boolean>
}

/** Several documents as one set; of two definitions with one name, or one kind, the later document's stands. */
export class SchemaIndex implements SchemaSet {
  private readonly definitions = new Map<string, Definition>()
  private readonly kinds = new Map<string, Definition>()
  private readonly scopes = new Map<string, boolean>()
  private readonly types = new Map<SchemaSource, SchemaType>()

  constructor(documents: readonly SchemaDocument[]) {
    for (const document of documents) {
      for (const definition of document.definitions) {
        this.definitions.set(definition.name, definition)
        for (const kind of definition.kinds) this.kinds.set(kind, definition)
      }
      for (const [kind, isNamespaced] of document.scopes) {
        if (isNamespaced || !this.scopes.has(kind)) this.scopes.set(kind, isNamespaced)
      }
    }
  }

  forKind(apiVersion: string, kind: string): SchemaType | null {
    const definition = this.kinds.get(`${apiVersion} ${kind}`)
    return definition === undefined ? null : this.typeOf(definition.source())
  }

  isNamespaced(apiVersion: string, kind: string): boolean | null {
    return scopeOf(apiVersion, kind) ?? this.scopes.get(`${apiVersion} ${kind}`) ?? null
  }

  /** The type of a schema, its references followed; null where one leads nowhere. */
  resolve(source: SchemaSource | null | undefined): SchemaType | null {
    let current = source
    for (let steps = 0; current && current.reference !== ''; steps++) {
      // A ring of references never ends upstream.
      if (steps > 100) return null
      current = this.follow(current.reference)
    }
    return current ? this.typeOf(current) : null
  }

  private typeOf(source: SchemaSource): SchemaType {
    let type = this.types.get(source)
    if (type === undefined) this.types.set(source, (type = new IndexedType(source, this)))
    return type
  }

  private follow(reference: string): SchemaSource | null {
    const hash = reference.indexOf('#')
    const steps = (hash < 0 ? '' : reference.slice(hash + 1)).split('/').map(unescapePointer)
    if (steps.length < 3 || steps[0] !== '' || steps[1] !== 'definitions') {
      return steps.length === 1 && steps[0] === '' ? bareSource : null
    }
    let source: SchemaSource | null = this.definitions.get(steps[2]!)?.source() ?? null
    for (let i = 3; i < steps.length && source !== null; i++) {
      if (steps[i] === 'properties') source = source.properties?.get(steps[++i] ?? '') ?? null
      else if (steps[i] === 'items') source = source.items
      else if (steps[i] === 'additionalProperties') source = source.additional
      else source = null
    }
    return source
  }
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

class IndexedType implements SchemaType {
  readonly patchStrategy: string
  readonly mergeKeys: readonly string[]
  private readonly source: SchemaSource
  private readonly index: SchemaIndex
  private readonly fields = new Map<string, SchemaType | null>()
  private itemType: SchemaType | null | undefined

  constructor(source: SchemaSource, index: SchemaIndex) {
    this.source = source
    this.index = index
    this.patchStrategy = source.patchStrategy
    this.mergeKeys = source.mergeKeys
  }

  field(name: string): SchemaType | null {
    const property = this.source.properties?.get(name)
    // Keys of free maps are not remembered: there is no end of them.
    if (property === undefined) return this.index.resolve(this.source.additional)
    let type = this.fields.get(name)
    if (type === undefined) this.fields.set(name, (type = this.index.resolve(property)))
    return type
  }

  items(): SchemaType | null {
    if (!this.source.isList) return null
    this.itemType ??= this.index.resolve(this.source.items)
    return this.itemType
  }
}
