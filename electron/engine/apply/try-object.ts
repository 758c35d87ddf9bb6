/**
 * The first half of an apply, for one object: a dry-run, and what the controller really writes already then: an immutable object that may be
 * recreated is deleted, old managers' fields are taken over. Afterwards it is known what has to be applied. Source: flux-semantics §2.7 to §2.9.
 */
import { fromErrorData, SluiceError } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import { areCalledSame } from '../diff/compare-objects.ts'
import type { CompiledRules } from '../diff/ignore-rules.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { exactBody } from '../exact-json.ts'
import { asArray, asRecord, groupOf } from '../status/read.ts'
import { cleanupOperations } from './cleanup.ts'
import type { LiveObjects } from './compare-set.ts'
import { isForced, skipRule } from './controls.ts'
import { endsComparison, isEndingProblem, pathOf } from './dry-run.ts'
import { differsBeyond, payloadFor } from './ignored-payload.ts'
import type { CallOptions, Refusal } from './server-calls.ts'
import {
  call,
  entryOf,
  faultOf,
  isImmutable,
  isOk,
  noMatchText,
  pauseCall,
  refusalOf,
  subjectOf,
} from './server-calls.ts'
import type { TargetKinds } from './target-kinds.ts'
import { belongsTo } from './validity.ts'

export interface ApplyRun {
  readonly set: DesiredSet
  readonly rules: CompiledRules
  readonly live: LiveObjects
  readonly kinds: TargetKinds
  readonly calls: CallOptions
  readonly knownUnchanged: ((object: KubeObject, live: KubeObject | null) => boolean) | null
  readonly standsUnchanged: (object: KubeObject) => boolean
  readonly mayBeNew: (object: KubeObject) => boolean
  readonly remember: (object: KubeObject, live: KubeObject) => void
  /** The gate MigrateAPIVersion: managedFields are brought to the version that is applied first. */
  readonly isVersionMigrated: boolean
}

export interface Failure {
  readonly kind: 'failed'
  /** The controller's sentence. */
  readonly message: string
  readonly data: SluiceErrorData
}

export interface ToApply {
  readonly kind: 'toApply'
  readonly action: 'created' | 'configured'
  readonly resource: ServedResource
  /** As the dry-run answered: names the object as the server does. */
  readonly answer: KubeObject
  /** Body of the request; where ignore rules leave none that could be sent, why. */
  readonly sent: { readonly payload: KubeObject } | { readonly message: string }
}

export type Tried =
  | {
      readonly kind: 'settled'
      readonly action: 'unchanged' | 'skipped'
      readonly object: KubeObject
      readonly isLive: boolean
    }
  | ToApply
  | Failure

/** So often an object may move in between before the last state read is taken, as the controller takes its only one. */
const maxReads = 3
/** So often a dry-run that met a conflict is tried again before the conflict is believed. */
const maxConflicts = 3
const conflictWaitMs = 50
/** The API server needs a moment to serve a kind whose definition it calls established. */
const definedWaitMs = 10_000

/** Rejects with what `call` rejects with, and with faults of the way that a read met. */
export async function tryObject(run: ApplyRun, desired: KubeObject): Promise<Tried> {
  try {
    return await trySure(run, desired)
  } catch (error) {
    // The API server answered, but not what it serves.
    if (!(error instanceof SluiceError) || endsComparison(error) || error.code === 'LeaseLost') throw error
    const text = error.detail === '' ? error.message : error.detail
    return { ...failed(`${subjectOf(entryOf(desired))} dry-run failed: ${text}`, null), data: error.toData() }
  }
}

async function trySure(run: ApplyRun, desired: KubeObject): Promise<Tried> {
  const { set } = run
  const resource = await run.kinds.find(desired.apiVersion, desired.kind)
  if (resource === null) return noMatch(desired)
  const object = resource.isNamespaced ? desired : withoutNamespace(desired)
  const key = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  }
  if (run.standsUnchanged(object) && skippedAs(set, desired, null) === null)
    return { kind: 'settled', action: 'unchanged', object, isLive: false }
  // What is new is not there to be read: the dry-run says so.
  let early: DryRun | null = null
  if (run.mayBeNew(object) && skippedAs(set, desired, null) === null) {
    early = await dryRun(run, resource, object)
    if ('answer' in early && isAbsentIn(early.answer))
      return { kind: 'toApply', action: 'created', resource, answer: early.answer, sent: { payload: object } }
  }
  let { live, isUnread } = await read(run.live.read(key))
  for (let attempt = 1; ; attempt += 1) {
    const skipped = skippedAs(set, desired, live)
    if (skipped !== null) return skipped
    if (live !== null && run.knownUnchanged?.(object, live) === true)
      return { kind: 'settled', action: 'unchanged', object: live, isLive: true }
    let isPatched = false
    if (run.isVersionMigrated && live !== null) {
      const migrated = await migrate(run, resource, object, live)
      if (migrated === 'moved') {
        ;({ live, isUnread } = await read(run.live.readFresh(key)))
        if (attempt < maxReads) continue
      } else if ('kind' in migrated) return migrated
      else if (migrated.object !== live) {
        live = migrated.object
        isPatched = true
      }
    }

    let tried: DryRun = early !== null && !isPatched ? early : await dryRun(run, resource, object)
    early = null
    if ('refusal' in tried && live === null && !isUnread && isImmutable(tried.refusal))
      // Whether it is there decides over its deletion.
      ({ live, isUnread } = await read(run.live.readFresh(key)))
    for (let again = 1; again <= maxConflicts && 'refusal' in tried && tried.refusal.httpStatus === 409; again += 1) {
      // Immutable fields conflict each time; two who write at once do not, and nothing is deleted for them.
      await pauseCall(run.calls.clock, conflictWaitMs * again, run.calls.signal)
      tried = await dryRun(run, resource, object)
    }
    if ('refusal' in tried && live !== null && isImmutable(tried.refusal) && isForced(set, object, live)) {
      const failure = await remove(run, resource, live)
      if (failure !== null) return failure
      live = null
      tried = await dryRun(run, resource, object)
    }
    if ('refusal' in tried) return dryRunFailure(desired, tried.refusal)
    if ('failure' in tried) return tried.failure
    const answer = tried.answer
    const isNew = isAbsentIn(answer)

    // The answer belongs to what was read only if nothing was written in between.
    if (!isPatched && !isUnread && !isSameState(live, isNew ? null : answer)) {
      const fresh = await read(run.live.readFresh(key))
      const isSettled = attempt >= maxReads || isSameState(fresh.live, isNew ? null : answer)
      ;({ live, isUnread } = fresh)
      if (!isSettled) continue
      const skippedNow = skippedAs(set, desired, live)
      if (skippedNow !== null) return skippedNow
    }
    if (isNew) live = null

    const operations = live === null ? [] : cleanupOperations(set, object, live)
    if (live !== null && operations.length > 0) {
      const cleaned = await patchBookkeeping(run, resource, live, operations)
      if (cleaned === 'moved') {
        ;({ live, isUnread } = await read(run.live.readFresh(key)))
        // So often nobody else writes: the fault is told instead of a stale list of managers being written.
        if (attempt < maxReads * 2) continue
        return failed(
          `${subjectOf(entryOf(object))} metadata.managedFields cleanup failed: the object has been modified`,
          null,
        )
      }
      if ('refusal' in cleaned)
        return failed(
          `${subjectOf(entryOf(live))} metadata.managedFields cleanup failed: ${cleaned.refusal.text}`,
          cleaned.refusal,
        )
      live = cleaned.object
      isPatched = true
    }

    const pointers = live === null ? [] : run.rules.matching(answer).flatMap((each) => each.pointers)
    const isDrifted = live === null || differsBeyond(live, answer, pointers, areCalledSame)
    if (!isPatched && !isDrifted && live !== null) {
      run.remember(object, live)
      return { kind: 'settled', action: 'unchanged', object: live, isLive: true }
    }
    const sent =
      live === null || pointers.length === 0
        ? { payload: object }
        : payloadFor(object, live, answer, pointers, (entry) => entry.manager !== set.controller)
    return { kind: 'toApply', action: isNew ? 'created' : 'configured', resource, answer, sent }
  }
}

/** The real apply of what `tryObject` found. The server's object, or the fault in the controller's words. */
export async function applyObject(
  run: ApplyRun,
  desired: KubeObject,
  { resource, sent }: ToApply,
): Promise<{ readonly object: KubeObject } | Failure> {
  // The controller has no name for the object here either.
  if ('message' in sent) return failed(sent.message, null)
  const { controller } = run.set
  const { payload } = sent
  const path = `${pathOf(payload, { resource })}?fieldManager=${controller}&force=true`
  const response = await call(
    { method: 'PATCH', path, body: payload, contentType: 'application/apply-patch+yaml' },
    run.calls,
  )
  if (!isOk(response)) {
    const refusal = refusalOf(response, 'patch', resource, payload.metadata.name)
    return failed(`${subjectOf(entryOf(payload))} apply failed: ${refusal.text}`, refusal)
  }
  const object = exactBody(response) as KubeObject
  const applied = resource.isNamespaced ? desired : withoutNamespace(desired)
  // A first apply to what others had applied leaves an entry `before-first-apply`: the next pass takes it over.
  if (cleanupOperations(run.set, applied, object).length === 0) run.remember(applied, object)
  return { object }
}

async function read(
  reading: ReturnType<LiveObjects['read']>,
): Promise<{ readonly live: KubeObject | null; readonly isUnread: boolean }> {
  const result = await reading
  if (!('problem' in result)) return { live: result.object, isUnread: false }
  // A server that stumbles has not said that there is nothing: what it hides may be marked as none of our business.
  if (isEndingProblem(result.problem) || result.problem.retry === 'transient') throw fromErrorData(result.problem)
  // Who may write but not read: the controller takes it for absent, and applies.
  return { live: null, isUnread: true }
}

function skippedAs(set: DesiredSet, desired: KubeObject, live: KubeObject | null): Tried | null {
  if (skipRule(set.controller, desired, live) === '') return null
  return { kind: 'settled', action: 'skipped', object: live ?? desired, isLive: live !== null }
}

function isAbsentIn(answer: KubeObject): boolean {
  return (answer.metadata.resourceVersion ?? '') === ''
}

function isSameState(live: KubeObject | null, answer: KubeObject | null): boolean {
  if (live === null || answer === null) return live === answer
  if (live.metadata.uid !== answer.metadata.uid) return false
  if (live.metadata.resourceVersion === answer.metadata.resourceVersion) return true
  // Only its status has moved: what is compared must be equal as well.
  return belongsTo(answer, live) && areCalledSame(live, answer)
}

type DryRun = { readonly answer: KubeObject } | { readonly refusal: Refusal } | { readonly failure: Failure }

async function dryRun(run: ApplyRun, resource: ServedResource, object: KubeObject): Promise<DryRun> {
  const path = `${pathOf(object, { resource })}?fieldManager=${run.set.controller}&force=true&dryRun=All`
  let waitedMs = 0
  for (let waitMs = 25; ; waitMs = Math.min(waitMs * 2, 1000)) {
    const response = await call(
      { method: 'PATCH', path, body: object, contentType: 'application/apply-patch+yaml' },
      run.calls,
    )
    if (isOk(response)) return { answer: exactBody(response) as KubeObject }
    const refusal = refusalOf(response, 'patch', resource, object.metadata.name)
    const isPathUnknown = refusal.httpStatus === 404 && !refusal.isNamed
    if (!isPathUnknown || (resource.isNamespaced && (object.metadata.namespace ?? '') === '')) return { refusal }
    const isDefined = run.kinds.isDefined(groupOf(object.apiVersion), object.kind)
    if (isDefined && waitedMs < definedWaitMs) {
      await pauseCall(run.calls.clock, waitMs, run.calls.signal)
      waitedMs += waitMs
      continue
    }
    return (await run.kinds.findFresh(object.apiVersion, object.kind)) === null
      ? { failure: noMatch(object) }
      : { refusal }
  }
}

function dryRunFailure(desired: KubeObject, refusal: Refusal): Failure {
  const subject = subjectOf(entryOf(desired))
  const text = withoutValues(desired, refusal.text)
  if (refusal.reason === 'NotFound' || refusal.httpStatus === 404) {
    const isUnplaced = (desired.metadata.namespace ?? '') === ''
    return failed(`${subject} ${isUnplaced ? 'namespace not specified' : 'not found'}: ${text}`, refusal)
  }
  const reason = refusal.reason === '' ? '' : ` (${refusal.reason})`
  return failed(`${subject} dry-run failed${reason}: ${text}`, refusal)
}

function noMatch(object: KubeObject): Failure {
  const entry = entryOf(object)
  const message = `${subjectOf(entry)} dry-run failed: ${noMatchText(entry)}`
  return { kind: 'failed', message, data: { ...faultOf(message, null), code: 'ResourceNotServed' } }
}

function failed(message: string, refusal: Refusal | null): Failure {
  return { kind: 'failed', message, data: faultOf(message, refusal) }
}

/**
 * Deletes an object that cannot be changed in place and waits until it is gone, finalizers and all. The precondition keeps another object of the
 * same name, made meanwhile, from harm.
 */
async function remove(run: ApplyRun, resource: ServedResource, live: KubeObject): Promise<Failure | null> {
  const path = pathOf(live, { resource })
  const { name, uid } = live.metadata
  const words = `${subjectOf(entryOf(live))} immutable field detected`
  const response = await call(
    {
      method: 'DELETE',
      path,
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      },
    },
    run.calls,
  )
  if (!isOk(response) && response.status !== 404) {
    const refusal = refusalOf(response, 'delete', resource, name)
    return failed(`${words}, failed to delete object: ${refusal.text}`, refusal)
  }
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 2000)) {
    const look = await call({ method: 'GET', path }, run.calls)
    if (look.status === 404) return null
    if (isOk(look)) {
      if ((look.json() as KubeObject).metadata.uid !== uid) return null
      await pauseCall(run.calls.clock, waitMs, run.calls.signal)
      continue
    }
    const refusal = refusalOf(look, 'get', resource, name)
    return failed(`${words}, failed to wait for object to be deleted: ${refusal.text}`, refusal)
  }
}

/**
 * A JSON patch of labels, annotations and managedFields. The version guards it: the list of managers that is written is the one that was read,
 * and another's entry made meanwhile must not be lost.
 */
async function patchBookkeeping(
  run: ApplyRun,
  resource: ServedResource,
  live: KubeObject,
  operations: readonly unknown[],
): Promise<{ readonly object: KubeObject } | { readonly refusal: Refusal } | 'moved'> {
  const guard = { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion }
  const response = await call(
    {
      method: 'PATCH',
      path: `${pathOf(live, { resource })}?fieldManager=${run.set.controller}`,
      body: [guard, ...operations],
      contentType: 'application/json-patch+json',
    },
    run.calls,
  )
  if (isOk(response)) return { object: exactBody(response) as KubeObject }
  return response.status === 409 ? 'moved' : { refusal: refusalOf(response, 'patch', resource, live.metadata.name) }
}

async function migrate(
  run: ApplyRun,
  resource: ServedResource,
  desired: KubeObject,
  live: KubeObject,
): Promise<{ readonly object: KubeObject } | Failure | 'moved'> {
  const { apiVersion } = desired
  const entries = asArray(live.metadata.managedFields).map(asRecord)
  if (entries.every((entry) => entry['apiVersion'] === apiVersion)) return { object: live }
  const value = entries.map((entry) => ({ ...entry, apiVersion }))
  const patched = await patchBookkeeping(run, resource, live, [
    { op: 'replace', path: '/metadata/managedFields', value },
  ])
  if (patched === 'moved' || 'object' in patched) return patched
  const words = `failed to migrate managed fields API version to ${apiVersion}: ${patched.refusal.text}`
  return failed(`${subjectOf(entryOf(live))} failed to migrate API version: ${words}`, patched.refusal)
}

/** The API server ignores a namespace where the kind has none. */
function withoutNamespace(object: KubeObject): KubeObject {
  if (object.metadata.namespace === undefined) return object
  const { namespace: _ignored, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** SECURITY: item 9: what the API server quotes of a Secret's values does not go into a condition. */
function withoutValues(object: KubeObject, text: string): string {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return text
  let result = text
  for (const name of ['data', 'stringData'])
    for (const value of Object.values(asRecord(object[name]))) {
      const shown = typeof value === 'string' ? value : JSON.stringify(value)
      if (shown.length > 2) result = result.replaceAll(shown, '***')
    }
  return result
}
