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
  | { readonly do: 'pickFiles'; readonly kind: 'kubeconfig' | 'repository' | 'manifests' }
  | { readonly do: 'confirmFolder'; readonly path: string }
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

export type FromEngine =
  | { readonly t: 'shell'; readonly id: number; readonly request: ShellRequest }
  | { readonly t: 'theme'; readonly theme: 'system' | 'light' | 'dark' }

export type ToEngine =
  /** `port`: a MessagePort of node:worker_threads, transferred. */
  | { readonly t: 'client'; readonly port: unknown }
  | { readonly t: 'shellResult'; readonly id: number; readonly ok: boolean; readonly value: unknown }
  | { readonly t: 'link'; readonly path: string }
  | { readonly t: 'battery'; readonly isOn: boolean }
  | { readonly t: 'sleep'; readonly isAsleep: boolean }
  | { readonly t: 'stop' }
