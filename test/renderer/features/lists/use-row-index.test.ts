import '../../support/window.ts'
import { act, renderHook } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import { makeRow } from '../../../fixtures/fake-host/fleet.ts'
import type { RowsChange } from '../../../../renderer/stores/rows.ts'

const { rows, watchers } = vi.hoisted(() => ({
  rows: new Map<string, FluxRow>(),
  watchers: new Set<(change: RowsChange) => void>(),
}))
vi.mock('../../../../renderer/stores/rows.ts', () => ({
  allRows: () => rows,
  watchRows: (watcher: (change: RowsChange) => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  },
}))
const { useRowIndex } = await import('../../../../renderer/features/lists/use-row-index.ts')

const frames: FrameRequestCallback[] = []
beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (call: FrameRequestCallback) => frames.push(call))
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
})

function tell(key: string): void {
  const row = makeRow('staging-eu', 'Kustomization', `a/${key}`, 'Ready')
  rows.set(row.key, row)
  act(() => {
    for (const watcher of watchers) watcher({ upsert: [row], remove: [], replaced: [] })
  })
}

function frame(): void {
  act(() => {
    for (const call of frames.splice(0)) call(0)
  })
}

test('a change is shown at once, and what follows it before the next frame with that frame, together', () => {
  const byKey = (a: FluxRow, b: FluxRow): number => (a.key < b.key ? -1 : 1)
  const { result } = renderHook(() => useRowIndex('kustomizations', byKey, null))
  const first = result.current.version
  tell('a')
  expect(result.current.version).toBe(first + 1)
  tell('b')
  tell('c')
  expect(result.current.version).toBe(first + 1)
  frame()
  expect(result.current.version).toBe(first + 2)
  expect(result.current.index.rows.map((row) => row.ref.name)).toEqual(['a', 'b', 'c'])
  frame()
  frame()
  expect(result.current.version).toBe(first + 2)
  tell('d')
  expect(result.current.version).toBe(first + 3)
})
