/**
 * What the window asks of the engine: the only way from a component to a command. Each shows its own failure as a toast, so that a
 * caller may ignore the result.
 */
import type { ActionName } from '../../shared/model/actions.ts'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts'
import type { ContextId, ObjectRef } from '../../shared/model/identity.ts'
import { refKey } from '../../shared/model/identity.ts'
import type { Result } from '../bridge/bridge.ts'
import { contextOfCluster, contextsStore } from './contexts.ts'
import { openDialog } from './dialogs.ts'
import { canDrift } from './drift.ts'
import { callHost } from './host.ts'
import { approvalOf, approvalsStore } from './hosting.ts'
import { beginMoving, endMoving } from './moving.ts'
import { allRows } from './rows.ts'
import { showFailure, showToast } from './toasts.ts'

async function act<P extends CallName>(name: P, input: InputOf<P>): Promise<Result<OutputOf<P>>> {
  const result = await callHost(name, input)
  if (!result.ok) showFailure(result.error)
  return result
}

/**
 * One press on an open gate: suspends at once, or opens the dialog where the context asks always. The gate shows `moving` until the
 * watch brings the new row or the call is refused.
 */
export async function closeGate(ref: ObjectRef): Promise<void> {
  const context = contextOfCluster(contextsStore.getState().items, ref.cluster)
  if (context?.isAlwaysAsk === true) return openPlanDialog('suspend', [ref])
  beginMoving(refKey(ref))
  const result = await callHost('gate.close', { ref })
  if (result.ok) return
  endMoving(refKey(ref))
  if (result.error.code === 'AlwaysAsk') openPlanDialog('suspend', [ref])
  else showFailure(result.error)
}

/** Gates that are being opened show it only when the engine takes its time: most presses end in the dialog at once. */
const movingDelayMs = 150

/**
 * One press on a closed gate: resumes at once where the engine has a fresh plan that is harmless, else opens the dialog, which shows the
 * plan or says why there is none.
 */
export async function openGate(ref: ObjectRef): Promise<void> {
  const context = contextOfCluster(contextsStore.getState().items, ref.cluster)
  if (context?.isAlwaysAsk === true || !canDrift(ref)) return openPlanDialog('resume', [ref])
  const timer = setTimeout(() => beginMoving(refKey(ref)), movingDelayMs)
  const result = await callHost('gate.open', { ref })
  clearTimeout(timer)
  if (result.ok) {
    if (allRows().get(refKey(ref))?.isSuspended === true) beginMoving(refKey(ref))
    return
  }
  endMoving(refKey(ref))
  if (dialogCodes.has(result.error.code)) openPlanDialog('resume', [ref])
  else showFailure(result.error)
}

/** Refusals that the dialog answers better than a toast. */
const dialogCodes: ReadonlySet<string> = new Set(['PreviewNeeded', 'AlwaysAsk', 'PlanMoved', 'Unsupported'])

/** A press on a gate: by pointer it moves at once where that is safe; keys go through the dialog with its plan. */
export function pressGate(ref: ObjectRef, isOpen: boolean, how: 'pointer' | 'keyboard'): void {
  // The gate's third state is left by a look at what waits, or at what resuming would do; never by a press alone.
  if (!isOpen && approvalOf(approvalsStore.getState().items, ref) !== null) openDialog({ kind: 'approval', ref })
  else if (!isOpen && allRows().get(refKey(ref))?.mode !== undefined) openPlanDialog('resume', [ref])
  else if (how === 'keyboard') openPlanDialog(isOpen ? 'suspend' : 'resume', [ref])
  else void (isOpen ? closeGate(ref) : openGate(ref))
}

/** Opens the dialog that prepares and shows the plan of an action. */
export function openPlanDialog(action: ActionName, refs: readonly ObjectRef[]): void {
  if (refs.length > 0) openDialog({ kind: 'plan', action, refs })
}

/** Asks for a reconciliation, with the source first if wished: the plan is shown before anything is written. */
export function reconcile(refs: readonly ObjectRef[], options: { readonly isWithSource?: boolean } = {}): void {
  openPlanDialog(options.isWithSource === true ? 'reconcileWithSource' : 'reconcile', refs)
}

export async function undo(operation: string): Promise<void> {
  await act('operation.undo', { operation })
}

export async function cancelOperation(operation: string): Promise<void> {
  await act('operation.cancel', { operation })
}

/** Connects these contexts and closes all others. */
export async function selectContextsOnly(contexts: readonly ContextId[]): Promise<void> {
  await act('contexts.select', { contexts: [...contexts] })
}

export async function retryContext(context: ContextId): Promise<void> {
  await act('contexts.retry', { context })
}

export async function setReadOnly(context: ContextId, isReadOnly: boolean): Promise<void> {
  await act('contexts.setReadOnly', { context, isReadOnly })
}

export async function setAlwaysAsk(context: ContextId, isAlwaysAsk: boolean): Promise<void> {
  await act('contexts.setAlwaysAsk', { context, isAlwaysAsk })
}

export async function approveExec(context: ContextId, digest: string): Promise<boolean> {
  return (await act('contexts.approveExec', { context, digest })).ok
}

/** Shows the native file dialog; says what came of it. */
export async function pickKubeconfig(): Promise<void> {
  const result = await act('kubeconfig.pick', {})
  if (result.ok && !result.value.canceled)
    showToast('info', result.value.added === 1 ? '1 context added' : `${result.value.added} contexts added`)
}

export async function forgetKubeconfig(id: string): Promise<void> {
  await act('kubeconfig.forget', { id })
}

export async function startPlayground(): Promise<void> {
  await act('playground.start', {})
}

export async function stopPlayground(isDataDeleted: boolean): Promise<void> {
  await act('playground.stop', { isDataDeleted })
}

export async function updateSettings(change: InputOf<'settings.update'>): Promise<void> {
  await act('settings.update', change)
}

/** Copies text; `what` names it in the toast ("Link copied"). */
export async function copyText(text: string, what: string): Promise<void> {
  const result = await act('app.copyText', { text })
  if (result.ok) showToast('info', `${what} copied`)
}
