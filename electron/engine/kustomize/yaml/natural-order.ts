/** The order in which go-yaml v2 prints map keys: letters after everything else, digit runs by their number. */

const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

function isLetter(code: number): boolean {
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
  return LETTER.test(String.fromCodePoint(code))
}

function isDigit(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && code <= 0x39
  return code > 0 && DIGIT.test(String.fromCodePoint(code))
}

/** Code point at a code unit's index, -1 past the end. */
function codeAt(text: string, at: number): number {
  return at < text.length ? text.codePointAt(at)! : -1
}

interface DigitRun {
  readonly value: number | bigint
  readonly length: number
}

/** The number that the digits from `start` on make (wrapping at 64 bits, as Go's does), `lead` in front. */
function readDigitRun(text: string, start: number, lead: number): DigitRun {
  let value = lead
  let at = start
  let length = 0
  for (let code = codeAt(text, at); code >= 0 && isDigit(code); code = codeAt(text, at)) {
    value = value * 10 + (code - 0x30)
    at += code > 0xffff ? 2 : 1
    length++
  }
  if (value <= Number.MAX_SAFE_INTEGER) return { value, length }
  let exact = BigInt(lead)
  for (let i = start; i < at; i += codeAt(text, i) > 0xffff ? 2 : 1)
    exact = BigInt.asIntN(64, exact * 10n + BigInt(codeAt(text, i) - 0x30))
  return { value: exact, length }
}

/** True if `a` stands before `b`. */
export function isNaturallyLess(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length < b.length
  // Never start inside a surrogate pair.
  if (i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800) i--
  const codeA = codeAt(a, i)
  const codeB = codeAt(b, i)
  const isLetterA = isLetter(codeA)
  const isLetterB = isLetter(codeB)
  if (isLetterA && isLetterB) return codeA < codeB
  if (isLetterA || isLetterB) return isLetterB
  let lead = 0
  if (codeA === 0x30 || codeB === 0x30) {
    for (let j = i - 1; j >= 0 && isDigit(a.charCodeAt(j)); j--) {
      if (a.charCodeAt(j) !== 0x30) {
        lead = 1
        break
      }
    }
  }
  const runA = readDigitRun(a, i, lead)
  const runB = readDigitRun(b, i, lead)
  if (runA.value < runB.value) return true
  if (runA.value > runB.value) return false
  if (runA.length !== runB.length) return runA.length < runB.length
  return codeA < codeB
}
