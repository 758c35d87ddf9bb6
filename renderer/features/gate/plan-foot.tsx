/** The foot of a plan dialog: show patch, cancel, and the one filled button. */
import type { ReactElement } from 'react'
import { Button } from '../../ui/button/button.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'

export function PlanFoot({
  label,
  offReason,
  isBusy,
  isFocused = false,
  isDangerous = false,
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
  /** Red; the first focus is on Cancel then. */
  readonly isDangerous?: boolean
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
      <ConfirmFoot
        label={label}
        offReason={offReason}
        busyReason="Being handed to the engine"
        isBusy={isBusy}
        isFocused={isFocused}
        isDangerous={isDangerous}
        onCancel={onCancel}
        onConfirm={onConfirm}
      />
    </>
  )
}
