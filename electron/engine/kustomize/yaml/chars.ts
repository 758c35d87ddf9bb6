/** Character classes of the YAML scanner and emitters, on UTF-16 code units; all of YAML's indicators are in the first 128. */

export const NUL = 0x00
export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const NEL = 0x85
export const LINE_SEPARATOR = 0x2028
export const PARAGRAPH_SEPARATOR = 0x2029
export const BOM = 0xfeff

export function isBreak(code: number): boolean {
  return code === LF || code === CR || code === NEL || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR
}

/** Line break or the end of the text (the scanner's text ends in NUL). */
export function isBreakOrEnd(code: number): boolean {
  return code === LF || code === NUL || isBreak(code)
}

/** Space, tab, line break or the end of the text. */
export function isBlankOrEnd(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === NUL || isBreak(code)
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** What may stand in an anchor or a tag handle. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d
  )
}

/** Value of a hexadecimal digit, -1 for anything else. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x41 && code <= 0x46) return code - 0x37
  if (code >= 0x61 && code <= 0x66) return code - 0x57
  return -1
}
