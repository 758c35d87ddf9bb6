/**
 * What the engine asks of the machine to put files into a Git repository. Implemented by adapters/git. Nothing is ever forced: a branch is moved from
 * the commit that was looked at to one that follows it, or not at all.
 */
import type { GitRequest } from './artifact-port.ts'

export interface BranchFile {
  /** From the root of the repository. */
  readonly path: string
  /** null: it is no text, or larger than 2 MB, or no plain file. */
  readonly text: string | null
}

export interface BranchFolder {
  /** Commit of the branch; null: there is no such branch yet. */
  readonly head: string | null
  /** The repository has other branches. */
  readonly hasOthers: boolean
  /** All plain files below the folder, in the order of git; at most 2,000. */
  readonly files: readonly BranchFile[]
  /** There are more than these. */
  readonly isCut: boolean
}

export interface GitPush {
  readonly branch: string
  /** What the branch has to be at; null: it has to be new. */
  readonly expected: string | null
  /** One after another, at least one. */
  readonly commits: readonly {
    readonly message: string
    readonly files: readonly { readonly path: string; readonly text: string }[]
  }[]
  readonly author: { readonly name: string; readonly email: string }
  /** Of author and committer, milliseconds since the epoch. */
  readonly atMs: number
}

export interface GitWriter {
  /**
   * The folder on the branch as it is now, asked in the way that a push is: who may not write is refused here already. SluiceError GitFailed,
   * GitAuthFailed, ArtifactRefused.
   */
  look(request: GitRequest, branch: string, folder: string, signal: AbortSignal): Promise<BranchFolder>
  /**
   * Answers the new commit. SluiceError PlanMoved where the branch is somewhere else by now, Invalid where something that is no plain file is in the
   * way, GitFailed with the server's words where it refuses, GitAuthFailed.
   */
  push(request: GitRequest, push: GitPush, signal: AbortSignal): Promise<{ readonly commit: string }>
  /**
   * A file with a private SSH key as the data of a Secret: identity, identity.pub, known_hosts (of the user's own file). SluiceError GitAuthFailed where the host is
   * not known, or the key cannot be used without a passphrase.
   */
  deployKey(url: string, keyFile: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>
}
