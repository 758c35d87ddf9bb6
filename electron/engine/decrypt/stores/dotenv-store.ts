/**
 * `.env` files: `KEY=value` lines and `#` comments, line breaks in values written as `\n`.
 * Semantics: SOPS 3.13.2 `stores/dotenv`, `stores.ValToString`.
 */
import { decodeGoString, encodeUtf8, formatFloatGeneral, formatFloatPlain, withoutFraction } from '../tree/go-format.ts'
import type { SopsItem, SopsValue } from '../tree/sops-tree.ts'
import { GoBytes, SopsBranch, SopsComment, SopsTime } from '../tree/sops-tree.ts'
import { StoreFault } from './store-fault.ts'

const lineFeed = 10
const equals = 61
const hash = 35

function readLine(line: Uint8Array): SopsItem {
  if (line[0] === hash) {
    const text = decodeGoString(line.subarray(1))
    return { key: new SopsComment(typeof text === 'string' ? text : '', false), value: null }
  }
  const position = line.indexOf(equals)
  if (position < 0) throw new StoreFault('invalid dotenv input line: <redacted>')
  const key = decodeGoString(line.subarray(0, position))
  const value = decodeGoString(line.subarray(position + 1))
  if (typeof key !== 'string') throw new StoreFault('a name in the dotenv file is not UTF-8')
  return { key, value: typeof value === 'string' ? value.replaceAll('\\n', '\n') : value }
}

/** All lines as one branch. Throws StoreFault. */
export function loadDotenv(bytes: Uint8Array): SopsBranch {
  const items: SopsItem[] = []
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(lineFeed, start)
    const end = found < 0 ? bytes.length : found
    if (end > start) items.push(readLine(bytes.subarray(start, end)))
    start = end + 1
  }
  return new SopsBranch(items)
}

/** A simple value as dotenv and INI print it. */
export function plainText(value: SopsValue): string | Uint8Array {
  if (typeof value === 'string') return value
  if (typeof value === 'number') {
    const text = formatFloatGeneral(value, 'E')
    if (text.includes('.') || text.includes('E') || !Number.isFinite(value)) return text
    return `${formatFloatPlain(value)}.0`
  }
  if (value === null) return '<nil>'
  if (value instanceof SopsTime) return withoutFraction(value.text)
  if (value instanceof GoBytes) return value.isSlice ? `[${value.bytes.join(' ')}]` : value.bytes
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  throw new StoreFault('a value of an unknown type')
}

function concatenate(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const encoded = parts.map((part) => (typeof part === 'string' ? encodeUtf8(part) : part))
  const whole = new Uint8Array(encoded.reduce((length, part) => length + part.length, 0))
  let position = 0
  for (const part of encoded) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

/** The first branch as lines. Throws StoreFault where it holds lists or maps. */
export function emitDotenv(branches: readonly SopsBranch[]): Uint8Array {
  const out: (string | Uint8Array)[] = []
  for (const { key, value } of branches[0]?.items ?? []) {
    if (value instanceof SopsBranch || Array.isArray(value))
      throw new StoreFault(`cannot use complex value in dotenv file; offending key ${nameOf(key)}`)
    if (key instanceof SopsComment) out.push(`#${key.text}\n`)
    else {
      const text = plainText(value)
      out.push(nameOf(key), '=', typeof value === 'string' ? value.replaceAll('\n', '\\n') : text, '\n')
    }
  }
  return concatenate(out)
}

function nameOf(key: SopsItem['key']): string {
  return typeof key === 'string' ? key : key.text
}
