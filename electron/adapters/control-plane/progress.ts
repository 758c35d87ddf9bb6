/** Progress of everything here that takes longer than a blink, and the one way to end it early. */
import { SluiceError } from '../../../shared/model/errors.ts'

export interface ControlPlaneProgress {
  /** What is being done: "build kube-apiserver", "start etcd", ... */
  readonly step: string
  /** From 1. */
  readonly index: number
  readonly of: number
  /** The latest word of the tool at work; '' at the beginning of a step. */
  readonly detail: string
  /** Since the whole operation began. */
  readonly elapsedMs: number
}

export type OnProgress = (progress: ControlPlaneProgress) => void

/** Throws SluiceError Canceled when `signal` is aborted. */
export function throwIfCanceled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new SluiceError('Canceled', `Canceled: ${what}`, { retry: 'canceled' })
}
