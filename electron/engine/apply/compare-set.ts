/**
 * The comparison of one owner's desired set with its cluster, in the controller's stages, by server-side apply dry-run where an answer could
 * have changed, structurally where dry-runs are not to be had.
 */
import type { DriftAction, DriftField, DriftRisk } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { DesiredObject, DesiredSet } from '../drift/desired-set.ts'
import type { Clock, Codec, KubeClient } from '../ports.ts'

/** Reads live objects for a comparison; answers come from lists that many comparisons share. */
export interface LiveObjects {
  /** The live object, null if there is none, or why it cannot be read. In the version of the desired object. */
  read(object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
  }): Promise<{ readonly object: KubeObject | null } | { readonly problem: SluiceErrorData }>
  /** The same with a GET of its own: for what moved during the comparison. */
  readFresh: LiveObjects['read']
}

export interface CompareOptions {
  /** The kinds of the cluster that the objects live in. */
  readonly view: Pick<ClusterView, 'served'>
  /** Sends dry-runs; waits for the budget before each one. `impersonate` as in DesiredTarget. */
  readonly client: KubeClient
  readonly live: LiveObjects
  readonly codec: Codec
  /** Times dry-runs for the budget and cuts long work into slices; without it durations are 0. */
  readonly clock?: Clock
  /** Key of the digests of secret values: random per process. */
  readonly secretKey: Uint8Array
  /** Resolves when one dry-run may be sent; the result is called with how it went, for the budget. */
  readonly takeDryRun: (
    signal: AbortSignal,
  ) => Promise<(outcome: { readonly status: number; readonly durationMs: number }) => void>
  /** False: no dry-runs in this context: structural, approximate. */
  readonly mayDryRun: boolean
  readonly concurrency: number
  /** An earlier answer that still holds: same desired body and same live object (validity key). */
  readonly reuse: (desired: DesiredObject, live: KubeObject | null) => ComparedObject | null
  /**
   * What an earlier dry-run of the same body came to. Where the API server answers with the very same bytes, its live object is the very same
   * as well (its resourceVersion is in them), and so is the result: nothing is read. Not given: everything is read.
   */
  readonly repeat?: (desired: DesiredObject) => EarlierAnswer | null
  readonly signal: AbortSignal
}

export interface EarlierAnswer {
  readonly answerKey: string
  readonly object: ComparedObject
  /** Reads the live object after all. */
  readonly readLive: () => ReturnType<LiveObjects['read']>
}

export interface ComparedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly action: DriftAction
  readonly fields: readonly DriftField[]
  readonly risk: DriftRisk
  readonly rule: string
  readonly problem: SluiceErrorData | null
  readonly isSecret: boolean
  readonly isApproximate: boolean
  readonly desired: DesiredObject | null
  /** As it was read for this comparison (null: absent): its validity key is what the result depends on. */
  readonly live: KubeObject | null
  /** What the API server answered to the dry-run: the object as it would be; null where none was sent or it was refused. */
  readonly wouldBe: KubeObject | null
  /** Digest of the one answer that said "unchanged"; absent where the result rests on anything else. SECURITY: item 9: never of a Secret. */
  readonly answerKey?: string
}

export interface ComparedSet {
  /** Desired objects in their order, then what would be pruned. */
  readonly objects: readonly ComparedObject[]
  readonly isApproximate: boolean
  readonly dryRunCount: number
}

export type CompareSet = (set: DesiredSet, options: CompareOptions) => Promise<ComparedSet>
