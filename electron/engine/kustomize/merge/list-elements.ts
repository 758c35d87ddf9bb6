/**
 * Finding and setting elements of lists by their merge keys, with every oddity that results show: an element without its key can
 * displace others, an empty map is never kept. Lists of primitives have one key, ''.
 *
 * Semantics: kyaml's ElementSetter, ElementMatcher, FieldMatcher and appendListNode.
 */
import type { MapNode, SequenceNode, YamlNode } from '../yaml/node.ts'
import { getField, isNullNode } from '../yaml/node.ts'
import { requireKind } from './node-kind.ts'

/** A node's own text: '' for lists and maps, as go-yaml's Node.Value has it. */
export function textOf(node: YamlNode): string {
  return node.kind === 'scalar' ? node.value : ''
}

export function isEmptyMapNode(node: YamlNode): boolean {
  return node.kind === 'map' && node.keys.length === 0
}

/** True if a field's value counts as absent for keys: null, an empty map or list. */
export function isNilOrEmpty(node: YamlNode | undefined): boolean {
  if (node === undefined || isNullNode(node)) return true
  return node.kind === 'map' ? node.keys.length === 0 : node.kind === 'sequence' && node.items.length === 0
}

/** The first element that has all these values; maps only, or scalars where the key is ''. */
export function findElement(
  list: SequenceNode,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  if (keys.length === 0 || keys[0] === '') return list.items.find((item) => textOf(item) === (values[0] ?? ''))
  return list.items.find(
    (item) => item.kind === 'map' && keys.every((key, index) => hasFieldText(item, key, values[index]!)),
  )
}

function hasFieldText(map: MapNode, key: string, text: string): boolean {
  const value = getField(map, key)
  return value !== undefined && textOf(value) === text
}

/**
 * Replaces every matching element, appends where none matches, or removes the matching ones if `element` is undefined. A value of ''
 * matches any element that has the key at all; values that are missing let nothing survive.
 */
export function setElement(
  list: SequenceNode,
  element: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): void {
  const isForMaps = (keys[0] ?? '') !== '' && (values[0] ?? '') !== ''
  let isFound = false
  const kept: YamlNode[] = []
  for (const item of list.items) {
    if (isNullNode(item) || isEmptyMapNode(item)) continue
    if (item.kind !== 'map' && isForMaps) {
      kept.push(item)
      continue
    }
    if (!matchesAll(item, keys, values)) {
      if (values.length > 0) kept.push(item)
      continue
    }
    isFound = true
    if (element !== undefined) kept.push(element)
  }
  list.items.length = 0
  for (const item of kept) list.items.push(item)
  if (element !== undefined && !isNullNode(element) && !isFound) list.items.push(element)
}

function matchesAll(item: YamlNode, keys: readonly string[], values: readonly string[]): boolean {
  let isMatch = false
  for (let i = 0; i < keys.length; i++) {
    if (i < values.length) isMatch = matchesField(item, keys[i]!, values[i]!)
    if (!isMatch) return false
  }
  return true
}

function matchesField(item: YamlNode, key: string, text: string): boolean {
  if (key === '') {
    requireKind(item, 'scalar')
    return textOf(item) === text
  }
  requireKind(item, 'map')
  const value = getField(item as MapNode, key)
  return value !== undefined && (text === '' || textOf(value) === text)
}

/** Adds the elements of `source` to `target`, each in place of one with the same keys. */
export function appendElements(target: SequenceNode, source: SequenceNode, keys: readonly string[]): void {
  for (const element of [...source.items]) {
    if (keys[0] === '') {
      setElement(target, element, [''], [textOf(element)])
      continue
    }
    const values: string[] = []
    for (const key of keys) {
      requireKind(element, 'map')
      const value = element.kind === 'map' ? getField(element, key) : undefined
      if (value === undefined) target.items.push(element)
      else values.push(textOf(value))
    }
    if (keys.length > 1) setElement(target, undefined, keys, values)
    setElement(target, element, keys, values)
  }
}
