/** The gate of an object: is it closed, and who closed it. Semantics: flux-semantics §7, and the annotations `sluice.dev/*`. */
import { sluiceAnnotations, sluiceFieldManager } from '../../../shared/flux/annotations.ts'
import { kustomizeGroup } from '../../../shared/flux/groups.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { ReconcileMode } from '../../../shared/model/hosting.ts'
import type { SuspendInfo } from '../../../shared/model/status.ts'
import { fieldOwners } from './managed-fields.ts'
import type { FieldOwner } from './managed-fields.ts'
import { annotationOf, at, timeMs } from './read.ts'

/** Is the gate closed; null where the kind has none. */
export function isSuspended(object: unknown, kind: FluxKind | null): boolean | null {
  if (kind === null || kind.gate.type === 'none') return null
  if (kind.gate.type === 'spec') return at(object, 'spec', 'suspend') === true
  // The operators compare without regard to case.
  return annotationOf(object, kind.gate.key).toLowerCase() === kind.gate.value.toLowerCase()
}

/** What the annotation says, whatever the gate: `automatic` where there is none. */
export function modeOf(object: unknown): ReconcileMode {
  const mode = annotationOf(object, sluiceAnnotations.mode)
  return mode === 'manual' || mode === 'held' ? mode : 'automatic'
}

/** The gate's third state: the mode of a suspended Kustomization; `automatic` for everything else. */
export function gateMode(object: unknown, kind: FluxKind | null): ReconcileMode {
  const hasModes = kind?.group === kustomizeGroup && kind.kind === 'Kustomization'
  return hasModes && isSuspended(object, kind) === true ? modeOf(object) : 'automatic'
}

/** Owners of the field (or annotation) that closes the gate; empty where managedFields do not say or the kind has no gate. */
export function gateOwners(object: unknown, kind: FluxKind | null): readonly FieldOwner[] {
  if (kind === null || kind.gate.type === 'none') return []
  return fieldOwners(
    object,
    kind.gate.type === 'spec' ? ['spec', 'suspend'] : ['metadata', 'annotations', kind.gate.key],
  )
}

/**
 * Who closed the gate, why and until when; null while it is open. Person, reason and until are believed only while Sluice's field
 * manager owns the gate and every one of Sluice's annotations that is there; otherwise the owning manager and its time are all.
 */
export function readSuspendInfo(object: unknown, kind: FluxKind | null): SuspendInfo | null {
  if (isSuspended(object, kind) !== true) return null
  const owners = gateOwners(object, kind)
  const own = owners.find((owner) => owner.manager === sluiceFieldManager)
  const keys = Object.values(sluiceAnnotations).filter((key) => annotationOf(object, key) !== '')
  const areAnnotationsOwn = keys.every((key) =>
    fieldOwners(object, ['metadata', 'annotations', key]).every((owner) => owner.manager === sluiceFieldManager),
  )
  if (own !== undefined && keys.length > 0 && areAnnotationsOwn) {
    const resumeAt = annotationOf(object, sluiceAnnotations.resumeAt)
    return {
      by: annotationOf(object, sluiceAnnotations.suspendedBy) || null,
      reason: annotationOf(object, sluiceAnnotations.suspendReason) || null,
      at: timeMs(annotationOf(object, sluiceAnnotations.suspendedAt)) ?? own.at,
      resumeAt: resumeAt === '' ? null : timeMs(resumeAt),
      manager: sluiceFieldManager,
      isTrusted: true,
    }
  }
  const owner = own ?? owners[0]
  return {
    by: null,
    reason: null,
    at: owner?.at ?? null,
    resumeAt: null,
    manager: owner === undefined || owner.manager === '' ? null : owner.manager,
    isTrusted: false,
  }
}
