/**
 * What the Repositories view needs of whoever renders trees (the worker pool in the window, a double in tests). All values are plain
 * data that can cross a thread. Paths are relative to the opened folder, with forward slashes and without a leading one; '' is the folder
 * itself. Implementations read nothing outside the folder, symbolic links followed (FileFault OutsideRoot otherwise), run no program and
 * contact no host.
 */
import type { RepositoryAssumption, RepositoryEdge, RepositoryFault } from '../../../shared/model/repository.ts'

export interface Renderer {
  /** Takes a folder (absolute path, links already followed) and reads nothing yet. Parsed files may be shared between folders by content. */
  open(root: string): RenderedTree
  /**
   * Whether values are decrypted with the user's own SOPS keys from now on; not before it is called. What is rendered already stays until
   * `changed(null)` is asked, which then names what keys decide upon.
   */
  useOwnKeys(isOn: boolean): void
}

export interface RenderedTree {
  /** Finds what the tree holds. Rejects with SluiceError only when the folder itself cannot be read; bad files are `problems`. */
  scan(signal: AbortSignal): Promise<TreeScan>
  /**
   * Builds one entry of the last scan by its key. A build that fails resolves with `error` set (its objects are then empty); rejects
   * with SluiceError Canceled on abort and NotFound for a key that the last scan did not give. The caller may ask for all keys at once:
   * order and parallelism are the implementation's.
   */
  render(key: string, signal: AbortSignal): Promise<TreeRender>
  /**
   * Files changed on disk (created, written or removed; null: anything may have). Resolves with what that reaches: keys whose build
   * read or looked for one of the files, and whether the scan must be repeated.
   */
  changed(paths: readonly string[] | null): Promise<{ readonly isScanStale: boolean; readonly keys: readonly string[] }>
  /** Cancels what runs and forgets the tree. */
  dispose(): void
}

export interface TreeScan {
  /** In order of file and document. */
  readonly kustomizations: readonly ScannedKustomization[]
  /** Every kustomization file, in byte order of its path. */
  readonly files: readonly ScannedKustomizationFile[]
  /** Who includes what, between `key`s of the two lists above. */
  readonly edges: readonly RepositoryEdge[]
  /** Files that could not be read or parsed. */
  readonly problems: readonly RepositoryFault[]
}

/** A Flux Kustomization object (`kustomize.toolkit.fluxcd.io`) found in a file of the tree. */
export interface ScannedKustomization {
  /** Stable while the object keeps namespace, name and file: `flux|FILE|NAMESPACE/NAME`, with `#n` on the second and later of equal ones. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  /** Where the object stands; `line` 1-based, of the document's first line. */
  readonly file: string
  readonly line: number
  /** `spec.path`, cleaned. */
  readonly path: string
  readonly targetNamespace: string
  readonly isSuspended: boolean
  /** `Kind/namespace/name`. */
  readonly sourceRef: string
  readonly dependsOn: readonly string[]
  /** A sentence when it cannot be rendered from this folder (its source is another repository, for one); '' otherwise. */
  readonly elsewhere: string
}

export interface ScannedKustomizationFile {
  /** `build|DIRECTORY`: what `kustomize build DIRECTORY` renders. */
  readonly key: string
  /** The kustomization file's path. */
  readonly file: string
  readonly directory: string
  readonly isComponent: boolean
  /** No other kustomization file and no Flux Kustomization includes its directory. */
  readonly isRoot: boolean
}

export interface TreeRender {
  readonly key: string
  /** In output order. */
  readonly objects: readonly RenderedObject[]
  /** `sha256:...` as the controller writes it to `status.history[0].digest`; null for plain builds and where something is unknown. */
  readonly digest: string | null
  readonly durationMs: number
  readonly warnings: readonly string[]
  /** What the result took for granted: it may differ from what the controller would apply. */
  readonly assumptions: readonly RepositoryAssumption[]
  readonly error: RepositoryFault | null
}

export interface RenderedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** One document, without `---`, ending in a newline. */
  readonly yaml: string
  /** The file that the object was read from (or the kustomization file whose generator made it); null if not known. */
  readonly origin: RenderedOrigin | null
  /** Fields whose values were decrypted or are otherwise secret, beside `data` and `stringData` of a Secret, which always are. */
  readonly sensitive: readonly (readonly (string | number)[])[]
}

export interface RenderedOrigin {
  readonly file: string
  /** 1-based line of the object's document (or of the generator's entry); 0 if not known. */
  readonly line: number
  readonly isGenerated: boolean
}
