/** What a Kustomization tells of its runs. Source: flux-semantics §1.3 (`status.history`), §1.4. */
import { kustomizeGroup } from '../../../shared/flux/groups.ts'
import { conditionTypes, reasons } from '../../../shared/flux/reasons.ts'
import type { KubeObject } from '../clusters/view.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import { asArray, at, groupOf, numberAt, textAt, timeMs } from '../status/read.ts'
import type { RunSnapshot, Seen } from './row-changes.ts'

/** The one that ran last first. Controllers before Flux 2.7 tell none. */
export function readRuns(object: unknown): readonly RunSnapshot[] {
  return asArray(at(object, 'status', 'history')).flatMap((run) => {
    const firstAt = timeMs(at(run, 'firstReconciled'))
    if (firstAt === null) return []
    return {
      digest: textAt(run, 'digest'),
      status: textAt(run, 'lastReconciledStatus'),
      revision: textAt(run, 'metadata', 'revision'),
      originRevision: textAt(run, 'metadata', 'originRevision'),
      firstAt,
      lastAt: timeMs(at(run, 'lastReconciled')),
      duration: textAt(run, 'lastReconciledDuration'),
      total: numberAt(run, 'totalReconciliations'),
    }
  })
}

/** The newest that went well, of a Kustomization that tells one. */
export function lastGoodRun(object: KubeObject | null): Pick<Seen, 'run'> {
  if (object?.kind !== 'Kustomization' || groupOf(object.apiVersion) !== kustomizeGroup) return {}
  const [last, before] = readRuns(object).filter(({ status }) => status === reasons.reconciliationSucceeded)
  if (last === undefined) return {}
  const isHealthy = findCondition(readConditions(object), conditionTypes.healthy)?.status === 'True'
  return { run: { ...last, isAgain: before !== undefined && last.firstAt < before.firstAt, isHealthy } }
}
