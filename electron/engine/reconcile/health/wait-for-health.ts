/** What kustomize-controller does for `wait: true` and `healthChecks` after an apply. The caller leaves out what was skipped, and the object itself. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import { createTargetKinds } from '../../apply/target-kinds.ts'
import type { ClusterView } from '../../clusters/view.ts'
import { formatInventoryId } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import type { HealthOutcome, WaitForHealth } from './health-check.ts'
import { waitForStatuses } from './wait-for-statuses.ts'
import type { Unsettled } from './wait-for-statuses.ts'

/** The controller's pace; at first sooner. */
const poll = { firstMs: 100, longestMs: 5000 }
/** Beyond so many kinds and namespaces changes are not watched for, only asked about. */
const maxWatches = 20

/** Resolves with what the waiting came to; rejects with Unauthorized only. */
export const waitForHealth: WaitForHealth = async (entries, options) => {
  const { view, client, clock, signal, impersonate, timeoutMs } = options
  const calls = { client, clock, impersonate, signal }
  const jobs = new Set((options.jobsWithTtl ?? []).map(formatInventoryId))
  let unsettled: Unsettled | null
  try {
    unsettled = await waitForStatuses(
      entries.map((entry) => ({ entry, object: null })),
      {
        kinds: createTargetKinds(options.isRemote === true ? null : view, calls),
        calls,
        expressions: options.expressions,
        timeoutMs,
        isFailFast: options.isFailFast ?? true,
        poll,
        isJobDone: (entry) => jobs.has(formatInventoryId(entry)),
        // What others may not see is asked for under the impersonated name alone.
        ...(options.isRemote === true || impersonate !== null
          ? {}
          : { onHint: (unsettled, wake) => watchChanges(view, unsettled, wake) }),
      },
    )
  } catch (error) {
    if (error instanceof SluiceError && error.retry === 'canceled') return { result: 'canceled' }
    throw error
  }
  return unsettled === null ? { result: 'healthy' } : outcomeOf(unsettled)
}

function outcomeOf({ isTimeout, subjects }: Unsettled): HealthOutcome {
  const list = subjects.join(', ')
  return isTimeout
    ? { result: 'timedOut', message: `timeout waiting for: [${list}]` }
    : { result: 'failed', message: `failed early due to stalled resources: [${list}]` }
}

/** A change of one of the objects, as the shared watches tell it; they are a hint only. */
function watchChanges(view: ClusterView, entries: readonly InventoryEntry[], wake: () => void): () => void {
  const names = new Map<string, Set<string>>()
  for (const { group, kind, namespace, name } of entries) {
    const key = `${group}|${kind}|${namespace}`
    const known = names.get(key) ?? new Set()
    known.add(name)
    names.set(key, known)
  }
  if (names.size > maxWatches) return () => undefined
  const stops = [...names].flatMap(([key, wanted]) => {
    const [group = '', kind = '', namespace = ''] = key.split('|')
    if (view.served(group, kind)?.verbs.includes('watch') !== true) return []
    return [
      view.watchKind(group, kind, namespace, ({ isSnapshot, upsert }) => {
        if (!isSnapshot && upsert.some(({ metadata }) => wanted.has(metadata.name))) wake()
      }),
    ]
  })
  return () => {
    for (const stop of stops) stop()
  }
}
