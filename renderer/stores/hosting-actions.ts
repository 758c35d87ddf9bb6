/** What the window asks of hosted mode. Each shows its own failure unless it says otherwise. */
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { ReconcileMode } from '../../shared/model/hosting.ts'
import type { ContextId, ObjectRef } from '../../shared/model/identity.ts'
import { openDialog } from './dialogs.ts'
import { callHost } from './host.ts'

/** Opens the dialog that says what switching it on, or off, would do. */
export function openHostingDialog(context: ContextId, isOn: boolean): void {
  openDialog({ kind: 'hosting', context, isOn })
}

/** Opens the dialog of the gate's third state with this mode chosen. */
export function openModeDialog(ref: ObjectRef, mode: ReconcileMode): void {
  openDialog({ kind: 'mode', ref, mode })
}

export function openApproval(ref: ObjectRef): void {
  openDialog({ kind: 'approval', ref })
}

export function openApplyNow(ref: ObjectRef): void {
  openDialog({ kind: 'applyNow', ref })
}

/** The refusal, null where it was taken: the dialog shows it. */
export async function startHosting(context: ContextId, digest: string): Promise<SluiceErrorData | null> {
  const result = await callHost('hosting.start', { context, digest })
  return result.ok ? null : result.error
}

export async function stopHosting(context: ContextId): Promise<SluiceErrorData | null> {
  const result = await callHost('hosting.stop', { context })
  return result.ok ? null : result.error
}

export async function approvePlan(ref: ObjectRef, digest: string): Promise<SluiceErrorData | null> {
  const result = await callHost('hosting.approve', { ref, digest })
  return result.ok ? null : result.error
}

/** `digest`: of the plan that was shown. */
export async function applyNow(ref: ObjectRef, digest: string | null): Promise<SluiceErrorData | null> {
  const result = await callHost('hosting.applyOnce', { ref, digest })
  return result.ok ? null : result.error
}
