/**
 * Takes secrets out of text before it is logged, shown as an error or kept in the audit log (security.md 9, 10). Works on shapes that
 * are secrets wherever they stand; it is the second line of defence, since code does not put secrets into messages.
 */
const names = 'password|passwd|token|secret|api[-_]?key|client[-_]?secret|access[-_]?key'
const secretKey = new RegExp(`^(${names})$`, 'i')
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\bAGE-SECRET-KEY-[0-9A-Z-]+/gi, '[age key]'],
  [/\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?/g, '[token]'],
  [/\b(gh[pousr]_|github_pat_|glpat-|xox[abpr]-|AKIA)[A-Za-z0-9_-]{10,}/g, '[token]'],
  // A scheme has a bounded length: without it a long word is read through from each of its letters.
  [/([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s/@:]*(:[^\s/@]*)?@/gi, '$1[redacted]@'],
  [new RegExp(`\\b(${names})(["']?\\s*[:=]\\s*)("[^"]*"|'[^']*'|[^\\s,;&"']+)`, 'gi'), '$1$2[redacted]'],
]

export function redactText(text: string): string {
  let result = text
  for (const [shape, replacement] of shapes) result = result.replace(shape, replacement)
  return result
}

/** The same for every string in a flat or nested record, and whole where its key names a secret; depth is capped. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactValue(fields, 6) as Record<string, unknown>
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '[…]'
  if (Array.isArray(value)) return value.map((entry) => redactValue(entry, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      typeof entry === 'string' && entry !== '' && secretKey.test(key) ? '[redacted]' : redactValue(entry, depth - 1),
    ]),
  )
}
