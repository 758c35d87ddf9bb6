/** Where Flux's manifests come from: the user's own `flux`, what the user picked, or a release. By adapters/flux-manifests. */
import type { FluxRelease } from '../../../../shared/model/hand-over.ts'

export interface FluxProgram {
  /** Absolute. */
  readonly path: string
  /** `v2.9.5`. */
  readonly version: string
}

export interface ManifestFile {
  /** Inside the picked folder, or the file's own name. */
  readonly name: string
  readonly text: string
}

export interface FluxManifests {
  /**
   * `flux` on the PATH of the login shell, asked for its version; null: there is none. SluiceError ExecFailed or ExecTimeout where it does not answer.
   */
  findProgram(signal: AbortSignal): Promise<FluxProgram | null>
  /**
   * What `flux install --export` prints. It is started without a shell, a kubeconfig or a way to the network. SluiceError ExecFailed with its own
   * words, ExecTimeout, ExecNotFound.
   */
  exportFrom(program: string, namespace: string, signal: AbortSignal): Promise<string>
  /** A file, or the YAML files of a folder in the order of their names; links are not followed out of it. SluiceError NotFound, InvalidInput. */
  read(path: string): Promise<readonly ManifestFile[]>
  /** `github.com`: where releases are downloaded from. */
  readonly releaseHost: string
  /**
   * The `install.yaml` of a release, whose name is its address. SluiceError ArtifactRefused where its SHA-256 is another, ArtifactMissing where there is
   * no such release, ArtifactUnavailable where it cannot be had.
   */
  download(release: FluxRelease, signal: AbortSignal): Promise<ManifestFile>
}
