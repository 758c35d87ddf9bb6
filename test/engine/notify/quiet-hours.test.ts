import { expect, it } from 'vitest'
import { isQuiet, quietEndsAt } from '../../../electron/engine/notify/quiet-hours.ts'

const hours = (from: string, until: string) => ({ isOn: true, from: minutes(from), until: minutes(until) })
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const at = (text: string): number => Date.parse(text)
const end = (quiet: ReturnType<typeof hours>, from: string, zone: string): string | null => {
  const found = quietEndsAt(quiet, at(from), zone)
  return found === null ? null : new Date(found).toISOString()
}

it('is quiet from the first minute until before the last, across midnight too', () => {
  const night = hours('22:00', '07:00')
  const day = hours('09:30', '17:00')
  const quiet = (rule: typeof night, time: string) => isQuiet(rule, at(`2026-09-16T${time}Z`), 'UTC')
  expect(['21:59:59', '22:00:00', '00:00:00', '06:59:59', '07:00:00'].map((time) => quiet(night, time))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect(['09:29:59', '09:30:00', '16:59:59', '17:00:00'].map((time) => quiet(day, time))).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect(isQuiet({ ...night, isOn: false }, at('2026-09-16T23:00:00Z'), 'UTC')).toBe(false)
})

it('ends at the minute, the same day or the next; now, where it is not quiet; never, where all day is', () => {
  const night = hours('22:00', '07:00')
  expect(end(night, '2026-09-16T22:30:42Z', 'UTC')).toBe('2026-09-17T07:00:00.000Z')
  expect(end(night, '2026-09-17T06:59:59Z', 'UTC')).toBe('2026-09-17T07:00:00.000Z')
  expect(end(night, '2026-09-17T07:00:30Z', 'UTC')).toBe('2026-09-17T07:00:30.000Z')
  expect(end(hours('08:00', '08:00'), '2026-09-17T07:00:00Z', 'UTC')).toBeNull()
  expect(end(hours('08:05', '08:00'), '2026-09-17T09:00:00Z', 'UTC')).toBe('2026-09-18T08:00:00.000Z')
})

it('ends at that time of the clock on the wall, whatever the night did', () => {
  const night = hours('22:00', '07:00')
  // Berlin: put forward on 29 March 2026 at 2:00, back on 25 October at 3:00.
  expect(end(night, '2026-03-28T22:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T05:00:00.000Z')
  expect(end(night, '2026-10-24T21:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T06:00:00.000Z')
  // An end that this night's clock never shows: the first moment after it.
  expect(end(hours('22:00', '02:30'), '2026-03-28T22:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z')
  // One that it shows twice: the first.
  expect(end(hours('22:00', '02:30'), '2026-10-24T21:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
  // Half an hour, and two hours.
  expect(end(night, '2026-10-03T12:00:00Z', 'Australia/Lord_Howe')).toBe('2026-10-03T20:00:00.000Z')
  expect(end(night, '2026-03-28T22:00:00Z', 'Antarctica/Troll')).toBe('2026-03-29T05:00:00.000Z')
})
