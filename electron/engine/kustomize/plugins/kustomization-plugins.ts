/**
 * Builtin generators and transformers that the fields of a kustomization ask for, in upstream's fixed order.
 * Semantics: kustomize api internal/target, texts included.
 */
import { BuildError } from '../build-error.ts'
import type { TransformerConfig } from '../config/transformer-config.ts'
import { generateConfigMap, generateSecret, mergeGeneratorOptions } from '../generators/generate-data.ts'
import type { Kustomization } from '../kustomization/types.ts'
import { labelConfigs } from '../labels/transform-labels.ts'
import type { Loader } from '../loader/loader.ts'
import { builtinOrigin } from '../origin/origin.ts'
import type { Origin } from '../resource/resource.ts'
import * as builtin from './builtin-transformers.ts'
import * as patches from './builtin-patches.ts'
import {
  describeHelm,
  describeJson6902,
  describePatch,
  describeReplacements,
  describeStrategicMerge,
} from './describe-config.ts'
import type { Generate, Generator, Transform, Transformer } from './plugin.ts'

/** What configuring needs of the kustomization beside its fields. */
export interface PluginScope {
  readonly loader: Loader
  readonly fileName: string
  /** null unless origins are tracked. */
  readonly origin: Origin | null
  /** The namespace that overlays hand down to helm charts. */
  readonly helmNamespace: string
}

/** Throws BuildError NotSupported where helm charts are asked for: `--enable-helm` is never set. */
export function configureGenerators(k: Kustomization, scope: PluginScope): Generator[] {
  const { loader } = scope
  const generators: Generator[] = []
  const add = (kind: string, generate: Generate): void => {
    generators.push({ origin: originOf(scope, kind), generate })
  }
  for (const args of k.configMapGenerator ?? []) {
    const merged = { ...args, options: mergeGeneratorOptions(args.options, k.generatorOptions) }
    add('ConfigMapGenerator', () => [generateConfigMap(loader, merged)])
  }
  for (const args of k.secretGenerator ?? []) {
    const merged = { ...args, options: mergeGeneratorOptions(args.options, k.generatorOptions) }
    add('SecretGenerator', () => [generateSecret(loader, merged)])
  }
  for (const chart of k.helmCharts ?? []) {
    const namespaced = { ...chart, namespace: chart.namespace || k.namespace || scope.helmNamespace }
    throw configFault(
      'HelmChartInflationGenerator',
      describeHelm(k.helmGlobals, namespaced),
      new BuildError('NotSupported', 'must specify --enable-helm'),
    )
  }
  return generators
}

/** Throws BuildError (`trouble configuring builtin ...`) where a patch or replacement cannot be read. */
export function configureTransformers(k: Kustomization, config: TransformerConfig, scope: PluginScope): Transformer[] {
  const { loader } = scope
  const { context } = loader
  const transformers: Transformer[] = []
  const add = (kind: string, { transform }: { readonly transform: Transform }): void => {
    transformers.push({ origin: originOf(scope, kind), transform })
  }
  /** `describe` makes upstream's print of the configuration, which faults carry. */
  const addChecked = (kind: string, describe: () => string, make: () => { readonly transform: Transform }): void => {
    try {
      add(kind, make())
    } catch (error) {
      throw error instanceof BuildError ? configFault(kind, describe(), error) : error
    }
  }

  const merges = k.patchesStrategicMerge ?? []
  if (merges.length > 0)
    addChecked(
      'PatchStrategicMergeTransformer',
      () => describeStrategicMerge(merges),
      () => patches.makeStrategicMerge({ paths: merges, patches: '' }, loader),
    )
  for (const patch of k.patches ?? []) {
    const describe = (): string => describePatch(patch)
    addChecked('PatchTransformer', describe, () => patches.makePatch(patch, loader, describe))
  }
  if (k.namespace !== '') {
    const metadata = { name: '', namespace: k.namespace, labels: null, annotations: null }
    const args = { metadata, fieldSpecs: [...config.namespace], unsetOnly: false, setRoleBindingSubjects: '' }
    add('NamespaceTransformer', builtin.makeNamespace(args, context))
  }
  if (k.namePrefix !== '')
    add('PrefixTransformer', builtin.makePrefix({ prefix: k.namePrefix, fieldSpecs: [...config.namePrefix] }, context))
  if (k.nameSuffix !== '')
    add('SuffixTransformer', builtin.makeSuffix({ suffix: k.nameSuffix, fieldSpecs: [...config.nameSuffix] }, context))
  for (const { labels, fieldSpecs } of labelConfigs(k.labels, k.commonLabels, config))
    add('LabelTransformer', builtin.makeLabels({ labels: new Map(labels), fieldSpecs: [...fieldSpecs] }, context))
  // Upstream counts the commonLabels beside `labels` as one more transformer, though there are none.
  if ((k.labels ?? []).length > 0 && (k.commonLabels?.size ?? 0) === 0)
    add('LabelTransformer', builtin.makeLabels({ labels: null, fieldSpecs: null }, context))
  if (k.commonAnnotations !== null && k.commonAnnotations.size > 0) {
    const args = { annotations: k.commonAnnotations, fieldSpecs: [...config.commonAnnotations] }
    add('AnnotationsTransformer', builtin.makeAnnotations(args, context))
  }
  for (const patch of k.patchesJson6902 ?? [])
    addChecked(
      'PatchJson6902Transformer',
      () => describeJson6902(patch),
      () => patches.makeJson6902({ target: patch.target, path: patch.path, jsonOp: patch.patch }, loader),
    )
  for (const replica of k.replicas ?? [])
    add('ReplicaCountTransformer', builtin.makeReplicaCount({ replica, fieldSpecs: [...config.replicas] }, context))
  for (const imageTag of k.images ?? [])
    add('ImageTagTransformer', builtin.makeImageTag({ imageTag, fieldSpecs: [...config.images] }, context))
  const replacements = k.replacements ?? []
  if (replacements.length > 0)
    addChecked(
      'ReplacementTransformer',
      () => describeReplacements(replacements),
      () => patches.makeReplacements({ replacements }, loader),
    )
  return transformers
}

function originOf({ origin, fileName }: PluginScope, kind: string): Origin | null {
  return origin === null ? null : builtinOrigin(origin, fileName, kind)
}

function configFault(kind: string, config: string, fault: BuildError): BuildError {
  return fault.wrap(`trouble configuring builtin ${kind} with config: \`\n${config}\``)
}
