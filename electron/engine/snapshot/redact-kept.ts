/**
 * SECURITY: item 9: what goes to the disk is searched for secrets first. Secrets themselves are never among the objects; this is for what people write
 * into others: a password among a release's values, a token in a URL, a key in a message.
 */
import { redactText } from '../../../shared/lib/redact.ts'

const secretKey =
  /(pass(word|wd|phrase)?|token|secret|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|auth[-_]?header)$/i
/** Whatever a text without these holds, `redactText` leaves as it is: most objects need no second look. */
const suspicious =
  /(pass(word|wd|phrase)?|token|secret|key|credentials?|header)"\s*:\s*"|(password|passwd|token|secret|api[-_]?key|access[-_]?key)\\?["']?\s*[:=]|PRIVATE KEY|AGE-SECRET|\b(Bearer|Basic|Token)\s|eyJ|gh[pousr]_|github_pat_|glpat-|xox[abpr]-|AKIA|:\/\/[^\s"/]*@/i
const maxDepth = 40
const hidden = '[not kept]'

/** JSON text without what looks like a secret; as it is where nothing does. */
export function redactJson(text: string): string {
  return suspicious.test(text) ? JSON.stringify(redact(JSON.parse(text) as unknown, maxDepth)) : text
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return hidden
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      typeof entry === 'string' && entry !== '' && secretKey.test(key) ? hidden : redact(entry, depth - 1),
    ]),
  )
}
