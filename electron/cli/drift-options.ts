/** What the command line says to `sluice drift` and `sluice diff`. */

export const driftFormats = ['table', 'json', 'diff'] as const
export type DriftFormat = (typeof driftFormats)[number]

export interface DriftOptions {
  readonly output: DriftFormat
  readonly context: readonly string[]
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly verbose?: boolean
  readonly allowHost: readonly string[]
  readonly allowOwnCredentials: readonly string[]
}

export interface LocalDiffOptions extends Omit<DriftOptions, 'allNamespaces' | 'allowOwnCredentials'> {
  readonly file: string
  readonly root: string
}
