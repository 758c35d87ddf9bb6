import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatCountOf } from '../../../../shared/lib/format/numbers.ts'
import {
  formatAge,
  formatAgeColumn,
  formatClock,
  formatMoment,
  formatTyped,
  nextAgeChangeMs,
  parseAgo,
  parseTyped,
} from '../../../../shared/lib/format/time.ts'
import { capText, neutralizeLine, neutralizeText, shortSha } from '../../../../shared/lib/text.ts'

const s = 1000
const m = 60 * s
const h = 60 * m

describe('ages', () => {
  it.each([
    [41 * s, '41s', '41s'],
    [9 * m + 59 * s, '9m', '9m'],
    [2 * h + 2 * m, '2h 02m', '2h'],
    [24 * h - 1, '23h 59m', '23h'],
    [3 * 24 * h, '3d', '3d'],
    [341 * 24 * h, '341d', '341d'],
    [-5 * s, '0s', '0s'],
  ])('%d ms is %s, in columns %s', (ms, long, column) => {
    expect(formatAge(ms)).toBe(long)
    expect(formatAgeColumn(ms)).toBe(column)
  })
  it('knows when the text changes next', () => {
    expect([nextAgeChangeMs(41_200), nextAgeChangeMs(9 * m + 10 * s), nextAgeChangeMs(25 * h)]).toEqual([
      800,
      50 * s,
      23 * h,
    ])
  })
})

describe('moments', () => {
  const ms = Date.parse('2026-09-16T05:41:53Z')
  it('names the local time and UTC', () => {
    expect(formatMoment(ms, 'Europe/Berlin')).toBe('Wed 16 Sep 2026, 07:41:53 (05:41:53 UTC)')
    expect(formatMoment(ms, 'America/Los_Angeles')).toBe('Tue 15 Sep 2026, 22:41:53 (16 Sep 05:41:53 UTC)')
    expect(formatClock(Date.parse('2026-09-16T00:00:05Z'), 'UTC')).toBe('00:00:05')
  })
  it('says the same of the time zone of the machine, and of UTC, as of any other', () => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    for (let day = 0; day < 800; day += 1) {
      const at = ms + day * (24 * h + 31 * m + 7 * s)
      expect(formatMoment(at)).toBe(formatMoment(at, timeZone))
      expect(formatClock(at, 'UTC')).toBe(formatClock(at, 'Etc/GMT'))
    }
  })
  it('has an answer for what is no moment', () => {
    expect(formatMoment(Number.NaN)).toBe('unknown')
    expect(formatMoment(9e15)).toBe('unknown')
  })
})

describe('times that are typed', () => {
  const ms = Date.parse('2026-09-16T05:41:53Z')
  const local = (text: string): number => new Date(text).getTime()
  it('are written with 24 hours, whatever the locale, and read back', () => {
    expect(formatTyped(ms, 'second', 'Europe/Berlin')).toBe('2026-09-16 07:41:53')
    expect(formatTyped(ms, 'minute', 'America/Los_Angeles')).toBe('2026-09-15 22:41')
    expect(formatTyped(Number.NaN)).toBe('')
    for (const each of [0, ms, local('2026-01-01T00:00'), local('2026-06-30T23:59:59')]) {
      expect(parseTyped(formatTyped(each), 0)).toBe(each)
      expect(parseTyped(formatTyped(each, 'minute'), 0)).toBe(each - (each % m))
    }
  })
  it.each([
    [' 2026-09-16  7:41 ', '2026-09-16T07:41:00'],
    ['2026-09-16T07:41:53.278', '2026-09-16T07:41:53'],
    ['2026-09-16', '2026-09-16T00:00:00'],
    ['2026-09-16T05:41:53Z', '2026-09-16T05:41:53Z'],
    ['2026-09-16 07:41+02:00', '2026-09-16T05:41:00Z'],
    ['07:41', '2026-02-03T07:41:00'],
    ['2028-02-29', '2028-02-29T00:00:00'],
  ])('%j is read', (text, expected) => {
    expect(parseTyped(text, local('2026-02-03T12:00'))).toBe(local(expected))
  })
  it.each(['', 'yesterday', '2026-02-29', '2026-13-01 10:00', '24:00', '10:60', '1:00 PM', '11/22/2026', '2026', 'Z'])(
    '%j is none',
    (text) => {
      expect(parseTyped(text, ms)).toBeNull()
    },
  )
  it('may say how long ago', () => {
    expect([parseAgo('90m', ms), parseAgo('3d', ms), parseAgo('999999999w', ms)]).toEqual([ms - 90 * m, ms - 72 * h, 0])
    expect([parseAgo('90', ms), parseAgo('1.5h', ms), parseAgo('', ms)]).toEqual([null, null, null])
  })
})

describe('numbers', () => {
  it('follows the locale', () => {
    expect([formatCount(1204, 'en'), formatCount(1204, 'de')]).toEqual(['1,204', '1.204'])
    expect([formatCountOf(1, 'object', 'objects', 'en'), formatCountOf(0, 'object', 'objects', 'en')]).toEqual([
      '1 object',
      '0 objects',
    ])
    expect([formatBytes(812), formatBytes(4300), formatBytes(5 * 1024 * 1024)]).toEqual(['812 B', '4.2 KiB', '5.0 MiB'])
  })
})

describe('untrusted text', () => {
  it.each([
    ['plain text\n\twith lines', 'plain text\n\twith lines'],
    ['grün, 日本語, 🙂', 'grün, 日本語, 🙂'],
    ['\u001b[31mred\u001b[0m \u001b]0;title\u0007x \u009b1mbold', 'red x bold'],
    ['\u001b]8;;https://evil.example\u001b\\link', 'link'],
    ['user\u202egnp.exe', 'user�gnp.exe'],
    ['a\u2066b\u2069c\u200bd\ufeff', 'a�b�c�d�'],
    ['a\rb\r\nc\u0000\u007f', 'a�b\nc��'],
    ['\ud800x', '�x'],
    ['a\u2028b', 'a\nb'],
    ['\u{e0041}', '�'],
  ])('%j becomes %j', (text, expected) => {
    expect(neutralizeText(text)).toBe(expected)
  })
  it('fits on one line and into a length', () => {
    expect(neutralizeLine('a\n\n\tb')).toBe('a b')
    expect(capText('abcdef', 4)).toBe('abc…')
    expect(capText('ab🙂🙂', 4)).toBe('ab…')
    expect(capText('abcd', 4)).toBe('abcd')
  })
  it('shortens shas only', () => {
    expect([shortSha('5a3f1c2d5a3f'), shortSha('sha256:5a3f1c2d5a3f'), shortSha('v1.2.3')]).toEqual([
      '5a3f1c2',
      '5a3f1c2',
      'v1.2.3',
    ])
  })
})
