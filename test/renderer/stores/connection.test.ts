import { expect, test } from 'vitest'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { formatLag, freshnessText } from '../../../renderer/stores/connection.ts'

const context = (connection: ContextRow['connection'], lastSeenAt: number | null = null): ContextRow =>
  ({ connection, lastSeenAt }) as ContextRow

test('rows are live while a watch is, however long ago one of them changed', () => {
  expect(freshnessText([context('connected', 0)], 3_600_000)).toBe('Live')
})

test('of several contexts it says how many are live, and of silent ones when they were last seen', () => {
  expect(freshnessText([context('connected'), context('unreachable', 5)], 10_000)).toBe('Live in 1 of 2 contexts')
  expect(freshnessText([context('unreachable', 60_000), context('unreachable', 120_000)], 420_000)).toBe(
    'Last seen 5m ago',
  )
  expect(freshnessText([context('connecting')], 1000)).toBe('')
})

test('a lag below what is shown is not called nothing', () => {
  expect(formatLag(3)).toBe('< 0.1 s')
  expect(formatLag(420)).toBe('0.4 s')
})
