/** Brings the objects of a manifest, in a file or in place, into a build. Semantics: kustomize api resmap.Factory and internal/kusterr. */
import type { BuildContext } from '../build-context.ts'
import { BuildError, wrapping } from '../build-error.ts'
import type { Loader } from '../loader/loader.ts'
import { readResourceNodes } from '../loader/read-resources.ts'
import type { ResMap } from '../resource/res-map.ts'
import { createResMap } from '../resource/res-map.ts'
import { resIdKey } from '../resource/res-id.ts'
import type { Origin } from '../resource/resource.ts'
import { Resource } from '../resource/resource.ts'
import type { SchemaSet } from '../schema/schema.ts'
import type { MapNode } from '../yaml/node.ts'
import { cloneNode, getMap } from '../yaml/node.ts'

/** Appends the objects of the file at `path`. Throws BuildError with upstream's text, naming the file. */
export function readFileResources(loader: Loader, path: string, origin: Origin | null, into: ResMap): void {
  const resources = wrapping(`accumulating resources from '${path}'`, () => loadFileResources(loader, path))
  if (origin !== null) for (const resource of resources) resource.origin = origin
  try {
    for (const resource of resources) into.append(resource)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    // Upstream looks within the file first, and says so in other words.
    const prefix = hasEqualIds(resources) ? 'accumulating' : 'merging'
    throw new BuildError(
      error.code,
      `${prefix} resources from '${path}': ${error.message}`,
      { ...error.place, file: error.place.file ?? resources[0]?.file ?? path },
      error,
    )
  }
}

/** The objects of a file as patches and plugin configurations are read. Throws BuildError with upstream's text. */
export function loadFileResources(loader: Loader, path: string): Resource[] {
  const file = loader.read(path)
  try {
    const resources: Resource[] = []
    for (const node of loader.context.documents.documents(file.path, file.bytes)) {
      const resource = makeResource(node as MapNode)
      resource.file = file.path
      resources.push(resource)
    }
    return resources
  } catch (error) {
    throw error instanceof BuildError && error.message.includes('MalformedYAMLError')
      ? new BuildError(error.code, `${error.message} in File: ${path}`, error.place, error)
      : error
  }
}

/** The objects of a text that stands in a kustomization file; null if it is no such text, which makes it a path. */
export function readInlineResources(text: string, context: BuildContext, schemas: SchemaSet): ResMap | null {
  context.checkpoint()
  try {
    const resources = createResMap(schemas)
    for (const node of readResourceNodes(text)) resources.append(makeResource(node))
    return resources
  } catch (error) {
    if (error instanceof BuildError && error.code !== 'LimitExceeded') return null
    throw error
  }
}

/** A resource of its own copy of the tree. */
export function makeResource(node: MapNode): Resource {
  const resource = new Resource(cloneNode(node))
  restoreState(resource)
  return resource
}

/** A file may hold annotations that are kustomize's own: the hash suffix and the behavior are asked for in this way. */
function restoreState(resource: Resource): void {
  const metadata = getMap(resource.node, 'metadata')
  const annotations = metadata === null ? null : getMap(metadata, 'annotations')
  if (annotations === null) return
  annotations.keys.forEach((key, index) => {
    if (key.kind !== 'scalar' || !key.value.startsWith('internal.config.kubernetes.io/')) return
    const value = annotations.values[index]!
    const text = value.kind === 'scalar' ? value.value : ''
    if (key.value.endsWith('/needsHashSuffix')) resource.needsHashSuffix = text === 'enabled'
    else if (key.value.endsWith('/generatorBehavior') && (text === 'create' || text === 'merge' || text === 'replace'))
      resource.behavior = text
  })
}

function hasEqualIds(resources: readonly Resource[]): boolean {
  return new Set(resources.map((resource) => resIdKey(resource.currentId()))).size < resources.length
}
