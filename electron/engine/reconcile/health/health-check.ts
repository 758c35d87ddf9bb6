/** Waits for health as kustomize-controller does. Semantics: flux-semantics §2.13; cli-utils kstatus, pkg/runtime statusreaders and cel. */
import type { ClusterView } from '../../clusters/view.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import type { Clock, KubeClient } from '../../ports.ts'

/** spec.healthCheckExprs, compiled once. */
export interface HealthExpressions {
  /** Null where none of the expressions is for this group and kind. Never Current where an expression cannot be evaluated: then Unknown. */
  evaluate(
    group: string,
    kind: string,
    object: unknown,
  ): { readonly word: 'Current' | 'InProgress' | 'Failed' | 'Unknown'; readonly message: string } | null
}

/**
 * `invalid`: the controller refuses it too (reason InvalidCELExpression), with its text; `unsupported`: the controller would take it, this evaluator
 * cannot: the object is not hosted, and why.
 */
export type CompiledExpressions =
  | { readonly ok: true; readonly expressions: HealthExpressions }
  | { readonly ok: false; readonly why: 'invalid' | 'unsupported'; readonly message: string }

export type CompileHealthExpressions = (specs: readonly unknown[]) => CompiledExpressions

/** readyExpr of dependsOn: `self` and `dep`, must be bool. Compiled once per text. */
export type CompileReadyExpression = (text: string) => CompiledReadyExpression

export type CompiledReadyExpression =
  | {
      readonly ok: true
      readonly evaluate: (
        self: unknown,
        dep: unknown,
      ) => { readonly value: boolean; readonly error: null } | { readonly value: null; readonly error: string }
    }
  | { readonly ok: false; readonly why: 'invalid' | 'unsupported'; readonly message: string }

export interface HealthWaitOptions {
  readonly view: ClusterView
  readonly client: KubeClient
  readonly impersonate: string | null
  readonly clock: Clock
  readonly expressions: HealthExpressions | null
  readonly timeoutMs: number
  /** Jobs with `ttlSecondsAfterFinished`: gone is done. Default: none. */
  readonly jobsWithTtl?: readonly InventoryEntry[]
  /** False under the controller's gate DisableFailFastBehavior. Default: true. */
  readonly isFailFast?: boolean
  /** The objects live in another cluster than the view's (spec.kubeConfig). Default: false. */
  readonly isRemote?: boolean
  readonly signal: AbortSignal
}

/** `failed` and `timedOut` carry the controller's own sentence (`failed early due to stalled resources: [...]`, `timeout waiting for: [...]`). */
export type HealthOutcome =
  | { readonly result: 'healthy' }
  | { readonly result: 'failed' | 'timedOut'; readonly message: string }
  | { readonly result: 'canceled' }

export type WaitForHealth = (entries: readonly InventoryEntry[], options: HealthWaitOptions) => Promise<HealthOutcome>
