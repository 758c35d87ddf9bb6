/**
 * What kustomize-controller does to an object's bookkeeping before it applies (flux-semantics §2.9): annotations and a label of old tools go, and
 * what certain managers own becomes its own, so that its apply removes whatever of it is not in Git. A dry-run of the apply alone shows nothing
 * of that; here it is worked out.
 *
 * The removal follows structured-merge-diff: of the controller's last set, united with the sets taken over, everything goes that no manager
 * owns afterwards, the controller's new set included; structs that hold nothing owned any more go whole, list items when nobody owns the item.
 */
import { lastAppliedAnnotation } from '../../../shared/flux/annotations.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { FieldManager, FieldNode } from '../diff/managed-fields.ts'
import {
  childOf,
  childrenOf,
  fieldManagersOf,
  isMember,
  isNode,
  noFields,
  resolveSegment,
  uniteFields,
} from '../diff/managed-fields.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import type { Json } from '../status/read.ts'
import { annotationOf, asArray, asRecord, asText, labelOf } from '../status/read.ts'
import { isMerged } from './controls.ts'

const oldAnnotations = [
  lastAppliedAnnotation,
  'kustomize.toolkit.fluxcd.io/checksum',
  'fluxcd.io/sync-checksum',
] as const
const oldLabels = ['fluxcd.io/sync-gc-mark'] as const

export interface Cleanup {
  /** Main-resource entries of the live object that are taken over. */
  readonly managers: readonly FieldManager[]
  readonly annotations: readonly string[]
  readonly labels: readonly string[]
}

/** Whether an entry is one that the controller takes over: manager by prefix, main resource only. */
export function isTakenOver(
  set: Pick<DesiredSet, 'controller' | 'overrideManagers'>,
  entry: Pick<FieldManager, 'manager' | 'operation' | 'subresource'>,
): boolean {
  if (entry.subresource !== '') return false
  if (set.overrideManagers.some((name) => entry.manager.startsWith(name))) {
    return !(entry.manager === set.controller && entry.operation === 'Apply')
  }
  if (set.controller === 'helm-controller') return false
  if (entry.manager.startsWith('kubectl')) return true
  if (entry.operation !== 'Update') return false
  return entry.manager.startsWith('before-first-apply') || entry.manager.startsWith(set.controller)
}

/** What the controller would clean up on a live object; null where there is nothing to do or the object says `ssa: Merge`. */
export function cleanupOf(set: DesiredSet, desired: KubeObject, live: KubeObject): Cleanup | null {
  const managers = fieldManagersOf(live).filter((entry) => isTakenOver(set, entry))
  const isKustomize = set.controller === 'kustomize-controller'
  const annotations = isKustomize ? oldAnnotations.filter((key) => annotationOf(live, key) !== '') : []
  const labels = isKustomize ? oldLabels.filter((key) => labelOf(live, key) !== '') : []
  if (managers.length === 0 && annotations.length === 0 && labels.length === 0) return null
  return isKustomize && isMerged(desired, live) ? null : { managers, annotations, labels }
}

interface JsonOperation {
  readonly op: 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/**
 * The clean-up as the controller really sends it before it applies: JSON patch operations, none where there is nothing to do. Entries taken over
 * become part of the controller's last Apply entry; where it has none the first of them becomes it.
 */
export function cleanupOperations(set: DesiredSet, desired: KubeObject, live: KubeObject): readonly JsonOperation[] {
  if (isMerged(desired, live)) return []
  const operations: JsonOperation[] = []
  const remove = (name: 'annotations' | 'labels', keys: readonly string[]): void => {
    for (const key of keys)
      if (Object.hasOwn(live.metadata[name] ?? {}, key))
        operations.push({ op: 'remove', path: `/metadata/${name}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` })
  }
  remove('annotations', oldAnnotations)
  remove('labels', oldLabels)
  const managers = withTakenOver(set, asArray(live.metadata.managedFields))
  if (managers !== null) operations.push({ op: 'replace', path: '/metadata/managedFields', value: managers })
  return operations
}

/** metadata.managedFields with what is taken over united into the controller's entry, which comes last; null where nothing is. */
function withTakenOver(set: DesiredSet, entries: readonly unknown[]): readonly unknown[] | null {
  const read = (entry: Json): Pick<FieldManager, 'manager' | 'operation' | 'subresource'> => ({
    manager: asText(entry.manager),
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    subresource: asText(entry.subresource),
  })
  const isOwn = ({ manager, operation, subresource }: ReturnType<typeof read>): boolean =>
    manager === set.controller && operation === 'Apply' && subresource === ''
  const all = entries.map(asRecord)
  const before = all.findLast((entry) => isOwn(read(entry)))
  let own = before
  let isEdited = false
  const others: Json[] = []
  for (const entry of all) {
    if (entry === before) continue
    if (!isTakenOver(set, read(entry))) {
      others.push(entry)
      continue
    }
    isEdited = true
    if (own === undefined) own = { ...entry, manager: set.controller, operation: 'Apply' }
    else if (isNode(entry['fieldsV1']))
      own = {
        ...own,
        fieldsV1: isNode(own['fieldsV1']) ? uniteFields(own['fieldsV1'], entry['fieldsV1']) : entry['fieldsV1'],
      }
  }
  return isEdited ? [...others, own] : null
}

/**
 * `wouldBe` (the answer to the plain apply) without what the take-over removes; `wouldBe` itself where that is nothing. `desired` keeps its own
 * annotations and labels, whatever the clean-up says. Defaults that a removal uncovers are not filled in.
 */
export function withoutReclaimed(
  set: Pick<DesiredSet, 'controller' | 'overrideManagers'>,
  cleanup: Cleanup,
  desired: KubeObject,
  live: KubeObject,
  wouldBe: KubeObject,
): KubeObject {
  let last: FieldNode = noFields
  for (const entry of fieldManagersOf(live))
    if (entry.manager === set.controller && entry.operation === 'Apply' && entry.subresource === '') last = entry.fields
  for (const entry of cleanup.managers) last = uniteFields(last, entry.fields)
  const managed = fieldManagersOf(wouldBe)
    .filter((entry) => !isTakenOver(set, entry))
    .map((entry) => entry.fields)
  let result = pruneFields(wouldBe, last, managed)
  const drop = (name: 'annotations' | 'labels', keys: readonly string[]): void => {
    const map = result.metadata[name]
    const gone = keys.filter((key) => map?.[key] !== undefined && desired.metadata[name]?.[key] === undefined)
    if (map === undefined || gone.length === 0) return
    const left = Object.entries(map).filter(([key]) => !gone.includes(key))
    result = { ...result, metadata: { ...result.metadata, [name]: Object.fromEntries(left) } }
  }
  drop('annotations', cleanup.annotations)
  drop('labels', cleanup.labels)
  return result
}

/** An object without the fields of `last` that none of `managed` owns; labels and annotations of its metadata, never its status. */
export function pruneFields(object: KubeObject, last: FieldNode, managed: readonly FieldNode[]): KubeObject {
  const result: Record<string, unknown> = { ...object }
  let isChanged = false
  for (const segment in last) {
    const key = segment.slice(2)
    if (key === 'status' || key === 'apiVersion' || key === 'kind' || !Object.hasOwn(object, key)) continue
    const node = childOf(last, segment) ?? noFields
    const owners = childrenOf(managed, segment)
    if (key === 'metadata') {
      let metadata: Record<string, unknown> = object.metadata
      for (const name of ['labels', 'annotations']) {
        const fields = childOf(node, `f:${name}`)
        if (fields === undefined || !Object.hasOwn(metadata, name)) continue
        const pruned = prune(metadata[name], fields, childrenOf(owners, `f:${name}`))
        if (pruned !== metadata[name]) metadata = { ...metadata, [name]: pruned ?? {} }
      }
      if (metadata === object.metadata) continue
      result['metadata'] = metadata
    } else if (owners.length === 0) {
      delete result[key]
    } else {
      const pruned = prune(object[key], node, owners)
      if (pruned === object[key]) continue
      result[key] = pruned
    }
    isChanged = true
  }
  return isChanged ? (result as KubeObject) : object
}

function prune(value: unknown, last: FieldNode, managed: readonly FieldNode[]): unknown {
  // A leaf among `managed` is an empty map or list that somebody wants: where fields are owned below it, the type is not atomic.
  const gone = new Set<string | number>()
  const changed = new Map<string | number, unknown>()
  for (const segment in last) {
    if (segment === '.') continue
    const node = childOf(last, segment)
    const step = resolveSegment(value, segment)
    if (node === undefined || step === null) continue
    const owners = childrenOf(managed, segment)
    // Structs between are members wherever one of their fields is; items of lists only by themselves.
    const isNamed = segment.startsWith('f:')
    const isKept = isNamed ? owners.length > 0 : owners.some(isMember)
    if ((isNamed || isMember(node)) && !isKept) {
      gone.add(step)
      continue
    }
    const before = (value as Record<string | number, unknown>)[step]
    const after = prune(before, node, owners)
    if (after !== before) changed.set(step, after)
  }
  if (gone.size === 0 && changed.size === 0) return value
  // API servers leave a null where everything is taken out of a list or map, which a custom kind may then refuse.
  if (Array.isArray(value)) {
    const left = (value as readonly unknown[]).flatMap((item, index) =>
      gone.has(index) ? [] : [changed.has(index) ? changed.get(index) : item],
    )
    return left.length > 0 ? left : null
  }
  const left = Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, item]) =>
    gone.has(key) ? [] : [[key, changed.has(key) ? changed.get(key) : item] as const],
  )
  return left.length > 0 ? Object.fromEntries(left) : null
}
