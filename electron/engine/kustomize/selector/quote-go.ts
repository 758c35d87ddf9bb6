/** Go's strconv.Quote (`%q` of a string), for error texts. */

const escapes = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
])

/** The text in double quotes, with Go's escapes for what does not print. */
export function quoteGo(text: string): string {
  let result = '"'
  for (const char of text) {
    const escape = escapes.get(char)
    if (escape !== undefined) {
      result += escape
      continue
    }
    const code = char.codePointAt(0)!
    if (code < 0x20 || code === 0x7f) result += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code < 0x7f || isPrintable(char)) result += char
    else if (code < 0x10000) result += `\\u${code.toString(16).padStart(4, '0')}`
    else result += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${result}"`
}

/** Go's unicode.IsPrint beyond ASCII: letters, marks, numbers, punctuation and symbols. */
function isPrintable(char: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char)
}
