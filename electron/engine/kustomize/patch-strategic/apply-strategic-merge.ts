/**
 * Applying one strategic merge patch to one object. The name, kind and namespace stay what they were, unless the patch may change the
 * first two. Semantics: kustomize's Resource.ApplySmPatch.
 */
import { mergeNodes } from '../merge/merge-nodes.ts'
import { leaveOpen } from '../merge/scalar-style.ts'
import { readBuildAnnotations, writeBuildAnnotations } from '../resource/build-annotations.ts'
import type { Resource } from '../resource/resource.ts'
import type { SchemaSet } from '../schema/schema.ts'
import { getField, getMap, MapNode, removeField, ScalarNode, setField } from '../yaml/node.ts'
import { plainTagV3 } from '../yaml/resolve-v3.ts'

/**
 * Merges `patch` into `target`, whose tree then holds nodes of the patch: give each target a patch of its own. A deleted target is left
 * without any field. Throws BuildError with kyaml's texts.
 */
export function applyStrategicMerge(target: Resource, patch: Resource, schemas: SchemaSet): void {
  const metadata = getMap(target.node, 'metadata')
  const kind = keptText(target.node, 'kind')
  const name = keptText(metadata, 'name')
  const namespace = keptText(metadata, 'namespace')
  if (patch.allowsNameChange || patch.allowsKindChange) {
    target.storePreviousId()
    // Upstream's options are annotations of the patch, so they become the target's.
    if (patch.allowsNameChange) target.allowNameChange()
    if (patch.allowsKindChange) target.allowKindChange()
  }
  const mayForget = replacesAnnotations(patch.node)
  if (mayForget) {
    writeBuildAnnotations(patch)
    writeBuildAnnotations(target)
  }
  if (mergeNodes(patch.node, target.node, schemas) === undefined) target.node = new MapNode()
  if (target.isEmpty()) return
  if (mayForget) readBuildAnnotations(target)
  if (!patch.allowsKindChange) restore(target.node, 'kind', kind)
  if (name === undefined && namespace === undefined && getMap(target.node, 'metadata') === null) return
  const merged = ensureMetadata(target.node)
  if (!patch.allowsNameChange) restore(merged, 'name', name)
  restore(merged, 'namespace', namespace)
}

/** True if the patch can take away annotations that it does not name: those in which upstream remembers the object's former names. */
function replacesAnnotations(patch: MapNode): boolean {
  if (getField(patch, '$patch') !== undefined) return true
  const metadata = getField(patch, 'metadata')
  if (metadata === undefined) return false
  if (metadata.kind !== 'map' || getField(metadata, '$patch') !== undefined) return true
  const annotations = getField(metadata, 'annotations')
  return annotations !== undefined && (annotations.kind !== 'map' || getField(annotations, '$patch') !== undefined)
}

/** A field's scalar as it will be put back; what needs no second look when it is printed keeps its tag, and is remembered as open. */
function keptText(map: MapNode | null, field: string): ScalarNode | undefined {
  const node = map === null ? undefined : getField(map, field)
  if (node?.kind !== 'scalar' || node.tag === '!!null') return undefined
  const isOpen = node.style === 'plain' && plainTagV3(node.value) === node.tag
  const kept = new ScalarNode(node.value, isOpen && node.tag !== '!!str' ? '' : node.tag, node.style, node.line)
  if (isOpen) leaveOpen(kept)
  return kept
}

/** Puts back what stood in a field: its text and the way it was written. */
function restore(map: MapNode, field: string, value: ScalarNode | undefined): void {
  if (value !== undefined) setField(map, field, value)
  else removeField(map, field)
}

function ensureMetadata(node: MapNode): MapNode {
  const found = getMap(node, 'metadata')
  if (found !== null) return found
  const created = new MapNode()
  setField(node, 'metadata', created)
  return created
}
