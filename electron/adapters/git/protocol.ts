/** What goes between the engine thread and the Git worker: plain values. */
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type {
  CommitInfo,
  GitRequest,
  GitRevision,
  GitVerification,
  LoggedCommit,
  StoredTree,
  TreeLimits,
  VerificationDemand,
} from '../../engine/source/artifact-port.ts'
import type { BranchFolder, GitPush } from '../../engine/source/git-write-port.ts'
import type { GitAccess } from './git-access.ts'

export interface GitWorkerData {
  readonly cacheDir: string
  readonly treeFolder: string
  readonly userAgent: string
  readonly access: GitAccess
}

export type GitTask =
  | { readonly do: 'resolve'; readonly request: GitRequest }
  | {
      readonly do: 'tree'
      readonly request: GitRequest
      readonly revision: GitRevision
      readonly limits: TreeLimits
    }
  | { readonly do: 'commit'; readonly request: GitRequest; readonly sha: string }
  | { readonly do: 'log'; readonly request: GitRequest; readonly sha: string; readonly limit: number }
  | {
      readonly do: 'verify'
      readonly request: GitRequest
      readonly revision: GitRevision
      readonly demand: VerificationDemand
    }
  | { readonly do: 'look'; readonly request: GitRequest; readonly branch: string; readonly folder: string }
  | { readonly do: 'deployKey'; readonly url: string; readonly keyFile: string }
  | { readonly do: 'push'; readonly request: GitRequest; readonly push: GitPush }

export interface GitAnswers {
  readonly resolve: GitRevision
  readonly tree: StoredTree
  readonly commit: CommitInfo | null
  readonly log: readonly LoggedCommit[]
  readonly verify: GitVerification
  readonly look: BranchFolder
  readonly deployKey: ReadonlyMap<string, string>
  readonly push: { readonly commit: string }
}

export type GitMessage = { readonly id: number; readonly task: GitTask } | { readonly id: number; readonly abort: true }

export type GitReply =
  | { readonly id: number; readonly ok: true; readonly value: GitAnswers[keyof GitAnswers] }
  | { readonly id: number; readonly ok: false; readonly error: SluiceErrorData }
