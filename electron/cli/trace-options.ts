/** What the command line says to `sluice trace` and `sluice where`. */

export const traceFormats = ['table', 'json'] as const

export interface TraceOptions {
  readonly output: (typeof traceFormats)[number]
  readonly context: readonly string[]
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly verbose?: boolean
}

export interface TraceObjectOptions extends TraceOptions {
  readonly allowHost: readonly string[]
}
