/**
 * The annotations in which upstream keeps what our Resource keeps in fields. Written where upstream shows them (error messages that print
 * an object) or lets users change them (patches of the whole `metadata.annotations`), and read back after that.
 *
 * Semantics: kustomize's resource.Resource and internal/utils.
 */
import { BuildError } from '../build-error.ts'
import { originText } from '../origin/origin.ts'
import { encodeJson } from '../yaml/go-json.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'
import { cloneNode, getMap, makeString, removeField, setField, MapNode } from '../yaml/node.ts'
import { parseResId, resIdText } from './res-id.ts'
import type { GeneratorBehavior, Resource } from './resource.ts'

const domain = 'internal.config.kubernetes.io/'
export const originName = 'config.kubernetes.io/origin'
const transformationsName = 'alpha.config.kubernetes.io/transformations'

/** What upstream's object would carry now, by annotation; empty if nothing is remembered of it. */
export function buildAnnotations(resource: Resource): Map<string, string> {
  const result = new Map<string, string>()
  const add = (name: string, values: readonly string[]): void => {
    if (values.length > 0) result.set(domain + name, values.join(','))
  }
  const { names, namespaces, kinds } = resource.idLists
  add('previousNames', names)
  add('previousNamespaces', namespaces)
  add('previousKinds', kinds)
  add('prefixes', resource.namePrefixes)
  add('suffixes', resource.nameSuffixes)
  add('refBy', resource.refBy.map(resIdText))
  add('allowNameChange', resource.allowsNameChange ? ['enabled'] : [])
  add('allowKindChange', resource.allowsKindChange ? ['enabled'] : [])
  add('needsHashSuffix', resource.needsHashSuffix ? ['enabled'] : [])
  if (resource.isGenerated || resource.behavior !== 'unspecified') add('generatorBehavior', [resource.behavior])
  if (resource.origin !== null) result.set(originName, originText(resource.origin))
  if (resource.transformations.length > 0) result.set(transformationsName, transformationsText(resource))
  return result
}

function transformationsText({ transformations }: Resource): string {
  return transformations.map((origin) => `- ${originText(origin).trimEnd().replaceAll('\n', '\n  ')}\n`).join('')
}

/** A copy of the object as upstream holds it at this moment, internal annotations included. */
export function nodeWithBuildAnnotations(resource: Resource): MapNode {
  const node = cloneNode(resource.node)
  const added = buildAnnotations(resource)
  if (added.size === 0) return node
  const metadata = ensureMap(node, 'metadata')
  const annotations = ensureMap(metadata, 'annotations')
  for (const [key, value] of added) setField(annotations, key, makeString(value))
  return node
}

/** The object as upstream prints it within messages: JSON, internal annotations included, or why there is none in angle brackets. */
export function resourceJson(resource: Resource): string {
  try {
    return encodeJson(nodeToGoValue(nodeWithBuildAnnotations(resource), { isReread: true }))
  } catch (error) {
    if (error instanceof BuildError) return `<${error.message}>`
    throw error
  }
}

/** Puts the build's state into the object's annotations, before something that may replace all of them. */
export function writeBuildAnnotations(resource: Resource): void {
  const added = buildAnnotations(resource)
  if (added.size === 0) return
  const annotations = ensureMap(ensureMap(resource.node, 'metadata'), 'annotations')
  for (const [key, value] of added) setField(annotations, key, makeString(value))
}

/** Takes the build's state out of the object's annotations: what is no longer there is forgotten, as upstream forgets it. */
export function readBuildAnnotations(resource: Resource): void {
  const metadata = getMap(resource.node, 'metadata')
  const annotations = metadata === null ? null : getMap(metadata, 'annotations')
  const takeText = (name: string): string | null => {
    const value = annotations === null ? undefined : removeField(annotations, name)
    return value?.kind === 'scalar' ? value.value : null
  }
  const take = (name: string): string[] => takeText(domain + name)?.split(',') ?? []
  resource.idLists = {
    names: take('previousNames'),
    namespaces: take('previousNamespaces'),
    kinds: take('previousKinds'),
  }
  resource.namePrefixes = take('prefixes')
  resource.nameSuffixes = take('suffixes')
  resource.refBy = take('refBy').map(parseResId)
  resource.allowsNameChange = take('allowNameChange')[0] === 'enabled'
  resource.allowsKindChange = take('allowKindChange')[0] === 'enabled'
  resource.needsHashSuffix = take('needsHashSuffix')[0] === 'enabled'
  const [behavior] = take('generatorBehavior')
  resource.isGenerated = behavior !== undefined
  resource.behavior = readBehavior(behavior)
  // Not read again: a patch takes these away or leaves them.
  if (resource.origin !== null && takeText(originName) === null) resource.origin = null
  if (resource.transformations.length > 0 && takeText(transformationsName) === null) resource.transformations = []
}

/** Forgets the origin of an object whose annotations, as a patch left them, no longer tell it: upstream restores only what is internal. */
export function forgetLostOrigin(resource: Resource, annotations: ReadonlyMap<string, string>): void {
  if (!annotations.has(originName)) resource.origin = null
  if (!annotations.has(transformationsName)) resource.transformations = []
}

function readBehavior(text: string | undefined): GeneratorBehavior {
  return text === 'create' || text === 'merge' || text === 'replace' ? text : 'unspecified'
}

function ensureMap(parent: MapNode, key: string): MapNode {
  const found = getMap(parent, key)
  if (found !== null) return found
  const created = new MapNode()
  setField(parent, key, created)
  return created
}
