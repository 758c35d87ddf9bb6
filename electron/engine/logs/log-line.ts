/** One line of a container's log as the API server sends it with `timestamps=true`: `2026-09-16T10:00:00.123456789Z text`. */
import { neutralizeLine } from '../../../shared/lib/text.ts'

/** UTF-8 bytes of one shown line. */
export const maxLineBytes = 16 * 1024

export interface ReadLine {
  /** Milliseconds since the epoch, null where the line carries no time. */
  readonly at: number | null
  /** Orders lines to the nanosecond as text, '' where the line carries no time. */
  readonly stamp: string
  /** Neutralised and capped. */
  readonly text: string
  /** As it came, capped before anything is done with it. */
  readonly raw: string
}

const time = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}) ?/

export function readLine(line: string): ReadLine {
  const match = time.exec(line)
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`)
  const isTimed = match !== null && !Number.isNaN(seconds)
  const fraction = (match?.[2] ?? '').padEnd(9, '0')
  // Far more than is shown: a JSON line is matched before it is cut.
  const raw = (isTimed ? line.slice(match[0].length) : line).slice(0, 256 * 1024).replace(/\r+$/, '')
  return {
    at: isTimed ? seconds + Number(fraction.slice(0, 3)) : null,
    stamp: isTimed ? `${String(Math.floor(seconds / 1000)).padStart(12, '0')}.${fraction}` : '',
    text: capBytes(neutralizeLine(raw.slice(0, 2 * maxLineBytes))),
    raw,
  }
}

const encoder = new TextEncoder()
const buffer = new Uint8Array(maxLineBytes - 3)

/** At most 16 KiB of UTF-8, never half a character; `…` marks what was cut. */
function capBytes(text: string): string {
  if (text.length * 3 <= maxLineBytes) return text
  const { read } = encoder.encodeInto(text, buffer)
  return read < text.length ? `${text.slice(0, read)}…` : text
}
