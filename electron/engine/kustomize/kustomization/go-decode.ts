/**
 * Decodes YAML trees into typed values the way Go's encoding/json decodes into structs: field names match without regard to case, null
 * leaves the zero value, the first fault is reported after everything was read, and unknown fields are faults where asked.
 * Two ways in, as kustomize has: `decodeStrict` (kustomization files: no scalar is converted) and `decodeConfig` (plugin configurations
 * through sigs.k8s.io/yaml: numbers and booleans become text where text is wanted; unknown fields are ignored).
 */
import { BuildError, wrapping } from '../build-error.ts'
import type { GoValue } from '../yaml/go-value.ts'
import type { MapNode, YamlNode } from '../yaml/node.ts'
import type { YamlDialect } from '../yaml/parse.ts'
import { formatFloat32, nodeToGoValue } from '../yaml/to-value.ts'

interface DecodeState {
  readonly refusesUnknown: boolean
  readonly convertsScalars: boolean
  readonly hasExactNames?: boolean
  readonly dialect: YamlDialect
  fault: { message: string; line: number } | null
  /** Name of the struct that is being filled and the field path from the outermost one: what Go puts into its messages. */
  struct: string
  path: string[]
}

/** How one Go type decodes. `goType` is what Go calls it. */
export interface Shape<T> {
  readonly goType: string
  zero(): T
  decode(node: YamlNode, state: DecodeState): T
}

export type ShapeValue<S> = S extends Shape<infer T> ? T : never

/** A struct's field: its shape, and the names of the embedded structs on the way to it. */
export interface Field<T> {
  readonly shape: Shape<T>
  readonly embedded: readonly string[]
}

export function field<T>(shape: Shape<T>, ...embedded: string[]): Field<T> {
  return { shape, embedded }
}

export const text: Shape<string> = namedText('string')

/** A type whose underlying type is string. */
export function namedText(goType: string): Shape<string> {
  return {
    goType,
    zero: () => '',
    decode(node, state) {
      const value = scalarOf(node, state)
      if (typeof value === 'string') return value
      if (value === null) return ''
      const converted = state.convertsScalars ? convertToText(value) : null
      return converted ?? mismatch(node, value, goType, state, '')
    },
  }
}

export const bool: Shape<boolean> = {
  goType: 'bool',
  zero: () => false,
  decode(node, state) {
    const value = scalarOf(node, state)
    return typeof value === 'boolean' ? value : value === null ? false : mismatch(node, value, 'bool', state, false)
  },
}

/** An integer; `goType` is `int` or `int64`. */
export function integer(goType: 'int' | 'int64'): Shape<number> {
  return {
    goType,
    zero: () => 0,
    decode(node, state) {
      const value = scalarOf(node, state)
      if (typeof value === 'number' && Number.isInteger(value)) return value
      if (value === null) return 0
      if (typeof value === 'number' || typeof value === 'bigint')
        return fail(node, `cannot unmarshal number ${value}`, goType, state, 0)
      return mismatch(node, value, goType, state, 0)
    },
  }
}

/** Any value at all, as an `interface{}` holds it. */
export const anything: Shape<GoValue> = {
  goType: 'interface {}',
  zero: () => null,
  decode: (node, state) => nodeToGoValue(node, { dialect: state.dialect }),
}

/** null where the field is absent or null: Go's nil slice. `goType` where the slice's type has a name. */
export function list<T>(item: Shape<T>, goType = `[]${item.goType}`): Shape<T[] | null> {
  return {
    goType,
    zero: () => null,
    decode(node, state) {
      if (node.kind !== 'sequence') {
        const value = scalarOf(node, state)
        return value === null ? null : mismatch(node, value, goType, state, null)
      }
      return node.items.map((entry) => item.decode(entry, state))
    },
  }
}

/** null where the field is absent or null: Go's nil map. Keys sorted, as they arrive from JSON. */
export function mapOf<T>(item: Shape<T>): Shape<Map<string, T> | null> {
  const goType = `map[string]${item.goType}`
  return {
    goType,
    zero: () => null,
    decode(node, state) {
      if (node.kind !== 'map') {
        const value = scalarOf(node, state)
        return value === null ? null : mismatch(node, value, goType, state, null)
      }
      const result = new Map<string, T>()
      for (const [key, value] of sortedEntries(node, state)) result.set(key, item.decode(value, state))
      return result
    },
  }
}

/** null where the field is absent or null. */
export function pointer<T>(target: Shape<T>): Shape<T | null> {
  return {
    goType: target.goType,
    zero: () => null,
    decode: (node, state) =>
      scalarOf(node, state) === null && node.kind === 'scalar' ? null : target.decode(node, state),
  }
}

/** A struct; `goName` is its type's name, in package `types` unless it names another. */
export function struct<T extends object>(goName: string, fields: { readonly [K in keyof T]: Field<T[K]> }): Shape<T> {
  const goType = goName.includes('.') ? goName : `types.${goName}`
  const bareName = goName.slice(goName.indexOf('.') + 1)
  const names = Object.keys(fields) as (keyof T & string)[]
  const byFoldedName = new Map(names.map((name) => [name.toLowerCase(), name]))
  const zero = (): T => Object.fromEntries(names.map((name) => [name, fields[name].shape.zero()])) as T
  return {
    goType,
    zero,
    decode(node, state) {
      const result = zero()
      if (node.kind !== 'map') {
        const value = scalarOf(node, state)
        return value === null ? result : mismatch(node, value, goType, state, result)
      }
      for (const [key, value, keyLine] of sortedEntries(node, state)) {
        const name = Object.hasOwn(fields, key)
          ? (key as keyof T & string)
          : state.hasExactNames === true
            ? undefined
            : byFoldedName.get(key.toLowerCase())
        if (name === undefined) {
          if (state.refusesUnknown) record(state, `json: unknown field ${JSON.stringify(key)}`, keyLine)
          continue
        }
        const { shape, embedded } = fields[name]
        const outer = { struct: state.struct, path: state.path }
        state.struct = bareName
        state.path = [...outer.path, ...embedded, name]
        // Go leaves a field alone when null is decoded into it.
        if (!(value.kind === 'scalar' && scalarOf(value, state) === null)) result[name] = shape.decode(value, state)
        state.struct = outer.struct
        state.path = outer.path
      }
      return result
    },
  }
}

/** Strict decoding of a kustomization file's tree. Throws BuildError InvalidKustomization with Go's text (no prefix) and the line. */
export function decodeStrict<T>(node: YamlNode | undefined, shape: Shape<T>): T {
  return decode(node, shape, { ...freshState, refusesUnknown: true, convertsScalars: false, dialect: 'v2' })
}

/**
 * Lenient decoding of a configuration: `dialect` says how its tree was parsed, v3 for objects of a build. Throws BuildError
 * InvalidKustomization with sigs.k8s.io/yaml's text.
 */
export function decodeConfig<T>(node: YamlNode | undefined, shape: Shape<T>, dialect: YamlDialect = 'v3'): T {
  const state = { ...freshState, refusesUnknown: false, convertsScalars: true, dialect }
  return decode(node, shape, state, 'error unmarshaling JSON: while decoding JSON: ')
}

/** As `decodeConfig`, refusing unknown fields and keys that stand twice, for a tree of the v2 dialect (sigs.k8s.io/yaml's UnmarshalStrict). */
export function decodeConfigStrict<T>(node: YamlNode | undefined, shape: Shape<T>): T {
  if (node !== undefined)
    wrapping('error converting YAML to JSON', () => nodeToGoValue(node, { dialect: 'v2', isStrict: true }))
  const state = { ...freshState, refusesUnknown: true, convertsScalars: true, dialect: 'v2' as const }
  return decode(node, shape, state, 'error unmarshaling JSON: while decoding JSON: ')
}

/**
 * Decoding of the few configurations that kustomize reads with go-yaml itself: as `decodeConfig`, but field names must be written as they
 * are defined.
 */
export function decodeConfigExactly<T>(node: YamlNode | undefined, shape: Shape<T>): T {
  const state = {
    ...freshState,
    refusesUnknown: false,
    convertsScalars: true,
    dialect: 'v3' as const,
    hasExactNames: true,
  }
  return decode(node, shape, state, 'error unmarshaling JSON: while decoding JSON: ')
}

const freshState = { fault: null, struct: '', path: [] }

function decode<T>(node: YamlNode | undefined, shape: Shape<T>, state: DecodeState, prefix = ''): T {
  if (node === undefined) return shape.zero()
  const value = shape.decode(node, state)
  const { fault } = state
  if (fault === null) return value
  throw new BuildError('InvalidKustomization', prefix + fault.message, fault.line > 0 ? { line: fault.line } : {})
}

/** Entries sorted by key as encoding/json writes them; of equal keys the last one counts. */
function sortedEntries(node: MapNode, state: DecodeState): [key: string, value: YamlNode, keyLine: number][] {
  const entries = new Map<string, [string, YamlNode, number]>()
  node.keys.forEach((key, index) => {
    const name = keyText(key, state)
    entries.set(name, [name, node.values[index]!, key.line])
  })
  return [...entries.values()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function keyText(key: YamlNode, state: DecodeState): string {
  const value = scalarOf(key, state)
  return typeof value === 'string'
    ? value
    : value === null || typeof value === 'object'
      ? ''
      : (convertToText(value) ?? '')
}

/** The value of a scalar; a map or list stands for itself. */
function scalarOf(node: YamlNode, state: DecodeState): GoValue {
  if (node.kind === 'scalar') return node.tag === '!!str' ? node.value : nodeToGoValue(node, { dialect: state.dialect })
  return node.kind === 'map' ? emptyMap : emptyList
}

const emptyMap: GoValue = new Map()
const emptyList: GoValue = []

/** Numbers through 32-bit floats, as sigs.k8s.io/yaml prints them. */
function convertToText(value: GoValue): string | null {
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number') return null
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat32(value)
}

function mismatch<T>(node: YamlNode, value: GoValue, goType: string, state: DecodeState, zero: T): T {
  const what =
    typeof value === 'string'
      ? 'string'
      : typeof value === 'boolean'
        ? 'bool'
        : Array.isArray(value)
          ? 'array'
          : typeof value === 'object'
            ? 'object'
            : 'number'
  return fail(node, `cannot unmarshal ${what}`, goType, state, zero)
}

function fail<T>(node: YamlNode, what: string, goType: string, state: DecodeState, zero: T): T {
  const where = state.struct === '' ? 'Go value' : `Go struct field ${state.struct}.${state.path.join('.')}`
  record(state, `json: ${what} into ${where} of type ${goType}`, node.line)
  return zero
}

function record(state: DecodeState, message: string, line: number): void {
  state.fault ??= { message, line }
}
