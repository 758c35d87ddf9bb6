/** Text from outside (names, plugins' stderr, servers' answers) made fit for a sentence: one line, short, without secrets. */

// C0, C1, bidi controls and isolates, zero-width characters, line and paragraph separators.
// eslint-disable-next-line no-control-regex
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
// eslint-disable-next-line no-control-regex
const ansi = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g

// SECURITY: item 9: what looks like a credential never reaches a message, a log or the window.
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, '[redacted key]'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, '$1 [redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g, '[redacted token]'],
  [/\b(k8s-aws-v1\.)[A-Za-z0-9_-]+/g, '$1[redacted]'],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi, '$1[redacted]@'],
  [
    /((?:token|password|passwd|secret|api[-_]?key|authorization|client[-_]key[-_]data|private[-_]key)["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,;&}]+)/gi,
    '$1[redacted]',
  ],
]

/** Redacted, control characters neutralised, the last `maxChars` characters kept. `known` are literal secrets to remove as well. */
export function redactText(text: string, maxChars = 4096, known: readonly string[] = []): string {
  let out = text.replace(ansi, '')
  for (const secret of known) if (secret.length >= 4) out = out.replaceAll(secret, '[redacted]')
  for (const [pattern, replacement] of secrets) out = out.replace(pattern, replacement)
  out = out.replace(invisible, '\ufffd').trim()
  return out.length > maxChars ? `…${out.slice(-maxChars)}` : out
}

/** A name from a file or a server, quoted for a sentence: at most 80 characters, nothing invisible, no line break. */
export function quoteName(name: string): string {
  const clean = name
    .slice(0, 400)
    .replace(ansi, '')
    .replace(invisible, '\ufffd')
    .replace(/[\t\n]+/g, ' ')
  const characters = [...clean]
  return `"${characters.length > 80 || name.length > 400 ? `${characters.slice(0, 79).join('')}…` : clean}"`
}

/** Path for people: the home folder as `~`, nothing invisible. */
export function labelPath(path: string, home: string): string {
  const shown =
    home !== '' && home !== '/' && (path.startsWith(`${home}/`) || path.startsWith(`${home}\\`))
      ? `~${path.slice(home.length)}`
      : path
  return shown.replace(invisible, '\ufffd').replace(/[\t\n]+/g, ' ')
}

/** Scheme, host and port of a URL; never user info, path or query. */
export function labelUrl(url: URL): string {
  return `${url.protocol}//${url.host}`
}
