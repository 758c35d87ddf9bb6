/**
 * `kustomize build` of one directory, exactly as kustomize 5.8.1 does it: objects in order, or BuildError. Owns the steps that happen once,
 * at the root; target/ owns what happens in every kustomization. Must not know of Flux, workers or caches beyond the DocumentCache.
 * Semantics: kustomize api krusty.
 */
import type { BuildContext } from './build-context.ts'
import { BuildError } from './build-error.ts'
import { makeFieldSpec } from './field-spec/field-spec.ts'
import { transformLabels } from './labels/transform-labels.ts'
import { openTarget } from './loader/loader.ts'
import { checkMetadata } from './loader/read-resources.ts'
import { fixNameReferences } from './name-reference/fix-name-references.ts'
import { finishAnnotations } from './origin/origin.ts'
import { addHashSuffixes } from './plugins/builtin-transformers.ts'
import { nodeWithBuildAnnotations } from './resource/build-annotations.ts'
import { resIdKey, resIdText } from './resource/res-id.ts'
import type { ResMap } from './resource/res-map.ts'
import type { Resource } from './resource/resource.ts'
import { createBuildSchemas } from './schema/build-schemas.ts'
import { sortResources } from './sort/legacy-order.ts'
import type { Accumulator } from './target/accumulator.ts'
import { Target } from './target/target.ts'
import { resolveVars } from './vars/resolve-vars.ts'
import { emitNode } from './yaml/emit-v2.ts'
import type { MapNode } from './yaml/node.ts'
import { getField, getMap } from './yaml/node.ts'
import { goSyntaxOf, nodeToGoValue } from './yaml/to-value.ts'

/** The version whose behavior is reproduced. */
export const kustomizeVersion = 'v5.8.1'

/** Builds the kustomization in the directory `path`. Throws BuildError with upstream's text, naming the user's file where there is one. */
export function runBuild(path: string, context: BuildContext): ResMap {
  const loader = openTarget(path, context)
  const schemas = createBuildSchemas({ isPreloaded: context.options.hasPreloadedSchemas === true })
  const target = new Target(loader, schemas, null)
  target.applySchema(true)
  const gathered = target.accumulate()
  const { resources } = gathered
  context.checkpoint()
  addHashSuffixes(resources)
  fixReferences(gathered, context)
  dropLocalObjects(resources)

  const { kustomization } = target
  applyOrder(resources, target, context)
  const buildMetadata = new Set(kustomization.buildMetadata ?? [])
  if (context.options.hasManagedByLabel || buildMetadata.has('managedByLabel'))
    setManagedByLabel(resources, context.options.version ?? kustomizeVersion, context)
  finishAnnotations(resources.resources(), {
    keepsOrigin: buildMetadata.has('originAnnotations'),
    keepsTransformations: buildMetadata.has('transformerAnnotations'),
  })
  return resources
}

/** The objects as YAML documents. Throws BuildError InvalidResource for an object that cannot be printed (keys that stand twice, infinities). */
export function printResources(resources: ResMap): string {
  return resources.resources().map(printResource).join('---\n')
}

/** One object as a YAML document. Throws like `printResources`. */
export function printResource({ node, file }: Resource): string {
  try {
    return emitNode(node)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const place = { ...(node.line > 0 ? { line: node.line } : {}), ...error.place, ...(file === null ? {} : { file }) }
    throw new BuildError(error.code, `${goSyntaxOfObject(node)}: ${error.message}`, place, error)
  }
}

/** The object as Go prints the map that it was decoded into: nil where that failed. */
function goSyntaxOfObject(node: MapNode): string {
  try {
    nodeToGoValue(node)
  } catch (error) {
    if (error instanceof BuildError && !error.message.startsWith('json: ')) return 'map[string]interface {}(nil)'
  }
  return goSyntaxOf(node, true)
}

/** Names that fields mention follow the objects that were renamed; then vars take the values that stand now. */
function fixReferences(gathered: Accumulator, context: BuildContext): void {
  const { config, resources } = gathered
  if (config === null) return
  fixNameReferences(resources, config.nameReference, context)
  context.checkpoint()
  const vars = gathered.vars()
  resolveVars(resources, vars, config.varReference, context)
}

/** Objects that say `config.kubernetes.io/local-config` are for kustomize only. Throws BuildError IdConflict on ids that became equal. */
function dropLocalObjects(resources: ResMap): void {
  const kept: Resource[] = []
  const seen = new Set<string>()
  for (const resource of resources.resources()) {
    if (resource.isEmpty()) continue
    if (resource.name === '' || resource.kind === '') checkMetadata(nodeWithBuildAnnotations(resource))
    if (isLocal(resource.node)) continue
    const id = resource.currentId()
    const key = resIdKey(id)
    if (seen.has(key))
      throw new BuildError('IdConflict', `may not add resource with an already registered id: ${resIdText(id)}`)
    seen.add(key)
    kept.push(resource)
  }
  if (kept.length < resources.size) resources.setResources(kept)
}

function isLocal(node: MapNode): boolean {
  const metadata = getMap(node, 'metadata')
  const annotations = metadata === null ? null : getMap(metadata, 'annotations')
  const local = annotations === null ? undefined : getField(annotations, 'config.kubernetes.io/local-config')
  return local !== undefined && !(local.kind === 'scalar' && local.value === 'false')
}

function applyOrder(resources: ResMap, { kustomization }: Target, { options, warn }: BuildContext): void {
  const { sortOptions } = kustomization
  if (sortOptions !== null) sortResources(resources, sortOptions)
  else if (options.reorder === 'legacy') sortResources(resources, { order: 'legacy', legacySortOptions: null })
  if (sortOptions !== null && options.reorder === 'legacy')
    warn(
      "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.",
    )
}

function setManagedByLabel(resources: ResMap, version: string, context: BuildContext): void {
  const labels = new Map([['app.kubernetes.io/managed-by', `kustomize-${version}`]])
  transformLabels(resources, { labels, fieldSpecs: [makeFieldSpec('metadata/labels', {}, true)] }, context)
}
