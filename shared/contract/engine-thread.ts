/** What main and the engine thread say to each other beside the opaque frames of windows. */

export interface EngineThreadData {
  readonly version: string
  readonly electron: string
  readonly dataDir: string
  readonly cacheDir: string
  /** Folder of `assets/`. */
  readonly assetsDir: string
  /** Folder of the Go modules from which the control plane is built. */
  readonly modulesDir: string
  readonly isPackaged: boolean
  /** Started from a launcher: PATH is the launcher's, not the login shell's. */
  readonly isLaunchedFromDesktop: boolean
  /** The playground is started at once (`npm run demo`). */
  readonly isDemo: boolean
}

export type ShellRequest =
  | { readonly do: 'pickFiles'; readonly kind: 'kubeconfig' | 'repository' | 'manifests' | 'manifestsFolder' | 'key' }
  | { readonly do: 'confirmFolder'; readonly path: string }
  | { readonly do: 'confirmRepository'; readonly url: string; readonly context: string }
  | { readonly do: 'saveText'; readonly name: string; readonly text: string }
  | { readonly do: 'openExternal'; readonly url: string }
  | { readonly do: 'copyText'; readonly text: string }
  | SecretRequest
  | { readonly do: 'notify'; readonly title: string; readonly body: string; readonly link: string | null }

/** SECURITY: item 9: answered by main with what the engine needs to use a secret; never relayed to a window. */
export type SecretRequest =
  | { readonly do: 'secretState' }
  | { readonly do: 'secretNames' }
  | { readonly do: 'keepSecret'; readonly name: string; readonly label: string }
  | { readonly do: 'readSecret'; readonly name: string }
  | { readonly do: 'forgetSecret'; readonly name: string }

export interface TrayEntry {
  readonly text: string
  /** Of a `sluice://` link. */
  readonly path: string
}

/** What stands in the system's tray. Names in it are the clusters'. */
export interface TraySummary {
  readonly drifted: number
  readonly failing: number
  /** Selected contexts whose cluster does not answer. */
  readonly unreachable: number
  /** Notifications wait until then; null: they come. */
  readonly snoozedUntil: number | null
  /** Contexts where hosted mode is switched on, with how it stands. */
  readonly hosting: readonly { readonly text: string; readonly isActive: boolean }[]
  /** Failures first, then what drifts most; a few. */
  readonly worst: readonly TrayEntry[]
}

export type FromEngine =
  | { readonly t: 'shell'; readonly id: number; readonly request: ShellRequest }
  | { readonly t: 'theme'; readonly theme: 'system' | 'light' | 'dark' }
  /** `isKept`: the user chose that Sluice goes on in the tray; counts are told only then. */
  | { readonly t: 'tray'; readonly isKept: boolean; readonly summary: TraySummary }

export type ToEngine =
  /** `port`: a MessagePort of node:worker_threads, transferred. */
  | { readonly t: 'client'; readonly port: unknown }
  | { readonly t: 'shellResult'; readonly id: number; readonly ok: boolean; readonly value: unknown }
  | { readonly t: 'link'; readonly path: string }
  | { readonly t: 'battery'; readonly isOn: boolean }
  | { readonly t: 'sleep'; readonly isAsleep: boolean }
  /** The user chose, asked by main, to keep running in the tray. */
  | { readonly t: 'keepRunning' }
  /** Notifications wait for so long; null: they come again. */
  | { readonly t: 'snooze'; readonly forMs: number | null }
  | { readonly t: 'stop' }
