/** Which dialog is open. Features put a request here; feature gate and the shell draw it. One at a time. */
import { createStore } from 'zustand/vanilla'
import type { ActionName } from '../../shared/model/actions.ts'
import type { ReconcileMode } from '../../shared/model/hosting.ts'
import type { ContextId, ObjectRef } from '../../shared/model/identity.ts'

export type DialogRequest =
  /** Suspend, resume, reconcile, force, reset or annotate these objects: prepare a plan, show it, execute it by its digest. */
  | {
      readonly kind: 'plan'
      readonly action: ActionName
      readonly refs: readonly ObjectRef[]
      /** Prefilled reason and until (ms), as from an undo or a toast. */
      readonly reason?: string
      readonly until?: number
    }
  /** Result per object of a bulk operation. */
  | { readonly kind: 'report'; readonly operation: string }
  /** Approve a context's exec credential plugin. */
  | { readonly kind: 'exec'; readonly context: ContextId }
  /** Switches hosted mode on or off for a context: shows what that does first. */
  | { readonly kind: 'hosting'; readonly context: ContextId; readonly isOn: boolean }
  /** "Move to the cluster": Flux's own controllers take over from hosted mode. */
  | { readonly kind: 'handOver'; readonly context: ContextId }
  /** Automatic, manual or held: the gate's third state. */
  | { readonly kind: 'mode'; readonly ref: ObjectRef; readonly mode: ReconcileMode }
  /** What waits for the user: a held revision or a held prune. */
  | { readonly kind: 'approval'; readonly ref: ObjectRef }
  /** One run of a manual Kustomization. */
  | { readonly kind: 'applyNow'; readonly ref: ObjectRef }
  | { readonly kind: 'shortcuts' }

export interface DialogsState {
  readonly open: DialogRequest | null
}

export const dialogsStore = createStore<DialogsState>(() => ({ open: null }))

export function openDialog(request: DialogRequest): void {
  dialogsStore.setState({ open: request })
}

export function closeDialog(): void {
  dialogsStore.setState({ open: null })
}
