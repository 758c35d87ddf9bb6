/**
 * Prefixes and suffixes of names. They are remembered on each object, for they tell references apart later; definitions of APIs and
 * Namespaces keep their names.
 *
 * Semantics: kustomize's PrefixTransformer and SuffixTransformer.
 */
import type { BuildContext } from '../build-context.ts'
import { FieldSpecSet } from '../field-spec/apply-field-spec.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { writeScalar } from '../field-spec/setters.ts'
import { gvkIsSelected } from '../resource/gvk.ts'
import type { ResId } from '../resource/res-id.ts'
import type { ResMap } from '../resource/res-map.ts'
import type { YamlNode } from '../yaml/node.ts'

export interface PrefixConfig {
  readonly prefix: string
  readonly fieldSpecs: readonly FieldSpec[]
}

export interface SuffixConfig {
  readonly suffix: string
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Throws BuildError TransformFailed where a field is no scalar. */
export function transformPrefix(resources: ResMap, config: PrefixConfig, context: BuildContext): void {
  transformAffix(resources, config.fieldSpecs, context, config.prefix, '')
}

/** Throws BuildError TransformFailed where a field is no scalar. */
export function transformSuffix(resources: ResMap, config: SuffixConfig, context: BuildContext): void {
  transformAffix(resources, config.fieldSpecs, context, '', config.suffix)
}

function transformAffix(
  resources: ResMap,
  fieldSpecs: readonly FieldSpec[],
  context: BuildContext,
  prefix: string,
  suffix: string,
): void {
  const setter = (node: YamlNode): void =>
    writeScalar(node, prefix + (node.kind === 'scalar' ? node.value : '') + suffix, '')
  const sets = fieldSpecs.map((spec) => ({ spec, set: new FieldSpecSet([spec], { kind: 'scalar', tag: '!!str' }) }))
  for (const [index, resource] of resources.resources().entries()) {
    if (index % 500 === 0) context.checkpoint()
    const id = resource.originalId()
    if (keepsName(id)) continue
    for (const { spec, set } of sets) {
      if (!gvkIsSelected(id, spec)) continue
      if (spec.path === 'metadata/name') {
        resource.addNamePrefix(prefix)
        resource.addNameSuffix(suffix)
        if (prefix !== '' || suffix !== '') resource.storePreviousId()
      }
      set.apply(resource.node, setter)
    }
  }
  resources.reindex()
}

function keepsName(id: ResId): boolean {
  return (
    id.kind === 'CustomResourceDefinition' ||
    id.kind === 'Namespace' ||
    (id.kind === 'APIService' && id.group === 'apiregistration.k8s.io')
  )
}
