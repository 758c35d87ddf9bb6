/** Toasts that are not operations (those come from operationsStore): refused calls, copied text. Feature gate draws both. */
import { createStore } from 'zustand/vanilla'
import type { SluiceErrorData } from '../../shared/model/errors.ts'

export interface Toast {
  readonly key: string
  readonly level: 'info' | 'failure'
  readonly title: string
  readonly body: string
}

export const toastsStore = createStore<{ readonly toasts: readonly Toast[] }>(() => ({ toasts: [] }))

let lastToast = 0

export function showToast(level: Toast['level'], title: string, body = ''): void {
  lastToast += 1
  const toast: Toast = { key: `toast-${lastToast}`, level, title, body }
  toastsStore.setState((state) => ({ toasts: [...state.toasts.slice(-9), toast] }))
}

/** Shows a refused or failed call; a canceled one says nothing. */
export function showFailure(error: SluiceErrorData): void {
  if (error.retry === 'canceled') return
  showToast('failure', error.message, [error.detail, error.remedy].filter((text) => text !== '').join('\n'))
}

export function dismissToast(key: string): void {
  toastsStore.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.key !== key) }))
}
