/** Brings the two sides of an owner together: its desired set, made or kept, and what comparing it with its cluster takes. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { CommitLookup } from '../source/commit-lookup.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { ComparedObject } from '../apply/compare-set.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Clock, Codec, KubeClient, Logger, Random } from '../ports.ts'
import type { NextRun } from '../helm/next-run.ts'
import type { DryRunBudget } from './budget.ts'
import { compareOne, compareOwner } from './compare-owner.ts'
import type { CompareOwnerOptions, Comparison, OwnerComparison } from './compare-owner.ts'
import type { DesiredSet } from './desired-set.ts'
import { fingerprintOf, revisionToCompare } from './inputs.ts'
import type { DesiredRevision } from './inputs.ts'
import type { KeptSets } from './kept-set.ts'
import { discoverRemoteKinds } from './remote-kinds.ts'
import { LiveIndex } from './live/live-index.ts'
import type { LiveId } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'
import type { OwnerState } from './owner-state.ts'

/** Desired states, of both kinds of owner. */
export interface DesiredSource {
  desiredOf(view: ClusterView, object: KubeObject, revision: DesiredRevision, signal: AbortSignal): Promise<DesiredSet>
  /** ConfigMaps and Secrets whose change changes it. */
  inputsOf(view: ClusterView, object: KubeObject): readonly ObjectRef[]
  /** The revision of the tree that it would be made from; null if that cannot be told. */
  peek(view: ClusterView, object: KubeObject, revision: DesiredRevision): string | null
  /** The commit that a revision of its source is; null where that cannot be told. Absent: it never can. */
  readonly commitOf?: CommitLookup['find']
  /** That commit of a source, and what led to it. Absent: never known. */
  readonly logOf?: CommitLookup['log']
  /** What the next run of a HelmRelease's controller would do. */
  nextRunOf(view: ClusterView, object: KubeObject, signal: AbortSignal): Promise<NextRun>
  /** What the user decided about its source, as a text that changes with it. */
  choicesOf(view: ClusterView, object: KubeObject): string
}

export interface OwnerComparerDeps {
  readonly view: ClusterView
  readonly live: LiveIndex
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  readonly secretKey: Uint8Array
  readonly desired: DesiredSource
  readonly comparison: Comparison
  readonly budget: DryRunBudget
  readonly sets: KeptSets
}

/** Beyond this many at once the API server gains nothing. */
export const maxAtOnce = 16

export class OwnerComparer {
  readonly #deps: OwnerComparerDeps
  readonly #inputRefs = new WeakMap<
    KubeObject,
    { readonly controllers: readonly ControllerRow[]; readonly refs: readonly ObjectRef[] }
  >()

  constructor(deps: OwnerComparerDeps) {
    this.#deps = deps
  }

  async compareObject(state: OwnerState, ref: ObjectRef, signal: AbortSignal): Promise<ComparedObject | null> {
    const object = await this.objectOf(state.ref, signal)
    const { set, options } = await this.prepare(object, revisionToCompare(object), state, true, signal)
    return compareOne(set, liveId(ref.group, ref.kind, ref.namespace, ref.name), options)
  }

  async compareLatest(
    state: OwnerState,
    signal: AbortSignal,
  ): Promise<{ readonly object: KubeObject; readonly comparison: OwnerComparison; readonly fingerprint: string }> {
    const object = await this.objectOf(state.ref, signal)
    const { set, options } = await this.prepare(object, 'latest', state, true, signal)
    const comparison = await compareOwner(set, {
      ...options,
      earlier: state.result,
      isDirty: (id) => state.dirty?.has(id) === true,
    })
    return { object, comparison, fingerprint: this.fingerprint(object, 'latest') }
  }

  /** What a comparison of `object` needs, its desired set first of all. */
  async prepare(
    object: KubeObject,
    revision: DesiredRevision,
    state: OwnerState,
    isPressing: boolean,
    signal: AbortSignal,
  ): Promise<{
    readonly set: DesiredSet
    readonly options: Omit<CompareOwnerOptions, 'earlier' | 'isDirty'>
    readonly inputs: readonly LiveId[]
    readonly fingerprint: string
  }> {
    const { view, codec, desired, comparison, secretKey, budget, clock, sets } = this.#deps
    const refs = this.#inputsOf(object)
    await Promise.all(
      refs.map(({ group, kind, namespace, name }) => this.#deps.live.follow(group, kind, namespace, name)),
    )
    const fingerprint = this.fingerprint(object, revision)
    if (revision === revisionToCompare(object)) state.triedFingerprint = fingerprint
    const set =
      state.kept !== null && state.kept.fingerprint === fingerprint
        ? sets.open(state.kept)
        : await desired.desiredOf(view, object, revision, signal)
    signal.throwIfAborted()
    const client = set.target.remote ?? view.client()
    const kinds = set.target.remote === null ? view : await discoverRemoteKinds(set, client, clock, signal)
    return {
      set,
      inputs: [...refs, ...sourcesOf(view, object)].map(({ group, kind, namespace, name }) =>
        liveId(group, kind, namespace, name),
      ),
      fingerprint,
      options: {
        comparison,
        view: kinds,
        client,
        live: set.target.remote === null ? this.#deps.live : this.#remoteLive(set.target.remote, kinds),
        codec,
        clock,
        secretKey,
        takeDryRun: (takeSignal) => budget.take(isPressing, takeSignal),
        mayDryRun: this.#mayDryRun(),
        concurrency: Math.min(maxAtOnce, budget.current().atOnce),
        checkedAt: clock.now(),
        signal,
      },
    }
  }

  /** The same object, read by the same controllers, has the same inputs. */
  #inputsOf(object: KubeObject): readonly ObjectRef[] {
    const { view, desired } = this.#deps
    const controllers = view.controllers()
    const known = this.#inputRefs.get(object)
    if (known?.controllers === controllers) return known.refs
    const refs = desired.inputsOf(view, object)
    this.#inputRefs.set(object, { controllers, refs })
    return refs
  }

  /** Changes when the desired state does. */
  fingerprint(object: KubeObject, revision: DesiredRevision): string {
    const { view, desired, codec } = this.#deps
    return fingerprintOf(object, {
      view,
      live: this.#deps.live,
      inputs: this.#inputsOf(object),
      revision,
      peek: desired.peek(view, object, revision),
      choices: `${desired.choicesOf(view, object)}|${String(this.#mayDryRun())}`,
      digest: (text) => codec.sha256Hex(text),
    })
  }

  /** Objects of another cluster are read one by one, with nobody to tell of changes. */
  #remoteLive(client: KubeClient, kinds: Pick<ClusterView, 'served'>): LiveIndex {
    const { clock, random, logger, codec } = this.#deps
    return new LiveIndex({
      clock,
      random,
      logger,
      codec,
      view: { client: () => client, served: (group, kind) => kinds.served(group, kind) },
      isWatching: false,
      onChange: () => undefined,
    })
  }

  #mayDryRun(): boolean {
    const context = this.clientOrNull()?.context
    return this.#deps.view.contexts().find((row) => row.key === context)?.isDryRunOff !== true
  }

  clientOrNull(): KubeClient | null {
    try {
      return this.#deps.view.client()
    } catch {
      return null
    }
  }

  async objectOf(owner: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
    return this.#deps.view.cached(owner) ?? (await this.#deps.view.fetch(owner, signal))
  }
}

/** The source whose artifact an owner is built from: its row tells of new revisions. */
function sourcesOf(view: ClusterView, object: KubeObject): readonly ObjectRef[] {
  const namespace = object.metadata.namespace ?? ''
  const kind = object.kind
  const group = object.apiVersion.slice(0, Math.max(0, object.apiVersion.indexOf('/')))
  const row = view.row(refKey({ cluster: view.id, group, kind, namespace, name: object.metadata.name }))
  return row?.source ? [{ cluster: view.id, ...row.source }] : []
}
