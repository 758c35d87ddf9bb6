/** Builtin patches, replacements and value additions, configured. Semantics: kustomize api internal/builtins. */
import { BuildError } from '../build-error.ts'
import type { Loader } from '../loader/loader.ts'
import { configurePatch, transformPatches } from '../patch/transform-patches.ts'
import { configureJson6902, transformJson6902 } from '../patch-json6902/transform-json6902.ts'
import {
  configureStrategicMerge,
  transformStrategicMergePatches,
} from '../patch-strategic/transform-strategic-merge.ts'
import type {
  IamPolicyArgs,
  Json6902Args,
  PatchArgs,
  ReplacementsArgs,
  StrategicMergeArgs,
  ValueAddArgs,
} from './config-shapes.ts'
import type { Generate, Transform } from './plugin.ts'

interface Configured {
  readonly transform: Transform
}

function missing(what: string): never {
  throw new BuildError('NotSupported', `${what} is not supported yet`)
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

export function makeReplacements(_args: ReplacementsArgs, _loader: Loader): Configured {
  return missing('replacements')
}

export function makeValueAdd(_args: ValueAddArgs, _loader: Loader): Configured {
  return missing('ValueAddTransformer')
}

export function makeIamPolicy(_args: IamPolicyArgs): { readonly generate: Generate } {
  return missing('IAMPolicyGenerator')
}
