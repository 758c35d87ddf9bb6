/** A local folder with manifests, as the Repositories view sees it. Paths are relative to the folder, with forward slashes. */

/** A fault at a place in the tree. `code` is a BuildErrorCode or a FileFaultCode of the engine. */
export interface RepositoryFault {
  readonly code: string
  /** Verbatim text of the fault. */
  readonly message: string
  /** What the user can do about it; '' if nothing is known. */
  readonly remedy: string
  /** '' if no file is to blame. */
  readonly file: string
  /** 1-based; 0 if not known. */
  readonly line: number
}

/** `from` and `to` are keys of entries. */
export interface RepositoryEdge {
  readonly from: string
  readonly to: string
  /**
   * `path`: a Flux Kustomization builds that directory; `resource`, `component`: a kustomization file names another;
   * `declares`: the build of `from` holds the Flux Kustomization `to`; `dependsOn`: Flux waits for `to` before `from`.
   */
  readonly relation: 'path' | 'resource' | 'component' | 'declares' | 'dependsOn'
}
