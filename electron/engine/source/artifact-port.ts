/**
 * What the engine asks of the machine to get the tree that a controller built from. All trees come to rest in one form: a plain (uncompressed)
 * tar of regular files and directories in the cache folder, which render workers read in place (adapters/files/tar-files.ts); or a folder
 * that the user mapped. Implemented by adapters/artifacts and adapters/git.
 */
import type { KubeClient } from '../kube-port.ts'

/** A tree that a render worker can open. Plain data. */
export interface StoredTree {
  readonly kind: 'archive' | 'folder'
  /** Host path of the tar, or of the folder. */
  readonly path: string
  /** Changes whenever the content does: parsed files are shared and results kept by it. */
  readonly contentKey: string
  readonly files: number
  readonly bytes: number
}

/** SECURITY: item 11. Beyond any of these an archive or a tree is refused (ArtifactRefused) before it is kept. */
export interface TreeLimits {
  readonly maxFiles: number
  /** Unpacked. */
  readonly maxBytes: number
  readonly maxDepth: number
  /** Of one file. */
  readonly maxFileBytes: number
  /** As it comes over the wire. */
  readonly maxDownloadBytes: number
}

export const defaultTreeLimits: TreeLimits = {
  maxFiles: 200_000,
  maxBytes: 1024 * 1024 * 1024,
  maxDepth: 64,
  maxFileBytes: 128 * 1024 * 1024,
  maxDownloadBytes: 256 * 1024 * 1024,
}

export interface ArtifactCache {
  /** A tree that was stored before under the key (and is still whole); null if not. */
  find(key: string): Promise<StoredTree | null>
  /**
   * Takes a gzipped (or plain) tar: verifies `digest` (`sha256:…`, over the bytes as they come), refuses absolute paths, `..`, links, devices
   * and whatever exceeds the limits, and keeps it under `key`. Throws SluiceError ArtifactRefused naming `what`.
   */
  storeArchive(input: {
    readonly key: string
    readonly what: string
    readonly bytes: AsyncIterable<Uint8Array>
    readonly digest: string
    readonly limits: TreeLimits
    readonly signal: AbortSignal
  }): Promise<StoredTree>
  /**
   * A tree made of others, as source-controller copies includes into a repository: each part's `fromPath` (a folder, '' for all) comes to
   * `toPath`, later ones over earlier ones; then `.sourceignore` files and `ignore` leave out what they leave out of an archive.
   */
  compose(input: {
    readonly key: string
    readonly what: string
    readonly parts: readonly { readonly tree: StoredTree; readonly fromPath: string; readonly toPath: string }[]
    readonly ignore: string | null
    readonly limits: TreeLimits
    readonly signal: AbortSignal
  }): Promise<StoredTree>
  /**
   * A mapped folder as it is on disk now, the way source-controller would archive it: without links, `.git`, what `.sourceignore` and `ignore`
   * leave out, and what `.gitignore` keeps out of commits. Stored again only when something changed.
   */
  storeFolder(input: {
    readonly folder: string
    readonly what: string
    readonly ignore: string | null
    readonly limits: TreeLimits
    readonly signal: AbortSignal
  }): Promise<StoredTree>
  /** Trees in use are kept; others go, oldest first, beyond the cap (default 2 GB). */
  use(tree: StoredTree): () => void
}

export interface ArtifactTransport {
  /**
   * GET over http or https, no credentials, no redirects to another host. The caller has checked that the host is allowed. Throws SluiceError
   * ArtifactMissing on 404 and 410, ArtifactUnavailable otherwise; its detail is `HTTP STATUS` where the host answered, but not with the file.
   */
  download(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** The same through the API server: port-forward to a port of a pod. */
  downloadFromPod(
    client: KubeClient,
    pod: { readonly namespace: string; readonly name: string; readonly port: number },
    pathAndQuery: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>
  /** And by the API server's proxy to a port of a service, for who may not forward ports: held whole, up to 64 MB. */
  downloadFromService(
    client: KubeClient,
    service: {
      readonly namespace: string
      readonly name: string
      readonly port: number
      readonly scheme: 'http' | 'https'
    },
    pathAndQuery: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>
}

/** `spec.url` and what goes with it, as read from a GitRepository (or given by the user). */
export interface GitRequest {
  readonly url: string
  readonly ref: {
    readonly branch?: string
    readonly tag?: string
    readonly semver?: string
    readonly name?: string
    readonly commit?: string
  }
  readonly recurseSubmodules: boolean
  /** Directories; empty: everything. */
  readonly sparseCheckout: readonly string[]
  /** `spec.ignore`; null: not set. */
  readonly ignore: string | null
  /** From secretRef, where the user may read it; null: the user's own (credential helper, kept token, SSH agent and keys). */
  readonly secret: ReadonlyMap<string, string> | null
  /** The user allowed their own credentials for this cluster and repository. */
  readonly usesOwnCredentials?: boolean
  /** The token that the user keeps for exactly this cluster and repository: in place of the credential helper; https only. */
  readonly ownToken?: { readonly username: string; readonly secret: string } | null
  /** From proxySecretRef: address, username, password. */
  readonly proxy: ReadonlyMap<string, string> | null
  /** SECURITY: user credentials are bound to (cluster, repository), never to a host alone. */
  readonly cluster: string
  readonly timeoutMs: number
}

export interface CommitInfo {
  readonly sha: string
  readonly author: string
  readonly email: string
  /** ms since the epoch. */
  readonly at: number
  readonly subject: string
}

/** What a commit changed against its first parent. */
export interface CommitChanges {
  /** Files, in the tree's order, at most 200. */
  readonly paths: readonly string[]
  readonly hasMore: boolean
}

export interface LoggedCommit extends CommitInfo {
  /** null where a tree of it or its parent is not at hand. */
  readonly changes: CommitChanges | null
}

export interface GitRevision {
  /** As source-controller writes it: `main@sha1:…`. */
  readonly revision: string
  readonly commit: string
}

export interface VerificationDemand {
  readonly mode: 'HEAD' | 'Tag' | 'TagAndHEAD'
  readonly keys: ReadonlyMap<string, string>
}

export type GitVerification =
  | { readonly ok: true; readonly message: string }
  /** `isFinal`: trying again changes nothing. */
  | { readonly ok: false; readonly reason: string; readonly message: string; readonly isFinal: boolean }

/** Errors: GitFailed, GitAuthFailed, SourceNotFound (no such ref), ArtifactRefused (limits); each names the URL without credentials. */
export interface GitRemote {
  /** One ref advertisement: what the reference selects now. */
  resolve(request: GitRequest, signal: AbortSignal): Promise<GitRevision>
  /** The commit's tree after source-controller's ignore rules, sparse checkout and submodules; shallow; shared by concurrent callers. */
  tree(request: GitRequest, revision: GitRevision, limits: TreeLimits, signal: AbortSignal): Promise<StoredTree>
  /**
   * Whether the commit (and the tag that it was reached by) carry a signature by one of the keys: of Secret data as spec.verify has it, `*.sshpub`
   * for SSH, anything else a PGP key ring. Semantics: source-controller verifySignature.
   */
  verify(
    request: GitRequest,
    revision: GitRevision,
    demand: VerificationDemand,
    signal: AbortSignal,
  ): Promise<GitVerification>
  /** Author, time and subject; null where the commit cannot be had. Rejects where that may be otherwise soon (`transient`). */
  commit(request: GitRequest, sha: string, signal: AbortSignal): Promise<CommitInfo | null>
  /**
   * The commit and what led to it by first parents, the newest first, at most `limit`; one alone is only looked up in the local copy. What is missing
   * there is asked for once, without trees, and left where the server cannot leave those out.
   */
  log(request: GitRequest, sha: string, limit: number, signal: AbortSignal): Promise<readonly LoggedCommit[]>
}
