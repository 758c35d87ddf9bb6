/** The end of a dialog's foot: the way out and the one filled button. */
import { useEffect, useRef } from 'react'
import type { ReactElement } from 'react'
import { Button } from '../button/button.tsx'
import { DialogEnd } from '../dialog/dialog.tsx'

export function ConfirmFoot({
  label,
  cancelLabel = 'Cancel',
  offReason,
  busyReason,
  isBusy,
  isFocused = true,
  isDangerous = false,
  onCancel,
  onConfirm,
}: {
  readonly label: string
  readonly cancelLabel?: string
  /** Why it cannot be pressed; '' if it can. */
  readonly offReason: string
  /** What happens while it cannot be pressed again. */
  readonly busyReason: string
  readonly isBusy: boolean
  /** The filled button takes the first focus: dialogs without a field. */
  readonly isFocused?: boolean
  /** Red; the first focus is on the way out then. */
  readonly isDangerous?: boolean
  readonly onCancel: () => void
  readonly onConfirm: () => void
}): ReactElement {
  const cancel = useRef<HTMLButtonElement>(null)
  const confirm = useRef<HTMLButtonElement>(null)
  // The risk may be known after the dialog has opened: the focus leaves the button that would do it.
  useEffect(() => {
    if (isDangerous && document.activeElement === confirm.current) cancel.current?.focus()
  }, [isDangerous])
  return (
    <DialogEnd>
      <Button ref={cancel} keys="Escape" {...(isDangerous ? { 'data-first-focus': '' } : {})} onClick={onCancel}>
        {cancelLabel}
      </Button>
      <Button
        ref={confirm}
        variant={isDangerous ? 'danger' : 'primary'}
        keys="Mod+Enter"
        offReason={isBusy ? busyReason : offReason}
        aria-busy={isBusy || undefined}
        {...(isFocused && !isDangerous ? { 'data-first-focus': '' } : {})}
        onClick={onConfirm}
      >
        {label}
      </Button>
    </DialogEnd>
  )
}
