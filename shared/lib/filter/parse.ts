/**
 * The filter language of lists: `ns:team-*,flux-system kind:ks -status:ready is:overdue "two words"`. Tokens are joined by and, the values
 * of one token by or; `-` negates; `*` stands for any characters; quotes keep spaces, commas and colons. Parsing never fails: what
 * cannot be understood is a token with an error, which the box shows in place and which filters nothing.
 */
export const filterKeys = [
  'ns',
  'kind',
  'status',
  'ctx',
  'source',
  'name',
  'is',
  'manager',
  'risk',
  'owner',
  'commit',
  'by',
  'reason',
] as const
export type FilterKey = (typeof filterKeys)[number]

const aliases: Readonly<Record<string, FilterKey>> = {
  namespace: 'ns',
  context: 'ctx',
}

/** Properties for `is:`. Status words are properties too; `failed` includes Stalled. Those from `missing` on are of drift alone. */
export const filterProperties = [
  'ready',
  'failed',
  'stalled',
  'unreachable',
  'waiting',
  'progressing',
  'held',
  'suspended',
  'drifted',
  'unknown',
  'stale',
  'overdue',
  'blocked',
  'terminating',
  'missing',
  'pruned',
  'refused',
  'moving',
  'skipped',
  'record',
  'approximate',
] as const
export type FilterProperty = (typeof filterProperties)[number]

export interface FilterToken {
  /** null: free text. */
  readonly key: FilterKey | null
  readonly isNegated: boolean
  /** At least one unless `error` is set. */
  readonly values: readonly string[]
  /** Range in the parsed text, end exclusive. */
  readonly start: number
  readonly end: number
  /** What is wrong and what would be right; null if nothing. */
  readonly error: string | null
}

export interface Filter {
  readonly text: string
  readonly tokens: readonly FilterToken[]
}

/** Longer filters are cut: a pasted file is not a filter. */
const maxLength = 2000

export function parseFilter(input: string): Filter {
  const text = input.slice(0, maxLength)
  const tokens: FilterToken[] = []
  let position = 0
  while (position < text.length) {
    if (isSpace(text[position])) {
      position += 1
      continue
    }
    const token = readToken(text, position)
    tokens.push(token)
    position = token.end
  }
  return { text, tokens }
}

function readToken(text: string, start: number): FilterToken {
  let position = start
  // A dash alone, or before a space, is text.
  const isNegated = text[position] === '-' && position + 1 < text.length && !isSpace(text[position + 1])
  if (isNegated) position += 1
  const keyMatch = /^([A-Za-z]+):/.exec(text.slice(position, position + 64))
  const word = keyMatch?.[1]?.toLowerCase() ?? ''
  const key = toKey(word)
  if (key !== null) {
    const list = readValues(text, position + word.length + 1)
    return {
      key,
      isNegated,
      values: list.values,
      start,
      end: list.end,
      error: list.error ?? checkValues(key, list.values),
    }
  }
  const value = readValue(text, position, false)
  // `https://…` and `sha1:…` are text; a word and a colon is most likely a mistyped key.
  const isUnknownKey = word !== '' && text[position + word.length + 1] !== '/'
  return {
    key: null,
    isNegated,
    values: [value.text],
    start,
    end: value.end,
    error: isUnknownKey
      ? `"${word}:" is not a filter. Use ${filterKeys.map((each) => `${each}:`).join(', ')}, or put the text in quotes`
      : (value.error ?? (value.text === '' ? 'An empty text matches everything' : null)),
  }
}

function toKey(word: string): FilterKey | null {
  const known = filterKeys.find((key) => key === word)
  if (known !== undefined) return known
  return Object.hasOwn(aliases, word) ? (aliases[word] ?? null) : null
}

interface ReadList {
  readonly values: readonly string[]
  readonly end: number
  readonly error: string | null
}

function readValues(text: string, start: number): ReadList {
  const values: string[] = []
  let position = start
  let error: string | null = null
  for (;;) {
    const value = readValue(text, position, true)
    error ??= value.error
    if (value.text !== '') values.push(value.text)
    position = value.end
    if (text[position] !== ',') break
    position += 1
  }
  return { values, end: position, error }
}

/** One value up to a space (or comma, in a list); quotes may stand anywhere in it. */
function readValue(
  text: string,
  start: number,
  isList: boolean,
): { readonly text: string; readonly end: number; readonly error: string | null } {
  let position = start
  let result = ''
  let isQuoted = false
  while (position < text.length) {
    const character = text[position] ?? ''
    if (character === '"') {
      isQuoted = !isQuoted
    } else if (isQuoted && character === '\\' && position + 1 < text.length) {
      position += 1
      result += text[position] ?? ''
    } else if (!isQuoted && (isSpace(character) || (isList && character === ','))) {
      break
    } else {
      result += character
    }
    position += 1
  }
  return { text: result, end: position, error: isQuoted ? 'The closing quote is missing' : null }
}

function checkValues(key: FilterKey, values: readonly string[]): string | null {
  if (values.length === 0) return `${key}: needs a value`
  if (key !== 'is') return null
  const unknown = values.find((value) => !filterProperties.some((property) => property === value.toLowerCase()))
  return unknown === undefined ? null : `is:${unknown} is unknown. Use one of ${filterProperties.join(', ')}`
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\u00a0'
}

/** Text that parses to the same tokens (ranges aside): what the boxes write back. */
export function formatFilter(tokens: readonly Pick<FilterToken, 'key' | 'isNegated' | 'values'>[]): string {
  return tokens
    .map(({ key, isNegated, values }) => {
      const sign = isNegated ? '-' : ''
      if (key === null) return sign + quote(values[0] ?? '', true)
      return `${sign}${key}:${values.map((value) => quote(value, false)).join(',')}`
    })
    .join(' ')
}

function quote(value: string, isText: boolean): string {
  const needsQuotes =
    value === '' || /[\s"\\,]/.test(value) || (isText && (/^-/.test(value) || /^[A-Za-z]+:/.test(value)))
  return needsQuotes ? `"${value.replace(/["\\]/g, '\\$&')}"` : value
}
