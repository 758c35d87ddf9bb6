/**
 * Feature hosting: hosted mode in the window. Owns the dialogs that switch it on and off, and the Hosted view with the queue; what is applied, when,
 * and who holds a lease is the engine's word. Must not know how a Kustomization is applied. Semantics: docs/hosted.md, interface.md.
 */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { closeDialog, dialogsStore } from '../../stores/dialogs.ts'
import { SwitchOffDialog } from './switch-off-dialog.tsx'
import { SwitchOnDialog } from './switch-on-dialog.tsx'

/** Its dialogs, whatever view is shown. */
export function HostingLayer(): ReactElement | null {
  const open = useStore(dialogsStore, (state) => state.open)
  if (open?.kind !== 'hosting') return null
  const Shown = open.isOn ? SwitchOnDialog : SwitchOffDialog
  return <Shown key={open.context} context={open.context} onClose={closeDialog} />
}
