/** The fields of a kustomization file as the controller reads and writes them again. Source: kustomize api/types v0.21.1. */
import type { StructShape } from './go-shape.ts'
import {
  anyShape,
  boolShape,
  int64Shape,
  intShape,
  listOf,
  mapOf,
  pointerTo,
  stringShape,
  structOf,
} from './go-shape.ts'

const texts = listOf(stringShape)
const textMap = mapOf(stringShape)
const values = mapOf(anyShape)

const gvk = structOf('resid.Gvk', { group: stringShape, version: stringShape, kind: stringShape })
const resId = structOf('resid.ResId', { name: stringShape, namespace: stringShape }, [gvk])

const selector = structOf('types.Selector', { annotationSelector: stringShape, labelSelector: stringShape }, [resId])

const patch = structOf('types.Patch', {
  path: stringShape,
  patch: stringShape,
  target: pointerTo(selector),
  options: pointerTo(structOf('types.PatchArgs', { allowNameChange: boolShape, allowKindChange: boolShape })),
})

const image = structOf('types.Image', {
  name: stringShape,
  newName: stringShape,
  tagSuffix: stringShape,
  newTag: stringShape,
  digest: stringShape,
})

const fieldSpec = structOf('types.FieldSpec', { path: stringShape, create: boolShape }, [gvk])

const label = structOf('types.Label', {
  pairs: textMap,
  includeSelectors: boolShape,
  includeTemplates: boolShape,
  fields: listOf(fieldSpec),
})

const generatorOptions = structOf('types.GeneratorOptions', {
  labels: textMap,
  annotations: textMap,
  disableNameSuffixHash: boolShape,
  immutable: boolShape,
})

const kvPairSources = structOf('types.KvPairSources', {
  literals: texts,
  files: texts,
  envs: texts,
  env: stringShape,
})

const generatorArgs = structOf(
  'types.GeneratorArgs',
  { namespace: stringShape, name: stringShape, behavior: stringShape, options: pointerTo(generatorOptions) },
  [kvPairSources],
)

const configMapArgs = structOf('types.ConfigMapArgs', {}, [generatorArgs])
const secretArgs = structOf('types.SecretArgs', { type: stringShape }, [generatorArgs])

const fieldOptions = pointerTo(
  structOf('types.FieldOptions', {
    delimiter: stringShape,
    index: intShape,
    encoding: stringShape,
    create: boolShape,
  }),
)

const replacement = structOf('types.Replacement', {
  source: pointerTo(structOf('types.SourceSelector', { fieldPath: stringShape, options: fieldOptions }, [resId])),
  targets: listOf(
    pointerTo(
      structOf('types.TargetSelector', {
        'select!': pointerTo(selector),
        reject: listOf(pointerTo(selector)),
        fieldPaths: texts,
        options: fieldOptions,
      }),
    ),
  ),
  sourceValue: pointerTo(stringShape),
})

const replacementField = structOf('types.ReplacementField', { path: stringShape }, [replacement])

const variable = structOf('types.Var', {
  'name!': stringShape,
  'objref!': structOf('types.Target', { apiVersion: stringShape, 'name!': stringShape, namespace: stringShape }, [gvk]),
  fieldref: structOf('types.FieldSelector', { fieldPath: stringShape }),
})

const helmChart = structOf('types.HelmChart', {
  name: stringShape,
  version: stringShape,
  repo: stringShape,
  releaseName: stringShape,
  namespace: stringShape,
  additionalValuesFiles: texts,
  valuesFile: stringShape,
  valuesInline: values,
  valuesMerge: stringShape,
  includeCRDs: boolShape,
  skipHooks: boolShape,
  apiVersions: texts,
  kubeVersion: stringShape,
  nameTemplate: stringShape,
  skipTests: boolShape,
  debug: boolShape,
  devel: boolShape,
})

const helmChartArgs = structOf('types.HelmChartArgs', {
  chartName: stringShape,
  chartVersion: stringShape,
  chartRepoUrl: stringShape,
  chartHome: stringShape,
  chartRepoName: stringShape,
  helmBin: stringShape,
  helmHome: stringShape,
  values: stringShape,
  valuesLocal: values,
  valuesMerge: stringShape,
  releaseName: stringShape,
  releaseNamespace: stringShape,
  extraArgs: texts,
})

const typeMeta = structOf('types.TypeMeta', { kind: stringShape, apiVersion: stringShape })

export const kustomizationShape: StructShape = structOf(
  'types.Kustomization',
  {
    metadata: pointerTo(
      structOf('types.ObjectMeta', {
        name: stringShape,
        namespace: stringShape,
        labels: textMap,
        annotations: textMap,
      }),
    ),
    openapi: textMap,
    namePrefix: stringShape,
    nameSuffix: stringShape,
    namespace: stringShape,
    commonLabels: textMap,
    labels: listOf(label),
    commonAnnotations: textMap,
    patchesStrategicMerge: listOf({ kind: 'string', type: 'types.PatchStrategicMerge' }),
    patchesJson6902: listOf(patch),
    patches: listOf(patch),
    images: listOf(image),
    imageTags: listOf(image),
    replacements: listOf(replacementField),
    replicas: listOf(structOf('types.Replica', { name: stringShape, 'count!': int64Shape })),
    vars: listOf(variable),
    sortOptions: pointerTo(
      structOf('types.SortOptions', {
        order: { kind: 'string', type: 'types.SortOrder' },
        legacySortOptions: pointerTo(
          structOf('types.LegacySortOptions', { 'orderFirst!': texts, 'orderLast!': texts }),
        ),
      }),
    ),
    resources: texts,
    components: texts,
    crds: texts,
    bases: texts,
    configMapGenerator: listOf(configMapArgs),
    secretGenerator: listOf(secretArgs),
    helmGlobals: pointerTo(structOf('types.HelmGlobals', { chartHome: stringShape, configHome: stringShape })),
    helmCharts: listOf(helmChart),
    helmChartInflationGenerator: listOf(helmChartArgs),
    generatorOptions: pointerTo(generatorOptions),
    configurations: texts,
    generators: texts,
    transformers: texts,
    validators: texts,
    buildMetadata: texts,
  },
  [typeMeta],
)
