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

/** What a source's status says of its artifact. */
export interface ArtifactPlace {
  readonly source: ObjectRef
  readonly revision: string
  readonly path: string
  readonly digest: string
}

export interface ArtifactStorage {
  /**
   * Archives the tree as source-controller does: regular files and directories, no owners and times. Atomic: a cut leaves nothing half.
   * `fileName` without folder. SluiceError ArtifactRefused (limits), StorageFailed (disk full, read-only), naming the source.
   */
  store(input: {
    readonly source: ObjectRef
    readonly revision: string
    readonly fileName: string
    readonly tree: StoredTree
    readonly signal: AbortSignal
  }): Promise<StoredArtifact>
  /** What lies there, if it is whole: `absent`, or `damaged` where its bytes do not have the digest. */
  find(place: ArtifactPlace, signal: AbortSignal): Promise<StoredArtifact | 'absent' | 'damaged'>
  /** Removes the source's other archives, keeping `keepPath` and what the controller would keep (younger than 60 s, the newest two). */
  collect(source: ObjectRef, keepPath: string): Promise<readonly string[]>
  /** One archive. */
  remove(source: ObjectRef, path: string): Promise<void>
  /** All of the source: how many there were. */
  removeAll(source: ObjectRef): Promise<number>
}
