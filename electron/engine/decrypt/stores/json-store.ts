/**
 * JSON documents, and binary files, which SOPS wraps into a JSON object with the one key `data`.
 * Semantics: SOPS 3.13.2 `stores/json` over Go's encoding/json; indented by one tab.
 */
import {
  decodeUtf8Lenient,
  encodeBase64,
  encodeUtf8,
  formatFloatJson,
  formatJsonString,
  parseGoFloat,
  parseGoInt,
} from '../tree/go-format.ts'
import type { SopsItem, SopsValue } from '../tree/sops-tree.ts'
import { GoBytes, SopsBranch, SopsComment, SopsTime } from '../tree/sops-tree.ts'
import { StoreFault } from './store-fault.ts'

/** encoding/json refuses deeper input. */
const maxDepth = 10_000

const whitespace = /[ \t\r\n]*/y
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const plainString = /[^"\\\u0000-\u001f]*/y // eslint-disable-line no-control-regex

class JsonReader {
  private readonly text: string
  private position = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  /** The object that the text begins with; what follows it is not looked at. */
  topLevel(): SopsBranch {
    const next = this.peek()
    if (next === '{') return this.object()
    if (next === undefined) throw new StoreFault('Could not unmarshal input data: EOF')
    throw new StoreFault(
      "Could not unmarshal input data: SOPS only supports JSON files with a top-level object (starting with '{')",
    )
  }

  private peek(): string | undefined {
    whitespace.lastIndex = this.position
    whitespace.exec(this.text)
    this.position = whitespace.lastIndex
    return this.text[this.position]
  }

  private fail(what: string): never {
    throw new StoreFault(`Could not unmarshal input data: ${what} at offset ${this.position}`)
  }

  private enter(): void {
    this.position++
    if (++this.depth > maxDepth) this.fail('exceeded max depth')
  }

  private leave(): void {
    this.position++
    this.depth--
  }

  private object(): SopsBranch {
    this.enter()
    const items: SopsItem[] = []
    if (this.peek() !== '}')
      for (;;) {
        if (this.peek() !== '"') this.fail('expected a key')
        const key = this.string()
        if (this.peek() !== ':') this.fail("expected ':'")
        this.position++
        items.push({ key, value: this.value() })
        const next = this.peek()
        if (next === '}') break
        if (next !== ',') this.fail("expected ',' or '}'")
        this.position++
      }
    this.leave()
    return new SopsBranch(items)
  }

  private list(): SopsValue[] {
    this.enter()
    const items: SopsValue[] = []
    if (this.peek() !== ']')
      for (;;) {
        items.push(this.value())
        const next = this.peek()
        if (next === ']') break
        if (next !== ',') this.fail("expected ',' or ']'")
        this.position++
      }
    this.leave()
    return items
  }

  private value(): SopsValue {
    const next = this.peek()
    if (next === '{') return this.object()
    if (next === '[') return this.list()
    if (next === '"') return this.string()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.text.startsWith(word, this.position)) {
        this.position += word.length
        return value
      }
    }
    return this.number()
  }

  private number(): SopsValue {
    numberPattern.lastIndex = this.position
    const text = numberPattern.exec(this.text)?.[0]
    if (text === undefined) this.fail('expected a value')
    this.position += text.length
    const value = parseGoInt(text) ?? parseGoFloat(text)
    if (value === null) this.fail('a number out of range')
    return value
  }

  private string(): string {
    this.position++
    const parts: string[] = []
    for (;;) {
      plainString.lastIndex = this.position
      const plain = plainString.exec(this.text)?.[0] ?? ''
      parts.push(plain)
      this.position += plain.length
      const next = this.text[this.position]
      if (next === '"') break
      if (next !== '\\') this.fail('a string that does not end, or holds a control character,')
      parts.push(this.escape())
    }
    this.position++
    // a lone surrogate is U+FFFD to Go
    return parts.join('').toWellFormed()
  }

  private escape(): string {
    const letter = this.text[this.position + 1]
    if (letter === 'u') {
      const hex = this.text.slice(this.position + 2, this.position + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.fail('an escape that is none')
      this.position += 6
      return String.fromCharCode(parseInt(hex, 16))
    }
    const index = '"\\/bfnrt'.indexOf(letter ?? ' ')
    if (index < 0) this.fail('an escape that is none')
    this.position += 2
    return '"\\/\b\f\n\r\t'[index]!
  }
}

/** The object in a JSON text, keys in order, repeated ones too. Throws StoreFault. */
export function loadJson(bytes: Uint8Array): SopsBranch {
  return new JsonReader(decodeUtf8Lenient(bytes)).topLevel()
}

function scalarText(value: SopsValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return formatJsonString(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    const text = formatFloatJson(value)
    if (text === null) throw new StoreFault('Error marshaling to json: json: unsupported value')
    return text
  }
  if (value instanceof SopsTime) return `"${value.text}"`
  if (value instanceof GoBytes) {
    if (value.isSlice) return `"${encodeBase64(value.bytes)}"`
    return formatJsonString(decodeUtf8Lenient(value.bytes))
  }
  throw new StoreFault('Error marshaling to json: a value of an unknown type')
}

function write(value: SopsValue, indent: string, out: string[]): void {
  if (value instanceof SopsBranch) {
    const items = value.items.filter((item) => !(item.key instanceof SopsComment))
    if (items.length === 0) {
      out.push('{}')
      return
    }
    const inner = `${indent}\t`
    items.forEach(({ key, value: child }, index) => {
      if (typeof key !== 'string') throw new StoreFault('Error marshaling to json: a key that is no string')
      out.push(index === 0 ? '{' : ',', inner, formatJsonString(key), ': ')
      write(child, inner, out)
    })
    out.push(indent, '}')
  } else if (Array.isArray(value)) {
    const items = value.filter((item) => !(item instanceof SopsComment))
    if (items.length === 0) {
      out.push('[]')
      return
    }
    const inner = `${indent}\t`
    items.forEach((item, index) => {
      out.push(index === 0 ? '[' : ',', inner)
      write(item, inner, out)
    })
    out.push(indent, ']')
  } else out.push(scalarText(value))
}

/** The first branch as JSON, with a line break at the end. Throws StoreFault. */
export function emitJson(branches: readonly SopsBranch[]): Uint8Array {
  const first = branches[0]
  if (first === undefined) throw new StoreFault('Error marshaling to json: no document')
  const out: string[] = []
  write(first, '\n', out)
  out.push('\n')
  return encodeUtf8(out.join(''))
}

/** The bytes under the key `data`. Throws StoreFault. */
export function emitBinary(branches: readonly SopsBranch[]): Uint8Array {
  const [first, ...others] = branches
  if (first === undefined || others.length > 0)
    throw new StoreFault('error emitting binary store: there must be exactly one tree branch')
  const value = first.get('data')
  if (value === undefined) throw new StoreFault('error emitting binary store: no binary data found in tree')
  if (typeof value === 'string') return encodeUtf8(value)
  if (value instanceof GoBytes && !value.isSlice) return value.bytes
  throw new StoreFault("error emitting binary store: 'data' key in tree does not have a string value")
}
