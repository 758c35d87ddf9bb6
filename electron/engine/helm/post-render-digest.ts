/**
 * The digests by which helm-controller tells whether what it does to a rendered chart changed: of spec.postRenderers and spec.commonMetadata as
 * its Go types write them. Facts: helm-controller 1.6.3 `postrender.Digest`, `CommonMetadataDigest`, fluxcd/pkg apis kustomize v1.19.
 */
import { compareBytes, encodeJsonString } from '../kustomize/yaml/go-json.ts'
import type { Codec } from '../ports.ts'
import { asArray, asRecord, asText, asTextMap, at } from '../status/read.ts'

type Sha256 = Pick<Codec, 'sha256Hex'>

/** '' without any, as `status.observedPostRenderersDigest` has it. */
export function postRenderersDigest(object: unknown, codec: Sha256): string {
  const renderers = at(object, 'spec', 'postRenderers')
  return Array.isArray(renderers) ? digestOf(listOf(renderers, rendererText), codec) : ''
}

/** '' without it, as `status.observedCommonMetadataDigest` has it. */
export function commonMetadataDigest(object: unknown, codec: Sha256): string {
  const metadata = at(object, 'spec', 'commonMetadata')
  if (metadata === undefined || metadata === null) return ''
  return digestOf(
    record([
      ['annotations', textMap(asRecord(metadata)['annotations'])],
      ['labels', textMap(asRecord(metadata)['labels'])],
    ]),
    codec,
  )
}

function digestOf(text: string, codec: Sha256): string {
  return `sha256:${codec.sha256Hex(`${text}\n`)}`
}

function rendererText(renderer: unknown): string {
  const kustomize = asRecord(renderer)['kustomize']
  if (kustomize === undefined || kustomize === null) return '{}'
  const { patches, images } = asRecord(kustomize)
  const inner = record([
    ['patches', filledList(patches, patchText)],
    ['images', filledList(images, imageText)],
  ])
  return record([['kustomize', inner]])
}

function patchText(value: unknown): string {
  const { patch, target } = asRecord(value)
  const isTargeted = target !== undefined && target !== null
  return record([
    ['patch', encodeJsonString(asText(patch))],
    ['target', isTargeted ? texts(target, selectorFields) : ''],
  ])
}

const selectorFields = ['group', 'version', 'kind', 'namespace', 'name', 'annotationSelector', 'labelSelector']

function imageText(value: unknown): string {
  const { name, newName, newTag, digest } = asRecord(value)
  return record([
    ['name', encodeJsonString(asText(name))],
    ['newName', filledText(newName)],
    ['newTag', filledText(newTag)],
    ['digest', filledText(digest)],
  ])
}

/** Members with an empty text are left out. */
function record(members: readonly (readonly [name: string, text: string])[]): string {
  const kept = members.filter(([, text]) => text !== '').map(([name, text]) => `"${name}":${text}`)
  return `{${kept.join(',')}}`
}

function texts(value: unknown, names: readonly string[]): string {
  const members = asRecord(value)
  return record(names.map((name) => [name, filledText(members[name])]))
}

function filledText(value: unknown): string {
  return asText(value) === '' ? '' : encodeJsonString(asText(value))
}

function filledList(value: unknown, textOf: (item: unknown) => string): string {
  return asArray(value).length === 0 ? '' : listOf(asArray(value), textOf)
}

function listOf(items: readonly unknown[], textOf: (item: unknown) => string): string {
  return `[${items.map(textOf).join(',')}]`
}

function textMap(value: unknown): string {
  const entries = Object.entries(asTextMap(value)).sort(([a], [b]) => compareBytes(a, b))
  if (entries.length === 0) return ''
  return `{${entries.map(([key, text]) => `${encodeJsonString(key)}:${encodeJsonString(text)}`).join(',')}}`
}
