/** What the command line says to `sluice host`. */
export interface HostOptions {
  readonly context?: string
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly once?: boolean
  readonly pruneGuard: boolean
  /** A release of Flux, where definitions are missing; both or neither. */
  readonly fluxRelease?: string
  readonly fluxChecksum?: string
  /** Digests of what was held. */
  readonly approve: readonly string[]
  readonly yes?: boolean
  readonly verbose?: boolean
  readonly allowHost: readonly string[]
  readonly allowOwnCredentials: readonly string[]
}
