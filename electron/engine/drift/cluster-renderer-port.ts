/**
 * Renders one Flux Kustomization of a cluster against a stored tree, in a worker of the pool: build, decryption, substitution, digest, and
 * then what the controller does before it applies (flux-semantics §2.6: parse, owner labels, normalise, commonMetadata, encrypted-Secret
 * guard). Plain data in and out.
 */
import type { DriftTexts } from '../../../shared/model/drift.ts'
import type { RenderAssumption, RenderFault, RenderedOrigin } from '../build/render-result.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { StoredTree } from '../source/artifact-port.ts'

export interface ClusterRenderRequest {
  readonly tree: StoredTree
  /** The Kustomization as the API server has it (status and managedFields left out). */
  readonly kustomization: KubeObject
  /** `ConfigMap/namespace/name` or `Secret/…` → data (Secrets decoded), null: there is none, 'unknown': nobody can tell. */
  readonly variables: Readonly<Record<string, Readonly<Record<string, string>> | null | 'unknown'>>
  /**
   * Keys for spec.decryption, read from the cluster: name of the Secret's key (`identity.agekey`, `x.asc`) → text; null: no right to read
   * them. SECURITY: they live in the worker only as long as the render.
   */
  readonly decryptionKeys: Readonly<Record<string, string>> | null
  /** Additionally the user's own keys. */
  readonly usesOwnKeys: boolean
  readonly isStrict: boolean
}

export interface ClusterRenderedObject {
  /** Body of the apply request. */
  readonly object: KubeObject
  readonly origin: RenderedOrigin | null
  readonly sensitive: readonly (readonly (string | number)[])[]
  /** Sentence; '' where all is known. */
  readonly unknown: string
}

export interface ClusterRender {
  readonly objects: readonly ClusterRenderedObject[]
  /** `sha256:…`; null where something is unknown or the build failed. */
  readonly digest: string | null
  readonly assumptions: readonly RenderAssumption[]
  readonly warnings: readonly string[]
  readonly error: RenderFault | null
  readonly durationMs: number
}

/** A compared object in its printed forms. */
export interface ShownTexts {
  readonly texts: Omit<DriftTexts, 'checkedAt'>
  readonly patch: string
}

/** Makes both from the JSON of a Compared, somewhere else. Rejects with SluiceError Canceled or Internal. */
export type PrintElsewhere = (compared: string, signal: AbortSignal) => Promise<ShownTexts>

export interface ClusterRenderer {
  /** Rejects with SluiceError Canceled, or RenderFailed where the worker died. Equal requests in a row are answered from a cache. */
  render(request: ClusterRenderRequest, signal: AbortSignal): Promise<ClusterRender>
  /** Prints a compared object in a worker; absent where there is none. */
  readonly print?: PrintElsewhere
}
