/** What rendering a Flux Kustomization gives: plain values apart from the texts, which are cut from one string. */
import type { BuildErrorCode } from '../kustomize/build-error.ts'

/** How the fault of a spec.path that is not in the tree begins: the controller never came to building. */
export const pathNotFoundText = 'kustomization path not found'

export interface FluxRenderResult {
  /** In the controller's order; empty where the build failed. */
  readonly objects: readonly RenderedObject[]
  /** The whole output: documents joined by `---`, exactly what the controller builds. '' where the build failed. */
  readonly text: string
  /** Bytes of `text` in UTF-8. */
  readonly bytes: number
  /** `sha256:...` as in `status.history[0].digest`; null where the build failed or something in the output is unknown. */
  readonly digest: string | null
  /** What is unknown or taken for granted: with any of these the output may differ from the controller's. */
  readonly assumptions: readonly RenderAssumption[]
  readonly warnings: readonly string[]
  readonly error: RenderFault | null
}

export interface RenderedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** One document, without `---`, ending in a newline. */
  readonly yaml: string
  /** Where the object comes from; null if not known. */
  readonly origin: RenderedOrigin | null
  /** SECURITY: paths of values that were decrypted: views mask them, beside everything in a Secret. */
  readonly sensitive: readonly (readonly (string | number)[])[]
}

export interface RenderedOrigin {
  /** Path relative to the artifact's root: the manifest, or the kustomization file whose generator made the object. */
  readonly file: string
  /** 1-based line of the object's document; 0 if not known. */
  readonly line: number
  readonly isGenerated: boolean
}

export interface RenderAssumption {
  readonly kind: 'unknownVariables' | 'undecryptable' | 'remoteNotFetched' | 'other'
  /** A sentence. */
  readonly message: string
  /** Variables, fields or files that are unknown. */
  readonly names: readonly string[]
  /** Path relative to the root, '' if none. */
  readonly file: string
  /** 1-based, 0 if none. */
  readonly line: number
}

export interface RenderFault {
  readonly code: BuildErrorCode
  /** The controller's text; paths below the root as the Files port names them. */
  readonly message: string
  /** Path relative to the artifact's root, '' if no one file is to blame. */
  readonly file: string
  /** 1-based, 0 if not known. */
  readonly line: number
}
