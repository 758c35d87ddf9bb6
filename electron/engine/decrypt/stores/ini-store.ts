/**
 * INI files: sections of keys, values in quotes where needed, names aligned when written. SOPS encrypts values and comments, not names.
 * Semantics: SOPS 3.13.2 `stores/ini` over go-ini 1.67.3 with AllowNonUniqueSections, its other options at their defaults.
 */
import { decodeUtf8Lenient, encodeUtf8 } from '../tree/go-format.ts'
import type { SopsItem } from '../tree/sops-tree.ts'
import { SopsBranch, SopsComment } from '../tree/sops-tree.ts'
import { plainText } from './dotenv-store.ts'
import { StoreFault } from './store-fault.ts'

const defaultSection = 'DEFAULT'
const spaces = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leadingSpace = new RegExp(`^${spaces}+`)
const trailingSpace = new RegExp(`${spaces}+$`)

const trimLeft = (text: string): string => text.replace(leadingSpace, '')
/** Go's strings.TrimSpace. */
const trim = (text: string): string => trimLeft(text).replace(trailingSpace, '')

interface IniKey {
  readonly name: string
  value: string
  comment: string
}

interface IniSection {
  readonly name: string
  comment: string
  /** A key that stands twice keeps its first place and its last value. */
  readonly keys: Map<string, IniKey>
}

class IniReader {
  private readonly text: string
  private position = 0
  private comment = ''
  private isAtEnd = false

  constructor(text: string) {
    this.text = text
  }

  sections(): IniSection[] {
    let section: IniSection = { name: defaultSection, comment: '', keys: new Map() }
    const sections = [section]
    let counter = 1
    while (!this.isAtEnd) {
      const line = trimLeft(this.readLine())
      if (line === '') continue
      if (line.startsWith('#') || line.startsWith(';')) {
        this.comment += line
      } else if (line.startsWith('[')) {
        section = this.sectionOf(line)
        sections.push(section)
        counter = 1
      } else {
        const { name: written, offset } = readName(line)
        const name = written === '-' ? `#${counter++}` : written
        const value = this.readValue(line.slice(offset))
        if (name === '') fail('error creating new key: empty key name')
        const known = section.keys.get(name)
        if (known === undefined) section.keys.set(name, { name, value, comment: this.takeComment() })
        else {
          known.value = value
          known.comment = this.takeComment()
        }
      }
    }
    return sections
  }

  /** To the next line break, that included. */
  private readLine(): string {
    const found = this.text.indexOf('\n', this.position)
    const end = found < 0 ? this.text.length : found + 1
    if (found < 0) this.isAtEnd = true
    const line = this.text.slice(this.position, end)
    this.position = end
    return line
  }

  private takeComment(): string {
    const comment = trim(this.comment)
    this.comment = ''
    return comment
  }

  private sectionOf(line: string): IniSection {
    const close = line.lastIndexOf(']')
    if (close < 0) fail('unclosed section: <redacted>')
    const name = line.slice(1, close)
    if (name === '') fail('empty section name')
    this.comment += commentIn(line.slice(close + 1)) ?? ''
    return { name, comment: this.takeComment(), keys: new Map() }
  }

  private readValue(text: string): string {
    const line = trimLeft(text)
    if (line === '') return ''
    const quote = line.length > 3 && line.startsWith('"""') ? '"""' : line.startsWith('`') ? '`' : ''
    if (quote !== '') {
      const body = line.slice(quote.length)
      const end = body.lastIndexOf(quote)
      return end < 0 ? this.readMultiline(body, quote) : body.slice(0, end)
    }
    let value = trim(line)
    if (value.endsWith('\\')) return this.readContinuation(value.slice(0, -1))
    const comment = value.search(/[#;]/)
    if (comment >= 0) {
      this.comment += value.slice(comment)
      value = trim(value.slice(0, comment))
    }
    return isQuoted(value, "'") || isQuoted(value, '"') ? value.slice(1, -1) : value
  }

  private readMultiline(start: string, quote: string): string {
    let value = start
    for (;;) {
      const next = this.readLine()
      const end = next.lastIndexOf(quote)
      if (end >= 0 && !trim(next.slice(end + quote.length)).endsWith('\\')) {
        this.comment += trim(commentIn(next.slice(end)) ?? '')
        return value + next.slice(0, end)
      }
      value += next
      if (this.isAtEnd) fail('missing closing key quote')
    }
  }

  private readContinuation(start: string): string {
    let value = start
    for (;;) {
      const next = trim(this.readLine())
      if (next === '') return value
      value += next
      if (!value.endsWith('\\')) return value
      value = value.slice(0, -1)
    }
  }
}

function fail(message: string): never {
  throw new StoreFault(`Could not unmarshal input data: ${message}`)
}

function commentIn(text: string): string | null {
  const start = text.search(/[#;]/)
  return start < 0 ? null : text.slice(start)
}

function isQuoted(text: string, quote: string): boolean {
  return text.length >= 2 && text.startsWith(quote) && text.indexOf(quote, 1) === text.length - 1
}

function readName(line: string): { name: string; offset: number } {
  const quote = line.startsWith('"')
    ? line.length > 6 && line.startsWith('"""')
      ? '"""'
      : '"'
    : line.startsWith('`')
      ? '`'
      : ''
  if (quote === '') {
    const end = line.search(/[=:]/)
    if (end < 0) fail('key-value delimiter not found: <redacted>')
    if (end === 0) fail('empty key name: <redacted>')
    return { name: trim(line.slice(0, end)), offset: end + 1 }
  }
  const close = line.indexOf(quote, quote.length)
  if (close < 0) fail('missing closing key quote: <redacted>')
  const delimiter = line.slice(close + quote.length).search(/[=:]/)
  if (delimiter < 0) fail('key-value delimiter not found: <redacted>')
  return { name: trim(line.slice(quote.length, close)), offset: close + delimiter + quote.length + 1 }
}

function withoutMark(comment: string): SopsComment {
  const text = comment.startsWith(';')
    ? comment.replace(/^[; ]+/, '')
    : comment.startsWith('#')
      ? comment.replace(/^[# ]+/, '')
      : comment
  return new SopsComment(text, false)
}

/** All sections as one branch of branches; comments stand after their key, a section's first in it. Throws StoreFault. */
export function loadIni(bytes: Uint8Array): SopsBranch {
  const text = decodeUtf8Lenient(bytes).replace(/^\ufeff/, '')
  const sections = new IniReader(text).sections()
  return new SopsBranch(
    sections.map((section) => {
      const items: SopsItem[] = []
      if (section.comment !== '') items.push({ key: withoutMark(section.comment), value: null })
      for (const { name, value, comment } of section.keys.values()) {
        items.push({ key: name, value })
        if (comment !== '') items.push({ key: withoutMark(comment), value: null })
      }
      return { key: section.name, value: new SopsBranch(items) }
    }),
  )
}

const lengthOf = (text: string): number => encodeUtf8(text).length

function quoteValue(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`
  if (/[#;]/.test(value)) return `\`${value}\``
  return trim(value) === value ? value : `"${value}"`
}

function quoteName(name: string): { written: string; width: number } {
  // the width counts two more for either form of quotes that the reader would need
  if (/["=:]/.test(name)) return { written: `\`${name}\``, width: lengthOf(name) + 2 }
  if (name.includes('`')) return { written: `"""${name}"""`, width: lengthOf(name) + 6 }
  return { written: name, width: lengthOf(name) }
}

function writeComment(comment: string, isSection: boolean, out: string[]): void {
  for (const line of comment.split('\n')) {
    if (line === '') throw new StoreFault('Error marshaling to INI: an empty line in a comment')
    if (/^[#;]/.test(line)) out.push(`${line[0]} ${trim(line.slice(1))}\n`)
    else out.push(`; ${isSection ? line : trim(line)}\n`)
  }
}

function sectionOfItem(item: SopsItem): IniSection | null {
  if (item.key instanceof SopsComment) return null
  if (typeof item.key !== 'string' || item.key === '')
    throw new StoreFault('Error marshaling to INI: Error encoding section: empty section name')
  if (!(item.value instanceof SopsBranch))
    throw new StoreFault(
      'Error marshaling to INI: Error encoding section: Section values should always be TreeBranches',
    )
  const section: IniSection = { name: item.key, comment: '', keys: new Map() }
  let last: IniKey | null = null
  item.value.items.forEach(({ key, value }, index) => {
    if (key instanceof SopsComment) {
      if (index === 0) section.comment = key.text
      else if (last !== null) last.comment = key.text
      return
    }
    if (typeof key !== 'string' || key === '')
      throw new StoreFault('Error marshaling to INI: Error encoding key: error creating new key: empty key name')
    const text = plainText(value)
    const written = typeof text === 'string' ? text : decodeUtf8Lenient(text)
    const known = section.keys.get(key)
    last = known ?? { name: key, value: written, comment: '' }
    last.value = written
    section.keys.set(key, last)
  })
  return section
}

/** All branches as sections. Throws StoreFault. */
export function emitIni(branches: readonly SopsBranch[]): Uint8Array {
  const sections = branches.flatMap((branch) => branch.items.map(sectionOfItem)).filter((section) => section !== null)
  const out: string[] = []
  sections.forEach((section, index) => {
    if (section.comment !== '') writeComment(section.comment, true, out)
    const isPlainDefault = index === 0 && section.name.toUpperCase() === defaultSection
    if (!isPlainDefault) out.push(`[${section.name}]\n`)
    else if (section.keys.size === 0) return
    const width = Math.max(0, ...[...section.keys.keys()].map((name) => quoteName(name).width))
    for (const key of section.keys.values()) {
      if (key.comment !== '') writeComment(key.comment, false, out)
      const { written } = quoteName(key.name)
      out.push(written, ' '.repeat(Math.max(0, width - lengthOf(written))), ' = ', quoteValue(key.value), '\n')
    }
    if (index < sections.length - 1) out.push('\n')
  })
  return encodeUtf8(out.join(''))
}
