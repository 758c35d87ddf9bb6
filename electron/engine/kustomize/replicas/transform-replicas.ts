/**
 * Sets the number of replicas of the objects that have, or had, a name.
 *
 * Semantics: kustomize's ReplicaCountTransformer.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { applyFieldSpec } from '../field-spec/apply-field-spec.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { setScalar } from '../field-spec/setters.ts'
import { gvkIsSelected, gvkText } from '../resource/gvk.ts'
import type { ResMap } from '../resource/res-map.ts'

export interface ReplicasConfig {
  readonly replica: { readonly name: string; readonly count: number | bigint }
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Throws BuildError TransformFailed if no object of a kind with replicas has, or had, the name. */
export function transformReplicas(resources: ResMap, config: ReplicasConfig, context: BuildContext): void {
  context.checkpoint()
  const { replica, fieldSpecs } = config
  const setter = setScalar(String(replica.count), '!!int')
  const named = resources
    .resources()
    .filter(
      (resource) =>
        resource.name === replica.name || resource.previousIds.some((previous) => previous.name === replica.name),
    )
  let isFound = false
  for (const spec of fieldSpecs) {
    for (const resource of named) {
      if (resource.isEmpty()) continue
      const ids = [...resource.previous(), resource.currentId()]
      if (!ids.some((id) => id.name === replica.name && gvkIsSelected(id, spec))) continue
      isFound = true
      applyFieldSpec(resource.node, spec, setter, { kind: 'scalar', tag: '!!int' })
    }
  }
  if (!isFound) {
    throw new BuildError(
      'TransformFailed',
      `resource with name ${replica.name} does not match a config with the following GVK [${fieldSpecs.map(gvkText).join(' ')}]`,
    )
  }
}
