/**
 * What happens to a gate whose field Git sets: the parent's manager owns it, so the parent's next run puts Git's value back.
 * Source: flux-semantics §7, field managers of the controllers that apply.
 */
import { helmGroup, kustomizeGroup, operatorGroup } from '../../../shared/flux/groups.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { helmReleaseLabels, kustomizationLabels, resourceSetLabels } from '../../../shared/flux/labels.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Clock } from '../ports.ts'
import { asArray, at, labelOf, timeMs } from '../status/read.ts'
import { gateOwners, isSuspended } from '../status/suspend-info.ts'

/** Field managers of what applies from Git, with how its objects name their parent. */
const appliers = [
  { manager: 'kustomize-controller', group: kustomizeGroup, kind: 'Kustomization', labels: kustomizationLabels },
  { manager: 'helm-controller', group: helmGroup, kind: 'HelmRelease', labels: helmReleaseLabels },
  { manager: 'flux-operator', group: operatorGroup, kind: 'ResourceSet', labels: resourceSetLabels },
] as const

/** A sentence such as "Git sets this; flux-system/apps puts it back in about 9 min"; '' where Git does not own the gate. */
export function gateNote(view: ClusterView, ref: ObjectRef, object: KubeObject, clock: Clock): string {
  const kind = fluxKind(ref.group, ref.kind)
  const owners = new Set(gateOwners(object, kind).map(({ manager }) => manager))
  const applier = appliers.find(({ manager }) => owners.has(manager))
  if (applier === undefined) return ''
  const name = labelOf(object, applier.labels.name)
  if (name === '') return `Git sets this; ${applier.manager} puts it back`
  const parent: ObjectRef = {
    cluster: ref.cluster,
    group: applier.group,
    kind: applier.kind,
    namespace: labelOf(object, applier.labels.namespace) || ref.namespace,
    name,
  }
  return `Git sets this; ${refTitle(parent)} ${whatParentDoes(view, parent, clock)}`
}

function whatParentDoes(view: ClusterView, parent: ObjectRef, clock: Clock): string {
  const row = view.row(refKey(parent))
  const object = view.cached(parent)
  const kind = fluxKind(parent.group, parent.kind)
  if (row?.isSuspended === true || isSuspended(object, kind) === true) return 'puts it back when it is resumed'
  if (parent.kind === 'HelmRelease' && at(object, 'spec', 'driftDetection', 'mode') !== 'enabled')
    return 'puts it back with its next upgrade'
  const intervalMs = row?.intervalMs ?? null
  if (intervalMs === null) return 'puts it back with its next run'
  const lastAt = timeMs(at(asArray(at(object, 'status', 'history'))[0], 'lastReconciled'))
  const restMs = lastAt === null ? intervalMs : lastAt + intervalMs - clock.now()
  // Behind its time: the run may come at any moment, the interval is all that can be said.
  const minutes = Math.ceil((restMs > 0 && restMs <= intervalMs ? restMs : intervalMs) / 60_000)
  return minutes <= 1 ? 'puts it back within a minute' : `puts it back in about ${String(minutes)} min`
}
