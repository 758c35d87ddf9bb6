/**
 * The operations of a JSON patch on a document. Semantics and texts: evanphx/json-patch v4: `replace` of a missing key adds it, `add` without
 * a value adds null, indexes may be negative, and what stands before a path's first `/` is not looked at.
 */
import { BuildError } from '../build-error.ts'
import { quoteGo } from '../selector/quote-go.ts'
import type { Json, JsonMap } from './json-tree.ts'
import { copyJson, equalJson, RawScalar } from './json-tree.ts'

export type Operation = JsonMap

type Container = JsonMap | Json[]

const missingValue = 'missing value'
const testFailed = 'test failed'

/** Applies the operations in order, changing the document; gives the document, which a `replace` of the whole makes another. Throws BuildError PatchFailed. */
export function applyOperations(document: Container, operations: readonly Operation[]): Container {
  const patched: Patched = { root: document }
  for (const operation of operations) applyOne(patched, operation)
  return patched.root
}

interface Patched {
  root: Container
}

function fail(message: string, cause: string): never {
  throw new BuildError('PatchFailed', `${message}: ${cause}`)
}

function applyOne(patched: Patched, operation: Operation): void {
  const kind = textOf(operation.get('op'))
  switch (kind) {
    case 'add':
      return add(patched, operation)
    case 'remove':
      return remove(patched, operation)
    case 'replace':
      return replace(patched, operation)
    case 'move':
      return move(patched, operation)
    case 'test':
      return test(patched, operation)
    case 'copy':
      return copy(patched, operation)
    default:
      throw new BuildError('PatchFailed', `Unexpected kind: ${kind ?? 'unknown'}`)
  }
}

function add(patched: Patched, operation: Operation): void {
  const path = pathOf(operation, 'path', () => missingValue, 'add operation failed to decode path')
  const found = find(patched, path)
  if (found === null) fail(`add operation does not apply: doc is missing path: "${path}"`, missingValue)
  prefixed(`error in add for path: '${path}'`, () => addTo(found, operation.get('value') ?? null))
}

function remove(patched: Patched, operation: Operation): void {
  const path = pathOf(operation, 'path', () => missingValue, 'remove operation failed to decode path')
  const found = find(patched, path)
  if (found === null) fail(`remove operation does not apply: doc is missing path: "${path}"`, missingValue)
  prefixed(`error in remove for path: '${path}'`, () => removeFrom(found))
}

function replace(patched: Patched, operation: Operation): void {
  const path = pathOf(operation, 'path', (fault) => fault, 'replace operation failed to decode path')
  const value = operation.get('value') ?? null
  if (path === '') {
    // Upstream runs into a nil pointer here.
    if (!operation.has('value')) {
      throw new BuildError('PatchFailed', 'runtime error: invalid memory address or nil pointer dereference')
    }
    if (!isContainer(value)) fail('replace operation value must be object or array', '%!w(<nil>)')
    patched.root = value
    return
  }
  const found = find(patched, path)
  if (found === null) fail(`replace operation does not apply: doc is missing path: ${path}`, missingValue)
  try {
    getFrom(found)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    fail(`replace operation does not apply: doc is missing key: ${path}`, missingValue)
  }
  const { container, key } = found
  if (container instanceof Map) container.set(key, value)
  else container[indexIn(container.length, parseIndex(key))] = value
}

function move(patched: Patched, operation: Operation): void {
  const from = pathOf(operation, 'from', (fault) => fault, 'move operation failed to decode from')
  const source = find(patched, from)
  if (source === null) fail(`move operation does not apply: doc is missing from path: ${from}`, missingValue)
  const value = prefixed(`error in move for path: '${source.key}'`, () => {
    const present = getFrom(source)
    removeFrom(source)
    return present
  })
  const path = pathOf(operation, 'path', (fault) => fault, 'move operation failed to decode path')
  const target = find(patched, path)
  if (target === null) fail(`move operation does not apply: doc is missing destination path: ${path}`, missingValue)
  prefixed(`error in move for path: '${path}'`, () => addTo(target, value))
}

function copy(patched: Patched, operation: Operation): void {
  const from = pathOf(operation, 'from', (fault) => fault, 'copy operation failed to decode from')
  const source = find(patched, from)
  if (source === null) fail(`copy operation does not apply: doc is missing from path: ${from}`, missingValue)
  const value = prefixed(`error in copy for from: '${from}'`, () => getFrom(source))
  const path = pathOf(operation, 'path', () => missingValue, 'copy operation failed to decode path')
  const target = find(patched, path)
  if (target === null) fail(`copy operation does not apply: doc is missing destination path: ${path}`, missingValue)
  prefixed('error while adding value during copy', () => addTo(target, copyJson(value)))
}

function test(patched: Patched, operation: Operation): void {
  const path = pathOf(operation, 'path', (fault) => fault, 'test operation failed to decode path')
  const expected = operation.get('value') ?? null
  if (path === '') {
    if (!equalJson(patched.root, expected)) fail(`testing value ${path} failed`, testFailed)
    return
  }
  const found = find(patched, path)
  if (found === null) fail(`test operation does not apply: is missing path: ${path}`, missingValue)
  const value = prefixed(`error in test for path: '${path}'`, () => getFrom(found))
  if (!equalJson(value, expected)) fail(`testing value ${path} failed`, testFailed)
}

interface Found {
  readonly container: Container
  readonly key: string
}

/** The list or map that holds the last part of a path; null where a part on the way is missing or holds nothing. */
function find(patched: Patched, path: string): Found | null {
  const parts = path.split('/')
  if (parts.length < 2) return null
  let container = patched.root
  for (let i = 1; i < parts.length - 1; i++) {
    let next: Json
    try {
      next = getFrom({ container, key: decodeKey(parts[i]!) })
    } catch (error) {
      if (error instanceof BuildError) return null
      throw error
    }
    if (!isContainer(next)) return null
    container = next
  }
  return { container, key: decodeKey(parts.at(-1)!) }
}

function isContainer(value: Json): value is Container {
  return Array.isArray(value) || value instanceof Map
}

/** RFC 6901, in one pass as Go's Replacer does it: `~01` is `~1`. */
function decodeKey(part: string): string {
  return part.includes('~') ? part.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~')) : part
}

function getFrom({ container, key }: Found): Json {
  if (container instanceof Map) return container.get(key) ?? null
  return container[indexIn(container.length, parseIndex(key))]!
}

function addTo({ container, key }: Found, value: Json): void {
  if (container instanceof Map) {
    container.set(key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  let index: number
  try {
    index = parseIndex(key)
  } catch (error) {
    throw error instanceof BuildError ? error.wrap(`value was not a proper array index: '${key}'`) : error
  }
  container.splice(indexIn(container.length + 1, index), 0, value)
}

function removeFrom({ container, key }: Found): void {
  if (container instanceof Map) {
    if (!container.delete(key)) fail(`Unable to remove nonexistent key: ${key}`, missingValue)
  } else container.splice(indexIn(container.length, parseIndex(key)), 1)
}

/** strconv.Atoi with its errors. */
function parseIndex(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) fail(`strconv.Atoi: parsing ${quoteGo(text)}`, 'invalid syntax')
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  if (value >= 2n ** 63n || value < -(2n ** 63n)) {
    fail(`strconv.Atoi: parsing ${quoteGo(text)}`, 'value out of range')
  }
  return Number(value)
}

/** An index within `length`, negative ones counting from the end. */
function indexIn(length: number, index: number): number {
  if (index >= length || index < -length) fail(`Unable to access invalid index: ${index}`, 'invalid index referenced')
  return index < 0 ? index + length : index
}

function textOf(value: Json | undefined): string | null {
  if (value instanceof RawScalar) return textOf(value.value)
  return typeof value === 'string' ? value : null
}

function pathOf(
  operation: Operation,
  field: 'path' | 'from',
  describe: (fault: string) => string,
  prefix: string,
): string {
  const value = operation.get(field)
  const text = textOf(value)
  if (text !== null) return text
  const comma = field === 'from' ? ',' : ''
  const fault =
    value === undefined || value === null
      ? `operation${comma} missing ${field} field: ${missingValue}`
      : `json: cannot unmarshal ${typeName(value)} into Go value of type string`
  return fail(prefix, describe(fault))
}

/** What Go's JSON decoder calls a value. */
export function typeName(value: Json): string {
  if (value instanceof RawScalar) return typeName(value.value)
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'number'
}

function prefixed<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof BuildError ? error.wrap(prefix) : error
  }
}
