/** Sets string entries in the maps that field specs lead to: what the label and annotation transformers have in common. */
import type { BuildContext } from '../build-context.ts'
import type { ResMap } from '../resource/res-map.ts'
import { FieldSpecSet } from './apply-field-spec.ts'
import type { FieldSpec } from './field-spec.ts'
import { setEntry } from './setters.ts'

/** Entries in the order of their keys, each through all specs; missing maps are made where a spec says so. Throws BuildError TransformFailed. */
export function setEntries(
  resources: ResMap,
  entries: ReadonlyMap<string, string>,
  fieldSpecs: readonly FieldSpec[],
  context: BuildContext,
): void {
  if (entries.size === 0) return
  const specs = new FieldSpecSet(fieldSpecs, { kind: 'map', tag: '!!map' })
  const keys = [...entries.keys()].sort()
  for (const [index, resource] of resources.resources().entries()) {
    if (index % 500 === 0) context.checkpoint()
    for (const key of keys) specs.apply(resource.node, setEntry(key, entries.get(key)!))
  }
  resources.dropEmpties()
}
