/** Validators run like transformers and may change nothing but the label that says so. Semantics: kustomize api internal/target. */
import { BuildError } from '../build-error.ts'
import type { ResMap } from '../resource/res-map.ts'
import { resourceJson } from '../resource/build-annotations.ts'
import { resIdText } from '../resource/res-id.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getMap, removeField } from '../yaml/node.ts'
import type { Transformer } from './plugin.ts'

/** Throws BuildError TransformFailed if the validator changed anything. */
export function runValidator(validator: Transformer, resources: ResMap): void {
  const before = resources.copy()
  validator.transform(resources)
  const after = resources.copy()
  for (const resource of after.resources()) {
    const metadata = getMap(resource.node, 'metadata')
    const labels = metadata === null ? null : getMap(metadata, 'labels')
    if (metadata === null || labels === null || removeField(labels, 'validated-by') === undefined) continue
    if (labels.keys.length === 0) removeField(metadata, 'labels')
  }
  const fail = (what: string): never => {
    throw new BuildError('TransformFailed', `validator shouldn't modify the resource map: ${what}`)
  }
  if (before.size !== after.size) fail('lists have different number of entries')
  for (const resource of before.resources()) {
    const id = resource.currentId()
    const matches = after.withCurrentId(id)
    const [same] = matches
    if (matches.length > 1) fail(`id in self matches ${matches.length} in other; id: ${resIdText(id)}`)
    if (same === undefined) fail(`id in self missing from other; id: ${resIdText(id)}`)
    else if (!areEqual(resource.node, same.node))
      fail(
        `nodes unequal: \n -- ${resourceJson(resource)},\n -- ${resourceJson(same)}\n\n--\n${goStruct}\n------\n${goStruct}\n`,
      )
  }
}

/** Upstream goes on with its own structs, addresses and all. */
const goStruct =
  '&resource.Resource{RNode:yaml.RNode{fieldPath:[]string(nil), value:(*yaml.Node)(0xc000000000), ShouldKeep:false, Match:[]string(nil)}, refVarNames:[]string(nil)}'

function areEqual(a: YamlNode, b: YamlNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.value === b.value && a.tag === b.tag
  if (a.kind === 'sequence')
    return (
      b.kind === 'sequence' &&
      a.items.length === b.items.length &&
      a.items.every((item, i) => areEqual(item, b.items[i]!))
    )
  if (b.kind !== 'map' || a.keys.length !== b.keys.length) return false
  return a.keys.every((key, i) => areEqual(key, b.keys[i]!) && areEqual(a.values[i]!, b.values[i]!))
}
