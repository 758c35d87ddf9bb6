/** Which fields each action writes. Source: flux-semantics §7; resuming removes spec.suspend, which is what `flux resume` does. */
import { reconcileAnnotations, sluiceAnnotations, sluiceFieldManager } from '../../../shared/flux/annotations.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { ActionName } from '../../../shared/model/actions.ts'
import type { SuspendedMode } from '../../../shared/model/hosting.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { SuspendInfo } from '../../../shared/model/status.ts'
import type { KubeObject } from '../clusters/view.ts'
import { gateOwners, isSuspended } from '../status/suspend-info.ts'
import { editOf } from './field-edits.ts'
import type { FieldEdit } from './field-edits.ts'
import type { GateField } from './gate-field.ts'
import { annotationPointer } from './json-pointer.ts'

export interface ActionWords {
  readonly reason?: string | undefined
  /** Milliseconds since the epoch; 0 takes an until-time away. */
  readonly until?: number | undefined
  readonly owner?: string | undefined
}

/** Suspend: closes the gate, and says who, when, why and until when; words of an earlier suspension go. */
export function suspendEdits(
  object: KubeObject,
  gate: GateField,
  words: ActionWords & { readonly owner: string },
  nowMs: number,
): readonly FieldEdit[] {
  return keepRelevant([
    editOf(object, gate.pointer, gate.closedValue),
    annotate(object, sluiceAnnotations.suspendedBy, words.owner),
    annotate(object, sluiceAnnotations.suspendedAt, isoTime(nowMs)),
    annotate(object, sluiceAnnotations.suspendReason, words.reason ?? ''),
    annotate(object, sluiceAnnotations.resumeAt, untilText(words.until)),
    annotate(object, sluiceAnnotations.mode, ''),
  ])
}

/** Manual and held: suspended to everybody else, with the mode that hosted mode reads. Words of an earlier suspension go. */
export function modeEdits(
  object: KubeObject,
  gate: GateField,
  mode: SuspendedMode,
  words: Omit<ActionWords, 'until'> & { readonly owner: string },
  nowMs: number,
): readonly FieldEdit[] {
  return keepRelevant([
    editOf(object, gate.pointer, gate.closedValue),
    annotate(object, sluiceAnnotations.mode, mode),
    annotate(object, sluiceAnnotations.suspendedBy, words.owner),
    annotate(object, sluiceAnnotations.suspendedAt, isoTime(nowMs)),
    annotate(object, sluiceAnnotations.suspendReason, words.reason ?? ''),
    annotate(object, sluiceAnnotations.resumeAt, ''),
  ])
}

/** Resume: opens the gate and takes away all that Sluice wrote when it closed it. */
export function resumeEdits(object: KubeObject, gate: GateField): readonly FieldEdit[] {
  return keepRelevant([
    editOf(object, gate.pointer, null),
    ...Object.values(sluiceAnnotations).map((key) => annotate(object, key, '')),
  ])
}

/** Reason, until and owner of a suspension of Sluice's; what is not given stays as it is. */
export function annotateEdits(object: KubeObject, gate: GateField, words: ActionWords): readonly FieldEdit[] {
  const closed = editOf(object, gate.pointer, null)
  return [
    { ...closed, after: closed.before },
    ...keepRelevant([
      ...(words.reason === undefined ? [] : [annotate(object, sluiceAnnotations.suspendReason, words.reason)]),
      ...(words.until === undefined ? [] : [annotate(object, sluiceAnnotations.resumeAt, untilText(words.until))]),
      ...(words.owner === undefined || words.owner === ''
        ? []
        : [annotate(object, sluiceAnnotations.suspendedBy, words.owner)]),
    ]),
  ]
}

/** Reconcile: the token; force and reset carry the same one twice. An open gate is part of what the plan relies on. */
export function reconcileEdits(
  object: KubeObject,
  gate: GateField | null,
  action: ActionName,
  token: string,
): readonly FieldEdit[] {
  const keys: string[] = [reconcileAnnotations.requestedAt]
  if (action === 'force') keys.push(reconcileAnnotations.forceAt)
  if (action === 'reset') keys.push(reconcileAnnotations.resetAt)
  const open = gate === null ? null : editOf(object, gate.pointer, null)
  return [
    ...(open === null ? [] : [{ ...open, after: open.before }]),
    ...keys.map((key) => editOf(object, annotationPointer(key), token)),
  ]
}

/** Throws NotSuspended or Unsupported where words of Sluice have no suspension of Sluice to stand on. */
export function checkAnnotatable(object: KubeObject, kind: FluxKind, title: string): void {
  if (isSuspended(object, kind) !== true) throw new SluiceError('NotSuspended', `${title} is not suspended.`)
  const owners = gateOwners(object, kind)
  if (owners.some(({ manager }) => manager === sluiceFieldManager)) return
  const manager = owners[0]?.manager
  throw new SluiceError(
    'Unsupported',
    `${title} was not suspended by Sluice${manager === undefined ? '' : ` but by ${manager}`}: a reason of Sluice's would not be believed.`,
    { remedy: 'Resume it and suspend it again to give it a reason.' },
  )
}

/** `suspended by Ana at 2026-…: reason`, `suspended by flux at …`, or `suspended`. */
export function describeSuspension(info: SuspendInfo | null): string {
  const who = info?.by ?? info?.manager
  if (info === null || who === null || who === undefined) return 'suspended'
  const at = info.at === null ? '' : ` at ${isoTime(info.at)}`
  return `suspended by ${who}${at}${info.reason === null ? '' : `: ${info.reason}`}`
}

function annotate(object: KubeObject, key: string, value: string): FieldEdit {
  return editOf(object, annotationPointer(key), value === '' ? null : value)
}

function keepRelevant(edits: readonly FieldEdit[]): readonly FieldEdit[] {
  return edits.filter(({ before, after }) => before !== null || after !== null)
}

function untilText(until: number | undefined): string {
  return until === undefined || until === 0 ? '' : isoTime(until)
}

/** RFC 3339 in seconds: what people read in YAML. */
function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
