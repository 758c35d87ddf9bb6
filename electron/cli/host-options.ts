/** What the command line says to `sluice host`. */
export interface HostOptions {
  readonly context?: string
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly once?: boolean
  readonly pruneGuard: boolean
  readonly yes?: boolean
  readonly verbose?: boolean
  readonly allowHost: readonly string[]
  readonly allowOwnCredentials: readonly string[]
}
