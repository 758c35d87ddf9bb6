/**
 * What kustomize-controller does between the build and the apply: documents become objects, its labels go onto them, they are normalised,
 * spec.commonMetadata follows, an encrypted Secret stops it all, and of definitions what is no certificate is left out. Pure, and light enough
 * for a render worker. Semantics: flux-semantics §2.6; kustomize-controller 1.9.4 `reconcile` and `apply`, fluxcd/pkg ssa v0.76.1 `utils`.
 */
import { asRecord } from '../status/read.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { BuildErrorCode } from '../kustomize/build-error.ts'
import { withoutInvalidCaBundle } from './normalise/ca-bundle.ts'
import { NormaliseError, normaliseObject } from './normalise/normalise-object.ts'
import { isMap } from './normalise/round-trip.ts'

type Fields = Readonly<Record<string, unknown>>

export interface PreparedObject {
  /** Body of the apply request. */
  readonly object: KubeObject
  /** Index of the document that it comes from. */
  readonly from: number
  /** Index in the items of a List; null where the document is the object. */
  readonly item: number | null
}

/** What the controller would stop over: the whole set is refused. */
export interface PrepareFault {
  readonly code: BuildErrorCode
  readonly message: string
  /** Index of the document. */
  readonly from: number
}

const group = 'kustomize.toolkit.fluxcd.io'

/** The apply bodies of a Kustomization's documents, in their order; empty where there is an `error`. */
export function prepareForApply(
  documents: readonly unknown[],
  kustomization: KubeObject,
): { readonly objects: readonly PreparedObject[]; readonly error: PrepareFault | null } {
  const read = readObjects(documents)
  if (read.error !== null) return { objects: [], error: read.error }
  const { name, namespace = '' } = kustomization.metadata
  const ownerLabels = { [`${group}/name`]: name, [`${group}/namespace`]: namespace }
  const commonMetadata = asRecord(asRecord(kustomization.spec).commonMetadata)
  const hasCommon = isMap(asRecord(kustomization.spec).commonMetadata)
  const objects: PreparedObject[] = []
  for (const one of read.objects) {
    const labelled = withTexts(one.object, 'labels', ownerLabels)
    let object: KubeObject
    try {
      object = normaliseObject(labelled)
    } catch (error) {
      if (!(error instanceof NormaliseError)) throw error
      return { objects: [], error: { code: 'InvalidResource', message: error.message, from: one.from } }
    }
    if (hasCommon) {
      object = withTexts(object, 'labels', asRecord(commonMetadata.labels))
      object = withTexts(object, 'annotations', asRecord(commonMetadata.annotations))
    }
    objects.push({ ...one, object })
  }
  const encrypted = objects.find(({ object }) => isEncryptedSecret(object))
  if (encrypted !== undefined) {
    const message = `${nameOf(encrypted.object)} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`
    return { objects: [], error: { code: 'DecryptionFailed', message, from: encrypted.from } }
  }
  return { objects: objects.map((one) => ({ ...one, object: withoutInvalidCaBundle(one.object) })), error: null }
}

/** Documents as the controllers read them: Lists give their items, what has no name and kustomize's own configuration is dropped. */
export function readObjects(documents: readonly unknown[]): {
  readonly objects: readonly PreparedObject[]
  readonly error: PrepareFault | null
} {
  const objects: PreparedObject[] = []
  for (const [from, document] of documents.entries()) {
    const fail = (message: string): { objects: []; error: PrepareFault } => ({
      objects: [],
      error: { code: 'InvalidResource', message, from },
    })
    // An empty document, or one of comments alone.
    if (document === null || document === undefined) continue
    const object = asRecord(document)
    if (!isVersion(object.apiVersion) || textOf(object.kind) === '')
      return fail("Object 'Kind' is missing in a document")
    if (Array.isArray(object.items)) {
      for (const [item, each] of object.items.entries()) {
        if (!isMap(each)) return fail('items member is not an object')
        objects.push({ object: each as unknown as KubeObject, from, item })
      }
      continue
    }
    const isKubernetesObject = textOf(asRecord(object.metadata).name) !== '' && textOf(object.apiVersion) !== ''
    if (isKubernetesObject && !isKustomizeConfig(object))
      objects.push({ object: object as unknown as KubeObject, from, item: null })
  }
  return { objects, error: null }
}

/** Go takes an apiVersion that it cannot read for none, and then finds no kind. A missing one is read. */
function isVersion(apiVersion: unknown): boolean {
  return typeof apiVersion !== 'string' || apiVersion === '/' || apiVersion.split('/').length <= 2
}

function isKustomizeConfig({ apiVersion, kind }: Fields): boolean {
  return textOf(kind).toLowerCase() === 'kustomization' && textOf(apiVersion).startsWith('kustomize.config.k8s.io/')
}

/**
 * The object with `added` in its labels or annotations: a copy as far as it changes. Where one of those it has is no text, all of them go:
 * upstream then finds none. Without anything to set nothing changes.
 */
export function withTexts(object: KubeObject, name: 'labels' | 'annotations', added: Fields): KubeObject {
  const { metadata } = object as { readonly metadata?: unknown }
  if (metadata !== undefined && !isMap(metadata)) return object
  const texts = { ...textsOf(asRecord(metadata)[name]), ...added }
  if (Object.keys(texts).length === 0) return object
  return { ...object, metadata: { ...metadata, [name]: texts } } as KubeObject
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isMap(value)) return {}
  const result: Record<string, string> = {}
  for (const [key, text] of Object.entries(value)) {
    if (text !== null && typeof text !== 'string') return {}
    result[key] = text ?? ''
  }
  return result
}

/** After normalisation: one that Go could read has lost the field by then, and is applied as it stands. */
function isEncryptedSecret(object: KubeObject): boolean {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !Object.hasOwn(object, 'sops')) return false
  return textsOf(object.metadata.annotations)[`${group}/decrypt`]?.toLowerCase() !== 'disabled'
}

function nameOf({ kind, metadata: { name, namespace = '' } }: KubeObject): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
