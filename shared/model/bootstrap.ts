/**
 * Bootstrap: a hand-over that also puts the installation of Flux under Git, as `flux bootstrap git` lays it out. What the window sees of it: repositories
 * that may be chosen, what would be committed, and what is applied so that Flux reads it.
 */
import type { ClusterId, ObjectRef } from './identity.ts'
import type { InstalledObject } from './installed-object.ts'

export const bootstrapSecrets = ['none', 'source', 'token', 'key'] as const
/**
 * Where the cluster's own Secret comes from: none is needed; what the chosen source has; the token that the user keeps for this repository; a private SSH
 * key that they picked.
 */
export type BootstrapSecret = (typeof bootstrapSecrets)[number]

/** What the user chooses. */
export interface BootstrapTarget {
  /** A GitRepository of the cluster: its `spec.url` is the repository; null: `url` is. */
  readonly source: ObjectRef | null
  /** Of a repository that the user named themselves; '' with a source. */
  readonly url: string
  readonly branch: string
  /** Folder of the cluster in the repository, such as `clusters/home`; '': its root. */
  readonly path: string
  readonly author: { readonly name: string; readonly email: string }
  readonly secret: BootstrapSecret
  /** Of `bootstrap.pickKey`; '' unless `secret` is `key`. */
  readonly key: string
}

export interface BootstrapRepository {
  readonly cluster: ClusterId
  /** null: the user named it themselves. */
  readonly source: ObjectRef | null
  /** Without user information, but for the user that ssh needs where the user named it themselves. */
  readonly url: string
  readonly protocol: 'http' | 'https' | 'ssh'
  /** As consents have them: `host:port`, and the repository; null: own credentials are never sent there. */
  readonly host: string
  readonly repository: string | null
  readonly branch: string
  /** Name of the source's Secret; '': it has none. */
  readonly secretName: string
  readonly isHostAllowed: boolean
  readonly usesOwnCredentials: boolean
}

export interface BootstrapFile {
  /** From the root of the repository. */
  readonly path: string
  /** `kept`: it is the user's own and stays as it is. */
  readonly action: 'created' | 'changed' | 'unchanged' | 'kept'
  readonly added: number
  readonly removed: number
  /** What is replaced does not say that Flux made it. */
  readonly isForeign: boolean
}

export interface BootstrapPlan {
  /** Without user information. */
  readonly repository: string
  readonly branch: string
  /** Commit that the branch is at; null: the branch begins with this. */
  readonly head: string | null
  readonly path: string
  readonly author: { readonly name: string; readonly email: string }
  /** With what it is pushed: the user's own credentials, the source's Secret, or without. */
  readonly pushesWith: 'own' | 'secret' | 'nothing'
  /** Messages; none: the branch holds it already. */
  readonly commits: readonly string[]
  readonly files: readonly BootstrapFile[]
  /** Secret, GitRepository and Kustomization, all named flux-system. */
  readonly objects: readonly InstalledObject[]
  /** Keys of the Secret, never their values; null: there is none. */
  readonly secretKeys: readonly string[] | null
  /** Other manifests in the folder: Flux applies them from then on. At most 200. */
  readonly applied: readonly { readonly path: string; readonly objects: readonly string[] }[]
  readonly appliedCount: number
}
