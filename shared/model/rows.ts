/**
 * Summaries that travel to the window. Every row has a `key`, unique in its stream. Times are ms since the epoch, durations ms.
 */
import type { ClusterId, ContextId, ObjectRef } from './identity.ts'
import type { SuspendedMode } from './hosting.ts'
import type { FluxStatus, KStatusWord, SuspendInfo } from './status.ts'
import type { SluiceErrorData } from './errors.ts'

export type Category = 'kustomizations' | 'releases' | 'sources' | 'images' | 'notifications' | 'other'

export interface SourceLink {
  readonly kind: string
  readonly group: string
  readonly namespace: string
  readonly name: string
}

/** One Flux (or Flux-like) object in a list. */
export interface FluxRow {
  readonly key: string
  readonly ref: ObjectRef
  /** Served version chosen by discovery, e.g. `v1`. */
  readonly version: string
  readonly category: Category
  readonly uid: string
  readonly generation: number
  readonly status: FluxStatus
  /** null: this kind has no gate (ExternalArtifact, FluxReport, generic kinds). */
  readonly isSuspended: boolean | null
  readonly suspend: SuspendInfo | null
  /** A suspended Kustomization with the annotation `sluice.dev/mode`; absent: it has none. */
  readonly mode?: SuspendedMode
  /** What it draws from; null where it has no source. */
  readonly source: SourceLink | null
  /** Applied revision (Kustomization, HelmRelease) or artifact revision (sources), verbatim; '' if none. */
  readonly revision: string
  /** spec.path, chart@version, url, image…: the one line that says what it points at; '' if none. */
  readonly target: string
  readonly lastAppliedAt: number | null
  readonly createdAt: number | null
  readonly intervalMs: number | null
  readonly dependsOn: readonly ObjectRef[]
  /** The nearest failed or stalled objects that this one waits for, in chain order; empty unless Waiting. */
  readonly blockedBy: readonly ObjectRef[]
  /** Inventory entries, null where the kind keeps none. */
  readonly inventoryCount: number | null
  /** Kustomization or HelmRelease that owns this object by its labels, null if none. */
  readonly parent: ObjectRef | null
  /** Further columns of the kind (printer columns of generic kinds): header → text. */
  readonly columns: Readonly<Record<string, string>>
  readonly isTerminating: boolean
}

export type ConnectionState =
  'idle' | 'connecting' | 'connected' | 'unreachable' | 'unauthorized' | 'needs-approval' | 'invalid'

/** An exec credential plugin waiting for the user's approval (security.md 10). */
export interface ExecApproval {
  /** Approve with this digest: sha256 over command, args, env and the program file's bytes. */
  readonly digest: string
  readonly command: string
  readonly args: readonly string[]
  readonly envNames: readonly string[]
  readonly isChanged: boolean
}

export interface ContextRow {
  readonly key: ContextId
  readonly name: string
  /** null until the cluster has answered once. */
  readonly cluster: ClusterId | null
  readonly server: string
  readonly user: string
  readonly namespace: string
  /** File label for people, e.g. `~/.kube/config`. */
  readonly file: string
  readonly isSelected: boolean
  readonly connection: ConnectionState
  readonly error: SluiceErrorData | null
  readonly nextTryAt: number | null
  readonly lastSeenAt: number | null
  readonly watchLagMs: number | null
  readonly kubernetesVersion: string
  /** Distribution version found on the cluster's controllers or CRDs; '' if none. */
  readonly fluxVersion: string
  readonly isReadOnly: boolean
  readonly isProduction: boolean
  readonly isAlwaysAsk: boolean
  /** Drift is found without dry-runs, approximately (`contexts.setDryRuns`). */
  readonly isDryRunOff?: boolean
  readonly isPlayground: boolean
  /** Sentences about insecure TLS, plain http, proxies. */
  readonly warnings: readonly string[]
  /** Set when rows shown come from a snapshot. */
  readonly snapshotAt: number | null
  /** A sentence: what was kept of the cluster could not be read, and where it was put; absent: nothing is wrong. */
  readonly snapshotProblem?: string
  /** Set when the cluster behind this context was recreated in this session. */
  readonly recreatedAt: number | null
  readonly approval: ExecApproval | null
}

export type KindStateWord = 'loading' | 'live' | 'forbidden' | 'notInstalled' | 'unreachable' | 'stale' | 'error'

/** State of one kind in one context: the eight states are never mixed up. */
export interface KindRow {
  readonly key: string
  readonly context: ContextId
  readonly cluster: ClusterId | null
  readonly group: string
  readonly kind: string
  readonly version: string
  readonly plural: string
  readonly isNamespaced: boolean
  readonly category: Category
  readonly state: KindStateWord
  /** The API server's sentence where it refused. */
  readonly message: string
  readonly count: number
  /** Remaining items that the API server announced while loading, null if unknown. */
  readonly remaining: number | null
  /** Namespaces listed one by one, because the cluster-wide list is forbidden; null = cluster-wide. */
  readonly namespaces: readonly string[] | null
  readonly hasGate: boolean
  /** May this identity patch the kind cluster-wide. `byNamespace`: no, but perhaps in single namespaces. */
  readonly patchAccess: 'allowed' | 'denied' | 'byNamespace' | 'unknown'
  readonly patchAccessReason: string
  /** Printer columns of generic kinds, in order. */
  readonly columns: readonly string[]
}

export interface ControllerRow {
  readonly key: string
  readonly cluster: ClusterId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly image: string
  readonly args: readonly string[]
  readonly readyReplicas: number
  readonly replicas: number
  readonly status: KStatusWord
  readonly message: string
  readonly leaseHolder: string | null
  readonly leaseRenewedAt: number | null
  /** Value of `--watch-label-selector`, null when not sharded. */
  readonly shard: string | null
}

export interface EventRow {
  readonly key: string
  readonly cluster: ClusterId
  readonly involved: ObjectRef
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  readonly source: string
}

/** A node of the tree: Flux object, inventory entry, owned object or pod. Children name their parent's key. */
export interface TreeNode {
  readonly key: string
  readonly parent: string | null
  readonly ref: ObjectRef
  readonly version: string
  /** Position in apply order among all nodes of the tree. */
  readonly order: number
  /** kubectl's short name (`ks`, `deploy`, `po`), lower-case kind where there is none. */
  readonly shortKind: string
  readonly isFlux: boolean
  /** Flux objects carry their Flux word, all others kstatus. */
  readonly status: KStatusWord | FluxStatus['word']
  readonly message: string
  /** A cause whose own status is not Failed (e.g. `ImagePullBackOff: …`), '' if none. */
  readonly cause: string
  /** `1/3` for workloads and containers, '' otherwise. */
  readonly ready: string
  readonly createdAt: number | null
  readonly uid: string
  /** Forbidden to read, not found, or served no longer: status is Unknown or NotFound and this says why. */
  readonly problem: SluiceErrorData | null
}
