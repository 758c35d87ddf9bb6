/**
 * A stored release made ready to be compared, as helm-controller does before its dry-runs: its manifest's objects through Go's types (those of
 * custom resource definitions among them, which Helm registers), then Helm's ownership. Pure; runs in a worker. Semantics: flux-semantics
 * §3.2; helm-controller 1.6.3 `action.Diff`. What post-renderers and spec.commonMetadata added is part of the stored manifest.
 */
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { NormaliseError, normaliseObject } from '../apply/normalise/normalise-object.ts'
import { readObjects, withTexts } from '../apply/prepare-objects.ts'
import type { KubeObject } from '../clusters/view.ts'
import { exactText } from '../exact-json.ts'
import { decodeReleasePayload, toStoredRelease } from '../inventory/release-storage.ts'
import { BuildError } from '../kustomize/build-error.ts'
import type { Codec } from '../ports.ts'
import { at } from '../status/read.ts'
import { observationText } from './observation.ts'
import { readManifest } from './read-manifest.ts'
import type { PreparedRelease, ReleaseRequest } from './release-port.ts'

export interface PrepareTools {
  readonly codec: Pick<Codec, 'gunzip' | 'sha256Hex'>
  /** Throws BuildError Canceled or LimitExceeded when the work must stop. */
  readonly checkpoint: () => void
}

/** As it crosses the threads: one text costs less than many small objects. */
export type ReleaseMessage =
  | { readonly error: SluiceErrorData; readonly release: null }
  | {
      readonly error: null
      readonly release: Omit<PreparedRelease, 'objects'> & { readonly objects: string }
    }

/** `prepareRelease` for a worker. Throws BuildError Canceled alone. */
export function answerRelease(request: ReleaseRequest, tools: PrepareTools): ReleaseMessage {
  try {
    const release = prepareRelease(request, tools)
    return { error: null, release: { ...release, objects: exactText(release.objects) } }
  } catch (error) {
    if (error instanceof SluiceError) return { error: error.toData(), release: null }
    if (!(error instanceof BuildError) || error.code !== 'LimitExceeded') throw error
    return { error: unreadable(`The manifest of the release in ${request.place}`, error).toData(), release: null }
  }
}

function unreadable(what: string, cause: unknown): SluiceError {
  return new SluiceError('ReleaseUnreadable', `${what} cannot be read.`, {
    detail: cause instanceof Error ? cause.message : '',
    remedy: 'Look at it with helm get manifest; its objects are not compared.',
    cause,
  })
}

/** Throws SluiceError ReleaseUnreadable naming the place, and what `checkpoint` throws. */
export function prepareRelease(request: ReleaseRequest, { codec, checkpoint }: PrepareTools): PreparedRelease {
  const decoded = decode(request, codec)
  const release = toStoredRelease(decoded)
  const ownership = {
    'meta.helm.sh/release-name': release.name,
    'meta.helm.sh/release-namespace': release.namespace,
  }
  const { wants } = request
  const objects = (wants !== undefined ? [] : objectsOf(release.manifest, request.place, checkpoint)).map((object) =>
    withTexts(withTexts(object, 'labels', { 'app.kubernetes.io/managed-by': 'Helm' }), 'annotations', ownership),
  )
  const { manifest: _manifest, ...told } = release
  const digest = wants === 'record' ? '' : `sha256:${codec.sha256Hex(observationText(decoded, request.ociDigest))}`
  return { ...told, digest, objects, values: wants === 'values' ? (at(decoded, 'config') ?? {}) : null }
}

function decode({ payload, isFromSecret, place }: ReleaseRequest, codec: Pick<Codec, 'gunzip'>): unknown {
  try {
    return decodeReleasePayload(payload, isFromSecret, codec)
  } catch (error) {
    throw unreadable(`The release in ${place}`, error)
  }
}

function objectsOf(manifest: string, place: string, checkpoint: () => void): readonly KubeObject[] {
  const what = `The manifest of the release in ${place}`
  try {
    const { objects, error } = readObjects(readManifest(manifest, checkpoint))
    if (error !== null) throw unreadable(what, new Error(error.message))
    return objects.map(({ object }) => normaliseObject(object, 'helm'))
  } catch (error) {
    if (error instanceof NormaliseError) throw unreadable(what, error)
    if (!(error instanceof BuildError) || error.code === 'Canceled' || error.code === 'LimitExceeded') throw error
    throw unreadable(what, error)
  }
}
