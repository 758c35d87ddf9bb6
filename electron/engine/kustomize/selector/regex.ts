/**
 * Regular expressions of users: Go's RE2 syntax and linear time (SECURITY: a pattern of a repository never reaches JavaScript's own
 * backtracking RegExp). Patterns that hold nothing but literals, `.`, `.*`, `.+` and `|` are matched here without the RE2 engine.
 *
 * Semantics: Go's regexp.MatchString; error texts are Go's.
 */
import { RE2JS } from 're2js'
import { BuildError } from '../build-error.ts'

export interface Regex {
  /** True if the pattern matches anywhere in the text (Go's MatchString); anchors are part of the pattern. */
  matches(text: string): boolean
}

/** Compiles a pattern to search for anywhere in a text. Throws BuildError TransformFailed with Go's text. */
export function compileRegex(pattern: string): Regex {
  return compileSimple(pattern, false) ?? compileRe2(pattern)
}

/** Compiles a pattern that must match the whole text: upstream's `^(?:PATTERN)$`; errors show that form, as Go's do. */
export function compileAnchored(pattern: string): Regex {
  return compileSimple(pattern, true) ?? compileRe2(`^(?:${pattern})$`)
}

/** Compiled patterns of one build. */
export class RegexCache {
  private readonly anywhere = new Map<string, Regex>()
  private readonly anchored = new Map<string, Regex>()

  regex(pattern: string): Regex {
    return remember(this.anywhere, pattern, compileRegex)
  }

  anchoredRegex(pattern: string): Regex {
    return remember(this.anchored, pattern, compileAnchored)
  }
}

const caches = new WeakMap<object, RegexCache>()

/** The compile cache that belongs to a build: `owner` is any object that lives as long as it (its context, its schemas). */
export function regexCacheOf(owner: object): RegexCache {
  let cache = caches.get(owner)
  if (cache === undefined) caches.set(owner, (cache = new RegexCache()))
  return cache
}

function remember(cache: Map<string, Regex>, pattern: string, compile: (pattern: string) => Regex): Regex {
  let regex = cache.get(pattern)
  if (regex === undefined) cache.set(pattern, (regex = compile(pattern)))
  return regex
}

function compileRe2(pattern: string): Regex {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Go quotes the faulty part even where there is none.
    throw new BuildError('TransformFailed', message.endsWith('at end of expression') ? `${message}: \`\`` : message)
  }
  return { matches: (text) => compiled.matcher(text).find() }
}

/** One alternative: literal pieces and wildcards. `any` is `.`, `many` is `.*`. */
type Piece = { readonly literal: string } | 'any' | 'many'

/** Null where the pattern needs the RE2 engine. */
function compileSimple(pattern: string, isAnchored: boolean): Regex | null {
  const alternatives: Piece[][] = []
  for (const source of splitAlternatives(pattern)) {
    const pieces = readPieces(source)
    if (pieces === null) return null
    alternatives.push(pieces)
  }
  if (alternatives.every((pieces) => pieces.every((piece) => typeof piece !== 'string'))) {
    const literals = alternatives.map((pieces) =>
      pieces.map((piece) => (piece as { literal: string }).literal).join(''),
    )
    if (isAnchored) {
      const [only] = literals
      if (literals.length === 1) return { matches: (text) => text === only }
      const set = new Set(literals)
      return { matches: (text) => set.has(text) }
    }
    return { matches: (text) => literals.some((literal) => text.includes(literal)) }
  }
  if (!isAnchored) return null
  const re2 = lazily(() => compileRe2(`^(?:${pattern})$`))
  return {
    // `.` is a code point and never a line feed: texts that could tell the difference go to the engine.
    matches: (text) =>
      isPlain(text) ? alternatives.some((pieces) => matchesPieces(pieces, text)) : re2().matches(text),
  }
}

function splitAlternatives(pattern: string): string[] {
  return pattern.includes('|') && !pattern.includes('\\') ? pattern.split('|') : [pattern]
}

function readPieces(source: string): Piece[] | null {
  const pieces: Piece[] = []
  let literal = ''
  const flush = (): void => {
    if (literal !== '') pieces.push({ literal })
    literal = ''
  }
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!
    const code = char.charCodeAt(0)
    if (char === '\\' && source[i + 1] === '.') {
      literal += '.'
      i++
    } else if (char === '.') {
      flush()
      const next = source[i + 1]
      const repeated = next === '*' || next === '+'
      if (next !== '*') pieces.push('any')
      if (repeated) {
        pieces.push('many')
        i++
      }
      const after = source[i + 1]
      if (after === '?' || after === '*' || after === '+' || after === '{') return null
    } else if (isLiteral(code)) {
      const next = source[i + 1]
      if (next === '?' || next === '*' || next === '+' || next === '{') return null
      literal += char
    } else return null
  }
  flush()
  return pieces
}

/** Letters, digits and what is no operator of RE2: `-`, `_`, `/`, `:`, `=`, `,`, `@`, `~`, `#`, `%`, `&`, blank, `<`, `>`, `!`, `;`, quotes. */
function isLiteral(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x40 && code <= 0x5a) ||
    (code >= 0x2c && code <= 0x3e && code !== 0x2e) ||
    code === 0x5f ||
    code === 0x7e ||
    (code >= 0x20 && code <= 0x27 && code !== 0x24)
  )
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x0a || (code >= 0xd800 && code <= 0xdfff)) return false
  }
  return true
}

/** Wildcard matching with one point of return: linear in practice, at worst text times pattern. */
function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  let at = 0
  let index = 0
  let retryIndex = -1
  let retryAt = 0
  for (;;) {
    const piece = pieces[index]
    if (piece === 'many') {
      retryIndex = ++index
      retryAt = at
      continue
    }
    if (piece === undefined) {
      if (at === text.length) return true
    } else if (piece === 'any') {
      if (at < text.length) {
        at++
        index++
        continue
      }
    } else if (text.startsWith(piece.literal, at)) {
      at += piece.literal.length
      index++
      continue
    }
    if (retryIndex < 0 || retryAt >= text.length) return false
    at = ++retryAt
    index = retryIndex
  }
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null
  return () => (made ??= make())
}
