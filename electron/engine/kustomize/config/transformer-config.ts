/**
 * Which fields each transformer touches: a default for builtin kinds, to which `configurations:` and `crds:` of a kustomization add. A
 * config is never changed once made; merging makes a new one, or gives back the one that already holds everything.
 *
 * Semantics: kustomize's builtinconfig.TransformerConfig.
 */
import { wrapping } from '../build-error.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { mergeFieldSpecs, sortByGvk } from '../field-spec/field-spec.ts'
import type { Gvk } from '../resource/gvk.ts'
import { gvkEquals } from '../resource/gvk.ts'

/** Objects of this gvk are named by these fields of others. */
export interface NameBackReference extends Gvk {
  readonly referrers: readonly FieldSpec[]
}

/** Keys are those of a configuration file. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly nameReference: readonly NameBackReference[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
}

export const emptyTransformerConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
}

/** The lists of field specs in the order in which upstream merges them, with the names that its messages have for them. */
const mergeOrder = [
  ['namePrefix', 'NamePrefix'],
  ['nameSuffix', 'NameSuffix'],
  ['namespace', 'NameSpace'],
  ['commonAnnotations', 'CommonAnnotations'],
  ['commonLabels', 'CommonLabels'],
  ['labels', 'Labels'],
  ['templateLabels', 'TemplateLabels'],
  ['varReference', 'VarReference'],
  ['nameReference', 'NameReference'],
  ['images', 'Images'],
  ['replicas', 'Replicas'],
] as const

/**
 * `incoming` added to `config`, all lists sorted by gvk. Throws BuildError InvalidKustomization (`failed to merge Images fieldSpec:
 * conflicting fieldspecs`) where two specs of one field disagree on `create`.
 */
export function mergeTransformerConfigs(config: TransformerConfig, incoming: TransformerConfig): TransformerConfig {
  const merged: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...config }
  for (const [field, name] of mergeOrder) {
    wrapping(`failed to merge ${name} fieldSpec`, () => {
      if (field === 'nameReference') {
        merged.nameReference = sortByGvk(mergeNameReferences(config.nameReference, incoming.nameReference))
      } else merged[field] = sortByGvk(mergeFieldSpecs(config[field], incoming[field]))
    })
  }
  const isSame = mergeOrder.every(([field]) => merged[field] === config[field])
  return isSame ? config : merged
}

/** All lists sorted by gvk, as upstream keeps a configuration that it has read. */
export function sortTransformerConfig(config: TransformerConfig): TransformerConfig {
  const sorted: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...config }
  for (const [field] of mergeOrder) {
    if (field === 'nameReference') sorted.nameReference = sortByGvk(config.nameReference)
    else sorted[field] = sortByGvk(config[field])
  }
  return sorted
}

/** Adds `incoming` one by one: the referrers of an equal gvk are merged. Gives `references` itself where nothing is added. */
export function mergeNameReferences(
  references: readonly NameBackReference[],
  incoming: readonly NameBackReference[],
): readonly NameBackReference[] {
  let result = references
  for (const reference of incoming) {
    let isPresent = false
    let isChanged = false
    const merged = result.map((present) => {
      if (!gvkEquals(present, reference)) return present
      isPresent = true
      const referrers = mergeFieldSpecs(present.referrers, reference.referrers)
      if (referrers === present.referrers) return present
      isChanged = true
      return { ...present, referrers }
    })
    if (!isPresent) result = [...merged, reference]
    else if (isChanged) result = merged
  }
  return result
}
