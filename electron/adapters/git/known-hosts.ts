/** known_hosts files of OpenSSH: which keys a host may show. Source of the format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
import { createHmac } from 'node:crypto'

export interface KnownHosts {
  /** Key types that are known of the host, in the file's order; empty: the host is unknown. */
  typesOf(hostname: string, port: number): readonly string[]
  /** Its keys, one a line, under its plain name. */
  linesOf(hostname: string, port: number): readonly string[]
  judge(hostname: string, port: number, key: Buffer): 'known' | 'unknown' | 'changed' | 'revoked'
}

interface Entry {
  readonly marker: string
  readonly patterns: readonly string[]
  readonly type: string
  readonly key: string
}

/** Lines that cannot be read are left out, certificate authorities too: a host that only they vouch for stays unknown. */
export function parseKnownHosts(text: string): KnownHosts {
  const entries = text.split(/\r?\n/).flatMap((line): Entry[] => {
    const parts = line.trim().split(/[ \t]+/)
    if (parts[0] === undefined || parts[0] === '' || parts[0].startsWith('#')) return []
    const marker = parts[0].startsWith('@') ? parts.shift()! : ''
    const [hosts, type, key] = parts
    if (hosts === undefined || type === undefined || key === undefined) return []
    return [{ marker, patterns: hosts.split(','), type, key }]
  })
  const of = (hostname: string, port: number): readonly Entry[] =>
    entries.filter(({ patterns }) => matches(patterns, hostname.toLowerCase(), port))
  return {
    typesOf: (hostname, port) => [
      ...new Set(
        of(hostname, port)
          .filter(({ marker }) => marker === '')
          .map(({ type }) => type),
      ),
    ],
    linesOf: (hostname, port) =>
      of(hostname, port)
        .filter(({ marker }) => marker === '')
        .map(({ type, key }) => `${port === 22 ? hostname : `[${hostname}]:${port}`} ${type} ${key}`),
    judge(hostname, port, key) {
      const text = key.toString('base64')
      const mine = of(hostname, port)
      if (mine.some((entry) => entry.marker === '@revoked' && entry.key === text)) return 'revoked'
      const plain = mine.filter(({ marker }) => marker === '')
      if (plain.some((entry) => entry.key === text)) return 'known'
      return plain.length === 0 ? 'unknown' : 'changed'
    },
  }
}

function matches(patterns: readonly string[], hostname: string, port: number): boolean {
  const names = port === 22 ? [hostname, `[${hostname}]:22`] : [`[${hostname}]:${port}`]
  let isFound = false
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith('!')
    const body = isNegated ? pattern.slice(1) : pattern
    if (!names.some((name) => matchesOne(body, name))) continue
    if (isNegated) return false
    isFound = true
  }
  return isFound
}

function matchesOne(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) {
    const [, , salt, digest] = pattern.split('|')
    if (salt === undefined || digest === undefined) return false
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === digest
  }
  const lower = pattern.toLowerCase()
  if (!/[*?]/.test(lower)) return lower === name
  const source = lower
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
