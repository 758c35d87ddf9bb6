/** Helm's release storage: one Secret per revision of a release. Source: flux-semantics §3.2. */
import { helmStorageLabels, helmStorageSecretType } from '../../../shared/flux/labels.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Codec } from '../ports.ts'
import { at, labelOf, textAt, timeMs } from '../status/read.ts'
import { decodeBase64 } from './base64.ts'
import type { InventoryEntry } from './entry.ts'
import { splitManifest } from './manifest.ts'

/** A release beyond this is not read: etcd takes 1.5 MiB, so only a hostile payload inflates further. */
export const maxReleaseBytes = 32 * 1024 * 1024
const maxPayloadLength = 4 * 1024 * 1024

export interface StoredRelease {
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly status: string
  readonly chartName: string
  readonly chartVersion: string
  /** When it was made, ms in whole seconds as controllers tell it; null where it does not say. */
  readonly deployedAt: number | null
  /** Helm's word on how it went. */
  readonly description: string
  readonly manifest: string
}

/** Label selector of all that Helm stores. */
export const storageSelector = `${helmStorageLabels.owner}=helm`

/** Label selector of one release's Secrets; the release's name has been checked by Helm to be a label value. */
export function releaseSelector(releaseName: string): string {
  return `${storageSelector},${helmStorageLabels.name}=${releaseName}`
}

/** The Secret of the newest deployed revision, else of the newest one; null where there is none. */
export function newestReleaseSecret(secrets: readonly KubeObject[]): KubeObject | null {
  let best: KubeObject | null = null
  let bestRank = -1
  for (const secret of secrets) {
    if (secret.type !== helmStorageSecretType) continue
    const revision = Number(labelOf(secret, helmStorageLabels.version)) || 0
    const rank = revision + (labelOf(secret, helmStorageLabels.status) === 'deployed' ? 1e9 : 0)
    if (rank > bestRank) {
      best = secret
      bestRank = rank
    }
  }
  return best
}

/**
 * Decodes `data.release`: base64 (API) of base64 of gzip of JSON; old ones are plain JSON, so the gzip magic decides. Throws SluiceError
 * ResponseMalformed naming the Secret.
 */
export function decodeRelease(secret: KubeObject, codec: Codec): StoredRelease {
  const place = `Secret ${secret.metadata.namespace ?? ''}/${secret.metadata.name}`
  const malformed = (what: string, cause?: unknown): SluiceError =>
    new SluiceError('ResponseMalformed', `The release in ${place} cannot be read: ${what}`, {
      remedy: 'Look at it with helm get manifest; the objects of this release are not shown',
      cause,
    })
  let json: unknown
  try {
    json = decodeReleasePayload(textAt(secret, 'data', 'release'), true, codec)
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error), error)
  }
  return toStoredRelease(json)
}

/**
 * The release in a Secret's (base64 once more) or ConfigMap's `data.release`, as JSON. Throws an Error that says in a few words what is wrong
 * with the payload, without any of it.
 */
export function decodeReleasePayload(payload: string, isFromSecret: boolean, codec: Pick<Codec, 'gunzip'>): unknown {
  if (payload === '') throw new Error('data.release is empty')
  if (payload.length > maxPayloadLength) throw new Error('data.release is too large')
  const outer = isFromSecret ? decodeBase64(payload) : null
  if (isFromSecret && outer === null) throw new Error('data.release is not base64')
  const inner = decodeBase64(outer === null ? payload : latin1(outer))
  if (inner === null) throw new Error('its payload is not base64')
  try {
    const isGzip = inner[0] === 0x1f && inner[1] === 0x8b && inner[2] === 0x08
    const bytes = isGzip ? codec.gunzip(inner, maxReleaseBytes) : inner
    return JSON.parse(new TextDecoder('utf-8').decode(bytes))
  } catch (error) {
    throw new Error('its payload is not (gzipped) JSON', { cause: error })
  }
}

/** What is read of a decoded release. */
export function toStoredRelease(json: unknown): StoredRelease {
  const revision = at(json, 'version')
  return {
    name: textAt(json, 'name'),
    namespace: textAt(json, 'namespace'),
    revision: typeof revision === 'number' ? revision : 0,
    status: textAt(json, 'info', 'status'),
    chartName: textAt(json, 'chart', 'metadata', 'name'),
    chartVersion: textAt(json, 'chart', 'metadata', 'version'),
    deployedAt: deployedAtOf(at(json, 'info')),
    description: textAt(json, 'info', 'description'),
    manifest: textAt(json, 'manifest'),
  }
}

function deployedAtOf(info: unknown): number | null {
  const ms = timeMs(at(info, 'last_deployed')) ?? timeMs(at(info, 'first_deployed'))
  // Go's zero time is none.
  return ms === null || ms <= 0 ? null : Math.floor(ms / 1000) * 1000
}

/**
 * Objects of a release; those that name no namespace get the release's. `isNamespaced` says of a kind whether it lives in namespaces
 * (null: not served, taken as namespaced).
 */
export function releaseEntries(
  release: StoredRelease,
  isNamespaced: (group: string, kind: string) => boolean | null,
): readonly InventoryEntry[] {
  return splitManifest(release.manifest).map((entry) => {
    const isScoped = isNamespaced(entry.group, entry.kind) ?? true
    return { ...entry, namespace: isScoped ? entry.namespace || release.namespace : '' }
  })
}

/** Base64 is ASCII, so each byte is a character. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 8192)
    text += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return text
}
