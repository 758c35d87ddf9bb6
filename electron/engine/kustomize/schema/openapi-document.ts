/**
 * Reads the file that `openapi.path` names: an OpenAPI v2 document, JSON or YAML, of which the definitions and the scopes that its paths tell
 * are kept. Semantics: kyaml's openapi.parse and findNamespaceability.
 */
import { BuildError } from '../build-error.ts'
import { decodeJson } from '../yaml/go-json.ts'
import type { GoMap, GoValue } from '../yaml/go-value.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'
import type { Definition, SchemaDocument, SchemaSource } from './definitions.ts'
import { bareSource } from './definitions.ts'

const gvkExtension = 'x-kubernetes-group-version-kind'

/** Throws BuildError InvalidKustomization or InvalidYaml if the text is no JSON or YAML map. Definitions are read when they are asked for. */
export function readOpenApiDocument(text: string): SchemaDocument {
  const document = text.startsWith('{') ? decodeJson(text) : readYaml(text)
  if (!(document instanceof Map)) {
    throw new BuildError('InvalidKustomization', 'the OpenAPI document is no JSON or YAML object')
  }
  const definitions: Definition[] = []
  for (const [name, schema] of mapAt(document, 'definitions')) {
    let source: SchemaSource | null = null
    const kinds = schema instanceof Map ? readKinds(schema.get(gvkExtension)) : []
    definitions.push({ name, kinds, source: () => (source ??= readSchema(schema)) })
  }
  return { definitions, scopes: readScopes(mapAt(document, 'paths')) }
}

function readYaml(text: string): GoValue {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  if (node === undefined) throw new BuildError('InvalidKustomization', 'unexpected end of JSON input')
  return nodeToGoValue(node, { dialect: 'v2' })
}

function mapAt(parent: GoMap, key: string): GoMap {
  const value = parent.get(key)
  return value instanceof Map ? value : new Map()
}

function textAt(parent: GoMap, key: string): string {
  const value = parent.get(key)
  return typeof value === 'string' ? value : ''
}

function readKinds(extension: GoValue | undefined): string[] {
  if (!Array.isArray(extension)) return []
  return extension.map(readKind).filter((kind) => kind !== null)
}

/** `apiVersion kind`, null for what is no group, version and kind. */
function readKind(value: GoValue | undefined): string | null {
  if (!(value instanceof Map)) return null
  const group = textAt(value, 'group')
  const version = textAt(value, 'version')
  return `${group === '' ? version : `${group}/${version}`} ${textAt(value, 'kind')}`
}

function readSchema(value: GoValue | undefined): SchemaSource {
  if (!(value instanceof Map)) return bareSource
  const type = value.get('type')
  const properties = value.get('properties')
  const additional = value.get('additionalProperties')
  const items = value.get('items')
  const patchStrategy = textAt(value, 'x-kubernetes-patch-strategy')
  return {
    reference: textAt(value, '$ref'),
    isList: type === 'array' || (Array.isArray(type) && type.length === 1 && type[0] === 'array'),
    items: items instanceof Map ? readSchema(items) : null,
    properties:
      properties instanceof Map ? new Map([...properties].map(([name, inner]) => [name, readSchema(inner)])) : null,
    additional: additional instanceof Map ? readSchema(additional) : null,
    patchStrategy,
    mergeKeys: patchStrategy === '' ? [] : readMergeKeys(value),
  }
}

function readMergeKeys(schema: GoMap): string[] {
  const keys = schema.get('x-kubernetes-list-map-keys')
  if (Array.isArray(keys)) return keys.filter((key) => typeof key === 'string')
  const key = schema.get('x-kubernetes-patch-merge-key')
  return typeof key === 'string' ? [key] : []
}

function readScopes(paths: GoMap): Map<string, boolean> {
  const scopes = new Map<string, boolean>()
  for (const [path, item] of paths) {
    const get = item instanceof Map ? item.get('get') : undefined
    const kind = get instanceof Map ? readKind(get.get(gvkExtension)) : null
    if (kind === null) continue
    if (path.includes('namespaces/{namespace}')) scopes.set(kind, true)
    else if (!scopes.has(kind)) scopes.set(kind, false)
  }
  return scopes
}
