/** Builtin patches, replacements and value additions, configured. Semantics: kustomize api internal/builtins. */
import { BuildError } from '../build-error.ts'
import type { Loader } from '../loader/loader.ts'
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

export function makeStrategicMerge(_args: StrategicMergeArgs, _loader: Loader): Configured {
  return missing('patchesStrategicMerge')
}

export function makePatch(_args: PatchArgs, _loader: Loader, _describe: () => string): Configured {
  return missing('patches')
}

export function makeJson6902(_args: Json6902Args, _loader: Loader): Configured {
  return missing('patchesJson6902')
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
