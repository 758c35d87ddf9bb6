/** The URL of a Git repository, as far as source-controller takes one. */
import { SluiceError } from '../../../shared/model/errors.ts'

export interface GitAddress {
  readonly protocol: 'http' | 'https' | 'ssh'
  /** `host` or `host:port`, as a user allows it. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  /** ssh: the URL's user, `git` if it has none. */
  readonly user: string
  /** Path with its leading slash, percent-encoding kept for http and taken away for ssh. */
  readonly path: string
  /** Without user information: for messages, keys and requests. */
  readonly text: string
}

const defaultPorts = { http: 80, https: 443, ssh: 22 } as const

/**
 * SECURITY: item 10: nothing that could be read as an option or a local path gets near a transport; http, https and ssh URLs only, as
 * source-controller has it. Throws SluiceError GitFailed naming the URL without what could be a credential.
 */
export function parseGitAddress(url: string): GitAddress {
  const refused = (why: string): SluiceError =>
    new SluiceError('GitFailed', `The Git URL ${withoutUser(url)} cannot be used: ${why}`, {
      remedy: 'Use an http, https or ssh URL, as source-controller demands.',
    })
  if (url.startsWith('-')) throw refused('it begins with a dash')
  if (hasControl(url)) throw refused('it holds control characters')
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw refused('it is no URL')
  }
  const protocol = parsed.protocol.slice(0, -1)
  if (protocol !== 'http' && protocol !== 'https' && protocol !== 'ssh')
    throw refused(`its scheme is ${protocol}, not http, https or ssh`)
  const hostname = parsed.hostname.replace(/^\[|\]$/g, '')
  if (hostname === '' || hostname.startsWith('-')) throw refused('it names no host')
  const path = protocol === 'ssh' ? decodePath(parsed.pathname, refused) : `${parsed.pathname}${parsed.search}`
  if (path === '' || path === '/' || path.startsWith('/-')) throw refused('it names no repository')
  const user = decodeURIComponent(parsed.username) || 'git'
  if (user.startsWith('-')) throw refused('its user begins with a dash')
  const port = parsed.port === '' ? defaultPorts[protocol] : Number(parsed.port)
  const host = parsed.port === '' ? parsed.hostname : `${parsed.hostname}:${parsed.port}`
  return {
    protocol,
    host,
    hostname,
    port,
    user,
    path,
    text: `${protocol}://${host}${parsed.pathname}${parsed.search}`,
  }
}

/** For messages: whatever stands before an `@` goes. */
export function withoutUser(url: string): string {
  return url.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^/]*@/, '$1').slice(0, 300)
}

function decodePath(path: string, refused: (why: string) => SluiceError): string {
  try {
    const decoded = decodeURIComponent(path)
    if (hasControl(decoded) || decoded.includes("'")) throw refused('its path holds characters that no repository has')
    return decoded
  } catch (error) {
    throw error instanceof SluiceError ? error : refused('its path is not percent-encoded text')
  }
}

function hasControl(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  return /[\u0000-\u001f\u007f]/.test(text)
}
