/** Go durations (`1h2m3.5s`) as Kubernetes and Flux write them. Source of the grammar: Go's time.ParseDuration. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** What a duration text means: milliseconds, or the sentence that says what is wrong with it. */
export type DurationResult =
  { readonly ms: number; readonly error: null } | { readonly ms: null; readonly error: string }

/** Parses a Go duration of at most 64 characters to ms (fractions kept); never throws. */
export function parseDuration(text: unknown): DurationResult {
  if (typeof text !== 'string') return { ms: null, error: 'A duration is a text such as 10m or 1h30m' }
  const fail = (why: string): DurationResult => ({
    ms: null,
    error: `"${text.slice(0, 64)}" is not a duration: ${why}. Write it like 90s, 10m or 1h30m`,
  })
  if (text.length > 64) return fail('it is too long')
  let rest = text
  let sign = 1
  if (rest.startsWith('-') || rest.startsWith('+')) {
    if (rest.startsWith('-')) sign = -1
    rest = rest.slice(1)
  }
  if (rest === '0') return { ms: 0, error: null }
  if (rest === '') return fail('it is empty')
  let total = 0
  while (rest !== '') {
    const match = /^(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(rest)
    if (match === null) return fail(`"${rest.slice(0, 16)}" does not start with a number`)
    const [whole, digits = '', unit = ''] = match
    const scale = unitMs[unit]
    if (scale === undefined) return fail(unit === '' ? `the unit after ${digits} is missing` : `unknown unit "${unit}"`)
    total += Number(digits) * scale
    rest = rest.slice(whole.length)
  }
  // Go keeps durations in 64-bit nanoseconds.
  if (total * 1e6 > 2 ** 63) return fail('it is longer than 292 years')
  return { ms: sign * total, error: null }
}

/** The duration in ms, or null where the text is no duration. */
export function durationMs(text: unknown): number | null {
  return parseDuration(text).ms
}

/** Writes ms the way Go prints a duration: `1h2m3.5s`, `0s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const size = Math.abs(ms)
  if (size < 1000) {
    if (size >= 1) return `${sign}${trimNumber(size)}ms`
    if (size >= 1e-3) return `${sign}${trimNumber(size * 1e3)}µs`
    return `${sign}${String(Math.round(size * 1e6))}ns`
  }
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor((size - hours * 3_600_000) / 60_000)
  const seconds = trimNumber((size - hours * 3_600_000 - minutes * 60_000) / 1000)
  if (hours > 0) return `${sign}${String(hours)}h${String(minutes)}m${seconds}s`
  if (minutes > 0) return `${sign}${String(minutes)}m${seconds}s`
  return `${sign}${seconds}s`
}

/** At most nine decimals, no trailing zeros. */
function trimNumber(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '')
}
