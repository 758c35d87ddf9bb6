/** What source/ gives to whoever renders. `resolve-artifact.ts` makes it. */
import type { ArtifactOrigin } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { StoredTree } from './artifact-port.ts'

export interface ResolvedArtifact {
  readonly source: ObjectRef
  readonly tree: StoredTree
  /** `main@sha1:…`, verbatim as the source's artifact has it. */
  readonly revision: string
  readonly digest: string
  readonly origin: ArtifactOrigin
  /** Sentences about what differs from the controller's artifact; empty for the artifact itself. */
  readonly reasons: readonly string[]
}

export interface ArtifactWish {
  readonly view: ClusterView
  /** The Kustomization (or any object with spec.sourceRef). */
  readonly consumer: KubeObject
  /**
   * `applied`: the revision that status.lastAppliedRevision names; `latest`: the source's current artifact. An applied revision that can no
   * longer be had falls back to the latest one, with a sentence in `reasons`.
   */
  readonly revision: 'applied' | 'latest'
}

/**
 * Throws SluiceError: SourceNotFound, ArtifactMissing (the source has none yet), ArtifactUnavailable, ArtifactRefused, HostNotAllowed,
 * Forbidden, GitFailed, GitAuthFailed.
 */
export interface ArtifactResolver {
  resolve(wish: ArtifactWish, signal: AbortSignal): Promise<ResolvedArtifact>
  /** Without fetching anything: the revision that `resolve` would give; null if that cannot be told. */
  peek(wish: ArtifactWish): string | null
}
