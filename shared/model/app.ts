/** The application itself: settings, playground, environment. */
import type { SluiceErrorData } from './errors.ts'
import type { EditorId } from './repository.ts'

export interface Settings {
  readonly key: 'settings'
  readonly theme: 'system' | 'light' | 'dark'
  readonly notifications: boolean
  /** Kubeconfig files that the user added, by id; paths are shown, never taken from the window. */
  readonly kubeconfigFiles: readonly {
    readonly id: string
    readonly label: string
    readonly problem: SluiceErrorData | null
  }[]
  /** User's own choices; absent = the default for that context's name. */
  readonly readOnlyContexts: Readonly<Record<string, boolean>>
  readonly alwaysAskContexts: Readonly<Record<string, boolean>>
  /** Whether drift may be found by dry-runs there (`contexts.setDryRuns`), by context id; absent: it may. */
  readonly dryRunContexts?: Readonly<Record<string, boolean>>
  readonly owner: string
  /** Which program opens the files of repositories. */
  readonly editor: EditorId
  /** Local folders are rendered with the user's own SOPS keys. */
  readonly usesSopsKeys: boolean
  /** Closing the window leaves Sluice running in the tray; absent: it ends. */
  readonly keepsRunning?: boolean
  /** How long history is kept, and how much of it; absent: as long as by default. */
  readonly historyDays?: number
  readonly historyMegabytes?: number
}

/** What a person can do to the playground's repository and cluster. */
export const playgroundActions = ['commit', 'break', 'drift', 'mend'] as const
export type PlaygroundAction = (typeof playgroundActions)[number]

/** The part of the playground that really runs: a repository on loopback, the GitRepository and Kustomization that draw from it. */
export interface PlaygroundLoop {
  readonly namespace: string
  /** Of the GitRepository. */
  readonly source: string
  readonly kustomization: string
  readonly repositoryUrl: string
  /** Deployments become healthy: all parts of the control plane are there. */
  readonly isMoving: boolean
  /** The branch's newest. */
  readonly commit: { readonly sha: string; readonly subject: string; readonly at: number }
  readonly isBroken: boolean
  /** The cluster was edited past Git, and nobody has put it back. */
  readonly isEdited: boolean
  /** `sha`: of the commit that it made; null: none. */
  readonly last: { readonly action: PlaygroundAction; readonly at: number; readonly sha: string | null } | null
  /** What each would do now, and why it cannot: '' where it can. */
  readonly actions: Readonly<Record<PlaygroundAction, { readonly does: string; readonly offReason: string }>>
}

export interface PlaygroundState {
  readonly key: 'playground'
  readonly state: 'absent' | 'preparing' | 'starting' | 'loading' | 'running' | 'stopping' | 'failed'
  /** What is being done now, a sentence; '' when nothing is. */
  readonly step: string
  /** 0 to 1, null if not known. */
  readonly progress: number | null
  readonly context: string | null
  /** Sentence when the controller manager, scheduler or kwok are missing: workloads do not move. */
  readonly limitation: string
  /** While it runs. */
  readonly loop?: PlaygroundLoop | null
  readonly error: SluiceErrorData | null
}

export interface AppInfo {
  readonly version: string
  readonly electron: string
  readonly node: string
  readonly platform: string
  readonly dataDir: string
  readonly cacheDir: string
  /** Kubeconfig paths looked at, with what is wrong with each. */
  readonly kubeconfigs: readonly { readonly label: string; readonly problem: SluiceErrorData | null }[]
  /** Environment's clock against the API servers' is not corrected: the engine's now, ms. */
  readonly now: number
}

export interface DeepLink {
  readonly key: string
  /** A checked `sluice://` link: the part after the scheme. Opens a view, never acts. */
  readonly path: string
}
