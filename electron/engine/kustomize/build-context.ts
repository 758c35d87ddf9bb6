/** What every part of one build shares. Made anew for each build: nothing outlives it but the parsed files that the caller keeps. */
import type { Files } from './files.ts'
import type { YamlNode } from './yaml/node.ts'

export interface BuildOptions {
  /** `rootOnly` is the command line's default; `none` is Flux's mode (the Files port is then the jail). */
  readonly loadRestrictions: 'rootOnly' | 'none'
  readonly reorder: 'none' | 'legacy'
  /** `--enable-managedby-label`. */
  readonly hasManagedByLabel: boolean
  /** What the managed-by label and `managedByLabel` of buildMetadata write after `kustomize-`; the rendered version unless given. */
  readonly version?: string
  /** True for Flux's build, where a custom schema adds to the embedded one; false for the command line, where it replaces it. */
  readonly hasPreloadedSchemas?: boolean
}

/** Parsed files by content, shared between builds. The nodes must not be changed: clone what goes into a resource. */
export interface DocumentCache {
  /** Documents of a file (`null` documents left out as upstream does); throws BuildError InvalidYaml naming `path`. */
  documents(path: string, bytes: Uint8Array): readonly YamlNode[]
}

export interface BuildContext {
  readonly files: Files
  readonly options: BuildOptions
  readonly documents: DocumentCache
  /** Throws BuildError Canceled or LimitExceeded when the build must stop; called between files, transformers and every few hundred resources. */
  readonly checkpoint: () => void
  /** Deprecations and the like: upstream prints them on stderr. */
  readonly warn: (message: string) => void
}
