/**
 * Splitting the paths that users write. Semantics: kyaml's PathSplitter and SmarterPathSplitter, and Go's strconv.Atoi for indexes.
 */

/** Splits at the delimiter, `\` before it escapes it; one leading delimiter is left out. */
export function splitEscaped(path: string, delimiter: string): string[] {
  if (!path.includes('\\')) {
    const parts = path.split(delimiter)
    return parts.length > 1 && parts[0] === '' ? parts.slice(1) : parts
  }
  const parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts.shift()
  const result = [parts[0]!]
  for (const part of parts.slice(1)) {
    const last = result.at(-1)!
    if (last.endsWith('\\')) result[result.length - 1] = last.slice(0, -1) + delimiter + part
    else result.push(part)
  }
  return result
}

/**
 * Splits at unescaped delimiters outside brackets: `spec.containers.[name=a.b].image` has four parts. Brackets around a key that holds the
 * delimiter (`[example.com/key]`) are taken off; those with a `=` stay, they select elements.
 */
export function splitPath(path: string, delimiter = '.'): string[] {
  const parts = splitEscaped(path, delimiter)
  if (!path.includes('[')) return parts
  const result: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part)
      continue
    }
    const bracketed = [part]
    while (i < parts.length - 1) {
      bracketed.push(parts[++i]!)
      if (parts[i]!.endsWith(']')) break
    }
    const text = bracketed.join(delimiter)
    result.push(text.includes('=') ? text : trimBrackets(text))
  }
  return result
}

/** Go's strings.Trim(text, "[]"). */
function trimBrackets(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && (text[start] === '[' || text[start] === ']')) start++
  while (end > start && (text[end - 1] === '[' || text[end - 1] === ']')) end--
  return text.slice(start, end)
}

/** Go's strconv.Atoi; null where it fails (no number, or beyond 64 bits). Beyond 2^53 the value is not exact, which no index needs. */
export function parseIndex(text: string): number | null {
  const first = text.charCodeAt(0)
  // Nearly all parts are names: their first character says so.
  if (!(first >= 0x30 && first <= 0x39) && first !== 0x2b && first !== 0x2d) return null
  if (!/^[+-]?[0-9]+$/.test(text)) return null
  const value = Number(text)
  return Math.abs(value) < 2 ** 63 ? value : null
}

/** `[name=x]`, `[=x]`: what selects elements of a list. */
export function isElementSelector(part: string): boolean {
  return part.startsWith('[') && part.endsWith(']')
}

export function isIndex(part: string): boolean {
  const index = parseIndex(part)
  return index !== null && index >= 0
}
