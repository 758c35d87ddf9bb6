/**
 * Applying one strategic merge patch to one object. The name, kind and namespace stay what they were, unless the patch may change the
 * first two. Semantics: kustomize's Resource.ApplySmPatch.
 */
import { mergeNodes } from '../merge/merge-nodes.ts'
import { leaveOpen, makeFieldScalar } from '../merge/scalar-style.ts'
import { readBuildAnnotations, writeBuildAnnotations } from '../resource/build-annotations.ts'
import type { Resource } from '../resource/resource.ts'
import type { SchemaSet } from '../schema/schema.ts'
import { getField, getMap, MapNode, removeField, ScalarNode, setField } from '../yaml/node.ts'
import { untaggedTag } from '../yaml/untagged.ts'

/**
 * Merges `patch` into `target`, whose tree then holds nodes of the patch: give each target a patch of its own. A deleted target is left
 * without any field. Throws BuildError with kyaml's texts.
 */
export function applyStrategicMerge(target: Resource, patch: Resource, schemas: SchemaSet): void {
  const metadata = getMap(target.node, 'metadata')
  const kind = textIn(target.node, 'kind')
  const name = textIn(metadata, 'name')
  const namespace = textIn(metadata, 'namespace')
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

/** What a field says; undefined for nothing. */
function textIn(map: MapNode | null, field: string): string | undefined {
  const node = map === null ? undefined : getField(map, field)
  return node?.kind === 'scalar' && node.tag !== '!!null' ? node.value : undefined
}

/** Puts back what a field said, in the style that the merge left there; the type that it had is lost (`SetName`, `SetKind`). */
function restore(map: MapNode, field: string, text: string | undefined): void {
  if (text === undefined) {
    removeField(map, field)
    return
  }
  const merged = getField(map, field)
  if (merged === undefined) {
    setField(map, field, makeFieldScalar(text))
    return
  }
  const style = merged.kind === 'scalar' ? merged.style : 'plain'
  const restored = new ScalarNode(text, style === 'plain' ? untaggedTag(text) : '!!str', style, merged.line)
  if (style === 'plain') leaveOpen(restored)
  setField(map, field, restored)
}

function ensureMetadata(node: MapNode): MapNode {
  const found = getMap(node, 'metadata')
  if (found !== null) return found
  const created = new MapNode()
  setField(node, 'metadata', created)
  return created
}
