/**
 * Writes the spec of a Flux Kustomization into a kustomization file's fields: targetNamespace, namePrefix, nameSuffix, patches, components,
 * images and buildMetadata, in the controller's order. Semantics and error texts: fluxcd/pkg kustomize v1.35.4 `GenerateManifest`.
 */
import { BuildError, wrapping } from '../kustomize/build-error.ts'
import { joinPath } from '../kustomize/loader/paths.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import { encodeJson } from '../kustomize/yaml/go-json.ts'
import { kindOfValue, nestedField, nestedList, nestedString, nestedStrings } from './nested-field.ts'
import type { SecureRoot } from './secure-root.ts'

const imageFields = ['name', 'newName', 'newTag', 'digest'] as const
const selectorFields = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'] as const

/** Changes `kustomization` in place. `directory` is where its file lies. Throws BuildError. */
export function overlaySpec(kustomization: GoMap, object: GoMap, directory: string, files: SecureRoot): void {
  setText(kustomization, 'namespace', nestedString(object, 'spec', 'targetNamespace'))
  setText(kustomization, 'namePrefix', nestedString(object, 'spec', 'namePrefix'))
  setText(kustomization, 'nameSuffix', nestedString(object, 'spec', 'nameSuffix'))

  appendAll(
    kustomization,
    'patches',
    structs(object, 'patches', (patch) => textsOf(patch, ['patch'], withTarget(patch))),
  )

  const components = wrapping('unable to get components', () => nestedStrings(object, 'spec', 'components')) ?? []
  appendAll(kustomization, 'components', presentComponents(components, object, directory, files))

  appendAll(kustomization, 'patchesStrategicMerge', structs(object, 'patchesStrategicMerge', encodeJson))
  appendAll(
    kustomization,
    'patchesJson6902',
    structs(object, 'patchesJson6902', (patch) => {
      const result: GoMap = new Map([['patch', encodeJson(patch.get('patch') ?? null)]])
      return withTarget(patch)(result)
    }),
  )

  mergeImages(
    kustomization,
    structs(object, 'images', (image) => textsOf(image, imageFields)),
  )

  const metadata = wrapping('unable to get buildMetadata', () => nestedStrings(object, 'spec', 'buildMetadata')) ?? []
  if (metadata.length > 0) kustomization.set('buildMetadata', [...metadata])
}

function setText(kustomization: GoMap, field: string, value: string | undefined): void {
  if (value === undefined) return
  if (value === '') kustomization.delete(field)
  else kustomization.set(field, value)
}

function appendAll(kustomization: GoMap, field: string, items: readonly GoValue[]): void {
  if (items.length === 0) return
  const before = kustomization.get(field)
  kustomization.set(field, [...(Array.isArray(before) ? before : []), ...items])
}

/** What `read` makes of the maps of a list in spec; an entry that is no map is a fault. */
function structs<T>(object: GoMap, field: string, read: (item: GoMap) => T): readonly T[] {
  return wrapping(`unable to get ${field}`, () =>
    (nestedList(object, 'spec', field) ?? []).map((item, index) => {
      if (item instanceof Map) return read(item)
      throw new BuildError('InvalidKustomization', `unable to convert patch ${index} to map[string]interface{}`)
    }),
  )
}

/** The named fields that hold text, empty ones left out. */
function textsOf(from: GoMap, fields: readonly string[], complete: (result: GoMap) => GoMap = (it) => it): GoMap {
  const result: GoMap = new Map()
  for (const field of fields) {
    const value = from.get(field)
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string')
      throw new BuildError('InvalidKustomization', `cannot convert ${kindOfValue(value)} to string`)
    result.set(field, value)
  }
  return complete(result)
}

function withTarget(patch: GoMap): (result: GoMap) => GoMap {
  return (result) => {
    const target = patch.get('target')
    if (target instanceof Map) result.set('target', textsOf(target, selectorFields))
    return result
  }
}

function presentComponents(
  components: readonly string[],
  object: GoMap,
  directory: string,
  files: SecureRoot,
): readonly string[] {
  if (components.length === 0) return []
  let canMiss = false
  try {
    canMiss = nestedField(object, 'spec', 'ignoreMissingComponents') === true
  } catch {
    // Upstream takes a value that it cannot read for false.
  }
  return components.filter((component) => {
    if (!isLocalRelativePath(component))
      throw new BuildError('PathRefused', `component path '${component}' must be local and relative`)
    return !canMiss || files.stat(joinPath(directory, component)) !== null
  })
}

const remotePrefixes = ['git::', 'gh:', 'ssh://', 'https://', 'http://', 'git@', 'github.com:', 'github.com/']

function isLocalRelativePath(path: string): boolean {
  const lower = path.toLowerCase()
  if (remotePrefixes.some((prefix) => path.length > prefix.length && lower.startsWith(prefix))) return false
  return !path.startsWith('/') && !lower.replace(/^file:\/\//, '').startsWith('/')
}

/** An image already in the file keeps what the spec does not give; newTag and digest go together. */
function mergeImages(kustomization: GoMap, images: readonly GoMap[]): void {
  if (images.length === 0) return
  const before = kustomization.get('images')
  const merged: GoValue[] = Array.isArray(before) ? [...before] : []
  for (const image of images) {
    const index = merged.findIndex(
      (entry) => entry instanceof Map && (entry.get('name') ?? '') === (image.get('name') ?? ''),
    )
    if (index < 0) {
      merged.push(image)
      continue
    }
    const entry: GoMap = new Map(merged[index] as GoMap)
    if (image.has('newName')) entry.set('newName', image.get('newName')!)
    if (image.has('newTag') || image.has('digest')) {
      for (const field of ['newTag', 'digest']) {
        const value = image.get(field)
        if (value === undefined) entry.delete(field)
        else entry.set(field, value)
      }
    }
    merged[index] = entry
  }
  kustomization.set('images', merged)
}
