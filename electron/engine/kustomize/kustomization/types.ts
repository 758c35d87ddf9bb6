/**
 * What a kustomization file holds, under kustomize's own names: lists and maps are null where the file has none, texts are ''. Beside each
 * type stands its shape, which names the Go types that upstream's messages name.
 * Semantics: kustomize api types.
 */
import type { GoValue } from '../yaml/go-value.ts'
import type { Shape } from './go-decode.ts'
import { anything, bool, field, integer, list, mapOf, namedText, pointer, struct, text } from './go-decode.ts'

export type StringMap = ReadonlyMap<string, string>

export interface FieldSpecArgs {
  group: string
  version: string
  kind: string
  path: string
  create: boolean
}

export const fieldSpecShape = struct<FieldSpecArgs>('FieldSpec', {
  group: field(text, 'Gvk'),
  version: field(text, 'Gvk'),
  kind: field(text, 'Gvk'),
  path: field(text),
  create: field(bool),
})

export interface SelectorArgs {
  group: string
  version: string
  kind: string
  name: string
  namespace: string
  annotationSelector: string
  labelSelector: string
}

export const selectorShape = struct<SelectorArgs>('Selector', {
  group: field(text, 'ResId', 'Gvk'),
  version: field(text, 'ResId', 'Gvk'),
  kind: field(text, 'ResId', 'Gvk'),
  name: field(text, 'ResId'),
  namespace: field(text, 'ResId'),
  annotationSelector: field(text),
  labelSelector: field(text),
})

export interface GeneratorOptions {
  labels: Map<string, string> | null
  annotations: Map<string, string> | null
  disableNameSuffixHash: boolean
  immutable: boolean
}

export const generatorOptionsShape = struct<GeneratorOptions>('GeneratorOptions', {
  labels: field(mapOf(text)),
  annotations: field(mapOf(text)),
  disableNameSuffixHash: field(bool),
  immutable: field(bool),
})

export interface ConfigMapArgs {
  namespace: string
  name: string
  behavior: string
  literals: string[] | null
  files: string[] | null
  envs: string[] | null
  env: string
  options: GeneratorOptions | null
}

export interface SecretArgs extends ConfigMapArgs {
  type: string
}

const generatorFields = {
  namespace: field(text, 'GeneratorArgs'),
  name: field(text, 'GeneratorArgs'),
  behavior: field(text, 'GeneratorArgs'),
  literals: field(list(text), 'GeneratorArgs', 'KvPairSources'),
  files: field(list(text), 'GeneratorArgs', 'KvPairSources'),
  envs: field(list(text), 'GeneratorArgs', 'KvPairSources'),
  env: field(text, 'GeneratorArgs', 'KvPairSources'),
  options: field(pointer(generatorOptionsShape), 'GeneratorArgs'),
}

export const configMapArgsShape = struct<ConfigMapArgs>('ConfigMapArgs', generatorFields)
export const secretArgsShape = struct<SecretArgs>('SecretArgs', { ...generatorFields, type: field(text) })

export interface Label {
  pairs: Map<string, string> | null
  includeSelectors: boolean
  includeTemplates: boolean
  fields: FieldSpecArgs[] | null
}

const labelShape = struct<Label>('Label', {
  pairs: field(mapOf(text)),
  includeSelectors: field(bool),
  includeTemplates: field(bool),
  fields: field(list(fieldSpecShape)),
})

export interface PatchOptions {
  allowNameChange: boolean
  allowKindChange: boolean
}

export const patchOptionsShape = struct<PatchOptions>('PatchArgs', {
  allowNameChange: field(bool),
  allowKindChange: field(bool),
})

export interface Patch {
  path: string
  patch: string
  target: SelectorArgs | null
  options: PatchOptions | null
}

const patchShape = struct<Patch>('Patch', {
  path: field(text),
  patch: field(text),
  target: field(pointer(selectorShape)),
  options: field(pointer(patchOptionsShape)),
})

export interface Image {
  name: string
  newName: string
  tagSuffix: string
  newTag: string
  digest: string
}

export const imageShape = struct<Image>('Image', {
  name: field(text),
  newName: field(text),
  tagSuffix: field(text),
  newTag: field(text),
  digest: field(text),
})

export interface Replica {
  name: string
  count: number
}

export const replicaShape = struct<Replica>('Replica', { name: field(text), count: field(integer('int64')) })

export interface ReplacementOptions {
  delimiter: string
  index: number
  encoding: string
  create: boolean
}

const replacementOptionsShape = struct<ReplacementOptions>('FieldOptions', {
  delimiter: field(text),
  index: field(integer('int')),
  encoding: field(text),
  create: field(bool),
})

export interface ReplacementSource {
  group: string
  version: string
  kind: string
  name: string
  namespace: string
  fieldPath: string
  options: ReplacementOptions | null
}

const replacementSourceShape = struct<ReplacementSource>('SourceSelector', {
  group: field(text, 'ResId', 'Gvk'),
  version: field(text, 'ResId', 'Gvk'),
  kind: field(text, 'ResId', 'Gvk'),
  name: field(text, 'ResId'),
  namespace: field(text, 'ResId'),
  fieldPath: field(text),
  options: field(pointer(replacementOptionsShape)),
})

export interface ReplacementTarget {
  select: SelectorArgs | null
  reject: (SelectorArgs | null)[] | null
  fieldPaths: string[] | null
  options: ReplacementOptions | null
}

const replacementTargetShape = struct<ReplacementTarget>('TargetSelector', {
  select: field(pointer(selectorShape)),
  reject: field(pointerList(selectorShape)),
  fieldPaths: field(list(text)),
  options: field(pointer(replacementOptionsShape)),
})

/** A slice of pointers: Go's type name has a star. */
function pointerList<T>(target: Shape<T>): Shape<(T | null)[] | null> {
  return list(pointer(target), `[]*${target.goType}`)
}

export interface Replacement {
  source: ReplacementSource | null
  targets: (ReplacementTarget | null)[] | null
  sourceValue: string | null
}

export interface ReplacementField extends Replacement {
  path: string
}

export const replacementShape = struct<Replacement>('Replacement', {
  source: field(pointer(replacementSourceShape)),
  targets: field(pointerList(replacementTargetShape)),
  sourceValue: field(pointer(text)),
})

export const replacementFieldShape = struct<ReplacementField>('ReplacementField', {
  source: field(pointer(replacementSourceShape), 'Replacement'),
  targets: field(pointerList(replacementTargetShape), 'Replacement'),
  sourceValue: field(pointer(text), 'Replacement'),
  path: field(text),
})

export interface VarTarget {
  apiVersion: string
  group: string
  version: string
  kind: string
  name: string
  namespace: string
}

export interface Var {
  name: string
  objref: VarTarget
  fieldref: { fieldPath: string }
}

const varShape = struct<Var>('Var', {
  name: field(text),
  objref: field(
    struct<VarTarget>('Target', {
      apiVersion: field(text),
      group: field(text, 'Gvk'),
      version: field(text, 'Gvk'),
      kind: field(text, 'Gvk'),
      name: field(text),
      namespace: field(text),
    }),
  ),
  fieldref: field(struct<{ fieldPath: string }>('FieldSelector', { fieldPath: field(text) })),
})

export interface SortOptions {
  order: string
  legacySortOptions: { orderFirst: string[] | null; orderLast: string[] | null } | null
}

const sortOptionsShape = struct<SortOptions>('SortOptions', {
  order: field(namedText('types.SortOrder')),
  legacySortOptions: field(
    pointer(
      struct<{ orderFirst: string[] | null; orderLast: string[] | null }>('LegacySortOptions', {
        orderFirst: field(list(text)),
        orderLast: field(list(text)),
      }),
    ),
  ),
})

export interface HelmGlobals {
  chartHome: string
  configHome: string
}

const helmGlobalsShape = struct<HelmGlobals>('HelmGlobals', { chartHome: field(text), configHome: field(text) })

export interface HelmChart {
  name: string
  version: string
  repo: string
  releaseName: string
  namespace: string
  additionalValuesFiles: string[] | null
  valuesFile: string
  valuesInline: Map<string, GoValue> | null
  valuesMerge: string
  includeCRDs: boolean
  skipHooks: boolean
  apiVersions: string[] | null
  kubeVersion: string
  nameTemplate: string
  skipTests: boolean
  debug: boolean
  devel: boolean
}

const helmChartShape = struct<HelmChart>('HelmChart', {
  name: field(text),
  version: field(text),
  repo: field(text),
  releaseName: field(text),
  namespace: field(text),
  additionalValuesFiles: field(list(text)),
  valuesFile: field(text),
  valuesInline: field(mapOf(anything)),
  valuesMerge: field(text),
  includeCRDs: field(bool),
  skipHooks: field(bool),
  apiVersions: field(list(text)),
  kubeVersion: field(text),
  nameTemplate: field(text),
  skipTests: field(bool),
  debug: field(bool),
  devel: field(bool),
})

/** The form before `helmCharts`: converted when the file is read. */
export interface HelmChartArgs {
  chartName: string
  chartVersion: string
  chartRepoUrl: string
  chartHome: string
  chartRepoName: string
  helmBin: string
  helmHome: string
  values: string
  valuesLocal: Map<string, GoValue> | null
  valuesMerge: string
  releaseName: string
  releaseNamespace: string
  extraArgs: string[] | null
}

const helmChartArgsShape = struct<HelmChartArgs>('HelmChartArgs', {
  chartName: field(text),
  chartVersion: field(text),
  chartRepoUrl: field(text),
  chartHome: field(text),
  chartRepoName: field(text),
  helmBin: field(text),
  helmHome: field(text),
  values: field(text),
  valuesLocal: field(mapOf(anything)),
  valuesMerge: field(text),
  releaseName: field(text),
  releaseNamespace: field(text),
  extraArgs: field(list(text)),
})

export interface ObjectMeta {
  name: string
  namespace: string
  labels: Map<string, string> | null
  annotations: Map<string, string> | null
}

export const objectMetaShape = struct<ObjectMeta>('ObjectMeta', {
  name: field(text),
  namespace: field(text),
  labels: field(mapOf(text)),
  annotations: field(mapOf(text)),
})

export interface Kustomization {
  kind: string
  apiVersion: string
  metadata: ObjectMeta | null
  openapi: Map<string, string> | null
  namePrefix: string
  nameSuffix: string
  namespace: string
  commonLabels: Map<string, string> | null
  labels: Label[] | null
  commonAnnotations: Map<string, string> | null
  patchesStrategicMerge: string[] | null
  patchesJson6902: Patch[] | null
  patches: Patch[] | null
  images: Image[] | null
  imageTags: Image[] | null
  replacements: ReplacementField[] | null
  replicas: Replica[] | null
  vars: Var[] | null
  sortOptions: SortOptions | null
  resources: string[] | null
  components: string[] | null
  crds: string[] | null
  bases: string[] | null
  configMapGenerator: ConfigMapArgs[] | null
  secretGenerator: SecretArgs[] | null
  helmGlobals: HelmGlobals | null
  helmCharts: HelmChart[] | null
  helmChartInflationGenerator: HelmChartArgs[] | null
  generatorOptions: GeneratorOptions | null
  configurations: string[] | null
  generators: string[] | null
  transformers: string[] | null
  validators: string[] | null
  buildMetadata: string[] | null
}

export const kustomizationShape = struct<Kustomization>('Kustomization', {
  kind: field(text, 'TypeMeta'),
  apiVersion: field(text, 'TypeMeta'),
  metadata: field(pointer(objectMetaShape)),
  openapi: field(mapOf(text)),
  namePrefix: field(text),
  nameSuffix: field(text),
  namespace: field(text),
  commonLabels: field(mapOf(text)),
  labels: field(list(labelShape)),
  commonAnnotations: field(mapOf(text)),
  patchesStrategicMerge: field(list(namedText('types.PatchStrategicMerge'))),
  patchesJson6902: field(list(patchShape)),
  patches: field(list(patchShape)),
  images: field(list(imageShape)),
  imageTags: field(list(imageShape)),
  replacements: field(list(replacementFieldShape)),
  replicas: field(list(replicaShape)),
  vars: field(list(varShape)),
  sortOptions: field(pointer(sortOptionsShape)),
  resources: field(list(text)),
  components: field(list(text)),
  crds: field(list(text)),
  bases: field(list(text)),
  configMapGenerator: field(list(configMapArgsShape)),
  secretGenerator: field(list(secretArgsShape)),
  helmGlobals: field(pointer(helmGlobalsShape)),
  helmCharts: field(list(helmChartShape)),
  helmChartInflationGenerator: field(list(helmChartArgsShape)),
  generatorOptions: field(pointer(generatorOptionsShape)),
  configurations: field(list(text)),
  generators: field(list(text)),
  transformers: field(list(text)),
  validators: field(list(text)),
  buildMetadata: field(list(text)),
})
