/** The foot of a plan dialog: show patch, cancel, and the one filled button. */
import type { ReactElement } from 'react'
import { Button } from '../../ui/button/button.tsx'
import { DialogEnd } from '../../ui/dialog/dialog.tsx'

export function PlanFoot({
  label,
  offReason,
  isBusy,
  isFocused = false,
  isPatchShown,
  canShowPatch,
  onPatch,
  onCancel,
  onConfirm,
}: {
  readonly label: string
  readonly offReason: string
  readonly isBusy: boolean
  /** The filled button takes the first focus: dialogs without a field. */
  readonly isFocused?: boolean
  readonly isPatchShown: boolean
  readonly canShowPatch: boolean
  readonly onPatch: () => void
  readonly onCancel: () => void
  readonly onConfirm: () => void
}): ReactElement {
  return (
    <>
      <Button
        variant="quiet"
        icon="file"
        aria-expanded={isPatchShown}
        offReason={canShowPatch ? '' : 'There is no plan yet'}
        onClick={onPatch}
      >
        {isPatchShown ? 'Hide patch' : 'Show patch'}
      </Button>
      <DialogEnd>
        <Button keys="Escape" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          variant="primary"
          keys="Mod+Enter"
          offReason={isBusy ? 'Being handed to the engine' : offReason}
          aria-busy={isBusy || undefined}
          {...(isFocused ? { 'data-first-focus': '' } : {})}
          onClick={onConfirm}
        >
          {label}
        </Button>
      </DialogEnd>
    </>
  )
}
