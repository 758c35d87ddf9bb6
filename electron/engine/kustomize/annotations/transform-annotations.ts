/**
 * Annotations on objects and on their templates.
 *
 * Semantics: kustomize's AnnotationsTransformer.
 */
import type { BuildContext } from '../build-context.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { setEntries } from '../field-spec/set-entries.ts'
import type { ResMap } from '../resource/res-map.ts'

export interface AnnotationsConfig {
  readonly annotations: ReadonlyMap<string, string>
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Throws BuildError TransformFailed where a path does not lead to a map. */
export function transformAnnotations(resources: ResMap, config: AnnotationsConfig, context: BuildContext): void {
  setEntries(resources, config.annotations, config.fieldSpecs, context)
}
