/**
 * The engine's ports: all I/O, time and chance come through these. Adapters implement them for Node; tests implement them in memory
 * where no API server is involved. The engine never reaches for anything else.
 */
import type { ContextId } from '../../shared/model/identity.ts'
import type { PlaygroundAction, PlaygroundState } from '../../shared/model/app.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { Dispose, KubeClient } from './kube-port.ts'
import type { ClusterRenderer } from './drift/cluster-renderer-port.ts'
import type { WorkingCopies } from './drift/working-copy-port.ts'
import type { EventStore } from './history/event-store-port.ts'
import type { ReleaseReader } from './helm/release-port.ts'
import type { Editors, Folders } from './repositories/folder-port.ts'
import type { FluxManifests } from './reconcile/hand-over/manifests-port.ts'
import type { ArtifactStorage } from './reconcile/source/storage-port.ts'
import type { SecretBox } from './secret-box.ts'
import type { SnapshotFiles } from './snapshot/snapshot-port.ts'
import type { Renderer } from './repositories/renderer-port.ts'
import type { ArtifactCache, ArtifactTransport, GitRemote } from './source/artifact-port.ts'
import type { GitWriter } from './source/git-write-port.ts'

export type { Dispose, KubeClient, KubeRequest, KubeResponse, PodTunnel } from './kube-port.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds, never running backwards. */
  monotonicMs(): number
  /** Calls back once after `ms`; the result cancels. */
  after(ms: number, callback: () => void): Dispose
}

export interface Random {
  uuid(): string
  /** In [0, 1). */
  unit(): number
}

export interface Logger {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Hashes, compression: pure by nature, native by speed. */
export interface Codec {
  sha256Hex(data: string | Uint8Array): string
  deflate(text: string): Uint8Array
  inflate(data: Uint8Array): string
  /** gunzip of a Helm release payload and the like; refuses beyond `maxBytes`. */
  gunzip(data: Uint8Array, maxBytes: number): Uint8Array
}

/** Named blobs under the application's data folder: settings, window state. Names are `[a-z0-9-./]`, never from outside. */
export interface BlobStore {
  read(name: string): Promise<Uint8Array | null>
  /** Atomic: whole or not at all. */
  write(name: string, data: Uint8Array | string): Promise<void>
  remove(name: string): Promise<void>
  /** Appends one line; rotates at `rotateBytes`, keeping `keep` old files. */
  appendLine(name: string, line: string, rotate: { readonly rotateBytes: number; readonly keep: number }): Promise<void>
}

/** What only one process of this installation may do at a time. */
export interface ProcessLocks {
  /** This machine's name: a data folder may be shared between machines, the locks are not. */
  readonly machine: string
  /** Null while another living process holds it. Released with the process. */
  tryLock(name: string): Promise<{ release(): Promise<void> } | null>
}

/** One way into a cluster, as kubeconfig tells it. No secrets in here. */
export interface KubeContextInfo {
  readonly id: ContextId
  readonly name: string
  readonly cluster: string
  readonly server: string
  readonly user: string
  readonly namespace: string
  readonly file: string
  readonly isPlayground: boolean
  /** sha256 hex over server URL and CA: cluster identity where kube-system cannot be read. */
  readonly endpointHash: string
  /** Changes whenever credentials, server or TLS settings of this context change: reconnect. */
  readonly configHash: string
  readonly warnings: readonly string[]
  /** Set when the context cannot be used as it stands (missing user, unreadable certificate, ...). */
  readonly problem: SluiceErrorData | null
}

export interface KubeFileInfo {
  readonly id: string
  readonly label: string
  /** Added by the user (can be forgotten), or found by KUBECONFIG / the default path. */
  readonly isAdded: boolean
  readonly problem: SluiceErrorData | null
}

export interface KubeConfigSet {
  readonly contexts: readonly KubeContextInfo[]
  readonly files: readonly KubeFileInfo[]
  /** kubectl's current-context, null if none. */
  readonly current: ContextId | null
}

/** Until when a context's credentials are good, as they say themselves. No secrets in here. */
export interface CredentialEnd {
  readonly what: 'client certificate' | 'token'
  readonly at: number
  /** Since when; null where it does not say. */
  readonly from: number | null
}

/** Kubeconfig files: read, watched, never written. */
export interface KubeConfigs {
  /** Calls back with the set as it stands, then on each change on disk. */
  watch(listener: (set: KubeConfigSet) => void): Dispose
  addFiles(paths: readonly string[]): Promise<{ readonly added: number }>
  forgetFile(id: string): Promise<void>
  /** A client for one context: cheap, connects on first use. Throws SluiceError for a context with a problem. */
  open(context: ContextId): KubeClient
  /** null: they do not say, or are fetched anew by a plugin whenever needed. Throws as `open`. Absent: kubeconfigs of tests. */
  credentialEnd?(context: ContextId): Promise<CredentialEnd | null>
  /**
   * SECURITY: item 10: a client for the kubeconfig that `spec.kubeConfig` names, read by the strict reader; `label` names it in errors. The
   * caller has checked that its host is allowed and closes it. Read-only, and stays so, unless `isWritable`: hosted mode applies there, as the
   * controllers do, behind its lease.
   */
  openForeign(
    text: string,
    label: string,
    options?: { readonly isWritable?: boolean },
  ): { readonly client: KubeClient; readonly host: string }
  /** Remembers the user's approval of an exec plugin by its digest. */
  approveExec(context: ContextId, digest: string): Promise<void>
}

/** What only the desktop's main process can do. The command line answers with refusals. */
export interface Shell {
  /** Kubeconfig files, one folder of a repository, one file or folder of manifests, or one private SSH key; none when the dialog was closed. */
  pickFiles(kind: 'kubeconfig' | 'repository' | 'manifests' | 'manifestsFolder' | 'key'): Promise<readonly string[]>
  /** Asks the user, with the path shown, whether this folder shall be opened (security.md 7). */
  confirmFolder(path: string): Promise<boolean>
  /** Asks the user, with the address shown, whether this repository shall be used for the context (security.md 7 and 10). */
  confirmRepository(url: string, context: string): Promise<boolean>
  /** Asks the user where, `name` proposed, and writes it there: the path, null where they did not want it. Rejects where it cannot be written. */
  saveText(name: string, text: string): Promise<string | null>
  /** Asks the user with the host shown, then opens; https only (security.md 5). */
  openExternal(url: string): Promise<boolean>
  copyText(text: string): Promise<void>
  /** Whether the desktop took it. A click opens the `sluice://` link; null: shows the window. */
  notify(title: string, body: string, link: string | null): Promise<boolean>
  watchLinks(listener: (path: string) => void): Dispose
}

/** The control plane that the product starts for newcomers. */
export interface Playground {
  watch(listener: (state: PlaygroundState) => void): Dispose
  start(): Promise<void>
  stop(isDataDeleted: boolean): Promise<void>
  /** Throws SluiceError InvalidInput where it has no sense now, NotFound while no playground runs. */
  act(action: PlaygroundAction): Promise<void>
}

export interface EnvironmentInfo {
  readonly version: string
  readonly electron: string
  readonly node: string
  readonly platform: string
  readonly dataDir: string
  readonly cacheDir: string
  /** Operating-system user: default owner of a suspension. */
  readonly userName: string
}

export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  readonly store: BlobStore
  readonly locks: ProcessLocks
  readonly kubeConfigs: KubeConfigs
  readonly shell: Shell
  readonly playground: Playground
  readonly environment: EnvironmentInfo
  readonly folders: Folders
  readonly editors: Editors
  readonly renderer: Renderer
  readonly artifacts: ArtifactCache
  readonly artifactTransport: ArtifactTransport
  /** Of hosted mode. */
  readonly artifactStorage: ArtifactStorage
  readonly fluxManifests: FluxManifests
  readonly git: GitRemote
  readonly gitWriter: GitWriter
  readonly workingCopies: WorkingCopies
  readonly clusterRenderer: ClusterRenderer
  readonly releases: ReleaseReader
  /** Opens what happened as it is kept, once. Absent where nothing is kept. */
  readonly openHistory?: () => Promise<EventStore>
  /** What was last seen of clusters. Absent where nothing is kept. */
  readonly snapshots?: SnapshotFiles
  /** Absent where there is no keychain to speak to: the command line. */
  readonly secrets?: SecretBox
}
