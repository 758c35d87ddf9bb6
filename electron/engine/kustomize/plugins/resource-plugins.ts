/**
 * Generators, transformers and validators that objects configure. Only builtin kinds run; everything else is refused as upstream refuses it
 * while external plugins are off.
 * Semantics: kustomize api internal/plugins/loader, texts included.
 */
import { BuildError, wrapping } from '../build-error.ts'
import { generateConfigMap, generateSecret } from '../generators/generate-data.ts'
import type { Shape } from '../kustomization/go-decode.ts'
import { decodeConfig, decodeConfigExactly } from '../kustomization/go-decode.ts'
import type { Loader } from '../loader/loader.ts'
import { pluginOrigin } from '../origin/origin.ts'
import { gvkText } from '../resource/gvk.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { emitNode } from '../yaml/emit-v2.ts'
import * as patches from './builtin-patches.ts'
import * as builtin from './builtin-transformers.ts'
import * as shapes from './config-shapes.ts'
import type { Generate, Generator, Transform, Transformer } from './plugin.ts'

type Configured = { readonly generate: Generate } | { readonly transform: Transform }

/** The generator that an object configures. Throws BuildError NotSupported for kinds that are no builtin ones. */
export function configureGenerator(config: Resource, loader: Loader): Generator {
  const configured = configure(config, loader)
  if (!('generate' in configured)) throw refused(`plugin ${resIdText(config.originalId())} not a generator`)
  return { origin: pluginOrigin(config), generate: configured.generate }
}

/** The transformer that an object configures. Throws BuildError NotSupported for kinds that are no builtin ones. */
export function configureTransformer(config: Resource, loader: Loader): Transformer {
  const configured = configure(config, loader)
  if (!('transform' in configured)) throw refused(`plugin ${resIdText(config.originalId())} not a transformer`)
  return { origin: pluginOrigin(config), transform: configured.transform }
}

function configure(config: Resource, loader: Loader): Configured {
  const { group, version, kind } = config.gvk
  if (group !== '' || version !== 'builtin')
    throw new BuildError(
      'NotSupported',
      `external plugins disabled; unable to load external plugin '${config.originalId().kind}'`,
    )
  const make = Object.hasOwn(factories, kind) ? factories[kind] : undefined
  if (make === undefined) throw refused(`unable to load builtin ${gvkText(config.gvk)}`)
  return wrapping(`plugin ${resIdText(config.originalId())} fails configuration`, () => make(config, loader))
}

type Factory = (config: Resource, loader: Loader) => Configured

/** The kinds that kustomize 5.8.1 links in, by name. */
const factories: Readonly<Record<string, Factory>> = {
  ConfigMapGenerator(config, loader) {
    const { metadata, ...args } = decoded(config, shapes.configMapGeneratorShape)
    const named = { ...args, name: args.name || metadata.name, namespace: args.namespace || metadata.namespace }
    return { generate: () => [generateConfigMap(loader, named)] }
  },
  SecretGenerator(config, loader) {
    const { metadata, ...args } = decoded(config, shapes.secretGeneratorShape)
    const named = { ...args, name: args.name || metadata.name, namespace: args.namespace || metadata.namespace }
    return { generate: () => [generateSecret(loader, named)] }
  },
  IAMPolicyGenerator: (config) => patches.makeIamPolicy(decoded(config, shapes.iamPolicyShape)),
  HelmChartInflationGenerator: () => {
    throw refused('must specify --enable-helm')
  },
  AnnotationsTransformer: (config, loader) =>
    builtin.makeAnnotations(decoded(config, shapes.annotationsShape), loader.context),
  HashTransformer: () => builtin.makeHash(),
  ImageTagTransformer: (config, loader) => builtin.makeImageTag(decoded(config, shapes.imageTagShape), loader.context),
  LabelTransformer: (config, loader) => builtin.makeLabels(decoded(config, shapes.labelsShape), loader.context),
  NamespaceTransformer(config, loader) {
    const args = wrapping('unmarshalling NamespaceTransformer config', () => decoded(config, shapes.namespaceShape))
    return builtin.makeNamespace(args, loader.context)
  },
  PatchJson6902Transformer: (config, loader) => patches.makeJson6902(decoded(config, shapes.json6902Shape), loader),
  PatchStrategicMergeTransformer: (config, loader) =>
    patches.makeStrategicMerge(decoded(config, shapes.strategicMergeShape), loader),
  PatchTransformer: (config, loader) =>
    patches.makePatch(decoded(config, shapes.patchArgsShape), loader, () => emitNode(config.node)),
  PrefixTransformer: (config, loader) =>
    builtin.makePrefix(decodeConfigExactly(config.node, shapes.prefixShape), loader.context),
  SuffixTransformer: (config, loader) =>
    builtin.makeSuffix(decodeConfigExactly(config.node, shapes.suffixShape), loader.context),
  PrefixSuffixTransformer(config, loader) {
    const prefix = builtin.makePrefix(decodeConfigExactly(config.node, shapes.prefixShape), loader.context)
    const suffix = builtin.makeSuffix(decodeConfigExactly(config.node, shapes.suffixShape), loader.context)
    return {
      transform(resources) {
        prefix.transform(resources)
        suffix.transform(resources)
      },
    }
  },
  ReplacementTransformer: (config, loader) =>
    patches.makeReplacements(decoded(config, shapes.replacementsShape), loader),
  ReplicaCountTransformer: (config, loader) =>
    builtin.makeReplicaCount(decoded(config, shapes.replicaCountShape), loader.context),
  ValueAddTransformer: (config, loader) => patches.makeValueAdd(decoded(config, shapes.valueAddShape), loader),
}

function decoded<T>(config: Resource, shape: Shape<T>): T {
  return decodeConfig(config.node, shape)
}

function refused(message: string): BuildError {
  return new BuildError('NotSupported', message)
}
