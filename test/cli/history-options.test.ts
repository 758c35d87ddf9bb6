import { expect, it } from 'vitest'
import { parsePast } from '../../electron/cli/history-options.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

it.each([
  ['24h', '2026-11-21T12:00:00Z'],
  ['90m', '2026-11-22T10:30:00Z'],
  ['2w', '2026-11-08T12:00:00Z'],
  ['999999999d', '1970-01-01T00:00:00Z'],
  ['2026-10-01', '2026-10-01T00:00:00Z'],
  ['2026-10-01T12:00:00+02:00', '2026-10-01T10:00:00Z'],
])('reads %s', (text, expected) => {
  expect(parsePast('--since', text, now)).toBe(Date.parse(expected))
})

it.each(['', '24', 'h', '1.5h', '-3d', 'yesterday', '2026-13-01', '3 d'])(
  'refuses %s, and says what it takes',
  (text) => {
    expect(() => parsePast('--since', text, now)).toThrow(/--since takes a time like .* not "/)
  },
)
