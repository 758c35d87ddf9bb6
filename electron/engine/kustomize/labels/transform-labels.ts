/**
 * Labels on objects, and on templates and selectors where the specs say so.
 *
 * Semantics: kustomize's LabelTransformer, and how a kustomization's `labels` and `commonLabels` become its configurations.
 */
import type { BuildContext } from '../build-context.ts'
import { wrapping } from '../build-error.ts'
import type { TransformerConfig } from '../config/transformer-config.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { makeFieldSpec, mergeFieldSpec, mergeFieldSpecs } from '../field-spec/field-spec.ts'
import { setEntries } from '../field-spec/set-entries.ts'
import type { ResMap } from '../resource/res-map.ts'

export interface LabelConfig {
  readonly labels: ReadonlyMap<string, string>
  readonly fieldSpecs: readonly FieldSpec[]
}

/** One entry of a kustomization's `labels`. */
export interface LabelField {
  readonly pairs: ReadonlyMap<string, string> | null
  readonly includeSelectors: boolean
  readonly includeTemplates: boolean
  readonly fields: readonly FieldSpec[] | null
}

/** Throws BuildError TransformFailed where a path does not lead to a map. */
export function transformLabels(resources: ResMap, config: LabelConfig, context: BuildContext): void {
  setEntries(resources, config.labels, config.fieldSpecs, context)
}

const metadataLabels = makeFieldSpec('metadata/labels', {}, true)

/**
 * Configurations for a kustomization's `labels`, in order, then for its `commonLabels`. Throws BuildError (`failed to merge labels:
 * conflicting fieldspecs`) where an entry's own fields contradict the configuration.
 */
export function labelConfigs(
  labels: readonly LabelField[] | null,
  commonLabels: ReadonlyMap<string, string> | null,
  config: TransformerConfig,
): LabelConfig[] {
  const result = (labels ?? []).map((label) => ({
    labels: label.pairs ?? noLabels,
    fieldSpecs: labelFieldSpecs(label, config),
  }))
  if (commonLabels === null || commonLabels.size === 0) return result
  return [...result, { labels: commonLabels, fieldSpecs: config.commonLabels }]
}

const noLabels: ReadonlyMap<string, string> = new Map()

function labelFieldSpecs(label: LabelField, config: TransformerConfig): readonly FieldSpec[] {
  const merged = <T>(work: () => T): T => wrapping('failed to merge labels', work)
  const specs = merged(() => mergeFieldSpecs(label.fields ?? [], config.labels))
  if (label.includeSelectors) return merged(() => mergeFieldSpecs(specs, config.commonLabels))
  const withTemplates = label.includeTemplates
    ? wrapping('failed to merge template fieldSpec', () => mergeFieldSpecs(specs, config.templateLabels))
    : specs
  return merged(() => mergeFieldSpec(withTemplates, metadataLabels))
}
