/**
 * Decodes YAML into a Go struct and writes it back, as `yaml.Unmarshal` and `yaml.Marshal` of sigs.k8s.io/yaml do: unknown keys vanish,
 * keys match in any case, scalars become text where the field is text, empty fields are left out. A struct is described by data; decoding gives
 * what marshalling would print.
 */
import { BuildError, wrapping } from '../kustomize/build-error.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import type { YamlNode } from '../kustomize/yaml/node.ts'
import type { Shape, StructShape } from './go-shape.ts'
import { findField } from './go-shape.ts'
import { yamlToJson } from './yaml-to-json.ts'

/**
 * Decodes a YAML document (read in the v2 dialect) into the struct and gives its marshalled form. `initial` holds
 * fields that are set before. Throws BuildError InvalidKustomization with encoding/json's text.
 */
export function decodeStruct(node: YamlNode, struct: StructShape, initial: Iterable<[string, GoValue]> = []): GoMap {
  const result: GoMap = new Map(initial)
  const json = wrapping('error converting YAML to JSON', () => yamlToJson(node, struct))
  if (json === null) return result
  if (!(json instanceof Map)) throw mismatch(json, struct, null, [])
  fillStruct(result, json, struct, shortName(struct), [])
  return result
}

function fillStruct(into: GoMap, json: GoMap, struct: StructShape, structName: string, path: readonly string[]): void {
  // encoding/json reads the keys in the order that json.Marshal wrote them.
  for (const key of [...json.keys()].sort()) {
    const field = findField(struct, key)
    if (field === undefined) continue
    const value = json.get(key)!
    if (value === null) {
      if (field.shape.kind === 'list' || field.shape.kind === 'map' || field.shape.kind === 'pointer')
        into.delete(field.name)
      continue
    }
    into.set(
      field.name,
      decodeValue(
        value,
        field.shape,
        structName,
        [...path, ...field.embedded.map(shortName), field.name],
        into.get(field.name),
      ),
    )
  }
  for (const field of struct.fields) {
    const value = into.get(field.name)
    if (!field.isOmittedWhenEmpty) {
      if (value === undefined) into.set(field.name, zeroOf(field.shape))
    } else if (field.shape.kind === 'struct') {
      if (value === undefined) into.set(field.name, zeroOf(field.shape))
    } else if (value !== undefined && isEmpty(value, field.shape)) into.delete(field.name)
  }
}

function decodeValue(
  value: GoValue,
  shape: Shape,
  structName: string,
  path: readonly string[],
  before?: GoValue,
): GoValue {
  switch (shape.kind) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, shape, structName, path)
      return value
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(value, shape, structName, path)
      return value
    case 'int':
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return value
      throw mismatch(value, shape, structName, path)
    case 'any':
      return value
    case 'pointer':
      return decodeValue(value, shape.of, structName, path, before)
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, shape, structName, path)
      return value.map((item) => (item === null ? zeroOf(shape.of) : decodeValue(item, shape.of, structName, path)))
    case 'map': {
      if (!(value instanceof Map)) throw mismatch(value, shape, structName, path)
      const result: GoMap = new Map(before instanceof Map ? before : [])
      for (const [key, item] of value)
        result.set(key, item === null ? zeroOf(shape.of) : decodeValue(item, shape.of, structName, path))
      return result
    }
    case 'struct': {
      if (!(value instanceof Map)) throw mismatch(value, shape, structName, path)
      const result: GoMap = new Map(before instanceof Map ? before : [])
      fillStruct(result, value, shape, shortName(shape), path)
      return result
    }
  }
}

function zeroOf(shape: Shape): GoValue {
  switch (shape.kind) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int':
      return 0
    case 'struct': {
      const result: GoMap = new Map()
      for (const field of shape.fields)
        if (!field.isOmittedWhenEmpty || field.shape.kind === 'struct') result.set(field.name, zeroOf(field.shape))
      return result
    }
    default:
      return null
  }
}

function isEmpty(value: GoValue, shape: Shape): boolean {
  if (shape.kind === 'pointer') return value === null
  if (value === null || value === '' || value === false || value === 0) return true
  return Array.isArray(value) ? value.length === 0 : value instanceof Map && shape.kind === 'map' && value.size === 0
}

function shortName(struct: StructShape): string {
  return struct.type.slice(struct.type.lastIndexOf('.') + 1)
}

function mismatch(value: GoValue, shape: Shape, structName: string | null, path: readonly string[]): BuildError {
  const found =
    typeof value === 'string'
      ? 'string'
      : typeof value === 'boolean'
        ? 'bool'
        : value instanceof Map
          ? 'object'
          : Array.isArray(value)
            ? 'array'
            : shape.kind === 'int'
              ? `number ${String(value)}`
              : 'number'
  const where = structName === null ? `Go value of type ` : `Go struct field ${structName}.${path.join('.')} of type `
  return new BuildError(
    'InvalidKustomization',
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into ${where}${shape.type}`,
  )
}
