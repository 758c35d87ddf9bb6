/**
 * Applying one strategic merge patch to one object. The name, kind and namespace stay what they were, unless the patch may change the
 * first two. Semantics: kustomize's Resource.ApplySmPatch.
 */
import { mergeNodes } from '../merge/merge-nodes.ts'
import type { Resource } from '../resource/resource.ts'
import type { SchemaSet } from '../schema/schema.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getField, getMap, MapNode, removeField, setField } from '../yaml/node.ts'

/**
 * Merges `patch` into `target`, whose tree then holds nodes of the patch: give each target a patch of its own. A deleted target is left
 * without any field. Throws BuildError with kyaml's texts.
 */
export function applyStrategicMerge(target: Resource, patch: Resource, schemas: SchemaSet): void {
  const kind = getField(target.node, 'kind')
  const metadata = getMap(target.node, 'metadata')
  const name = metadata === null ? undefined : getField(metadata, 'name')
  const namespace = metadata === null ? undefined : getField(metadata, 'namespace')
  if (patch.allowsNameChange || patch.allowsKindChange) {
    target.storePreviousId()
    // Upstream's options are annotations of the patch, so they become the target's.
    if (patch.allowsNameChange) target.allowNameChange()
    if (patch.allowsKindChange) target.allowKindChange()
  }
  if (mergeNodes(patch.node, target.node, schemas) === undefined) target.node = new MapNode()
  if (target.isEmpty()) return
  if (!patch.allowsKindChange) restore(target.node, 'kind', kind)
  if (name === undefined && namespace === undefined && getMap(target.node, 'metadata') === null) return
  const merged = ensureMetadata(target.node)
  if (!patch.allowsNameChange) restore(merged, 'name', name)
  restore(merged, 'namespace', namespace)
}

/** Puts back what stood in a field: its text and the way it was written. */
function restore(map: MapNode, field: string, value: YamlNode | undefined): void {
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
