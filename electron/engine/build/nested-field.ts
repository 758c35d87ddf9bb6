/** Reads fields of a manifest as apimachinery's `unstructured.Nested*` do, with its error texts: the controller reads `spec` through them. */
import { BuildError } from '../kustomize/build-error.ts'
import { quoteGo } from '../kustomize/selector/quote-go.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import { formatFloatG } from '../kustomize/yaml/go-number.ts'

/** The value at `path`; undefined where a key is missing or a parent is null. Throws BuildError InvalidKustomization. */
export function nestedField(object: GoMap, ...path: readonly string[]): GoValue | undefined {
  let value: GoValue = object
  for (let i = 0; i < path.length; i++) {
    if (value === null) return undefined
    if (!(value instanceof Map)) throw accessorFault(path.slice(0, i + 1), value, 'map[string]interface{}')
    const next: GoValue | undefined = value.get(path[i]!)
    if (next === undefined) return undefined
    value = next
  }
  return value
}

export function nestedString(object: GoMap, ...path: readonly string[]): string | undefined {
  const value = nestedField(object, ...path)
  if (value === undefined || typeof value === 'string') return value
  throw accessorFault(path, value, 'string')
}

export function nestedList(object: GoMap, ...path: readonly string[]): readonly GoValue[] | undefined {
  const value = nestedField(object, ...path)
  if (value === undefined || Array.isArray(value)) return value
  throw accessorFault(path, value, '[]interface{}')
}

export function nestedStrings(object: GoMap, ...path: readonly string[]): readonly string[] | undefined {
  const list = nestedList(object, ...path)
  if (list === undefined) return undefined
  return list.map((item) => {
    if (typeof item === 'string') return item
    throw fault(
      `${pathText(path)} accessor error: contains non-string key in the slice: ${printGo(item)} is of the type ${typeName(item)}, expected string`,
    )
  })
}

export function nestedStringMap(object: GoMap, ...path: readonly string[]): ReadonlyMap<string, string> | undefined {
  const value = nestedField(object, ...path)
  if (value === undefined) return undefined
  if (!(value instanceof Map)) throw accessorFault(path, value, 'map[string]interface{}')
  const result = new Map<string, string>()
  for (const [key, item] of value) {
    if (typeof item !== 'string')
      throw fault(
        `${pathText(path)} accessor error: contains non-string value in the map under key ${quoteGo(key)}: ${printGo(item)} is of the type ${typeName(item)}, expected string`,
      )
    result.set(key, item)
  }
  return result
}

function accessorFault(path: readonly string[], value: GoValue, expected: string): BuildError {
  return fault(
    `${pathText(path)} accessor error: ${printGo(value)} is of the type ${typeName(value)}, expected ${expected}`,
  )
}

function fault(message: string): BuildError {
  return new BuildError('InvalidKustomization', message)
}

function pathText(path: readonly string[]): string {
  return `.${path.join('.')}`
}

function typeName(value: GoValue): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** The kind of a value as apimachinery's converter names it. */
export function kindOfValue(value: GoValue): string {
  if (Array.isArray(value)) return 'slice'
  if (value instanceof Map) return 'map'
  return typeName(value)
}

/** Go's `%v`. */
function printGo(value: GoValue): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(printGo).join(' ')}]`
  if (value instanceof Map) {
    const keys = [...value.keys()].sort()
    return `map[${keys.map((key) => `${key}:${printGo(value.get(key)!)}`).join(' ')}]`
  }
  return typeof value === 'number' && !Number.isInteger(value) ? formatFloatG(value) : String(value)
}
