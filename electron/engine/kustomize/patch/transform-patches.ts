/**
 * The `patches` field: strategic merge or JSON patches, told apart by what their text parses as, for the objects of a target or of their
 * own ids.
 *
 * Owned by patch/: that distinction, and the options. Semantics and texts: kustomize's PatchTransformer.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError, BuildPanic } from '../build-error.ts'
import type { Operation } from '../patch-json6902/apply-operations.ts'
import { decodePatch } from '../patch-json6902/decode-patch.ts'
import { patchObject } from '../patch-json6902/transform-json6902.ts'
import { applyStrategicMerge } from '../patch-strategic/apply-strategic-merge.ts'
import { patchSelected, toResources } from '../patch-strategic/transform-strategic-merge.ts'
import type { ResMap, Selector } from '../resource/res-map.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { quoteGo } from '../selector/quote-go.ts'
import { selectorText } from '../selector/selector.ts'
import type { PatchFiles } from './patch-files.ts'

export interface PatchConfig {
  readonly target: Selector | null
  /** `[patch: "..."]` or `[path: "..."]`, for messages. */
  readonly source: string
  readonly strategic: readonly Resource[]
  readonly operations: readonly Operation[]
}

export interface PatchArgs {
  readonly path: string
  readonly patch: string
  readonly target: Selector | null
  readonly options: { readonly allowNameChange: boolean; readonly allowKindChange: boolean } | null
}

/** Reads a patch; `describe` gives the entry as YAML for messages. Throws BuildError with upstream's texts. */
export function configurePatch(args: PatchArgs, files: PatchFiles, describe: () => string): PatchConfig {
  const inline = trimSpace(args.patch)
  const { path, target } = args
  if (inline === '' && path === '') {
    throw new BuildError('InvalidKustomization', `must specify one of patch and path in\n${describe()}`)
  }
  if (inline !== '' && path !== '') {
    throw new BuildError('InvalidKustomization', `patch and path can't be set at the same time\n${describe()}`)
  }
  const source = inline !== '' ? `[patch: ${quoteGo(inline)}]` : `[path: ${quoteGo(path)}]`
  const text = inline !== '' ? inline : readFile(path, files)

  const strategic = attempt(() => toResources(text, files))
  const operations = attempt(() => {
    if (text === '') throw new BuildError('PatchFailed', 'empty json patch operations')
    return decodePatch(text)
  })
  if ((strategic.value?.length ?? 0) > 0 && (operations.value?.length ?? 0) > 0) {
    throw new BuildError('InvalidKustomization', `illegally qualifies as both an SM and JSON patch: ${source}`)
  }
  if (strategic.value === null && operations.value === null) {
    const place = strategic.fault?.place ?? {}
    const file = path === '' ? place : { ...place, file: path }
    throw new BuildError('InvalidYaml', `unable to parse SM or JSON patch from ${source}`, file, strategic.fault)
  }
  if (strategic.value === null) return { target, source, strategic: [], operations: operations.value! }
  for (const patch of strategic.value) {
    if (args.options?.allowNameChange === true) allow(patch, () => patch.allowNameChange())
    if (args.options?.allowKindChange === true) allow(patch, () => patch.allowKindChange())
  }
  return { target, source, strategic: strategic.value, operations: [] }
}

/** Setting an internal annotation makes texts of all others. */
function allow(patch: Resource, mark: () => void): void {
  patch.setAnnotations(patch.annotations())
  mark()
}

function readFile(path: string, files: PatchFiles): string {
  try {
    return files.readText(path)
  } catch (error) {
    throw error instanceof BuildError ? error.wrap(`failed to get the patch file from path(${path})`) : error
  }
}

function attempt<T>(work: () => T): { readonly value: T | null; readonly fault: BuildError | null } {
  try {
    return { value: work(), fault: null }
  } catch (error) {
    if (!(error instanceof BuildError) || error instanceof BuildPanic) throw error
    if (error.code === 'LimitExceeded' || error.code === 'Canceled') throw error
    return { value: null, fault: error }
  }
}

/** Go's strings.TrimSpace. */
function trimSpace(text: string): string {
  return text
    .replace(/^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/, '')
    .replace(/[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/, '')
}

/** Applies the patch. Throws BuildError with upstream's texts. */
export function transformPatches(
  resources: ResMap,
  config: PatchConfig,
  context: Pick<BuildContext, 'checkpoint'>,
): void {
  if (config.strategic.length > 0) mergeStrategic(resources, config, context)
  else if (config.operations.length > 0) applyJson(resources, config, context)
}

function mergeStrategic(resources: ResMap, config: PatchConfig, context: Pick<BuildContext, 'checkpoint'>): void {
  const { strategic, target, source } = config
  if (target !== null) {
    if (strategic.length > 1) {
      throw new BuildError(
        'InvalidKustomization',
        `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
      )
    }
    let selected: readonly Resource[]
    try {
      selected = resources.select(target)
    } catch (error) {
      const prefix = `unable to find patch target ${quoteGo(selectorText(target))} in \`resources\``
      throw error instanceof BuildError ? error.wrap(prefix) : error
    }
    patchSelected(resources, selected, strategic[0]!, context)
    return
  }
  for (const patch of strategic) {
    context.checkpoint()
    const id = patch.originalId()
    let found: Resource
    try {
      found = resources.getById(id)
    } catch (error) {
      const prefix = `no resource matches strategic merge patch ${quoteGo(resIdText(id))}`
      throw error instanceof BuildError ? error.wrap(prefix) : error
    }
    applyStrategicMerge(found, patch.copy(), resources.schemas)
    resources.reindex()
  }
  resources.dropEmpties()
}

function applyJson(resources: ResMap, config: PatchConfig, context: Pick<BuildContext, 'checkpoint'>): void {
  if (config.target === null) {
    throw new BuildError('InvalidKustomization', `must specify a target for JSON patch ${config.source}`)
  }
  for (const resource of resources.select(config.target)) {
    context.checkpoint()
    resource.storePreviousId()
    patchObject(resource, config.operations)
  }
  resources.reindex()
}
