import '../support/window.ts'
import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  closeToast,
  maxToasts,
  showToast,
  toastMs,
  toastQueue,
  withToast,
} from '../../../renderer/ui/toast/toast-queue.ts'
import type { ToastEntry } from '../../../renderer/ui/toast/toast-queue.ts'
import { Toast, ToastRegion } from '../../../renderer/ui/toast/toast.tsx'

const entry = (id: string, durationMs: number | null = toastMs): ToastEntry => ({
  id,
  role: durationMs === null ? 'alert' : 'status',
  durationMs,
  content: <Toast mark={null} title={id} />,
})

beforeEach(() => {
  vi.useFakeTimers()
  toastQueue.setState({ toasts: [] })
})
afterEach(() => vi.useRealTimers())

describe('the toasts', () => {
  it('are three at most: what would leave by itself goes before a failure', () => {
    const many = [entry('failure', null), entry('a'), entry('b'), entry('c')].reduce(
      withToast,
      [] as readonly ToastEntry[],
    )
    expect(many).toHaveLength(maxToasts)
    expect(many.map((toast) => toast.id)).toEqual(['failure', 'b', 'c'])
  })

  it('drop the oldest failure when all are failures', () => {
    const many = ['1', '2', '3', '4'].map((id) => entry(id, null)).reduce(withToast, [] as readonly ToastEntry[])
    expect(many.map((toast) => toast.id)).toEqual(['2', '3', '4'])
  })

  it('leave after their time, failures stay until closed', () => {
    render(<ToastRegion />)
    act(() => {
      showToast(entry('short'))
      showToast(entry('failure', null))
    })
    expect(screen.getByRole('status').textContent).toContain('short')
    act(() => void vi.advanceTimersByTime(toastMs + 1))
    expect(screen.queryByRole('status')).toBeNull()
    expect(screen.getByRole('alert').textContent).toContain('failure')
    fireEvent.click(screen.getByRole('button', { name: 'Close message' }))
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('wait while somebody points at them', () => {
    render(<ToastRegion />)
    act(() => showToast(entry('held')))
    fireEvent.pointerEnter(screen.getByRole('status'))
    act(() => void vi.advanceTimersByTime(toastMs * 3))
    expect(screen.getByRole('status')).toBeTruthy()
    fireEvent.pointerLeave(screen.getByRole('status'))
    act(() => void vi.advanceTimersByTime(toastMs + 1))
    expect(screen.queryByRole('status')).toBeNull()
    act(() => closeToast('held'))
  })
})
