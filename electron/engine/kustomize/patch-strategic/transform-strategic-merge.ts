/**
 * Strategic merge patches of a kustomization: `patchesStrategicMerge`, and what `patches` shares with it.
 *
 * Owned by patch-strategic/: finding the objects that a patch is for and merging into them. How trees merge is merge/'s.
 * Semantics: kustomize's PatchStrategicMergeTransformer and ResMap.ApplySmPatch.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { leaveOpen } from '../merge/scalar-style.ts'
import type { PatchFiles } from '../patch/patch-files.ts'
import type { ResMap } from '../resource/res-map.ts'
import { Resource } from '../resource/resource.ts'
import { getField, getMap } from '../yaml/node.ts'
import { applyStrategicMerge } from './apply-strategic-merge.ts'

export interface StrategicMergeConfig {
  readonly patches: readonly Resource[]
}

/** Reads the patches: each path may also be the text of patches itself. Throws BuildError with upstream's texts. */
export function configureStrategicMerge(
  args: { readonly paths: readonly string[] | null; readonly patches: string },
  files: PatchFiles,
): StrategicMergeConfig {
  const paths = args.paths ?? []
  if (paths.length === 0 && args.patches === '') {
    throw new BuildError('InvalidKustomization', 'empty file path and empty patch content')
  }
  const patches = paths.flatMap((path) => readPathOrText(path, files))
  if (args.patches !== '') patches.push(...toResources(args.patches, files))
  if (patches.length === 0) {
    throw new BuildError(
      'InvalidKustomization',
      `patch appears to be empty; files=[${paths.join(' ')}], Patch=${args.patches}`,
    )
  }
  return { patches }
}

function readPathOrText(path: string, files: PatchFiles): Resource[] {
  try {
    return toResources(path, files)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
  }
  const text = files.readText(path)
  try {
    return toResources(text, files)
  } catch (error) {
    throw error instanceof BuildError ? describeFault(error, path) : error
  }
}

/** kustomize's kusterr.Handler: YAML faults name the file. */
function describeFault(error: BuildError, path: string): BuildError {
  const isYaml = error.message.startsWith('MalformedYAMLError')
  const message = isYaml ? `${error.message} in File: ${path}` : error.message
  return new BuildError(error.code, message, { ...error.place, file: path }, error)
}

export function toResources(text: string, files: PatchFiles): Resource[] {
  return files.readObjects(text).map((node) => new Resource(node))
}

/** Applies each patch to the one object whose id (any that it had) is the patch's. Throws BuildError with upstream's texts. */
export function transformStrategicMergePatches(
  resources: ResMap,
  config: StrategicMergeConfig,
  context: Pick<BuildContext, 'checkpoint'>,
): void {
  for (const patch of config.patches) {
    context.checkpoint()
    patchSelected(resources, [resources.getById(patch.originalId())], patch, context)
  }
}

/**
 * Merges a copy of `patch` into each of `selected`, its labels and annotations as texts; objects left empty are dropped. An object that
 * takes the id of another one is refused.
 */
export function patchSelected(
  resources: ResMap,
  selected: readonly Resource[],
  patch: Resource,
  context: Pick<BuildContext, 'checkpoint'>,
): void {
  if (selected.length === 0) {
    resources.dropEmpties()
    return
  }
  const { kind } = patch
  let count = 0
  for (const target of selected) {
    if (++count % 256 === 0) context.checkpoint()
    const copied = patch.copy()
    copied.setLabels(patch.labels())
    copied.setAnnotations(patch.annotations())
    if (patch.hasState()) copied.ensureAnnotations()
    copied.setName(patch.name)
    copied.setNamespace(patch.namespace)
    copied.setGvk(target.gvk)
    copied.setKind(kind)
    applyStrategicMerge(target, copied, resources.schemas)
    if (patch.allowsNameChange || patch.allowsKindChange) leaveIdOpen(target)
  }
  resources.dropEmpties()
  if (!patch.allowsNameChange && !patch.allowsKindChange) {
    resources.reindex()
    return
  }
  const all = [...resources.resources()]
  resources.clear()
  for (const resource of all) resources.append(resource)
}

/** Name and kind that come from such a patch were written by code: without a tag. */
function leaveIdOpen({ node }: Resource): void {
  const metadata = getMap(node, 'metadata')
  for (const value of [getField(node, 'kind'), metadata === null ? undefined : getField(metadata, 'name')]) {
    if (value?.kind === 'scalar' && value.style === 'plain') leaveOpen(value)
  }
}
