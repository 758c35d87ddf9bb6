import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Dialog } from '../../../renderer/ui/dialog/dialog.tsx'

function Page({ onConfirm }: { readonly onConfirm: () => void }): ReactElement {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Opener
      </button>
      {isOpen && (
        <Dialog
          title="Suspend flux-system/apps"
          onCancel={() => setOpen(false)}
          onConfirm={onConfirm}
          foot={<button type="button">Last</button>}
        >
          <input aria-label="Field" />
        </Dialog>
      )}
    </>
  )
}

function open(onConfirm = vi.fn()): { dialog: HTMLElement; onConfirm: ReturnType<typeof vi.fn> } {
  render(<Page onConfirm={onConfirm} />)
  screen.getByText('Opener').focus()
  fireEvent.click(screen.getByText('Opener'))
  return { dialog: screen.getByRole('dialog', { name: 'Suspend flux-system/apps' }), onConfirm }
}

describe('a dialog', () => {
  const outer = vi.fn()
  window.addEventListener('keydown', outer)
  afterEach(() => outer.mockClear())

  it('is modal, focuses its first field and gives the focus back', () => {
    const { dialog } = open()
    expect(dialog.getAttribute('aria-modal')).toBe('true')
    expect(document.activeElement).toBe(screen.getByLabelText('Field'))
    expect(screen.getByText('Opener').closest('[inert]')).not.toBeNull()
    fireEvent.keyDown(dialog, { key: 'Escape' })
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.activeElement).toBe(screen.getByText('Opener'))
    expect(document.querySelector('[inert]')).toBeNull()
  })

  it('keeps the focus when the button that has it goes', () => {
    const Moved = (): ReactElement => {
      const [isMoved, setMoved] = useState(true)
      const again = (
        <button type="button" onClick={() => setMoved(false)}>
          Again
        </button>
      )
      return (
        <Dialog title="Apply" onCancel={() => undefined} foot={<button type="button">Last</button>}>
          {isMoved ? again : null}
        </Dialog>
      )
    }
    render(<Moved />)
    const again = screen.getByText('Again')
    again.focus()
    fireEvent.click(again)
    expect(again.isConnected).toBe(false)
    expect(document.activeElement).toBe(screen.getByRole('dialog', { name: 'Apply' }))
  })

  it('confirms with Ctrl+Enter and Cmd+Enter, and keeps its keys from the window', () => {
    const { dialog, onConfirm } = open()
    fireEvent.keyDown(dialog, { key: 'Enter', ctrlKey: true })
    fireEvent.keyDown(dialog, { key: 'Enter', metaKey: true })
    fireEvent.keyDown(dialog, { key: 's' })
    expect(onConfirm).toHaveBeenCalledTimes(2)
    expect(outer).not.toHaveBeenCalled()
  })

  it('keeps Tab inside', () => {
    const { dialog } = open()
    const close = screen.getByRole('button', { name: 'Close' })
    const last = screen.getByText('Last')
    last.focus()
    fireEvent.keyDown(dialog, { key: 'Tab' })
    expect(document.activeElement).toBe(close)
    fireEvent.keyDown(dialog, { key: 'Tab', shiftKey: true })
    expect(document.activeElement).toBe(last)
  })
})
