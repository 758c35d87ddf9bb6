/** Validators run like transformers and may change nothing but the label that says so. Semantics: kustomize api internal/target. */
import { BuildError } from '../build-error.ts'
import type { ResMap } from '../resource/res-map.ts'
import { resourceJson } from '../resource/build-annotations.ts'
import { resIdText } from '../resource/res-id.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { Transformer } from './plugin.ts'

/** Throws BuildError TransformFailed if the validator changed anything. */
export function runValidator(validator: Transformer, resources: ResMap): void {
  const before = resources.copy()
  validator.transform(resources)
  const after = resources.copy()
  for (const resource of after.resources()) {
    const labels = new Map(resource.labels())
    // Upstream writes all labels anew, at the end of the metadata: labels that a file brought are then no longer the same.
    if (labels.delete('validated-by')) resource.setLabels(labels)
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

/** Equal as upstream's nodes must be: in text, tag, style and place. */
function areEqual(a: YamlNode, b: YamlNode): boolean {
  if (a.kind !== b.kind || a.tag !== b.tag || a.line !== b.line) return false
  if (a.kind === 'scalar') return a.value === (b as typeof a).value && a.style === (b as typeof a).style
  if (a.isFlow !== (b as typeof a).isFlow) return false
  if (a.kind === 'sequence') return areAllEqual(a.items, (b as typeof a).items)
  return areAllEqual(a.keys, (b as typeof a).keys) && areAllEqual(a.values, (b as typeof a).values)
}

function areAllEqual(a: readonly YamlNode[], b: readonly YamlNode[]): boolean {
  return a.length === b.length && a.every((node, index) => areEqual(node, b[index]!))
}
