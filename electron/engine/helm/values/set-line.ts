/**
 * A value set at a path, in the language of `helm --set`: `image.tag=1`, `list[0].name=a`, `names={a,b}`, several of them between commas. Facts:
 * helm 4.2 `strvals`; its oddities are kept, for what they lead to is digested.
 */
import { parseGoInteger } from '../../kustomize/yaml/go-number.ts'
import type { GoMap, GoValue } from '../../kustomize/yaml/go-value.ts'

/** The line is refused; the controller refuses it too. */
export class SetLineError extends Error {
  override readonly name = 'SetLineError'
}

const maxIndex = 65_536
const maxDepth = 30

/** Sets what `line` says in `into`, whose maps and lists are changed in place. Throws SetLineError. */
export function setLine(into: GoMap, line: string, takesTextsOnly: boolean): void {
  const reader = new LineReader(line, takesTextsOnly)
  while (reader.readEntry(into, 0) === 'more');
}

/** `end`: the line ended there, which is no fault. */
type Outcome = 'more' | 'end'

class LineReader {
  readonly #text: string
  readonly #takesTextsOnly: boolean
  #at = 0

  constructor(text: string, takesTextsOnly: boolean) {
    this.#text = text
    this.#takesTextsOnly = takesTextsOnly
  }

  readEntry(into: GoMap, depth: number): Outcome {
    const { text: key, stop } = this.#until('=[,.')
    switch (stop) {
      case '[': {
        const index = this.#index()
        if (index === 'end') return 'end'
        const known = into.get(key)
        if (into.has(key) && !Array.isArray(known)) throw new SetLineError(`${key} is no list`)
        const { list, outcome } = this.#readItem(Array.isArray(known) ? known : [], index, depth)
        put(into, key, list)
        return outcome
      }
      case '=': {
        const value = this.#value()
        put(into, key, value === 'end' ? '' : value.value)
        return value === 'end' ? 'end' : 'more'
      }
      case ',':
        throw new SetLineError(`key ${JSON.stringify(key)} has no value (cannot end with ,)`)
      case '.': {
        if (depth + 1 > maxDepth) throw new SetLineError(`value names are nested deeper than ${maxDepth} levels`)
        const known = into.get(key)
        if (into.has(key) && !(known instanceof Map)) throw new SetLineError(`${key} is no map`)
        const inner: GoMap = known instanceof Map ? known : new Map()
        const outcome = this.readEntry(inner, depth + 1)
        if (outcome === 'more' && inner.size === 0)
          throw new SetLineError(`key map ${JSON.stringify(key)} has no value`)
        if (inner.size > 0) put(into, key, inner)
        return outcome
      }
      default:
        if (key === '') return 'end'
        throw new SetLineError(`key ${JSON.stringify(key)} has no value`)
    }
  }

  /** What stands behind `[index]`. */
  #readItem(list: GoValue[], index: number, depth: number): { readonly list: GoValue[]; readonly outcome: Outcome } {
    if (index < 0) throw new SetLineError(`negative ${index} index not allowed`)
    const { text, stop } = this.#until('[.=')
    if (text !== '') throw new SetLineError(`unexpected data at end of array index: ${JSON.stringify(text)}`)
    if (stop === '') return { list, outcome: 'end' }
    const known = list[index]
    if (stop === '=') {
      const value = this.#value()
      return { list: withItem(list, index, value === 'end' ? '' : value.value), outcome: 'more' }
    }
    if (stop === '[') {
      const next = this.#index()
      if (next === 'end') return { list, outcome: 'end' }
      if (known !== undefined && known !== null && !Array.isArray(known))
        throw new SetLineError(`item ${index} is no list`)
      const inner = this.#readItem(Array.isArray(known) ? known : [], next, depth)
      return inner.outcome === 'end'
        ? { list, outcome: 'end' }
        : { list: withItem(list, index, inner.list), outcome: 'more' }
    }
    const inner: GoMap = known instanceof Map ? known : new Map()
    if (index < list.length) list[index] = inner
    // An end within it loses what was not in the list yet.
    if (this.readEntry(inner, depth) === 'end') return { list, outcome: 'end' }
    return { list: withItem(list, index, inner), outcome: 'more' }
  }

  #index(): number | 'end' {
    const { text, stop } = this.#until(']')
    if (stop === '') return 'end'
    const index = parseGoInteger(text, 10)
    if (typeof index !== 'number') throw new SetLineError(`error parsing index: ${JSON.stringify(text)}`)
    return index
  }

  /** A list in braces, or what stands before the next comma. */
  #value(): { readonly value: GoValue } | 'end' {
    const first = this.#text[this.#at]
    if (first === undefined) return 'end'
    if (first !== '{') return { value: this.#typed(this.#until(',').text) }
    this.#at += 1
    const items: GoValue[] = []
    for (;;) {
      const { text, stop } = this.#until(',}')
      if (stop === '') throw new SetLineError("list must terminate with '}'")
      items.push(this.#typed(text))
      if (stop === ',') continue
      if (this.#text[this.#at] === ',') this.#at += 1
      return { value: items }
    }
  }

  /** Text before the first of `stops`, which is passed; '' where the line ends. A backslash takes the next character as it is. */
  #until(stops: string): { readonly text: string; readonly stop: string } {
    let text = ''
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!
      this.#at += 1
      if (stops.includes(char)) return { text, stop: char }
      if (char !== '\\') text += char
      else {
        text += this.#text[this.#at] ?? ''
        this.#at += 1
      }
    }
    return { text, stop: '' }
  }

  #typed(text: string): GoValue {
    if (this.#takesTextsOnly) return text
    // Unicode's case folding, as upstream has it.
    if (/^true$/iu.test(text)) return true
    if (/^false$/iu.test(text)) return false
    if (/^null$/iu.test(text)) return null
    if (text === '0') return 0
    if (text.startsWith('0')) return text
    const whole = parseGoInteger(text, 10)
    return whole === null || whole > 9223372036854775807n ? text : whole
  }
}

/** Nothing is set under an empty name. */
function put(into: GoMap, key: string, value: GoValue): void {
  if (key !== '') into.set(key, value)
}

/** In place where the list is long enough, else a longer copy. */
function withItem(list: GoValue[], index: number, value: GoValue): GoValue[] {
  if (index > maxIndex)
    throw new SetLineError(`index of ${index} is greater than maximum supported index of ${maxIndex}`)
  if (index < list.length) {
    list[index] = value
    return list
  }
  const longer = [...list, ...Array.from({ length: index + 1 - list.length }, () => null)] as GoValue[]
  longer[index] = value
  return longer
}
