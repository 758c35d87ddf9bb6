import { expect, test } from 'vitest'
import { keyCaps } from '../../../renderer/ui/kbd/kbd.tsx'
import { formatDuration, formatRevision, formatTimeOfDay } from '../../../renderer/ui/time/format-time.ts'

test('durations have two units at most', () => {
  expect([1000, 100_000, 600_000, 5_400_000, 172_800_000, -5].map(formatDuration)).toEqual([
    '1s',
    '1m 40s',
    '10m',
    '1h 30m',
    '2d',
    '0s',
  ])
})

test('revisions keep everything but the digest’s tail', () => {
  expect(formatRevision('main@sha1:5a3f1c2e9d04b7716fa1')).toBe('main@sha1:5a3f1c2')
  expect(formatRevision('6.2.0@sha256:9c41e0dd77aa')).toBe('6.2.0@sha256:9c41e0d')
  expect(formatRevision('1.4.2')).toBe('1.4.2')
})

test('times of another day name it', () => {
  const now = new Date(2026, 8, 16, 12, 0).getTime()
  expect(formatTimeOfDay(new Date(2026, 8, 16, 9, 54).getTime(), now)).toBe('09:54')
  expect(formatTimeOfDay(new Date(2026, 8, 14, 9, 54).getTime(), now)).toBe(
    '14 Sept 09:54'.replace('Sept', new Intl.DateTimeFormat('en-GB', { month: 'short' }).format(now)),
  )
  expect(formatTimeOfDay(Number.NaN, now)).toBe('')
})

test('keys as caps', () => {
  expect(keyCaps('Mod+K')).toEqual(['Ctrl', 'K'])
  expect(keyCaps('S')).toEqual(['s'])
  expect(keyCaps('Tab')).toEqual(['Tab'])
})
