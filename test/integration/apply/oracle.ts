/** The controllers' own apply and drift detection, as a program that is built from scripts/data/drift-oracle into the cache. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'
import { resolveGoProgram } from '../../go-program.ts'

/** Path of the program; null where it is neither in the cache nor can be built because there is no Go. */
export function resolveDriftOracle(): Promise<string | null> {
  return resolveGoProgram('drift-oracle')
}

export interface DriftQuestion {
  readonly object: KubeObject
  readonly ignore: readonly IgnoreRule[]
  readonly force?: boolean
  readonly override?: readonly string[]
}

/** What the controllers' `ApplyAllStaged`, `DeleteAll` or `WaitForSet` is asked to do with a whole set. */
export interface SetQuestion {
  readonly objects: readonly KubeObject[]
  readonly ignore?: readonly IgnoreRule[]
  readonly force?: boolean
  readonly override?: readonly string[]
  readonly custom?: readonly { readonly group: string; readonly kind: string }[]
  readonly migrate?: boolean
  readonly owner?: { readonly namespace: string; readonly name: string }
  readonly timeoutMs?: number
  /** spec.healthCheckExprs. */
  readonly checks?: readonly unknown[]
}

export interface SetAnswer {
  /** `Kind/ns/name action`. */
  readonly entries?: readonly string[]
  readonly error?: string
}

export interface SetOracle {
  ask(question: SetQuestion): Promise<SetAnswer>
  stop(): void
}

export interface DriftOracle {
  /** `apply` changes the cluster; `diff` does not. */
  ask(question: DriftQuestion): Promise<{ readonly action?: string; readonly error?: string }>
  stop(): void
}

export function startDriftOracle(program: string, kubeconfig: string, use: 'apply' | 'diff'): DriftOracle {
  return startOracle(program, kubeconfig, use)
}

export function startSetOracle(program: string, kubeconfig: string, use: 'staged' | 'prune' | 'wait'): SetOracle {
  return startOracle(program, kubeconfig, use)
}

function startOracle<Q, A>(
  program: string,
  kubeconfig: string,
  use: string,
): { ask(question: Q): Promise<A>; stop(): void } {
  // Its library complains about a logger that nobody has set.
  const child = spawn(program, [kubeconfig, use], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the oracle has ended')
      return JSON.parse(value) as A
    },
    stop: () => void child.stdin.end(),
  }
}
