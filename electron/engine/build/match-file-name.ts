/** Go's `filepath.Match` on one path element: `*`, `?`, `[a-z]`, `[^a-z]` and `\` escapes; no `/` is ever in the name. */

/** Answers null for every name where the pattern is malformed. */
export type FileNameMatcher = (name: string) => boolean | null

/** Most patterns are a name or an ending: those compare texts. */
export function compileFileName(pattern: string): FileNameMatcher {
  if (!/[*?[\\]/.test(pattern)) return (name) => name === pattern
  const ending = pattern.slice(1)
  if (pattern.startsWith('*') && !/[*?[\\]/.test(ending)) return (name) => name.endsWith(ending)
  const tokens = parseTokens(pattern)
  return tokens === null ? () => null : (name) => matchTokens(tokens, name)
}

/** Backtracks only to the last star, so it is linear in practice. */
function matchTokens(tokens: readonly Token[], name: string): boolean {
  const chars = [...name]
  let at = 0
  let token = 0
  let starToken = -1
  let starAt = 0
  while (at < chars.length) {
    const current = tokens[token]
    if (current === 'star') {
      starToken = token++
      starAt = at
    } else if (current !== undefined && current(chars[at]!)) {
      token++
      at++
    } else if (starToken >= 0) {
      token = starToken + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token] === 'star') token++
  return token === tokens.length
}

type Token = 'star' | ((char: string) => boolean)

function parseTokens(pattern: string): readonly Token[] | null {
  const chars = [...pattern]
  const tokens: Token[] = []
  let i = 0
  while (i < chars.length) {
    const char = chars[i++]!
    if (char === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star')
    } else if (char === '?') tokens.push(() => true)
    else if (char === '[') {
      const set = readClass(chars, i)
      if (set === null) return null
      tokens.push(set.matches)
      i = set.next
    } else if (char === '\\') {
      const escaped = chars[i++]
      if (escaped === undefined) return null
      tokens.push((other) => other === escaped)
    } else tokens.push((other) => other === char)
  }
  return tokens
}

function readClass(
  chars: readonly string[],
  from: number,
): { readonly matches: (char: string) => boolean; readonly next: number } | null {
  let i = from
  const isNegated = chars[i] === '^'
  if (isNegated) i++
  const ranges: [number, number][] = []
  const readOne = (): number | null => {
    let char = chars[i]
    if (char === undefined || char === '-' || char === ']') return null
    if (char === '\\') char = chars[++i]
    if (char === undefined || i + 1 >= chars.length) return null
    i++
    return char.codePointAt(0)!
  }
  while (ranges.length === 0 || chars[i] !== ']') {
    const low = readOne()
    if (low === null) return null
    let high = low
    if (chars[i] === '-') {
      i++
      const end = readOne()
      if (end === null) return null
      high = end
    }
    ranges.push([low, high])
  }
  return {
    matches: (char) => {
      const code = char.codePointAt(0)!
      return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated
    },
    next: i + 1,
  }
}
