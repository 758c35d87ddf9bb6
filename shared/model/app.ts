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
