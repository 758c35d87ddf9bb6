/** Reasons for which an object cannot be acted upon, as SluiceErrors naming it. */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { kustomizeGroup } from '../../../shared/flux/groups.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { ActionName } from '../../../shared/model/actions.ts'
import type { Access } from '../../../shared/model/detail.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { SuspendedMode } from '../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject, ServedResource } from '../clusters/view.ts'
import { isSuspended, readSuspendInfo } from '../status/suspend-info.ts'
import { describeSuspension } from './action-edits.ts'
import { gateField } from './gate-field.ts'
import { titleOf } from './planned-write.ts'
import { isStaticSource } from './reconcile-sources.ts'

const reconcileActions: ReadonlySet<ActionName> = new Set(['reconcile', 'reconcileWithSource', 'force', 'reset'])

/** Whether the action asks a controller for a run, and waits for it. */
export function isReconcileAction(action: ActionName): boolean {
  return reconcileActions.has(action)
}

/** The mode that an action sets; null for all others. */
export function modeOfAction(action: ActionName): SuspendedMode | null {
  return action === 'manual' ? 'manual' : action === 'hold' ? 'held' : null
}

/** Whether `checkAction` lets it pass. */
export function hasAction(ref: ObjectRef, action: ActionName): boolean {
  try {
    checkAction(ref, action)
    return true
  } catch {
    return false
  }
}

/** The kind's entry, or a refusal: NoGate, Unsupported. */
export function checkAction(ref: ObjectRef, action: ActionName): FluxKind {
  const kind = fluxKind(ref.group, ref.kind)
  if (!isReconcileAction(action)) {
    if (kind === null || gateField(kind) === null) throw noGateError(ref)
    if (modeOfAction(action) !== null && (ref.kind !== 'Kustomization' || ref.group !== kustomizeGroup))
      throw new SluiceError('Unsupported', `${titleOf(ref)}: only Kustomizations can be manual or held.`, {
        remedy: 'Suspend it instead.',
      })
    return kind
  }
  if (kind === null || !kind.canReconcile)
    throw new SluiceError(
      'Unsupported',
      `${titleOf(ref)} cannot be reconciled: no controller takes requests for ${ref.kind}.`,
    )
  if ((action === 'force' || action === 'reset') && kind.kind !== 'HelmRelease')
    throw new SluiceError('Unsupported', `${titleOf(ref)}: ${action} is for HelmReleases only.`)
  return kind
}

/** Unsupported or SuspendedRefused. */
export function checkReconcilable(ref: ObjectRef, object: KubeObject, kind: FluxKind): void {
  if (isStaticSource(ref, object))
    throw new SluiceError('Unsupported', `${titleOf(ref)} is of type oci: it is only a reference, nobody fetches it.`, {
      remedy: 'Reconcile the HelmChart or the HelmRelease that draws from it.',
    })
  if (isSuspended(object, kind) === true)
    throw new SluiceError(
      'SuspendedRefused',
      `${titleOf(ref)} is ${describeSuspension(readSuspendInfo(object, kind))}.`,
      {
        remedy: 'Resume it first.',
      },
    )
}

/** ResourceNotServed where discovery knows no such kind. */
export function checkServed(view: ClusterView, ref: ObjectRef): ServedResource {
  const resource = view.served(ref.group, ref.kind)
  if (resource !== null) return resource
  throw new SluiceError('ResourceNotServed', `${titleOf(ref)}: the cluster does not serve ${ref.kind} of ${ref.group}.`)
}

export function noGateError(ref: ObjectRef): SluiceError {
  return new SluiceError('NoGate', `${titleOf(ref)} has no gate: objects of kind ${ref.kind} cannot be suspended.`)
}

export function forbidden(ref: ObjectRef, access: Access): SluiceError {
  return new SluiceError('Forbidden', `${titleOf(ref)}: ${access.reason}.`, {
    remedy: 'Ask for permission to patch it.',
    detail: access.reason,
  })
}
