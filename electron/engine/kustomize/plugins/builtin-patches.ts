/** Builtin patches, replacements, value additions and policies, configured: their files are read here. Semantics: kustomize api internal/builtins. */
import { generateIamPolicy } from '../iam-policy/generate-iam-policy.ts'
import { decodeConfig } from '../kustomization/go-decode.ts'
import type { Loader } from '../loader/loader.ts'
import { baseName } from '../loader/paths.ts'
import { configureJson6902, transformJson6902 } from '../patch-json6902/transform-json6902.ts'
import {
  configureStrategicMerge,
  transformStrategicMergePatches,
} from '../patch-strategic/transform-strategic-merge.ts'
import { configurePatch, transformPatches } from '../patch/transform-patches.ts'
import { configureReplacements } from '../replacements/configure-replacements.ts'
import { transformReplacements } from '../replacements/transform-replacements.ts'
import { configureValueAdd, transformValueAdd } from '../value-add/transform-value-add.ts'
import { parseDocuments } from '../yaml/parse.ts'
import type {
  IamPolicyArgs,
  Json6902Args,
  PatchArgs,
  ReplacementsArgs,
  StrategicMergeArgs,
  ValueAddArgs,
} from './config-shapes.ts'
import { valueAddFileShape } from './config-shapes.ts'
import type { Generate, Transform } from './plugin.ts'

interface Configured {
  readonly transform: Transform
}

/** Throws BuildError where no patch is given or one cannot be read. */
export function makeStrategicMerge(args: StrategicMergeArgs, loader: Loader): Configured {
  const config = configureStrategicMerge(args, loader)
  return { transform: (resources) => transformStrategicMergePatches(resources, config, loader.context) }
}

/** `describe` gives the configuration as YAML for messages. Throws BuildError where the patch cannot be read. */
export function makePatch(args: PatchArgs, loader: Loader, describe: () => string): Configured {
  const config = configurePatch(args, loader, describe)
  return { transform: (resources) => transformPatches(resources, config, loader.context) }
}

/** Throws BuildError where the patch cannot be read. */
export function makeJson6902(args: Json6902Args, loader: Loader): Configured {
  const config = configureJson6902(args, loader)
  return { transform: (resources) => transformJson6902(resources, config, loader.context) }
}

/** Throws BuildError where a file of replacements cannot be read. */
export function makeReplacements({ replacements }: ReplacementsArgs, loader: Loader): Configured {
  const config = configureReplacements(replacements, loader)
  return { transform: (resources) => transformReplacements(resources, config, loader.context) }
}

/** Throws BuildError InvalidKustomization without targets, or where their file cannot be read. */
export function makeValueAdd({ value, targets, targetFilePath }: ValueAddArgs, loader: Loader): Configured {
  const all = [...(targets ?? [])]
  if (targetFilePath !== '') {
    const [document] = parseDocuments(loader.readText(targetFilePath), { dialect: 'v2', mergesKeys: true })
    all.push(...(decodeConfig(document, valueAddFileShape, 'v2').targets ?? []))
  }
  const config = configureValueAdd(value, all, baseName(loader.root))
  return { transform: (resources) => transformValueAdd(resources, config, loader.context) }
}

export function makeIamPolicy(args: IamPolicyArgs): { readonly generate: Generate } {
  return { generate: () => generateIamPolicy(args) }
}
