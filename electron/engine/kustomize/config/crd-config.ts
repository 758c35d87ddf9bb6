/**
 * What OpenAPI definitions say of custom kinds through `x-kubernetes-*` extensions of their properties: which fields are annotations,
 * label selectors or names, and which name another object.
 *
 * Semantics: kustomize's LoadConfigFromCRDs. Definitions refer to each other by `$ref`, whose text is a definition's name.
 */
import { BuildError, wrapping } from '../build-error.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { makeFieldSpec, mergeFieldSpec } from '../field-spec/field-spec.ts'
import type { MapNode } from '../yaml/node.ts'
import { getField, getMap } from '../yaml/node.ts'
import { decodeJson } from '../yaml/go-json.ts'
import { parseDocuments } from '../yaml/parse.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { emptyTransformerConfig, mergeNameReferences, mergeTransformerConfigs } from './transformer-config.ts'

/** Deeper references are taken for a cycle: upstream would never return. */
const maxDepth = 100

type MutableConfig = { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] }

/** Field specs of the kinds that `text` (YAML or JSON) defines. Throws BuildError naming `path`. */
export function readCrdConfig(text: string, path: string): TransformerConfig {
  const definitions = wrapping(`unable to parse open API definition from '${path}'`, () => readDefinitions(text))
  let config = emptyTransformerConfig
  for (const [name, properties] of definitions) {
    if (!['kind', 'apiVersion', 'metadata'].every((field) => getField(properties, field) !== undefined)) continue
    const found: MutableConfig = { ...emptyTransformerConfig }
    const kind = name.slice(name.lastIndexOf('.') + 1)
    collect(found, kind, definitions, name, [])
    config = mergeTransformerConfigs(config, found)
  }
  return config
}

/** Properties of each definition by its name. */
function readDefinitions(text: string): Map<string, MapNode> {
  // JSON is read as JSON, with its own words for what is wrong.
  if (text.startsWith('{')) decodeJson(text)
  const [document] = parseDocuments(text, { dialect: 'v2' })
  const result = new Map<string, MapNode>()
  if (document === undefined) return result
  if (document.kind !== 'map') {
    const type = document.kind === 'sequence' ? 'array' : 'string'
    const message = `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type accumulator.nameToApiMap`
    throw new BuildError('InvalidKustomization', message)
  }
  document.keys.forEach((key, index) => {
    const definition = document.values[index]!
    if (key.kind !== 'scalar' || definition.kind !== 'map') return
    const schema = getMap(definition, 'Schema') ?? getMap(definition, 'schema')
    const properties = schema === null ? null : getMap(schema, 'properties')
    if (properties !== null) result.set(key.value, properties)
  })
  return result
}

function collect(
  config: MutableConfig,
  kind: string,
  definitions: ReadonlyMap<string, MapNode>,
  typeName: string,
  path: readonly string[],
): void {
  if (path.length > maxDepth) {
    throw new BuildError(
      'LimitExceeded',
      `definitions of ${kind} refer to each other more than ${maxDepth} levels deep`,
    )
  }
  const properties = definitions.get(typeName)
  if (properties === undefined) return
  properties.keys.forEach((key, index) => {
    const property = properties.values[index]!
    if (key.kind !== 'scalar' || property.kind !== 'map') return
    const here = [...path, key.value]
    const spec = (...more: string[]): FieldSpec => makeFieldSpec([...here, ...more].join('/'), { kind })
    if (extension(property, 'annotation') !== null)
      config.commonAnnotations = mergeFieldSpec(config.commonAnnotations, spec())
    if (extension(property, 'label-selector') !== null)
      config.commonLabels = mergeFieldSpec(config.commonLabels, spec())
    if (extension(property, 'identity') !== null) config.namePrefix = mergeFieldSpec(config.namePrefix, spec())
    const version = extension(property, 'object-ref-api-version')
    const target = extension(property, 'object-ref-kind')
    if (version !== null && target !== null) {
      const nameKey = extension(property, 'object-ref-name-key') ?? 'name'
      const reference = { group: '', version, kind: target, referrers: [spec(nameKey)] }
      config.nameReference = mergeNameReferences(config.nameReference, [reference])
    }
    const ref = getField(property, '$ref')
    if (ref?.kind === 'scalar') collect(config, kind, definitions, ref.value, here)
  })
}

/** Text of `x-kubernetes-NAME` (in any case), null where it is missing or no string. */
function extension(property: MapNode, name: string): string | null {
  const wanted = `x-kubernetes-${name}`
  for (const [index, key] of property.keys.entries()) {
    if (key.kind !== 'scalar' || key.value.toLowerCase() !== wanted) continue
    const value = property.values[index]!
    return value.kind === 'scalar' && value.tag === '!!str' ? value.value : null
  }
  return null
}
