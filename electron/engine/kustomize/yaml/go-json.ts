/** JSON as Go's encoding/json writes it (sorted keys, HTML-safe escapes) and reads it (with integers exact to uint64). */
import { BuildError } from '../build-error.ts'
import { formatFloatJson, integerOf } from './go-number.ts'
import type { GoValue } from './go-value.ts'

// eslint-disable-next-line no-control-regex -- what Go escapes
const NEEDS_ESCAPE = /["\\<>&\x00-\x1f\u2028\u2029\ud800-\udfff]/

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
])

/** A string as a JSON literal; lone surrogates become U+FFFD, as invalid bytes do in Go. */
export function encodeJsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0)!
    const short = SHORT.get(char)
    if (short !== undefined) out += short
    else if (code < 0x20 || char === '<' || char === '>' || char === '&' || code === 0x2028 || code === 0x2029)
      out += `\\u${code.toString(16).padStart(4, '0')}`
    else if (code >= 0xd800 && code <= 0xdfff) out += '\\ufffd'
    else out += char
  }
  return `${out}"`
}

/** Orders texts by their UTF-8 bytes, as Go's sort of strings does. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const codeA = a.charCodeAt(i)
    const codeB = b.charCodeAt(i)
    if (codeA === codeB) continue
    const isPairA = codeA >= 0xd800 && codeA <= 0xdfff
    const isPairB = codeB >= 0xd800 && codeB <= 0xdfff
    return isPairA !== isPairB ? (isPairA ? 1 : -1) : codeA - codeB
  }
  return a.length - b.length
}

/** json.Marshal: maps by sorted key, no spaces. Throws BuildError InvalidYaml for NaN and infinities with Go's text. */
export function encodeJson(value: GoValue): string {
  const out: string[] = []
  write(value, out)
  return out.join('')
}

function write(value: GoValue, out: string[]): void {
  if (value === null) out.push('null')
  else if (typeof value === 'string') out.push(encodeJsonString(value))
  else if (typeof value === 'number') out.push(encodeNumber(value))
  else if (typeof value === 'bigint' || typeof value === 'boolean') out.push(String(value))
  else if (Array.isArray(value)) {
    out.push('[')
    value.forEach((item, index) => {
      if (index > 0) out.push(',')
      write(item, out)
    })
    out.push(']')
  } else {
    out.push('{')
    const keys = [...value.keys()].sort(compareBytes)
    keys.forEach((key, index) => {
      if (index > 0) out.push(',')
      out.push(encodeJsonString(key), ':')
      write(value.get(key)!, out)
    })
    out.push('}')
  }
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
    throw new BuildError('InvalidYaml', `json: unsupported value: ${name}`)
  }
  return formatFloatJson(value)
}

/**
 * A JSON text as Go's decoder reads it into `interface{}`, but with integers exact (`UseNumber`). Throws BuildError InvalidYaml with Go's
 * text (`invalid character 'x' looking for beginning of value`, `unexpected end of JSON input`).
 */
export function decodeJson(text: string): GoValue {
  const decoder = new JsonDecoder(text)
  return decoder.decode()
}

const MAX_DEPTH = 10_000

class JsonDecoder {
  private readonly text: string
  private pos = 0
  private depth = 0
  private overflow: string | null = null

  constructor(text: string) {
    this.text = text
  }

  decode(): GoValue {
    const value = this.readValue()
    this.skipSpace()
    if (this.pos < this.text.length) this.fail('after top-level value')
    if (this.overflow !== null) throw new BuildError('InvalidYaml', this.overflow)
    return value
  }

  /** `takesEnd`: where the text may not end here, Go's scanner is shown a space and complains of that. */
  private fail(context: string, takesEnd = false): never {
    if (this.pos >= this.text.length) {
      const message = takesEnd ? `invalid character ' ' ${context}` : 'unexpected end of JSON input'
      throw new BuildError('InvalidYaml', message)
    }
    // Go looks at bytes: of other characters it names the first byte, as a character.
    const byte = new TextEncoder().encode(String.fromCodePoint(this.text.codePointAt(this.pos)!))[0]!
    throw new BuildError('InvalidYaml', `invalid character ${quoteByte(byte)} ${context}`)
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.pos)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.pos++
    }
  }

  private enter(): void {
    if (++this.depth > MAX_DEPTH) throw new BuildError('InvalidYaml', 'exceeded max depth')
  }

  private readValue(): GoValue {
    this.skipSpace()
    const code = this.text.charCodeAt(this.pos)
    switch (code) {
      case 0x7b:
        return this.readObject()
      case 0x5b:
        return this.readArray()
      case 0x22:
        return this.readString()
      case 0x74:
        return this.readWord('true', true)
      case 0x66:
        return this.readWord('false', false)
      case 0x6e:
        return this.readWord('null', null)
    }
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.readNumber()
    return this.fail('looking for beginning of value')
  }

  private readWord<T>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.pos++
      if (this.text[this.pos] !== word[i]) this.fail(`in literal ${word} (expecting '${word[i]!}')`, true)
    }
    this.pos++
    return value
  }

  private readObject(): GoValue {
    this.enter()
    const map = new Map<string, GoValue>()
    this.pos++
    this.skipSpace()
    if (this.text[this.pos] === '}') {
      this.pos++
      this.depth--
      return map
    }
    for (;;) {
      this.skipSpace()
      if (this.text[this.pos] !== '"') this.fail('looking for beginning of object key string')
      const key = this.readString()
      this.skipSpace()
      if (this.text[this.pos] !== ':') this.fail('after object key')
      this.pos++
      map.set(key, this.readValue())
      this.skipSpace()
      const next = this.text[this.pos]
      if (next === '}') break
      if (next !== ',') this.fail('after object key:value pair')
      this.pos++
    }
    this.pos++
    this.depth--
    return map
  }

  private readArray(): GoValue {
    this.enter()
    const items: GoValue[] = []
    this.pos++
    this.skipSpace()
    if (this.text[this.pos] === ']') {
      this.pos++
      this.depth--
      return items
    }
    for (;;) {
      items.push(this.readValue())
      this.skipSpace()
      const next = this.text[this.pos]
      if (next === ']') break
      if (next !== ',') this.fail('after array element')
      this.pos++
    }
    this.pos++
    this.depth--
    return items
  }

  private readString(): string {
    const { text } = this
    let out = ''
    let first = ++this.pos
    for (;;) {
      const code = text.charCodeAt(this.pos)
      if (code === 0x22) {
        out += text.slice(first, this.pos)
        this.pos++
        return out
      }
      if (this.pos >= text.length) this.fail('')
      if (code < 0x20) this.fail('in string literal')
      if (code !== 0x5c) {
        this.pos++
        continue
      }
      out += text.slice(first, this.pos)
      this.pos++
      out += this.readEscape()
      first = this.pos
    }
  }

  private readEscape(): string {
    const char = this.text[this.pos]
    if (char === 'u') {
      const unit = this.readUnit()
      if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
      if (unit < 0xdc00 && this.text.startsWith('\\u', this.pos)) {
        const back = this.pos
        this.pos++
        const low = this.readUnit()
        if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low)
        this.pos = back
      }
      return '\ufffd'
    }
    const at = char === undefined ? -1 : '"\\/bfnrt'.indexOf(char)
    if (at < 0) this.fail('in string escape code', true)
    this.pos++
    return '"\\/\b\f\n\r\t'[at]!
  }

  private readUnit(): number {
    let value = 0
    for (let i = 0; i < 4; i++) {
      this.pos++
      const digit = Number.parseInt(this.text[this.pos] ?? '', 16)
      if (Number.isNaN(digit)) this.fail('in \\u hexadecimal character escape', true)
      value = value * 16 + digit
    }
    this.pos++
    return value
  }

  private readNumber(): GoValue {
    const { text } = this
    const first = this.pos
    if (text[this.pos] === '-') this.pos++
    if (text[this.pos] === '0') this.pos++
    else this.readDigits('in numeric literal')
    let isFloat = false
    if (text[this.pos] === '.') {
      isFloat = true
      this.pos++
      this.readDigits('after decimal point in numeric literal')
    }
    if (text[this.pos] === 'e' || text[this.pos] === 'E') {
      isFloat = true
      this.pos++
      if (text[this.pos] === '+' || text[this.pos] === '-') this.pos++
      this.readDigits('in exponent of numeric literal')
    }
    const digits = text.slice(first, this.pos)
    if (isFloat || digits.length > 20 || digits === '-0') {
      const value = Number(digits)
      // Go checks the whole text first; here the fault is kept until the end.
      if (!Number.isFinite(value))
        this.overflow ??= `json: cannot unmarshal number ${digits} into Go value of type float64`
      return value
    }
    const exact = BigInt(digits)
    return exact >= -9223372036854775808n && exact <= 18446744073709551615n ? integerOf(exact) : Number(digits)
  }

  private readDigits(context: string): void {
    const first = this.pos
    while (/[0-9]/.test(this.text[this.pos] ?? '')) this.pos++
    if (this.pos === first) this.fail(context, true)
  }
}

const QUOTED: ReadonlyMap<number, string> = new Map([
  [0x27, "\\'"],
  [0x5c, '\\\\'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
])

function quoteByte(byte: number): string {
  const hex = byte.toString(16).padStart(2, '0')
  if (QUOTED.has(byte)) return `'${QUOTED.get(byte)!}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex}'`
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u00${hex}'`
  return `'${String.fromCharCode(byte)}'`
}
