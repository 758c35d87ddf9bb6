/**
 * The schema that kustomize embeds (Kubernetes v1.21.2 and kustomize's own kinds), decoded from the generated facts when first asked for.
 * It is the same for every build and never changes.
 *
 * Owned by schema/: how lists merge and which kinds have a namespace, from the embedded document, `openapi:` files and the crds files'
 * hints. It must not know patches or resources.
 */
import { builtinDefinitions, kustomizeDefinitions, propertyNames, strategies } from './builtin-schema-data.ts'
import type { Definition, SchemaDocument, SchemaSource } from './definitions.ts'
import { bareSource, SchemaIndex } from './definitions.ts'
import type { SchemaSet } from './schema.ts'

/** The only version that kustomize embeds: `openapi.version` may name no other. */
export const builtinVersion = 'v1.21.2'

let kubernetes: SchemaDocument | null = null
let kustomize: SchemaDocument | null = null
let both: SchemaIndex | null = null

/** The embedded Kubernetes document. */
export function kubernetesDocument(): SchemaDocument {
  return (kubernetes ??= readDocument(builtinDefinitions))
}

/** The embedded document of kustomize's own kinds, which upstream adds to whatever schema is in use. */
export function kustomizeDocument(): SchemaDocument {
  return (kustomize ??= readDocument(kustomizeDefinitions))
}

/** The embedded schema: what a build without `openapi:` uses. */
export function builtinSchemas(): SchemaSet {
  return (both ??= new SchemaIndex([kubernetesDocument(), kustomizeDocument()]))
}

function readDocument(text: string): SchemaDocument {
  const lines = text.trim().split('\n')
  const names: string[] = []
  let prefix = ''
  for (const line of lines) {
    const shown = line.slice(0, line.indexOf('|'))
    const name = shown.startsWith('^') ? prefix + shown.slice(1) : shown
    prefix = name.slice(0, name.lastIndexOf('.') + 1)
    names.push(name)
  }
  const definitions = lines.map((line, index) => readDefinition(names, index, line))
  return { definitions, scopes: new Map() }
}

function readDefinition(names: readonly string[], index: number, line: string): Definition {
  const name = names[index]!
  const [, type, kinds] = line.split('|')
  let source: SchemaSource | null = null
  return {
    name,
    kinds: kinds === undefined ? [] : readKinds(kinds, name.slice(name.lastIndexOf('.') + 1)),
    source: () => (source ??= new TypeReader(type!, names).read()),
  }
}

function readKinds(text: string, ownKind: string): string[] {
  return text.split(';').flatMap((group) => {
    const colon = group.indexOf(':')
    const kind = colon === 0 ? ownKind : group.slice(0, colon)
    return group
      .slice(colon + 1)
      .split(',')
      .map((apiVersion) => `${apiVersion} ${kind}`)
  })
}

let names: readonly string[] | null = null
let strategyList: readonly Pick<SchemaSource, 'patchStrategy' | 'mergeKeys'>[] | null = null

function readStrategies(): readonly Pick<SchemaSource, 'patchStrategy' | 'mergeKeys'>[] {
  return strategies.split(' ').map((text) => {
    const [patchStrategy = '', keys = ''] = text.split(':')
    return { patchStrategy, mergeKeys: keys === '' ? [] : keys.split('+') }
  })
}

/** Reads the notation that builtin-schema-data.ts describes. */
class TypeReader {
  private readonly text: string
  private readonly definitionNames: readonly string[]
  private at = 0

  constructor(text: string, definitionNames: readonly string[]) {
    this.text = text
    this.definitionNames = definitionNames
  }

  read(): SchemaSource {
    const char = this.text[this.at]
    if (char === '!') {
      this.at++
      const strategy = (strategyList ??= readStrategies())[this.number()]!
      return { ...this.read(), ...strategy }
    }
    switch (char) {
      case '-':
        this.at++
        return bareSource
      case '~':
        this.at++
        return { ...bareSource, reference: `#/definitions/${this.definitionNames[this.number()]!}` }
      case '[':
        this.at++
        return { ...bareSource, isList: true, items: this.isAtType() ? this.read() : null }
      case '{':
        this.at++
        return { ...bareSource, additional: this.read() }
      case '(':
        return this.object()
      default:
        throw new Error(`embedded schema: ${this.text} at ${this.at}`)
    }
  }

  private object(): SchemaSource {
    const properties = new Map<string, SchemaSource>()
    names ??= propertyNames.split(' ')
    do {
      this.at++
      const name = names[this.number()]!
      properties.set(name, this.isAtType() ? this.read() : bareSource)
    } while (this.text[this.at] === ',')
    this.at++
    return { ...bareSource, properties }
  }

  private isAtType(): boolean {
    const char = this.text[this.at]
    return char !== undefined && '!-~[{('.includes(char)
  }

  private number(): number {
    const start = this.at
    while (/[0-9a-z]/.test(this.text[this.at] ?? '')) this.at++
    return Number.parseInt(this.text.slice(start, this.at), 36)
  }
}
