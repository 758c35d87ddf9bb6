import { expect, it } from 'vitest'
import { OnceWatch } from '../../electron/cli/host-once.ts'
import type { HostedRow } from '../../shared/model/hosting.ts'

const row = (name: string, more: Partial<HostedRow>): HostedRow => ({
  key: name,
  ref: { cluster: 'c', group: 'g', kind: 'Kustomization', namespace: 'a', name },
  state: 'sleeping',
  message: '',
  waitsFor: [],
  nextAt: null,
  lastResult: 'succeeded',
  lastDurationMs: 1,
  lastAt: 100,
  failures: 0,
  mode: 'automatic',
  plan: null,
  ...more,
})

it('waits until all is quiet for a while', () => {
  const once = new OnceWatch()
  expect(once.look([row('x', { state: 'running' })], 0)).toBe('wait')
  expect(once.look([row('x', {})], 1000)).toBe('wait')
  expect(once.look([row('x', {})], 2000)).toBe('wait')
  expect(once.look([row('x', { state: 'queued' })], 2200)).toBe('wait')
  expect(once.look([row('x', {})], 2300)).toBe('wait')
  expect(once.look([row('x', {})], 3900)).toBe('done')
})

it('waits anew when something was allowed: what may begin by it has not begun yet', () => {
  const once = new OnceWatch()
  once.look([row('x', {})], 0)
  once.restart()
  expect(once.look([row('x', {})], 2000)).toBe('wait')
  expect(once.look([row('x', {})], 3600)).toBe('done')
})

it('tries again what may go on by what others have done since, and a failure once in any case', () => {
  const settle = (rows: readonly HostedRow[]): ReturnType<OnceWatch['look']> => {
    const once = new OnceWatch()
    once.look(rows, 0)
    return once.look(rows, 5000)
  }
  const waiting = row('w', { state: 'waiting', lastResult: null, lastAt: 50 })
  expect(settle([row('x', {}), waiting])).toEqual([waiting.ref])
  expect(settle([row('x', {}), { ...waiting, lastAt: 200 }])).toBe('done')
  const failed = row('f', { lastResult: 'failed', failures: 1, lastAt: 200 })
  expect(settle([row('x', {}), failed])).toEqual([failed.ref])
  expect(settle([row('x', {}), { ...failed, failures: 2 }])).toBe('done')
  expect(settle([row('x', { lastAt: 300 }), { ...failed, failures: 2 }])).toEqual([failed.ref])
})

it('names what is bad', () => {
  expect(OnceWatch.isBad(row('x', {}))).toBeNull()
  expect(OnceWatch.isBad(row('x', { state: 'needs-approval' }))).toBe('Held')
  expect(OnceWatch.isBad(row('x', { state: 'suspended', lastResult: 'failed' }))).toBeNull()
  expect(OnceWatch.isBad(row('x', { lastResult: 'failed' }))).toBe('Failed')
})
