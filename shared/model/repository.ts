/** A local folder with manifests, as the Repositories view sees it. Paths are relative to the folder, with forward slashes. */
import type { SluiceErrorData } from './errors.ts'

/** A fault at a place in the tree. */
export interface RepositoryFault {
  /** A BuildErrorCode or a FileFaultCode of the engine. */
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

/** A remembered folder. */
export interface RepositoryRow {
  /** Opaque and stable: the window names folders by it, never by path. */
  readonly key: string
  /** Last part of the path. */
  readonly name: string
  /** The whole path, to be shown. */
  readonly folder: string
  /** When it was last opened, ms. */
  readonly openedAt: number
}

/** What a repository's stream is made of. */
export type RepositoryItem = RepositoryTree | RepositoryEntry | RepositoryProblem

/** The folder as a whole. */
export interface RepositoryTree {
  readonly key: 'tree'
  readonly type: 'tree'
  readonly name: string
  readonly folder: string
  readonly state: 'scanning' | 'ready' | 'missing' | 'forbidden' | 'failed'
  readonly error: SluiceErrorData | null
  /** Changes on disk are seen as they happen; else why not. */
  readonly watchProblem: string
  /** Every change on disk counts one up: what was read before may be old. */
  readonly change: number
  /** The last change; null before the first. `files` are at most twenty of those that changed. */
  readonly lastChange: {
    readonly at: number
    readonly files: readonly string[]
    readonly fileCount: number
    /** Entries and objects whose output it changed, so far; `isComplete`: nothing waits to be rendered again. */
    readonly entryCount: number
    readonly objectCount: number
    readonly isComplete: boolean
  } | null
}

/** A Flux Kustomization of the tree, or a kustomization file of it. */
export interface RepositoryEntry {
  readonly key: string
  readonly type: 'entry'
  /** `component`: a kustomization file of kind Component, which builds nothing by itself. */
  readonly kind: 'kustomization' | 'build' | 'component'
  /** Of a Flux Kustomization; '' for files. */
  readonly namespace: string
  /** Name of a Flux Kustomization, directory of a file ('.' for the root). */
  readonly name: string
  /** Where it stands. */
  readonly file: string
  readonly line: number
  /** The directory that is built. */
  readonly directory: string
  readonly targetNamespace: string
  readonly isSuspended: boolean
  /** `Kind/namespace/name`; '' for files. */
  readonly sourceRef: string
  readonly dependsOn: readonly string[]
  /** No other entry includes it. */
  readonly isRoot: boolean
  /** What it leads to. */
  readonly links: readonly { readonly to: string; readonly relation: RepositoryEdge['relation'] }[]
  /** `idle`: rendered when it is first asked for; `elsewhere`: cannot be rendered from this folder, `note` says why. */
  readonly state: 'idle' | 'waiting' | 'ready' | 'failed' | 'elsewhere'
  readonly note: string
  /** Counts up whenever the output is another. 0: not rendered yet. */
  readonly revision: number
  readonly objectCount: number
  readonly durationMs: number
  readonly assumptionCount: number
  readonly warningCount: number
  /** Objects that the last change on disk added, changed or removed here. */
  readonly changedCount: number
  readonly error: RepositoryFault | null
}

/** A file that could not be read or parsed. */
export interface RepositoryProblem extends RepositoryFault {
  readonly key: string
  readonly type: 'problem'
}

/** Something the output takes for granted. */
export interface RepositoryAssumption {
  readonly kind:
    'unknownVariables' | 'substituteFromAbsent' | 'undecryptable' | 'notVerified' | 'remoteNotFetched' | 'other'
  /** A sentence. */
  readonly message: string
  /** Variables, fields or files that are unknown. */
  readonly names: readonly string[]
  readonly file: string
  readonly line: number
}

/** What one entry renders to: the head of it; objects and text follow in pages of the same `revision`. */
export interface RepositoryOutput {
  readonly revision: number
  readonly objectCount: number
  readonly lineCount: number
  /** Characters of the whole text. */
  readonly length: number
  readonly digest: string | null
  readonly durationMs: number
  readonly warnings: readonly string[]
  readonly assumptions: readonly RepositoryAssumption[]
  readonly error: RepositoryFault | null
  /** Objects that the last change on disk removed, as `Kind namespace/name`. */
  readonly removed: readonly string[]
  readonly hiddenCount: number
}

/** One object of an output. */
export interface RepositoryObject {
  /** `group/Kind/namespace/name`, with `#n` where the output holds it twice. */
  readonly key: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** 1-based line of its first line in the whole text. */
  readonly line: number
  readonly lineCount: number
  readonly origin: { readonly file: string; readonly line: number; readonly isGenerated: boolean } | null
  /** What the last change on disk did to it. */
  readonly change: 'added' | 'changed' | null
  readonly hunks: readonly RepositoryHunk[]
  /** Fields whose values are hidden, as `data.password`. */
  readonly hidden: readonly string[]
}

/** Lines that changed: `added` lines from `line` on stand for `removed`, which are gone (masked like the text). */
export interface RepositoryHunk {
  /** 1-based in the whole text. With `added` 0: the removed lines stood before this line. */
  readonly line: number
  readonly added: number
  readonly removed: readonly string[]
}

export interface RepositoryMatch {
  readonly entry: string
  readonly object: Omit<RepositoryObject, 'hunks' | 'hidden' | 'change' | 'origin'>
  /** 1-based in the whole text of the entry. */
  readonly line: number
  /** The line's text, cut; '' where the object itself is what matches. */
  readonly text: string
  /** Where the found part stands in `text`. */
  readonly start: number
  readonly end: number
}

export interface RepositoryFound {
  readonly matches: readonly RepositoryMatch[]
  /** Matches in all, beyond those given. */
  readonly total: number
  /** Objects that were searched. */
  readonly objectCount: number
  /** Entries that are still to be rendered: the answer may grow. */
  readonly waitingCount: number
}

export interface RepositorySource {
  readonly file: string
  readonly text: string
  /** Lines whose values are hidden. */
  readonly hiddenCount: number
  /** Only the beginning is here. */
  readonly isTruncated: boolean
}

/** A program that opens files at a line. */
export interface EditorChoice {
  readonly id: EditorId
  readonly label: string
  /** The program that was found; '' if it is not installed. */
  readonly program: string
}

export const editorIds = ['vscode', 'jetbrains', 'environment'] as const
export type EditorId = (typeof editorIds)[number]
