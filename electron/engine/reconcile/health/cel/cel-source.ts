/** The text of an expression before it is parsed: what the parser does not know (remarks) or does not mind (escapes that are none). */

const escape = /^\\(?:[abfnrtv?\\"'`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/

export interface CelSource {
  /** With blanks in place of remarks. */
  readonly text: string
  /** Outside of strings and remarks there is syntax of optional values. */
  readonly hasOptionals: boolean
  /** Why no parser of CEL takes it; '' where nothing is known against it. */
  readonly fault: string
}

export function readSource(source: string): CelSource {
  let text = ''
  let bare = ''
  let at = 0
  while (at < source.length) {
    const rest = source.slice(at)
    if (rest.startsWith('//')) {
      const end = source.indexOf('\n', at)
      const next = end < 0 ? source.length : end
      text += ' '.repeat(next - at)
      at = next
      continue
    }
    const opening = /^[a-zA-Z_][a-zA-Z0-9_]*|^(?:"""|'''|"|')/.exec(rest)?.[0]
    if (opening === undefined) {
      text += source[at]!
      bare += source[at]!
      at += 1
      continue
    }
    const isWord = /^[a-zA-Z_]/.test(opening)
    const isPrefix =
      isWord && /^(?:[rR]|[bB]|[bB][rR]|[rR][bB])$/.test(opening) && /^["']/.test(rest.slice(opening.length))
    if (isWord && !isPrefix) {
      text += opening
      bare += opening
      at += opening.length
      continue
    }
    const isRaw = isPrefix && /r/i.test(opening)
    const start = isPrefix ? at + opening.length : at
    const quote = /^(?:"""|'''|"|')/.exec(source.slice(start))![0]
    let end = start + quote.length
    for (;;) {
      if (end >= source.length) return { text: source, hasOptionals: false, fault: 'a string is not closed' }
      if (source.startsWith(quote, end)) break
      if (quote.length === 1 && source[end] === '\n')
        return { text: source, hasOptionals: false, fault: 'a string is not closed on its line' }
      if (source[end] === '\\' && !isRaw) {
        const found = escape.exec(source.slice(end, end + 10))
        if (found === null) return { text: source, hasOptionals: false, fault: 'an escape that is none' }
        end += found[0].length
      } else end += 1
    }
    end += quote.length
    text += source.slice(at, end)
    bare += '""'
    at = end
  }
  return { text, hasOptionals: /\.\s*\?|\[\s*\?|[{,]\s*\?/.test(bare), fault: '' }
}
