/**
 * Feature gate: everything that moves a gate or asks a controller to work, between the press and the report. Owns the plan dialogs, the
 * toasts and the per-object report; the engine decides what a plan is. Mounted once by the shell. Semantics: interface.md, "The gate"
 * and "Dialogs, toasts, palette".
 */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { closeDialog, dialogsStore } from '../../stores/dialogs.ts'
import type { DialogRequest } from '../../stores/dialogs.ts'
import { ToastRegion } from '../../ui/toast/toast.tsx'
import { ApplyNowDialog } from './apply-now-dialog.tsx'
import { ApprovalDialog } from './approval-dialog.tsx'
import { ExecDialog } from './exec-dialog.tsx'
import { ModeDialog } from './mode-dialog.tsx'
import { PlanDialog } from './plan-dialog.tsx'
import { ReportDialog } from './report-dialog.tsx'
import { ResumeDialog } from './resume-dialog.tsx'
import { SuspendDialog } from './suspend-dialog.tsx'
import { useOperationToasts, useWindowToasts } from './use-toasts.tsx'

/** Dialogs and toasts, whatever view is shown. */
export function GateLayer(): ReactElement {
  const open = useStore(dialogsStore, (state) => state.open)
  useOperationToasts()
  useWindowToasts()
  return (
    <>
      {open !== null && <OpenDialog key={JSON.stringify(open)} request={open} />}
      <ToastRegion />
    </>
  )
}

function OpenDialog({ request }: { readonly request: DialogRequest }): ReactElement | null {
  switch (request.kind) {
    case 'plan':
      if (request.action === 'manual' || request.action === 'hold') return null
      if (request.action === 'suspend' || request.action === 'annotate')
        return <SuspendDialog {...request} action={request.action} onClose={closeDialog} />
      if (request.action === 'resume') return <ResumeDialog refs={request.refs} onClose={closeDialog} />
      return <PlanDialog action={request.action} refs={request.refs} onClose={closeDialog} />
    case 'report':
      return <ReportDialog operation={request.operation} onClose={closeDialog} />
    case 'exec':
      return <ExecDialog context={request.context} onClose={closeDialog} />
    case 'mode':
      return <ModeDialog subject={request.ref} mode={request.mode} onClose={closeDialog} />
    case 'approval':
      return <ApprovalDialog subject={request.ref} onClose={closeDialog} />
    case 'applyNow':
      return <ApplyNowDialog subject={request.ref} onClose={closeDialog} />
    case 'hosting':
    case 'handOver':
    case 'shortcuts':
      // Features' of their own, and the shell's.
      return null
  }
}
