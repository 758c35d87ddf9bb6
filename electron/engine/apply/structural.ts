/**
 * What an apply would make of a live object, worked out without asking the API server: an approximation. Desired fields are laid over the live
 * object, lists by their merge keys; what the controller owned and no longer wants goes. Defaults, conversions, admission and validation are not
 * known here: the result is labelled approximate.
 */
import type { KubeObject } from '../clusters/view.ts'
import { areEqual } from '../diff/equal-values.ts'
import type { ListShape } from '../diff/list-shape.ts'
import { indexItems, itemSegment, shapeFromFields, shapeFromName } from '../diff/list-shape.ts'
import type { FieldNode } from '../diff/managed-fields.ts'
import { childOf, childrenOf, fieldManagersOf, isLeaf, noFields } from '../diff/managed-fields.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { isLongNumber } from '../exact-json.ts'
import { pruneFields } from './cleanup.ts'
import { isSameQuantity } from './quantity.ts'

export interface StructuralResult {
  readonly wouldBe: KubeObject
  /** The set that the controller would own. */
  readonly owned: FieldNode
}

/** Lays `desired` over `live`; both in one version. */
export function applyStructurally(
  desired: KubeObject,
  live: KubeObject,
  set: Pick<DesiredSet, 'controller'>,
): StructuralResult {
  const managers = fieldManagersOf(live)
  const sets = managers.map((entry) => entry.fields)
  const last = managers.find(
    (entry) => entry.manager === set.controller && entry.operation === 'Apply' && entry.subresource === '',
  )
  const own = leavesOf(last?.fields ?? noFields, new Set())
  const owned: Record<string, FieldNode> = {}
  const merged: Record<string, unknown> = { ...live }
  for (const key of Object.keys(desired)) {
    if (key === 'apiVersion' || key === 'kind' || key === 'status' || key === 'metadata') continue
    const nodes = childrenOf(sets, `f:${key}`)
    const value = merge(live[key], desired[key], nodes, key, own)
    if (value === undefined) continue
    merged[key] = value
    owned[`f:${key}`] = fieldsOf(desired[key], nodes, key)
  }
  const metadata: Record<string, unknown> = { ...live.metadata }
  const ownedMetadata: Record<string, FieldNode> = {}
  for (const name of ['labels', 'annotations'] as const) {
    const wanted = desired.metadata[name]
    if (wanted === undefined || wanted === null || Object.keys(wanted).length === 0) continue
    metadata[name] = { ...live.metadata[name], ...wanted }
    ownedMetadata[`f:${name}`] = Object.fromEntries(Object.keys(wanted).map((key) => [`f:${key}`, noFields]))
  }
  merged['metadata'] = metadata
  owned['f:metadata'] = ownedMetadata
  const others = managers.filter((entry) => entry !== last).map((entry) => entry.fields)
  const result = merged as KubeObject
  return { wouldBe: last === undefined ? result : pruneFields(result, last.fields, [owned, ...others]), owned }
}

type Plain = Readonly<Record<string, unknown>>
const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLongNumber(value)
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** What the set holds as a whole: nobody else has written there, so that whatever more is there now are defaults. */
function leavesOf(node: FieldNode, found: Set<FieldNode>): ReadonlySet<FieldNode> {
  for (const segment in node) {
    const child = childOf(node, segment)
    if (child === undefined) continue
    if (isLeaf(child)) found.add(child)
    else leavesOf(child, found)
  }
  return found
}

function merge(
  live: unknown,
  wanted: unknown,
  nodes: readonly FieldNode[],
  field: string,
  own: ReadonlySet<FieldNode>,
): unknown {
  // Null and empty say nothing that the API server would keep.
  if (isEmpty(wanted) && isEmpty(live)) return live
  if (wanted === null || wanted === undefined || live === wanted) return live
  if (isMap(wanted) && isMap(live)) {
    const leaves = nodes.filter((node) => isLeaf(node))
    if (leaves.length > 0 && !leaves.some((leaf) => own.has(leaf)) && !containsAll(live, wanted)) return wanted
    let result: Record<string, unknown> | null = null
    for (const key of Object.keys(wanted)) {
      const before = Object.hasOwn(live, key) ? live[key] : undefined
      const after = merge(before, wanted[key], childrenOf(nodes, `f:${key}`), key, own)
      if (after === before) continue
      result ??= { ...live }
      result[key] = after
    }
    return result ?? live
  }
  if (isList(wanted) && isList(live)) return mergeLists(live, wanted, nodes, field, own)
  if (isLongNumber(wanted)) return isLongNumber(live) && live.rawJSON === wanted.rawJSON ? live : wanted
  return typeof wanted !== 'object' && isSameQuantity(live, wanted) ? live : wanted
}

function mergeLists(
  live: readonly unknown[],
  wanted: readonly unknown[],
  nodes: readonly FieldNode[],
  field: string,
  own: ReadonlySet<FieldNode>,
): readonly unknown[] {
  const shape = shapeOf(nodes, field, live, wanted)
  if (shape === 'set') {
    const missing = wanted.filter((item) => !live.includes(item))
    return missing.length === 0 ? live : [...live, ...missing]
  }
  if (shape !== 'atomic') {
    const liveItems = indexItems(live, shape.keys)
    const wantedItems = indexItems(wanted, shape.keys)
    if (liveItems !== null && wantedItems !== null) {
      const result = [...live]
      let isChanged = false
      for (const [id, index] of wantedItems) {
        const item = wanted[index] as Plain
        const at = liveItems.get(id)
        const after =
          at === undefined ? item : merge(live[at], item, childrenOf(nodes, itemSegment(item, shape.keys)), field, own)
        if (at !== undefined && after === live[at]) continue
        isChanged = true
        if (at === undefined) result.push(after)
        else result[at] = after
      }
      return isChanged ? result : live
    }
  }
  if (live.length !== wanted.length) return wanted
  const result = wanted.map((item, index) => merge(live[index], item, [], field, own))
  return areEqual(result, live) ? live : result
}

function containsAll(live: Plain, wanted: Plain): boolean {
  return Object.keys(live).every((key) => Object.hasOwn(wanted, key))
}

function shapeOf(
  nodes: readonly FieldNode[],
  field: string,
  live: readonly unknown[],
  wanted: readonly unknown[],
): ListShape {
  return shapeFromFields(nodes) ?? (nodes.some(isLeaf) ? 'atomic' : shapeFromName(field, [live, wanted]))
}

/** The fields of a value as an apply would record them. */
function fieldsOf(value: unknown, nodes: readonly FieldNode[], field: string): FieldNode {
  if (isMap(value)) {
    if (nodes.some((node) => isLeaf(node))) return noFields
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [`f:${key}`, fieldsOf(item, childrenOf(nodes, `f:${key}`), key)]),
    )
  }
  if (!isList(value)) return noFields
  const shape = shapeOf(nodes, field, value, value)
  if (shape === 'atomic') return noFields
  if (shape === 'set') return Object.fromEntries(value.map((item) => [`v:${JSON.stringify(item)}`, noFields]))
  return Object.fromEntries(
    value.filter(isMap).map((item) => {
      const segment = itemSegment(item, shape.keys)
      return [segment, { '.': noFields, ...fieldsOf(item, childrenOf(nodes, segment), field) }]
    }),
  )
}
