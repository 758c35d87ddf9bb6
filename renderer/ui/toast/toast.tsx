/** How a toast looks, and the corner in which toasts stand. */
import { createContext, use, useEffect, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { useStore } from 'zustand'
import { Icon } from '../icon/icon.tsx'
import { closeToast, toastQueue } from './toast-queue.ts'
import type { ToastEntry } from './toast-queue.ts'
import styles from './toast.module.css'

const ToastId = createContext('')

/** The live corner, bottom right. Mount once; it stays alive while a dialog makes the rest inert. */
export function ToastRegion(): ReactElement {
  const toasts = useStore(toastQueue, (state) => state.toasts)
  return createPortal(
    <div className={styles.region} data-stays-live="">
      {toasts.map((toast) => (
        <TimedToast key={toast.id} toast={toast} />
      ))}
    </div>,
    document.body,
  )
}

function TimedToast({ toast }: { readonly toast: ToastEntry }): ReactElement {
  const [isHeld, setHeld] = useState(false)
  const { id, durationMs } = toast
  useEffect(() => {
    if (durationMs === null || isHeld) return undefined
    const timer = setTimeout(() => closeToast(id), durationMs)
    return () => clearTimeout(timer)
  }, [id, durationMs, isHeld])
  // A toast that somebody reads with the pointer or types in does not go away.
  return (
    <div
      role={toast.role}
      className={styles.slot}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={(event) => setHeld(event.currentTarget.contains(document.activeElement))}
      onFocus={() => setHeld(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setHeld(false)
      }}
    >
      <ToastId value={id}>{toast.content}</ToastId>
    </div>
  )
}

/** One toast: mark, title, text, actions, close. */
export function Toast({
  mark,
  title,
  children,
  actions,
  onClose,
}: {
  readonly mark: ReactNode
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
  readonly onClose?: () => void
}): ReactElement {
  const id = use(ToastId)
  return (
    <div className={styles.toast}>
      <span className={styles.mark}>{mark}</span>
      <div className={styles.title}>{title}</div>
      <button
        type="button"
        className={styles.close}
        aria-label="Close message"
        onClick={onClose ?? (() => closeToast(id))}
      >
        <Icon name="close" size={14} />
      </button>
      {children !== undefined && children !== null && children !== false && (
        <div className={styles.body}>{children}</div>
      )}
      {actions !== undefined && actions !== null && actions !== false && (
        <div className={styles.actions}>{actions}</div>
      )}
    </div>
  )
}

/** A text button in a toast. */
export function ToastAction({
  onClick,
  children,
}: {
  readonly onClick: () => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <button type="button" className={styles.action} onClick={onClick}>
      {children}
    </button>
  )
}
