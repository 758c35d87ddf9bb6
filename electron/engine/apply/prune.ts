/** Whether an inventory entry that Git has no more would be deleted. Source: flux-semantics §2.11. */
import { fromErrorData } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import { isSecret } from '../detail/present-object.ts'
import { riskOf } from '../diff/risk.ts'
import { sealObject } from '../diff/sealed-values.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { Comparison } from './compare-one.ts'
import type { ComparedObject } from './compare-set.ts'
import { isOwnedBy, keepRule } from './controls.ts'
import { isEndingProblem } from './dry-run.ts'

/** Null where there is nothing to delete: gone already, or carrying another owner's labels. */
export async function judgeStale(comparison: Comparison, entry: InventoryEntry): Promise<ComparedObject | null> {
  const { set, options } = comparison
  const apiVersion = entry.group === '' ? entry.version : `${entry.group}/${entry.version}`
  const { kind, namespace, name } = entry
  const read = await options.live.read({ apiVersion, kind, namespace, name })
  const found: ComparedObject = {
    apiVersion,
    kind,
    namespace,
    name,
    action: 'pruned',
    fields: [],
    risk: { level: 'low', text: '' },
    rule: '',
    problem: null,
    isSecret: kind === 'Secret' && entry.group === '',
    isApproximate: false,
    desired: null,
    live: null,
    wouldBe: null,
  }
  if ('problem' in read) {
    const { code } = read.problem
    if (isEndingProblem(read.problem)) throw fromErrorData(read.problem)
    // The kind is gone, and all of its objects with it.
    if (code === 'NotFound' || (code === 'ResourceNotServed' && options.view.served(entry.group, kind) === null))
      return null
    return { ...found, action: 'refused', problem: read.problem }
  }
  const live = read.object
  if (live === null) return null
  const shown: KubeObject = isSecret(live) ? sealObject(live, [], comparison.sealer) : live
  if (set.controller === 'kustomize-controller') {
    if (!isOwnedBy(live, set.owner)) return null
    const rule = keepRule(live)
    if (rule !== '') return { ...found, action: 'skipped', rule, live: shown }
  }
  return { ...found, live: shown, risk: riskOf('pruned', kind, live, []) }
}
