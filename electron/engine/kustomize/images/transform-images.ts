/**
 * Names, tags and digests of container images: in every list called `containers` or `initContainers` at any depth, then in the fields of
 * the given specs. CustomResourceDefinitions are left alone.
 *
 * Semantics: kustomize's ImageTagTransformer, its legacy filter included.
 */
import type { BuildContext } from '../build-context.ts'
import { FieldSpecSet } from '../field-spec/apply-field-spec.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { wrongNodeKind } from '../field-spec/node-kind-error.ts'
import { writeScalar } from '../field-spec/setters.ts'
import type { ResMap } from '../resource/res-map.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getField, isNullNode } from '../yaml/node.ts'
import { imageMatcher, splitImage } from './image-reference.ts'

/** One entry of `images`; '' leaves a part as it is. */
export interface ImageChange {
  /** The present name, as a regular expression. */
  readonly name: string
  readonly newName: string
  readonly newTag: string
  readonly tagSuffix: string
  readonly digest: string
}

export interface ImageConfig {
  readonly imageTag: ImageChange
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Throws BuildError TransformFailed where a container is no map or an image is no scalar. */
export function transformImages(resources: ResMap, config: ImageConfig, context: BuildContext): void {
  const update = imageUpdater(config.imageTag)
  const specs = new FieldSpecSet(config.fieldSpecs)
  // Two passes, as upstream has it: an error of the first one comes before any of the second.
  for (const [index, resource] of resources.resources().entries()) {
    if (index % 500 === 0) context.checkpoint()
    if (resource.kind !== 'CustomResourceDefinition') updateContainers(resource.node, update)
  }
  for (const resource of resources.resources()) {
    if (resource.kind !== 'CustomResourceDefinition') specs.apply(resource.node, update)
  }
  resources.dropEmpties()
}

function imageUpdater(change: ImageChange): (node: YamlNode) => void {
  const matcher = imageMatcher(change.name)
  return (node) => {
    if (node.kind !== 'scalar') throw wrongNodeKind('scalar', node)
    if (matcher.matches(node.value)) writeScalar(node, changeImage(node.value, change), '')
  }
}

/** The image reference after the change: a new tag drops the digest and a new digest the tag, unless both are given. */
export function changeImage(image: string, change: ImageChange): string {
  let { name, tag, digest } = splitImage(image)
  if (change.newName !== '') name = change.newName
  if (change.newTag !== '' || change.digest !== '') {
    tag = change.newTag
    digest = change.digest
  } else if (change.tagSuffix !== '') {
    tag += change.tagSuffix
    digest = ''
  }
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

/** Depth first: containers within a container come before its own list is looked at. */
function updateContainers(node: YamlNode, update: (node: YamlNode) => void): void {
  if (node.kind === 'sequence') {
    for (const item of node.items) updateContainers(item, update)
    return
  }
  if (node.kind !== 'map') return
  const { keys, values } = node
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const value = values[i]!
    if (value.kind === 'scalar') continue
    updateContainers(value, update)
    if (value.kind !== 'sequence' || key.kind !== 'scalar') continue
    if (key.value !== 'containers' && key.value !== 'initContainers') continue
    for (const item of value.items) {
      if (isNullNode(item)) continue
      if (item.kind !== 'map') throw wrongNodeKind('map', item)
      const image = getField(item, 'image')
      if (image !== undefined) update(image)
    }
  }
}
