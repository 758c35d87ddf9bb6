/** Which operations and messages become toasts, for how long, and what a closed one means. */
import { useEffect } from 'react'
import type { Operation } from '../../../shared/model/actions.ts'
import { operationsStore } from '../../stores/operations.ts'
import { dismissToast, toastsStore } from '../../stores/toasts.ts'
import { showToast, toastMs } from '../../ui/toast/toast-queue.ts'
import type { ToastEntry } from '../../ui/toast/toast-queue.ts'
import { Toast } from '../../ui/toast/toast.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { OperationToast } from './operation-toast.tsx'
import styles from './gate.module.css'

export const suspendToastMs = 10_000

/** How an operation's toast behaves now: failures and what still runs stay, what can be undone offers it for 10 s. */
export function behaviourOf(operation: Operation): Pick<ToastEntry, 'role' | 'durationMs'> {
  if (operation.state === 'running') return { role: 'status', durationMs: null }
  if (operation.state === 'failed' || operation.failed > 0 || operation.refused > 0)
    return { role: 'alert', durationMs: null }
  if (operation.action === 'suspend' || operation.undoUntil !== null)
    return { role: 'status', durationMs: suspendToastMs }
  return { role: 'status', durationMs: toastMs }
}

/** Shows each operation that this window saw begin or end; those that ended before it was opened are history. */
export function useOperationToasts(): void {
  useEffect(() => {
    const states = new Map<string, string>()
    const take = (): void => {
      const { items, isReady } = operationsStore.getState()
      for (const [key, operation] of items) {
        const before = states.get(key)
        const now = `${operation.state}:${operation.failed > 0 || operation.refused > 0}`
        if (before === now) continue
        states.set(key, now)
        const isHistory = before === undefined && operation.endedAt !== null && !isReady
        // Progress updates the toast from inside; only a change of state brings a closed one back.
        if (!isHistory)
          showToast({ id: `operation-${key}`, ...behaviourOf(operation), content: <OperationToast operation={key} /> })
      }
    }
    // What is there already when the window opens is history unless it still runs.
    for (const [key, operation] of operationsStore.getState().items)
      if (operation.endedAt !== null)
        states.set(key, `${operation.state}:${operation.failed > 0 || operation.refused > 0}`)
    take()
    return operationsStore.subscribe(take)
  }, [])
}

/** Shows refused calls, copied text and the like, each once. */
export function useWindowToasts(): void {
  useEffect(() => {
    const seen = new Set<string>()
    const take = (): void => {
      for (const toast of toastsStore.getState().toasts) {
        if (seen.has(toast.key)) continue
        seen.add(toast.key)
        const isFailure = toast.level === 'failure'
        showToast({
          id: toast.key,
          role: isFailure ? 'alert' : 'status',
          durationMs: isFailure ? null : toastMs,
          content: (
            <Toast
              mark={
                isFailure ? <StatusMark shape="failed" size={16} /> : <Icon name="info" className={styles.infoMark} />
              }
              title={manyLines(toast.title, 600)}
            >
              {toast.body !== '' && <span className={styles.toastText}>{manyLines(toast.body, 1200)}</span>}
            </Toast>
          ),
        })
        dismissToast(toast.key)
      }
    }
    take()
    return toastsStore.subscribe(take)
  }, [])
}
