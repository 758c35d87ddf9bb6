/**
 * How the items of a list are told apart: by merge keys, as elements of a set, or not at all (atomic). managedFields tell where somebody owns
 * the list item by item; a table of Kubernetes' own lists serves the rest.
 */
import { isLongNumber } from '../exact-json.ts'
import { asRecord, scalarText } from '../status/read.ts'
import type { FieldNode } from './managed-fields.ts'
import { keyValue, mergeKeysOf } from './managed-fields.ts'

export type ListShape = { readonly keys: readonly string[] } | 'set' | 'atomic'

/** Kubernetes' associative lists by field name: candidates of keys, the first that every item has wins. Source: k8s.io/api's listMapKey. */
const knownKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']],
  initContainers: [['name']],
  ephemeralContainers: [['name']],
  env: [['name']],
  volumes: [['name']],
  volumeMounts: [['mountPath']],
  volumeDevices: [['devicePath']],
  imagePullSecrets: [['name']],
  hostAliases: [['ip']],
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  resourceClaims: [['name']],
  conditions: [['type']],
  webhooks: [['name']],
  secrets: [['name']],
  schedulingGates: [['name']],
  versions: [['name']],
}

/** Names of merge keys that the nodes of managedFields show at a list; 'set' for elements; null where they show nothing. */
export function shapeFromFields(nodes: readonly (FieldNode | undefined)[]): ListShape | null {
  for (const node of nodes) {
    if (node === undefined) continue
    for (const segment in node) {
      if (segment === '.') continue
      const keys = mergeKeysOf(segment)
      if (keys !== null) return { keys: Object.keys(keys).sort() }
      if (segment.startsWith('v:')) return 'set'
      break
    }
  }
  return null
}

/** The shape of a list by its field's name, where managedFields do not tell. */
export function shapeFromName(field: string, lists: readonly (readonly unknown[])[]): ListShape {
  for (const keys of Object.hasOwn(knownKeys, field) ? knownKeys[field]! : [])
    if (lists.every((list) => list.every((item) => keys.every((key) => keyValue(asRecord(item), key) !== undefined))))
      return { keys }
  return 'atomic'
}

/** Items by the text of their key values; null where an item is no map, lacks a key, or two have the same. */
export function indexItems(list: readonly unknown[], keys: readonly string[]): ReadonlyMap<string, number> | null {
  const result = new Map<string, number>()
  for (const [index, item] of list.entries()) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return null
    const id = itemId(item as Readonly<Record<string, unknown>>, keys)
    if (id === null || result.has(id)) return null
    result.set(id, index)
  }
  return result
}

/** Equal for equal key values; null where none is there. */
export function itemId(item: Readonly<Record<string, unknown>>, keys: readonly string[]): string | null {
  if (keys.length === 1) {
    const value = keyValue(item, keys[0]!)
    return value === undefined ? null : `${typeof value} ${keyText(value)}`
  }
  let hasAny = false
  const values = keys.map((key) => {
    const value = keyValue(item, key)
    if (value !== undefined) hasAny = true
    return value ?? null
  })
  return hasAny ? JSON.stringify(values) : null
}

/** `podinfo`, `8080/TCP`: what people call an item. */
export function itemTitle(item: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  return keys.map((key) => keyText(keyValue(item, key))).join('/')
}

function keyText(value: unknown): string {
  return isLongNumber(value) ? value.rawJSON : scalarText(value)
}

/** The fieldsV1 segment of an item by its keys. */
export function itemSegment(item: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  const sorted = [...keys].sort()
  const pairs = sorted.flatMap((key) => {
    const value = keyValue(item, key)
    return value === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(value)}`]
  })
  return `k:{${pairs.join(',')}}`
}
