/**
 * `$(NAME)` in texts. `$$` is a dollar sign that begins nothing; a name that is not known stays as it is written.
 *
 * Semantics: kustomize's refvar.DoReplacements, which works on bytes: a `$` before a character beyond ASCII breaks that character, and text
 * that is then no UTF-8 is written as base64.
 */
import { formatGoFloat } from './go-float.ts'

/** What a var may stand for. Whole numbers are bigint, so that a float that happens to be whole stays one. */
export type VarValue = string | boolean | bigint | number

/** Gives a var's value; undefined leaves the reference in place. */
export type VarLookup = (name: string) => VarValue | undefined

/** The text with its references replaced; a value of its own type where the text is nothing but one reference. */
export function expandVars(text: string, lookup: VarLookup): VarValue {
  if (!text.includes('$')) return text
  let result = ''
  let hasBrokenCharacter = false
  let at = 0
  for (;;) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0 || dollar + 1 >= text.length) break
    result += text.slice(at, dollar)
    const next = text[dollar + 1]!
    at = dollar + 2
    if (next === '$') result += '$'
    else if (next === '(') {
      const close = text.indexOf(')', dollar + 2)
      if (close < 0) {
        result += '$('
        continue
      }
      const name = text.slice(dollar + 2, close)
      const value = lookup(name)
      if (dollar === 0 && close + 1 === text.length) return value ?? text
      result += value === undefined ? `$(${name})` : valueText(value)
      at = close + 1
    } else if (next.charCodeAt(0) < 0x80) result += `$${next}`
    else {
      const character = String.fromCodePoint(text.codePointAt(dollar + 1)!)
      result += brokenCharacter(character)
      hasBrokenCharacter = true
      at = dollar + 1 + character.length
    }
  }
  result += text.slice(at)
  return hasBrokenCharacter ? asBase64(result) : result
}

function valueText(value: VarValue): string {
  return typeof value === 'number' ? formatGoFloat(value) : String(value)
}

/** Lone bytes are marked by characters that no text from a file can hold: halves of surrogate pairs. */
const loneByte = 0xdc00

function brokenCharacter(character: string): string {
  const [first, ...rest] = new TextEncoder().encode(character)
  return `$${String.fromCharCode(first!, ...rest.map((byte) => loneByte + byte))}`
}

function asBase64(text: string): string {
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= loneByte && code < loneByte + 0x100) bytes.push(code - loneByte)
    else bytes.push(...encoder.encode(character))
  }
  return btoa(String.fromCharCode(...bytes))
}
