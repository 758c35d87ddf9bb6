/**
 * Hand-over, "Move to the cluster": Flux's own controllers are installed and take over from hosted mode. What the window sees of it: where manifests
 * can be had, a plan that is shown before anything happens, and stages while it does.
 */
import type { BootstrapPlan } from './bootstrap.ts'
import type { SluiceErrorData } from './errors.ts'
import type { ClusterId, ContextId, ObjectRef } from './identity.ts'
import type { InstalledObject } from './installed-object.ts'
import type { ReconcileMode } from './hosting.ts'

/** What a release of Flux publishes as `install.yaml`, downloaded and taken only where it is what the user says it is. */
export interface FluxRelease {
  /** `v2.9.5`. */
  readonly version: string
  /** SHA-256 of the file: 64 hexadecimal digits, as the release's own list of checksums has it. */
  readonly checksum: string
}

/** Where the manifests come from; `picked`: a file or folder that the user chose in a native dialog. */
export type ManifestsChoice =
  | { readonly kind: 'program' }
  | { readonly kind: 'picked'; readonly id: string }
  | ({ readonly kind: 'release' } & FluxRelease)

export interface ManifestsWays {
  /** The user's own `flux`; null: there is none on the PATH of the login shell. */
  readonly program: {
    readonly path: string
    /** As it tells of itself: `v2.9.5`. */
    readonly version: string
    /** Why it cannot be asked; null: it can. */
    readonly problem: SluiceErrorData | null
  } | null
  /** Where a release would be downloaded from. */
  readonly releaseHost: string
}

export interface PickedManifests {
  readonly id: string
  /** The path, for people. */
  readonly label: string
}

export interface FluxComponent {
  /** `kustomize-controller`. */
  readonly name: string
  readonly image: string
  /** When it is started: `waiting`: at once, it waits for its lease; `last`: once the hand-over is done. */
  readonly begins: 'waiting' | 'first' | 'last'
}

export interface HandOverPlan {
  readonly digest: string
  /** Flux runs in the cluster already: it is only put under Git. */
  readonly isInstalled: boolean
  readonly context: ContextId
  readonly contextName: string
  readonly cluster: ClusterId
  readonly isProduction: boolean
  readonly namespace: string
  readonly manifests: {
    readonly origin: ManifestsChoice['kind']
    /** Path of the program, file or folder; address of a release. */
    readonly label: string
    readonly version: string
    /** `sha256:…` of their text. */
    readonly digest: string
  }
  readonly components: readonly FluxComponent[]
  readonly objects: readonly InstalledObject[]
  /** ServiceAccounts that get every right in the cluster. */
  readonly clusterAdmins: readonly string[]
  /** Sources with an artifact of ours: each must get the controller's own. */
  readonly sources: readonly ObjectRef[]
  /** Kustomizations that are Ready and not suspended: each is watched until the controller has adopted it. */
  readonly kustomizations: readonly ObjectRef[]
  /** Nobody waits for these: suspended, or not Ready now. */
  readonly notWaitedFor: readonly { readonly ref: ObjectRef; readonly why: string }[]
  /** Stay as they are, whoever hosts them: `suspend` or one of hosted mode's own modes. */
  readonly suspended: readonly { readonly ref: ObjectRef; readonly mode: ReconcileMode }[]
  /** What hosted mode does not run and the controllers will, at most 500. */
  readonly begins: readonly { readonly ref: ObjectRef; readonly why: string }[]
  readonly beginCount: number
  /** null: Flux is not put under Git, or it cannot be: `refusal` says why. */
  readonly bootstrap: BootstrapPlan | null
  /** Sentences. */
  readonly notes: readonly string[]
  readonly refusal: SluiceErrorData | null
}

/** `commit` and `sync`: of a bootstrap alone. `sources` to `rest`: where hosted mode hands over. */
export const handOverStages = [
  'commit',
  'definitions',
  'controllers',
  'ready',
  'sources',
  'kustomizations',
  'rest',
  'sync',
] as const
export type HandOverStageName = (typeof handOverStages)[number]

export interface HandOverStage {
  readonly name: HandOverStageName
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** What it does or has done; '' where the name says all. */
  readonly message: string
  readonly done: number
  /** 0: not counted. */
  readonly total: number
}

export interface HandOverState {
  /** The context's id. */
  readonly key: string
  readonly context: ContextId
  readonly contextName: string
  /** `undoing`: it failed or was canceled, the controllers are taken away and Sluice goes on hosting. */
  readonly state: 'running' | 'undoing' | 'done' | 'failed' | 'canceled'
  readonly stages: readonly HandOverStage[]
  readonly isCancelable: boolean
  /** The controllers reconcile: what is left is not undone when it fails. */
  readonly hasTakenOver: boolean
  /** Objects in the inventories, looked at before and after; those whose generation moved. */
  readonly watched: number
  readonly moved: readonly ObjectRef[]
  /** Objects that have not come yet, in the running stage; at most 20. */
  readonly pending: readonly { readonly ref: ObjectRef; readonly why: string }[]
  readonly error: SluiceErrorData | null
  readonly startedAt: number
  readonly endedAt: number | null
}
