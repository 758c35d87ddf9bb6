/**
 * diff/: what differs between two states of one object, in which field, by whom, and how to say so. Pure: plain objects in, plain objects out;
 * knows no cluster, no requests and no schedule. Semantics: flux-semantics §2.9; Kubernetes' structured-merge-diff (fieldsV1).
 *
 * This file: sets of fields as managedFields hold them. A set is the JSON of fieldsV1 itself (`f:` map key, `k:` list item by merge keys, `v:`
 * set element, `i:` index, `.` the thing itself): nothing is copied to read one.
 */
import { isLongNumber, parseExact } from '../exact-json.ts'
import { asArray, asRecord, asText, timeMs } from '../status/read.ts'

/** A node of fieldsV1. A node without children is a member of the set; one with children is a member if it has `.`. */
export interface FieldNode {
  readonly [segment: string]: FieldNode
}

export interface FieldManager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string
  readonly at: number | null
  readonly fields: FieldNode
}

export const noFields: FieldNode = Object.freeze({})

/** The entries of metadata.managedFields, in their order; entries without fields are left out. */
export function fieldManagersOf(object: unknown): readonly FieldManager[] {
  const result: FieldManager[] = []
  for (const each of asArray(asRecord(asRecord(object).metadata).managedFields)) {
    const entry = asRecord(each)
    if (!isNode(entry.fieldsV1)) continue
    result.push({
      manager: asText(entry.manager),
      operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
      subresource: asText(entry.subresource),
      at: timeMs(entry.time),
      fields: entry.fieldsV1,
    })
  }
  return result
}

export function isNode(value: unknown): value is FieldNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The child at a segment; undefined where there is none, whatever the object's prototype has. */
export function childOf(node: FieldNode | undefined, segment: string): FieldNode | undefined {
  if (node === undefined || !Object.hasOwn(node, segment)) return undefined
  const child: unknown = node[segment]
  return isNode(child) ? child : undefined
}

/** What each of the sets holds below `segment`. */
export function childrenOf(nodes: readonly FieldNode[], segment: string): readonly FieldNode[] {
  const result: FieldNode[] = []
  for (const node of nodes) {
    const child = childOf(node, segment)
    if (child !== undefined) result.push(child)
  }
  return result
}

/** Whether a node has no children: the set then holds the thing as a whole. */
export function isLeaf(node: FieldNode): boolean {
  for (const segment in node) if (segment !== '.') return false
  return true
}

/** Whether the thing itself, not only something in it, is in the set. */
export function isMember(node: FieldNode): boolean {
  return Object.hasOwn(node, '.') || isLeaf(node)
}

/**
 * Whether the set owns what lies at the segments: as a member, through something below it, or because something above it is held as a whole
 * (an atomic list or map).
 */
export function ownsField(fields: FieldNode, segments: readonly string[]): boolean {
  let node = fields
  for (const [depth, segment] of segments.entries()) {
    const child = childOf(node, segment)
    if (child === undefined) return depth > 0 && isLeaf(node)
    node = child
  }
  return true
}

/** The node at the segments, undefined where the set has nothing there. */
export function nodeAt(fields: FieldNode, segments: readonly string[]): FieldNode | undefined {
  let node: FieldNode | undefined = fields
  for (const segment of segments) node = childOf(node, segment)
  return node
}

/** Members of either. Shares the nodes that only one of them has. */
export function uniteFields(a: FieldNode, b: FieldNode): FieldNode {
  if (a === b) return a
  const result: Record<string, FieldNode> = { ...a }
  // A leaf stays a member when the other set brings children.
  if ((isLeaf(a) || isLeaf(b)) && !(isLeaf(a) && isLeaf(b))) result['.'] = noFields
  for (const segment of Object.keys(b)) {
    const other = childOf(b, segment)
    if (other === undefined) continue
    const own = childOf(a, segment)
    result[segment] = own === undefined ? other : uniteFields(own, other)
  }
  return result
}

/** Members of `a` that are not members of `b`; null where nothing is left. */
export function subtractFields(a: FieldNode, b: FieldNode): FieldNode | null {
  const result: Record<string, FieldNode> = {}
  let hasAny = false
  for (const segment of Object.keys(a)) {
    if (segment === '.') continue
    const own = childOf(a, segment)
    if (own === undefined) continue
    const other = childOf(b, segment)
    const left = other === undefined ? own : subtractFields(own, other)
    if (left === null) continue
    result[segment] = left
    hasAny = true
  }
  if (isMember(a) && !isMember(b)) {
    if (hasAny) result['.'] = noFields
    return result
  }
  return hasAny ? result : null
}

/** Values of the merge keys that a `k:` segment names; null for another segment. */
export function mergeKeysOf(segment: string): Readonly<Record<string, unknown>> | null {
  if (!segment.startsWith('k:')) return null
  return parseRecord(segment.slice(2))
}

/** The value that a `v:` segment names; undefined for another segment. */
export function elementOf(segment: string): unknown {
  if (!segment.startsWith('v:')) return undefined
  try {
    return (parseExact(`[${segment.slice(2)}]`) as readonly unknown[])[0]
  } catch {
    return undefined
  }
}

const keyCache = new Map<string, Readonly<Record<string, unknown>> | null>()
const maxCachedKeys = 5000

function parseRecord(text: string): Readonly<Record<string, unknown>> | null {
  const known = keyCache.get(text)
  if (known !== undefined) return known
  let result: Readonly<Record<string, unknown>> | null = null
  try {
    const value: unknown = parseExact(text)
    if (isNode(value)) result = value
  } catch {
    // Not what the API server writes: the segment leads nowhere.
  }
  if (keyCache.size >= maxCachedKeys) keyCache.clear()
  keyCache.set(text, result)
  return result
}

/** A step into an object: map key or list index, or null where the segment leads to nothing that is there. */
export function resolveSegment(value: unknown, segment: string): string | number | null {
  if (segment.startsWith('f:')) {
    const key = segment.slice(2)
    return isNode(value) && Object.hasOwn(value, key) ? key : null
  }
  if (!Array.isArray(value)) return null
  const items = value as readonly unknown[]
  if (segment.startsWith('i:')) {
    const index = Number(segment.slice(2))
    return Number.isInteger(index) && index >= 0 && index < items.length ? index : null
  }
  const keys = mergeKeysOf(segment)
  const index =
    keys === null
      ? indexOfElement(items, elementOf(segment))
      : items.findIndex((item) => {
          const record = asRecord(item)
          for (const key in keys) if (!isSameScalar(keyValue(record, key), keys[key])) return false
          return true
        })
  return index < 0 ? null : index
}

function indexOfElement(items: readonly unknown[], element: unknown): number {
  return isLongNumber(element) ? items.findIndex((item) => isSameScalar(item, element)) : items.indexOf(element)
}

function isSameScalar(a: unknown, b: unknown): boolean {
  return a === b || (isLongNumber(a) && isLongNumber(b) && a.rawJSON === b.rawJSON)
}

/** Merge keys have defaults that the server fills in: an item without `protocol` is TCP. */
export function keyValue(item: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = Object.hasOwn(item, key) ? item[key] : undefined
  return value === undefined && key === 'protocol' ? 'TCP' : value
}

/** JSON pointer of the segments in an object, null where they lead to nothing that is there. */
export function pointerOfSegments(object: unknown, segments: readonly string[]): string | null {
  let value = object
  let pointer = ''
  for (const segment of segments) {
    const step = resolveSegment(value, segment)
    if (step === null) return null
    pointer += `/${escapePointer(step)}`
    value = (value as Record<string | number, unknown>)[step]
  }
  return pointer
}

export function escapePointer(part: string | number): string {
  return typeof part === 'number' || !/[~/]/.test(part)
    ? String(part)
    : part.replaceAll('~', '~0').replaceAll('/', '~1')
}
