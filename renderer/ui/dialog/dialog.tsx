/**
 * The modal dialog: title, body, foot with one filled button. Ctrl/Cmd+Enter confirms, Esc cancels, focus starts where the caller
 * says and returns to what had it. Knows nothing of what it asks. Semantics: interface.md, "Dialogs, toasts, palette".
 */
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import { makeRestInert, wrapFocus } from './focus-scope.ts'
import styles from './dialog.module.css'

export interface DialogProps {
  readonly title: string
  /** Lines under the title: kind and context, who suspended. */
  readonly subtitle?: ReactNode
  /** 484 for a form, 660 for a plan with a list. */
  readonly size?: 'form' | 'plan'
  readonly children: ReactNode
  readonly foot: ReactNode
  readonly onCancel: () => void
  /** Called on Ctrl/Cmd+Enter; the caller decides whether it may. */
  readonly onConfirm?: (() => void) | undefined
  /** Marks the element that takes focus first: `[data-first-focus]` inside the dialog, else its first field, else the dialog. */
  readonly className?: string
}

function firstFocusOf(root: HTMLElement): HTMLElement {
  return (
    root.querySelector<HTMLElement>('[data-first-focus]') ??
    root.querySelector<HTMLElement>('input:not([disabled]), textarea:not([disabled]), select:not([disabled])') ??
    root
  )
}

/** A modal dialog in a portal of its own; mounted means open. */
export function Dialog({
  title,
  subtitle,
  size = 'form',
  children,
  foot,
  onCancel,
  onConfirm,
  className,
}: DialogProps): ReactElement {
  const titleId = useId()
  const root = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = root.current
    if (element === null) return undefined
    const before = document.activeElement
    const release = makeRestInert(element)
    firstFocusOf(element).focus()
    return () => {
      release()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])

  // A button that goes as it is pressed takes the focus with it, and keys would not reach the dialog.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) root.current?.focus()
  })

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const element = root.current
    if (element === null) return
    // The window's key map must not see what is typed here.
    event.stopPropagation()
    if (event.key === 'Escape' && !event.defaultPrevented) {
      event.preventDefault()
      onCancel()
      return
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      onConfirm?.()
      return
    }
    wrapFocus(element, event)
  })

  useEffect(() => {
    const element = root.current
    if (element === null) return undefined
    const listen = (event: KeyboardEvent): void => onKey(event)
    element.addEventListener('keydown', listen)
    return () => element.removeEventListener('keydown', listen)
  }, [])

  return createPortal(
    <div className={styles.scrim} data-dialog-scrim="">
      <div
        ref={root}
        role="dialog"
        aria-modal="true"
        aria-labelledby={titleId}
        tabIndex={-1}
        className={classNames(styles.dialog, size === 'plan' ? styles.plan : styles.form, className)}
      >
        <header className={styles.head}>
          <h2 id={titleId}>{title}</h2>
          <button type="button" className={styles.close} aria-label="Close" onClick={onCancel}>
            <Icon name="close" size={14} />
          </button>
          {subtitle !== undefined && <div className={styles.subtitle}>{subtitle}</div>}
        </header>
        <div className={styles.body}>{children}</div>
        <footer className={styles.foot}>{foot}</footer>
      </div>
    </div>,
    document.body,
  )
}

/** The right end of a dialog's foot: Cancel and the one filled button. */
export function DialogEnd({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={styles.end}>{children}</div>
}
