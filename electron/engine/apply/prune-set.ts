/**
 * Deletes what Git has no more, as the controller does: in reverse order, one by one, each looked at right before. Source: flux-semantics §2.11;
 * fluxcd/pkg ssa `DeleteAll`.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import { resourcePath } from '../clusters/view.ts'
import { compareKindOrder } from '../inventory/apply-order.ts'
import { formatInventoryId } from '../inventory/entry.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { AppliedEntry, PruneSet } from './apply-set.ts'
import { isOwnedBy, keepRule } from './controls.ts'
import { endsComparison } from './dry-run.ts'
import type { CallOptions } from './server-calls.ts'
import { call, isOk, noMatchText, refusalOf, subjectOf } from './server-calls.ts'
import { createTargetKinds } from './target-kinds.ts'
import type { TargetKinds } from './target-kinds.ts'

/** Another object may take a name between look and deletion so often. */
const maxAttempts = 3

/** Rejects with LeaseLost, Canceled, Unauthorized and the transport's faults: what was deleted by then is found gone the next time. */
export const pruneSet: PruneSet = async (stale, options) => {
  const { client, clock, signal, impersonate, owner } = options
  const calls: CallOptions = { client, clock, impersonate, signal }
  const kinds = createTargetKinds(options.isRemote === true ? null : options.view, calls)
  const entries: AppliedEntry[] = []
  const errors: string[] = []
  for (const entry of [...stale].sort((a, b) => compareKindOrder(b, a))) {
    const result = await removeAny(entry, kinds, owner, calls)
    entries.push({ subject: subjectOf(entry), action: result.action, entry, object: null })
    if (result.error !== null) errors.push(`${subjectOf(entry)} ${result.error};`)
  }
  const settled = new Set(
    entries.filter(({ action }) => action !== 'unknown').map(({ entry }) => formatInventoryId(entry)),
  )
  return {
    entries,
    survivors: stale.filter((entry) => !settled.has(formatInventoryId(entry))),
    error: errors.length === 0 ? null : `delete failed, errors: ${errors.join('')}`,
  }
}

interface Removal {
  readonly action: 'deleted' | 'skipped' | 'unknown'
  readonly error: string | null
}

const deleted: Removal = { action: 'deleted', error: null }
const skipped: Removal = { action: 'skipped', error: null }

async function removeAny(
  entry: InventoryEntry,
  kinds: TargetKinds,
  owner: { readonly namespace: string; readonly name: string },
  calls: CallOptions,
): Promise<Removal> {
  const { group, version, kind } = entry
  try {
    const resource = await kinds.find(group === '' ? version : `${group}/${version}`, kind)
    const result = resource === null ? 'unserved' : await removeOne(entry, resource, owner, calls)
    if (result !== 'unserved') return result
    const other = await kinds.findAnyVersion(group, kind, true)
    const again = other === null ? 'unserved' : await removeOne(entry, other, owner, calls)
    if (again !== 'unserved') return again
    // The kind is gone, and all of its objects with it: if it is an API server that says so.
    const isSure = (await kinds.findFresh('v1', 'Namespace')) !== null
    return isSure ? deleted : { action: 'unknown', error: `query failed: ${noMatchText(entry)}` }
  } catch (error) {
    if (!(error instanceof SluiceError) || endsComparison(error) || error.code === 'LeaseLost') throw error
    return { action: 'unknown', error: `query failed: ${error.detail === '' ? error.message : error.detail}` }
  }
}

async function removeOne(
  entry: InventoryEntry,
  resource: ServedResource,
  owner: { readonly namespace: string; readonly name: string },
  calls: CallOptions,
): Promise<Removal | 'unserved'> {
  const path = resourcePath(resource, resource.isNamespaced ? entry.namespace : '', entry.name)
  for (let attempt = 1; ; attempt += 1) {
    const look = await call({ method: 'GET', path }, calls)
    if (!isOk(look)) {
      const refusal = refusalOf(look, 'get', resource, entry.name)
      // The path is unknown, not the object.
      if (refusal.httpStatus === 404) return refusal.isNamed ? deleted : 'unserved'
      return { action: 'unknown', error: `query failed: ${refusal.text}` }
    }
    const live = look.json() as KubeObject
    if (!isOwnedBy(live, owner) || keepRule(live) !== '') return skipped
    const { uid } = live.metadata
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      // What took its name meanwhile is another object, to be judged by itself.
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    }
    const response = await call({ method: 'DELETE', path, body }, calls)
    if (isOk(response)) return deleted
    const refusal = refusalOf(response, 'delete', resource, entry.name)
    if (refusal.httpStatus === 409 && attempt < maxAttempts) continue
    // Gone between look and deletion: the controller reports an error and finds it gone the next time.
    if (refusal.httpStatus === 404) return deleted
    return { action: 'unknown', error: `delete failed: ${refusal.text}` }
  }
}
