/**
 * How go-yaml v3 writes one scalar: which styles its characters allow, and the escapes of double quotes. Semantics: go-yaml v3
 * `yaml_emitter_analyze_scalar`, `select_scalar_style`, `encoder.stringv`.
 */
import { escapeCode } from '../../kustomize/yaml/escape-code.ts'
import { plainTagV3 } from '../../kustomize/yaml/resolve-v3.ts'

export type WrittenStyle = 'plain' | 'single' | 'double' | 'literal'

export interface ScalarShape {
  readonly isMultiline: boolean
  readonly isPlainAllowed: boolean
  readonly isSingleAllowed: boolean
  readonly isLiteralAllowed: boolean
}

const lineBreak = /[\n\r\u0085\u2028\u2029]/
/** What go-yaml does not print as it is: controls, surrogate pairs (all beyond U+FFFF), the byte order mark and the two non-characters. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/
// eslint-disable-next-line no-control-regex
const special = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/
const startIndicator = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/
const innerIndicator = /.:(?:[ \t]|$)|[ \t\n\r\u0000\u0085\u2028\u2029]#/s // eslint-disable-line no-control-regex

/** Which styles a non-empty text may have in block context. */
export function shapeOf(text: string): ScalarShape {
  if (text === '') return { isMultiline: false, isPlainAllowed: true, isSingleAllowed: true, isLiteralAllowed: false }
  const isMultiline = lineBreak.test(text)
  const isSpecial = special.test(text)
  const hasSpaceBreak = / [\n\r\u0085\u2028\u2029]/.test(text)
  const hasBreakSpace = /[\n\r\u0085\u2028\u2029] /.test(text)
  const isSingleAllowed = !hasBreakSpace && !hasSpaceBreak && !isSpecial && !text.includes('\t')
  const hasEdge = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text)
  return {
    isMultiline,
    isPlainAllowed:
      isSingleAllowed && !hasEdge && !isMultiline && !startIndicator.test(text) && !innerIndicator.test(text),
    isSingleAllowed,
    isLiteralAllowed: !text.endsWith(' ') && !hasSpaceBreak && !isSpecial,
  }
}

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const oldBooleans = new Set([
  'y',
  'Y',
  'n',
  'N',
  ...['yes', 'no', 'on', 'off'].flatMap((word) => [word, word.toUpperCase(), capital(word)]),
])

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1)
}

/** The style that a string value gets before its place is known: quotes where it would read as something else. */
export function wantedStyle(text: string): WrittenStyle {
  if (text.includes('\n')) return 'literal'
  return plainTagV3(text) === '!!str' && !base60.test(text) && !oldBooleans.has(text) ? 'plain' : 'double'
}

/** The style that is written. */
export function allowedStyle(wanted: WrittenStyle, shape: ScalarShape, isSimpleKey: boolean): WrittenStyle {
  if (isSimpleKey && shape.isMultiline) return 'double'
  let style = wanted
  if (style === 'plain' && !shape.isPlainAllowed) style = 'single'
  if (style === 'single' && !shape.isSingleAllowed) style = 'double'
  if (style === 'literal' && (!shape.isLiteralAllowed || isSimpleKey)) style = 'double'
  return style
}

/** The text between double quotes. */
export function escapeDouble(text: string): string {
  // go-yaml looks at the beginning of the buffer, not at the character: behind a byte order mark all is escaped
  const escapesAll = text.startsWith('\ufeff')
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0)!
    const mustEscape =
      escapesAll || unprintable.test(character) || lineBreak.test(character) || character === '"' || character === '\\'
    out += mustEscape ? escapeCode(code) : character
  }
  return out
}
