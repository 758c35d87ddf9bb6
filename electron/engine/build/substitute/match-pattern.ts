/**
 * Shell patterns as envsubst matches them: Go's `path.Match` changed so that `*` crosses `/`, with everything that follows from bytes and
 * from its not backtracking. Semantics: fluxcd/pkg envsubst v1.7.0 `path`.
 */
import { runeAt, runeWidthAt } from './byte-string.ts'

/** Thrown by `matchPattern` for a malformed pattern, but only where the match comes as far as the fault. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
}

/** True if `pattern` matches all of `name`. Both are byte strings. */
export function matchPattern(pattern: string, name: string): boolean {
  let rest = pattern
  next: while (rest.length > 0) {
    const { hasStar, chunk, after } = cutChunk(rest)
    rest = after
    if (hasStar && chunk === '') return true
    const tail = matchChunk(chunk, name, 0)
    if (tail >= 0 && (tail === name.length || rest.length > 0)) {
      name = name.slice(tail)
      continue
    }
    if (hasStar) {
      for (let i = 1; i <= name.length; i++) {
        const end = matchChunk(chunk, name, i)
        if (end < 0 || (rest.length === 0 && end < name.length)) continue
        name = name.slice(end)
        continue next
      }
    }
    return false
  }
  return name.length === 0
}

/** Stars, and the text up to the next star outside of `[...]`. */
function cutChunk(pattern: string): { readonly hasStar: boolean; readonly chunk: string; readonly after: string } {
  let start = 0
  while (pattern[start] === '*') start++
  let isInRange = false
  let end = start
  for (; end < pattern.length; end++) {
    const char = pattern[end]
    if (char === '\\') {
      if (end + 1 < pattern.length) end++
    } else if (char === '[') isInRange = true
    else if (char === ']') isInRange = false
    else if (char === '*' && !isInRange) break
  }
  return { hasStar: start > 0, chunk: pattern.slice(start, end), after: pattern.slice(end) }
}

/** Position behind the match of `chunk` at `from`; -1 if it does not match there. */
function matchChunk(chunk: string, name: string, from: number): number {
  let at = from
  let i = 0
  while (i < chunk.length) {
    if (at >= name.length) return -1
    let char = chunk[i]
    if (char === '[') {
      const rune = runeAt(name, at)
      at += runeWidthAt(name, at)
      i++
      const isNegated = chunk[i] === '^'
      if (isNegated) i++
      let isMatch = false
      for (let count = 0; ; count++) {
        if (count > 0 && chunk[i] === ']') {
          i++
          break
        }
        const low = readClassRune(chunk, i)
        i = low.next
        let high = low
        if (chunk[i] === '-') {
          high = readClassRune(chunk, i + 1)
          i = high.next
        }
        if (low.rune <= rune && rune <= high.rune) isMatch = true
      }
      if (isMatch === isNegated) return -1
      continue
    }
    if (char === '?') {
      at += runeWidthAt(name, at)
      i++
      continue
    }
    if (char === '\\') {
      i++
      if (i >= chunk.length) throw new PatternFault('syntax error in pattern')
      char = chunk[i]
    }
    if (char !== name[at]) return -1
    at++
    i++
  }
  return at
}

function readClassRune(chunk: string, from: number): { readonly rune: number; readonly next: number } {
  let at = from
  if (at >= chunk.length || chunk[at] === '-' || chunk[at] === ']') throw new PatternFault('syntax error in pattern')
  if (chunk[at] === '\\') at++
  if (at >= chunk.length) throw new PatternFault('syntax error in pattern')
  const rune = runeAt(chunk, at)
  const next = at + runeWidthAt(chunk, at)
  if ((rune === 0xfffd && next === at + 1) || next >= chunk.length) throw new PatternFault('syntax error in pattern')
  return { rune, next }
}
