/**
 * Reads one stored release: megabytes of compressed JSON and YAML, so that the host does it in a worker of the render pool. Plain data in and
 * out.
 */
import type { KubeObject } from '../clusters/view.ts'

export interface ReleaseRequest {
  /** `data.release` of the Secret or the ConfigMap, as the API server has it. */
  readonly payload: string
  /** Values of Secrets are in base64 once more. */
  readonly isFromSecret: boolean
  /** `Secret namespace/name`, for errors. */
  readonly place: string
  /** Of the snapshot: part of what the controller digested, and not of the release. */
  readonly ociDigest: string
  /** `values`: what the release was made with, instead of its objects; `record`: neither, nor a digest. Default: objects. */
  readonly wants?: 'values' | 'record'
}

export interface PreparedRelease {
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly status: string
  readonly chartName: string
  readonly chartVersion: string
  /** When it was made, ms in whole seconds; null where it does not say. */
  readonly deployedAt: number | null
  /** Helm's word on how it went. */
  readonly description: string
  /** `sha256:…` over what helm-controller observes of a release: equal to its snapshot's where nobody changed the release. '' of a record. */
  readonly digest: string
  /** The manifest's objects, normalised, with Helm's ownership labels and annotations; namespaces as the manifest has them. */
  readonly objects: readonly KubeObject[]
  /** Plain JSON; null unless asked for. SECURITY: item 9: may hold secrets: compared, never kept or shown. */
  readonly values: unknown
}

export interface ReleaseReader {
  /** Rejects with SluiceError ReleaseUnreadable (not to be decoded, or its manifest cannot be read), Canceled. */
  read(request: ReleaseRequest, signal: AbortSignal): Promise<PreparedRelease>
}
