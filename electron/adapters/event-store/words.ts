/**
 * Words as the store finds them: what is written and what is asked go through here alike. The index splits at ASCII that is neither letter nor
 * digit and leaves the rest alone; texts reach it as words joined by blanks, so this alone decides what a word is.
 */

/** Longer ones are found by their beginning. */
const maxWordChars = 64
const word = /[\p{L}\p{N}\p{M}]+/gu
/** Marks what is no word: private use, so no text can spell it. */
const mark = '\uE000'

/** Different words of a text, in small letters. */
export function wordsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [match] of text.toLowerCase().matchAll(word)) found.add(match.slice(0, maxWordChars))
  return found
}

export type TokenField = 'cluster' | 'type' | 'kind' | 'namespace' | 'reason' | 'actor' | 'tone' | 'because'
const letters: Readonly<Record<TokenField, string>> = {
  cluster: 'c',
  type: 't',
  kind: 'k',
  namespace: 'n',
  reason: 'r',
  actor: 'a',
  tone: 'o',
  because: 'b',
}

/** A field's value (by number) as one more word of the same index. */
export function fieldToken(field: TokenField, id: number): string {
  return `${mark}${letters[field]}${id.toString(36)}`
}

/** The number in a word of the index; null if that is none of this field. */
export function fieldOf(field: TokenField, token: string): number | null {
  const start = `${mark}${letters[field]}`
  return token.startsWith(start) ? Number.parseInt(token.slice(start.length), 36) : null
}

/** What of `text`, were it part of a message, are words of that message: a first part may be the end of a longer word, a last one its beginning. */
export function wordsWithin(text: string): readonly { readonly word: string; readonly isWhole: boolean }[] {
  const lower = text.toLowerCase()
  return [...lower.matchAll(word)]
    .filter(({ index }) => index > 0)
    .map((match) => ({
      word: match[0].slice(0, maxWordChars),
      isWhole: match.index + match[0].length < lower.length,
    }))
}

/** In the index' own language. */
export function exactly(token: string): string {
  return `"${token}"`
}

export function beginning(token: string): string {
  return `"${token}" *`
}
