/**
 * Which toasts are on the screen: at most three, timed ones leave, failures stay until somebody closes them. A small store of its
 * own that knows nothing of what the toasts say. Semantics: interface.md, "Dialogs, toasts, palette".
 */
import type { ReactNode } from 'react'
import { createStore } from 'zustand/vanilla'

export const maxToasts = 3
export const toastMs = 6_000

export interface ToastEntry {
  readonly id: string
  /** `alert` interrupts a screen reader: failures only. */
  readonly role: 'status' | 'alert'
  /** Milliseconds on the screen, null: until closed. */
  readonly durationMs: number | null
  readonly content: ReactNode
}

export interface ToastQueueState {
  /** Oldest first. */
  readonly toasts: readonly ToastEntry[]
}

/**
 * Adds or replaces by id and keeps at most `maxToasts`: the oldest that would leave by itself goes first; where all of them stay,
 * the oldest goes, because the newest failure is what a person needs to see.
 */
export function withToast(toasts: readonly ToastEntry[], entry: ToastEntry): readonly ToastEntry[] {
  const isKnown = toasts.some((toast) => toast.id === entry.id)
  const next = isKnown ? toasts.map((toast) => (toast.id === entry.id ? entry : toast)) : [...toasts, entry]
  if (next.length <= maxToasts) return next
  const leaving = next.findIndex((toast) => toast.durationMs !== null && toast.id !== entry.id)
  return next.toSpliced(leaving === -1 ? 0 : leaving, 1)
}

export const toastQueue = createStore<ToastQueueState>(() => ({ toasts: [] }))

/** Shows a toast; one with the same id is replaced in place. */
export function showToast(entry: ToastEntry): void {
  toastQueue.setState((state) => ({ toasts: withToast(state.toasts, entry) }))
}

export function closeToast(id: string): void {
  toastQueue.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }))
}
