/**
 * Makes plans: for each object what would be written, tested and what follows from it, from fresh reads; nothing is written here.
 * An object that cannot be acted upon becomes an item that says why: one of many never spoils the others.
 */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { ActionName, Plan, PlanItem, PlanNote } from '../../../shared/model/actions.ts'
import type { Access } from '../../../shared/model/detail.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import { forEachInSlices, nextTurn } from '../cache/slices.ts'
import type { ClusterView, Clusters, KubeObject, ServedResource } from '../clusters/view.ts'
import type { Clock, Codec, KubeClient, Random } from '../ports.ts'
import { textAt } from '../status/read.ts'
import { gateMode, isSuspended, readSuspendInfo } from '../status/suspend-info.ts'
import type { ActionWords } from './action-edits.ts'
import {
  annotateEdits,
  checkAnnotatable,
  describeSuspension,
  modeEdits,
  reconcileEdits,
  resumeEdits,
  suspendEdits,
} from './action-edits.ts'
import { changesOf, expectedOf, hasAnnotationMap } from './field-edits.ts'
import type { FieldEdit } from './field-edits.ts'
import { gateField } from './gate-field.ts'
import { gateNote } from './gate-note.ts'
import { createObjectReader } from './object-reader.ts'
import type { ObjectReader } from './object-reader.ts'
import {
  checkAction,
  checkReconcilable,
  checkServed,
  forbidden,
  hasAction,
  isReconcileAction,
  modeOfAction,
  noGateError,
} from './plan-checks.ts'
import { planDigest } from './plan-digest.ts'
import type { PlannedStep, StoredPlan } from './plan-store.ts'
import { requestOf, titleOf, toSluiceError } from './planned-write.ts'
import { isStaticSource, sourceSteps } from './reconcile-sources.ts'
import { createToken } from './reconcile-token.ts'

export interface PlanInput extends ActionWords {
  readonly action: ActionName
  readonly refs: readonly ObjectRef[]
}

export interface PlanMakerOptions {
  readonly clusters: Clusters
  readonly access: AccessReviews
  readonly clock: Clock
  readonly random: Random
  readonly codec: Codec
  /** Who suspends, when the request does not say; '' falls back to the cluster's identity. */
  readonly defaultOwner: () => string
}

/** What all objects of one cluster share while a plan is made. */
interface ClusterScope {
  readonly view: ClusterView
  readonly client: KubeClient
  readonly row: ContextRow | null
  readonly identity: string
  readonly reader: ObjectReader
  readonly dependents: ReadonlyMap<string, readonly ObjectRef[]>
}

interface Made {
  readonly item: PlanItem
  readonly steps: readonly PlannedStep[]
}

/** As many as are read at a time. */
const lotSize = 16
const sliceMs = 8

/** A plan for all `refs` (each once), in their order. Rejects only when canceled. */
export async function makePlan(input: PlanInput, options: PlanMakerOptions, signal: AbortSignal): Promise<StoredPlan> {
  const { clock, codec } = options
  const refs = [...new Map(input.refs.map((ref) => [refKey(ref), ref])).values()]
  const token = createToken(clock, options.random)
  const nowMs = clock.now()
  const made = new Map<string, Made>()
  const scopes: ClusterScope[] = []

  for (const [cluster, own] of groupBy(refs, (ref) => ref.cluster)) {
    signal.throwIfAborted()
    let scope: ClusterScope
    try {
      scope = await openScope(cluster, own, options, signal)
    } catch (error) {
      signal.throwIfAborted()
      for (const ref of own) made.set(refKey(ref), refusedItem(ref, '', null, error))
      continue
    }
    scopes.push(scope)
    const access = await reviewPatch(scope, own, options.access, signal)
    await scope.reader.readAll(
      own.filter((ref) => access.get(refKey(ref))?.isAllowed === true && hasAction(ref, input.action)),
    )
    let startedAt = clock.monotonicMs()
    // In small lots: what is already read is planned without waiting, and all of it at once would hold the thread.
    for (let start = 0; start < own.length; start += lotSize) {
      const lot = own.slice(start, start + lotSize)
      const results = await Promise.all(
        lot.map((ref) => makeItem(ref, scope, access.get(refKey(ref)), input, { token, nowMs, options, signal })),
      )
      for (const [index, ref] of lot.entries()) {
        const result = results[index]
        if (result !== undefined) made.set(refKey(ref), result)
      }
      if (clock.monotonicMs() - startedAt < sliceMs) continue
      await nextTurn(clock)
      startedAt = clock.monotonicMs()
    }
  }
  signal.throwIfAborted()

  const all = refs.map((ref) => made.get(refKey(ref))).filter((entry) => entry !== undefined)
  const items = all.map(({ item }) => item)
  const steps = all.map((entry) => entry.steps)
  const count = (effect: PlanItem['effect']): number => items.filter((item) => item.effect === effect).length
  const contexts = scopes.map(({ client, view, row }) => ({
    context: client.context,
    cluster: view.id,
    isProduction: row?.isProduction === true,
  }))
  const words = [items.map(({ ref, effect }) => [refKey(ref), effect]), input.reason ?? null, input.until ?? null]
  return {
    plan: {
      digest: planDigest(codec, input.action, steps, words),
      action: input.action,
      createdAt: nowMs,
      contexts,
      items,
      changeCount: count('change'),
      unchangedCount: count('unchanged'),
      refusedCount: count('refused'),
      isReasonRequired: closesGate(input.action) && contexts.some(({ isProduction }) => isProduction),
    },
    steps,
    reason: (input.reason ?? '').trim(),
  }
}

/** Whoever looks at it next wants to know why nothing moves. */
function closesGate(action: ActionName): boolean {
  return action === 'suspend' || modeOfAction(action) !== null
}

async function openScope(
  cluster: string,
  refs: readonly ObjectRef[],
  { clusters, clock }: PlanMakerOptions,
  signal: AbortSignal,
): Promise<ClusterScope> {
  const view = clusters.view(cluster)
  if (view === null)
    throw new SluiceError('NotConnected', 'No selected context leads to the cluster of this object.', {
      remedy: 'Select its context and try again.',
    })
  const client = view.writeClient()
  const row = clusters.contextRow(client.context)
  if (row?.isReadOnly === true)
    throw new SluiceError('ReadOnlyContext', `Context ${row.name} is read-only: nothing is written through it.`, {
      remedy: 'Switch read-only off for this context if you mean to change it.',
    })
  return {
    view,
    client,
    row,
    identity: await client.identity(),
    reader: createObjectReader(view, refs.length, signal),
    dependents: await findAllDependents(view, refs, clock),
  }
}

/** By object: the objects whose dependsOn names it. One pass over the rows, however many objects there are. */
async function findAllDependents(
  view: ClusterView,
  refs: readonly ObjectRef[],
  clock: Clock,
): Promise<ReadonlyMap<string, readonly ObjectRef[]>> {
  const found = new Map<string, ObjectRef[]>(refs.map((ref) => [refKey(ref), []]))
  await forEachInSlices(clock, view.rows(), (row) => {
    for (const dependency of row.dependsOn) found.get(refKey(dependency))?.push(row.ref)
  })
  return found
}

/** May this identity patch each object: one review per kind where it may everywhere, else one per namespace. */
async function reviewPatch(
  scope: ClusterScope,
  refs: readonly ObjectRef[],
  access: AccessReviews,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Access>> {
  const answers = new Map<string, Access>()
  await Promise.all(
    [...groupBy(refs, (ref) => `${ref.group}/${ref.kind}`).values()].map(async (own) => {
      const [first] = own
      const resource = first === undefined ? null : scope.view.served(first.group, first.kind)
      // Not served: the item itself says so.
      const byNamespace =
        resource === null
          ? null
          : await access
              .reviewNamespaces(
                scope.client,
                scope.view.id,
                { verb: 'patch', group: resource.group, resource: resource.plural },
                new Set(own.map((ref) => ref.namespace)),
                signal,
              )
              // A server without access reviews: the write itself will tell.
              .catch(() => null)
      signal.throwIfAborted()
      for (const ref of own)
        answers.set(refKey(ref), byNamespace?.get(ref.namespace) ?? { isAllowed: true, reason: '' })
    }),
  )
  return answers
}

interface ItemTools {
  readonly token: string
  readonly nowMs: number
  readonly options: PlanMakerOptions
  readonly signal: AbortSignal
}

async function makeItem(
  ref: ObjectRef,
  scope: ClusterScope,
  access: Access | undefined,
  input: PlanInput,
  tools: ItemTools,
): Promise<Made> {
  let object: KubeObject | null = null
  try {
    const kind = checkAction(ref, input.action)
    const resource = checkServed(scope.view, ref)
    if (access?.isAllowed === false) throw forbidden(ref, access)
    object = await scope.reader.read(ref)
    return await planObject(ref, object, kind, resource, scope, input, tools)
  } catch (error) {
    return refusedItem(ref, scope.client.context, object, error)
  }
}

async function planObject(
  ref: ObjectRef,
  object: KubeObject,
  kind: FluxKind,
  resource: ServedResource,
  scope: ClusterScope,
  input: PlanInput,
  { token, nowMs, options, signal }: ItemTools,
): Promise<Made> {
  const title = titleOf(ref)
  const { action } = input
  const gate = gateField(kind)
  const suspended = isSuspended(object, kind)
  const context = scope.client.context
  const notes: PlanNote[] = []
  const chain: PlannedStep[] = []
  const step = (
    target: ObjectRef,
    from: KubeObject,
    targetKind: FluxKind,
    served: ServedResource,
    edits: readonly FieldEdit[],
  ): PlannedStep => ({
    write: {
      ref: target,
      context,
      resource: served,
      expected: expectedOf(from, edits),
      hasAnnotations: hasAnnotationMap(from),
    },
    kind: targetKind,
    run: isReconcileAction(action) ? { token, handledBefore: textAt(from, 'status', 'lastHandledReconcileAt') } : null,
  })

  if (isReconcileAction(action)) {
    checkReconcilable(ref, object, kind)
    if (action === 'reconcileWithSource') {
      for (const source of sourceSteps(ref, object)) {
        const planned = await planSource(source.ref, source.isOptional, scope, options, signal)
        if (planned === null) {
          notes.push({ level: 'info', text: `${titleOf(source.ref)} needs no request of its own` })
          continue
        }
        chain.push(
          step(
            source.ref,
            planned.object,
            planned.kind,
            planned.resource,
            reconcileEdits(planned.object, gateField(planned.kind), 'reconcile', token),
          ),
        )
        notes.push({ level: 'info', text: `${titleOf(source.ref)} is reconciled first` })
      }
    }
    chain.push(step(ref, object, kind, resource, reconcileEdits(object, gate, action, token)))
  } else {
    if (gate === null) throw noGateError(ref)
    const info = readSuspendInfo(object, kind)
    const mode = modeOfAction(action)
    const current = gateMode(object, kind)
    if (action === 'suspend' && suspended === true && current === 'automatic')
      throw new SluiceError('AlreadySuspended', `${title} is already ${describeSuspension(info)}.`)
    if (action === 'resume' && suspended !== true) throw new SluiceError('NotSuspended', `${title} is not suspended.`)
    if (mode !== null && mode === current) throw new SluiceError('AlreadySuspended', `${title} is already ${mode}.`)
    if (action === 'annotate') checkAnnotatable(object, kind, title)
    const owner = (input.owner ?? '').trim() || options.defaultOwner() || scope.identity
    const edits =
      action === 'suspend'
        ? suspendEdits(object, gate, { ...input, owner }, nowMs)
        : action === 'resume'
          ? resumeEdits(object, gate)
          : mode !== null
            ? modeEdits(object, gate, mode, { ...input, owner }, nowMs)
            : annotateEdits(object, gate, input)
    if (action === 'resume' && info !== null && describeSuspension(info) !== 'suspended')
      notes.push({ level: 'info', text: capitalise(describeSuspension(info)) })
    if (action !== 'annotate') {
      const note = gateNote(scope.view, ref, object, options.clock)
      if (note !== '') notes.push({ level: 'warning', text: note })
    }
    chain.push(step(ref, object, kind, resource, edits))
  }

  const changes = chain.flatMap(({ write }) =>
    changesOf(write.expected.edits, write.ref === ref ? '' : `${titleOf(write.ref)} `),
  )
  const isChanging = changes.length > 0
  return {
    item: {
      ref,
      context,
      uid: object.metadata.uid ?? '',
      generation: object.metadata.generation ?? 0,
      effect: isChanging ? 'change' : 'unchanged',
      refusal: null,
      changes,
      patch: isChanging ? patchText(chain) : '',
      notes,
      dependents: scope.dependents.get(refKey(ref)) ?? [],
    },
    steps: isChanging ? chain : [],
  }
}

/** What a source needs, null where nothing has to be asked of it. Throws where it stands in the way. */
async function planSource(
  ref: ObjectRef,
  isOptional: boolean,
  scope: ClusterScope,
  options: PlanMakerOptions,
  signal: AbortSignal,
): Promise<{ readonly object: KubeObject; readonly kind: FluxKind; readonly resource: ServedResource } | null> {
  const kind = checkAction(ref, 'reconcile')
  const resource = checkServed(scope.view, ref)
  const access = await options.access.review(
    scope.client,
    scope.view.id,
    { verb: 'patch', group: resource.group, resource: resource.plural, namespace: ref.namespace },
    signal,
  )
  if (!access.isAllowed) throw forbidden(ref, access)
  let object: KubeObject
  try {
    object = await scope.reader.read(ref)
  } catch (error) {
    if (isOptional && error instanceof SluiceError && error.code === 'NotFound') return null
    throw error
  }
  if (isStaticSource(ref, object)) return null
  checkReconcilable(ref, object, kind)
  return { object, kind, resource }
}

function refusedItem(ref: ObjectRef, context: ContextId, object: KubeObject | null, fault: unknown): Made {
  const error = toSluiceError(fault, titleOf(ref))
  const isUnchanged = error.code === 'AlreadySuspended' || error.code === 'NotSuspended'
  return {
    item: {
      ref,
      context,
      uid: object?.metadata.uid ?? '',
      generation: object?.metadata.generation ?? 0,
      effect: isUnchanged ? 'unchanged' : 'refused',
      refusal: error.toData(),
      changes: [],
      patch: '',
      notes: [],
      dependents: [],
    },
    steps: [],
  }
}

/** The exact requests, as JSON for people. */
function patchText(chain: readonly PlannedStep[]): string {
  const requests = chain.map(({ write }) => {
    const { path, patch } = requestOf(write, write.hasAnnotations)
    return { method: 'PATCH', path, contentType: 'application/json-patch+json', body: patch }
  })
  return JSON.stringify(requests, null, 2)
}

function groupBy<T>(values: Iterable<T>, keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

function capitalise(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

/** Title of an operation: `Suspend flux-system/apps`, `Suspend 500 objects`. */
export function planTitle(plan: Plan): string {
  const verbs: Record<ActionName, string> = {
    suspend: 'Suspend',
    resume: 'Resume',
    reconcile: 'Reconcile',
    reconcileWithSource: 'Reconcile with source',
    force: 'Force',
    reset: 'Reset',
    annotate: 'Change the reason of',
    manual: 'Set',
    hold: 'Set',
  }
  const mode = modeOfAction(plan.action)
  const [only] = plan.items
  const what =
    plan.items.length === 1 && only !== undefined ? refTitle(only.ref) : `${String(plan.items.length)} objects`
  return `${verbs[plan.action]} ${what}${mode === null ? '' : ` to ${mode}`}`
}
