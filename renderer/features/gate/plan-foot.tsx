/** The foot of a plan dialog: show patch, cancel, and the one filled button. */
import { useEffect, useRef } from 'react'
import type { ReactElement } from 'react'
import { Button } from '../../ui/button/button.tsx'
import { DialogEnd } from '../../ui/dialog/dialog.tsx'

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
  const cancel = useRef<HTMLButtonElement>(null)
  const confirm = useRef<HTMLButtonElement>(null)
  // The risk is known after the dialog has opened: the focus leaves the button that would do it.
  useEffect(() => {
    if (isDangerous && document.activeElement === confirm.current) cancel.current?.focus()
  }, [isDangerous])
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
        <Button ref={cancel} keys="Escape" {...(isDangerous ? { 'data-first-focus': '' } : {})} onClick={onCancel}>
          Cancel
        </Button>
        <Button
          ref={confirm}
          variant={isDangerous ? 'danger' : 'primary'}
          keys="Mod+Enter"
          offReason={isBusy ? 'Being handed to the engine' : offReason}
          aria-busy={isBusy || undefined}
          {...(isFocused && !isDangerous ? { 'data-first-focus': '' } : {})}
          onClick={onConfirm}
        >
          {label}
        </Button>
      </DialogEnd>
    </>
  )
}
