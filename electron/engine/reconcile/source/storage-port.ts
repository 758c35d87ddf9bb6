/** Where hosted mode keeps artifacts, as source-controller's storage does: one folder per source, garbage collected. By adapters/artifacts. */
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { StoredTree } from '../../source/artifact-port.ts'

export interface StoredArtifact {
  /** `gitrepository/flux-system/fleet/<commit>.tar.gz`, as status.artifact.path has it. */
  readonly path: string
  /** `sha256:…` of the gzipped archive: equal trees, equal digests. */
  readonly digest: string
  /** Of the gzipped archive. */
  readonly bytes: number
  readonly tree: StoredTree
}

export interface ArtifactStorage {
  /**
   * Archives the tree as source-controller does: regular files and directories, modes by exec bit, no owners and times. Atomic: a cut leaves
   * nothing half. `fileName` without folder. SluiceError ArtifactRefused (limits), StorageFailed (disk full, read-only), naming the source.
   */
  store(input: {
    readonly source: ObjectRef
    readonly fileName: string
    readonly tree: StoredTree
    readonly signal: AbortSignal
  }): Promise<StoredArtifact>
  /** What lies at `path`, if it is whole and has the digest; null if not. */
  find(source: ObjectRef, path: string, digest: string): Promise<StoredArtifact | null>
  /** Removes the source's other archives, keeping `keep` and what is younger than the retention (the controller's: 60 s, 2 records). */
  collect(source: ObjectRef, keep: string): Promise<readonly string[]>
  removeAll(source: ObjectRef): Promise<void>
}
