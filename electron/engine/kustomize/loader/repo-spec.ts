/**
 * Recognises what kustomize takes for a git repository: URLs, scp-like addresses and the bare `github.com/...` form. Nothing is fetched.
 * Semantics: kustomize api internal/git RepoSpec.
 */
import { cleanPath } from './paths.ts'

export interface RepoSpec {
  /** The text as given. */
  readonly raw: string
  /** Scheme, user and host, with the separator that follows. */
  readonly host: string
  readonly repoPath: string
  /** Directory inside the repository, '' for its root. */
  readonly rootPath: string
  /** Branch, tag or commit; '' for the default branch. */
  readonly ref: string
}

const schemes = ['ssh://', 'https://', 'http://', 'file://'] as const

/** The parts of a git-like address; null for anything else, which is then a local path. */
export function parseRepoSpec(address: string): RepoSpec | null {
  if (address.startsWith('/')) return null
  const question = address.indexOf('?')
  const location = question < 0 ? address : address.slice(0, question)
  const found = splitHost(location)
  if (found === null) return null
  const parts = splitRepoPath(found.rest, found.host.startsWith('file://'))
  if (parts === null) return null
  const [repoPath, rootPath] = parts
  return {
    raw: address,
    host: found.host,
    repoPath,
    rootPath,
    ref: refOf(question < 0 ? '' : address.slice(question + 1)),
  }
}

/** What git would be told to clone. */
export function cloneAddress(spec: RepoSpec): string {
  return spec.host + spec.repoPath
}

/** True for a path that kustomize would download as a file: it parses as an http or https URL. */
export function isRemoteFile(path: string): boolean {
  if (!/^https?:/i.test(path)) return false
  // Go's url.Parse refuses control characters, spaces in the host and broken escapes; such text is a path.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(path)) return false
  const authority = /^https?:\/\/([^/?#]*)/i.exec(path)?.[1] ?? ''
  return !/[ "<>\\^`{|}]/.test(authority) && !/%(?![0-9a-fA-F]{2})/.test(path.split(/[?#]/, 1)[0]!)
}

function splitHost(location: string): { host: string; rest: string } | null {
  let text = dropPrefix(location, 'git::') ?? location
  let scheme = ''
  for (const candidate of schemes) {
    const rest = dropPrefix(text, candidate)
    if (rest === null) continue
    scheme = candidate
    text = rest
    break
  }
  let user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(text)?.[0] ?? ''
  text = text.slice(user.length)
  const lower = text.toLowerCase()
  const isGithub = lower.startsWith('github.com/') || lower.startsWith('github.com:')
  const acceptsScp = scheme === '' && (user !== '' || isGithub)
  if (scheme === '' && !acceptsScp) return null
  if (scheme === 'file://') return { host: scheme, rest: user + text }

  let separator = text.indexOf('/')
  if (acceptsScp) {
    const colon = text.indexOf(':')
    if (separator === -1 || (colon > 0 && colon < separator)) separator = colon
  }
  let host = separator < 0 ? text : text.slice(0, separator + 1)
  const rest = separator < 0 ? '' : text.slice(separator + 1)
  if (isGithub) {
    if (scheme === 'ssh://' || user !== '') {
      scheme = ''
      host = 'github.com:'
    } else {
      scheme = 'https://'
      user = ''
      host = 'github.com/'
    }
  }
  return host === '' ? null : { host: scheme + user + host, rest }
}

function splitRepoPath(path: string, isFileUrl: boolean): [repoPath: string, rootPath: string] | null {
  const parts = splitAtMarker(path) ?? splitAtDefault(path, isFileUrl)
  if (parts === null || parts[0] === '') return null
  const rootPath = parts[1].startsWith('/') ? parts[1].slice(1) : parts[1]
  return cleanPath(rootPath).split('/')[0] === '..' ? null : [parts[0], rootPath]
}

/** `_git/REPO/...` (Azure), `REPO//...` and `REPO.git/...` say where the repository ends. */
function splitAtMarker(path: string): [string, string] | null {
  const azure = path.indexOf('_git/')
  if (azure >= 0) {
    const [repo, ...rest] = path.slice(azure + 5).split('/')
    return [path.slice(0, azure + 5) + repo!, rest.join('/')]
  }
  const double = path.indexOf('//')
  if (double >= 0) return [path.slice(0, double), path.slice(double + 2)]
  const suffix = path.indexOf('.git')
  return suffix >= 0 ? [path.slice(0, suffix + 4), path.slice(suffix + 4)] : null
}

/** Otherwise owner and name, as GitHub has it; a file URL names the repository as a whole. */
function splitAtDefault(path: string, isFileUrl: boolean): [string, string] | null {
  if (isFileUrl) return [path, '']
  const segments = path.split('/')
  return segments.length < 2 ? null : [segments.slice(0, 2).join('/'), segments.slice(2).join('/')]
}

function refOf(query: string): string {
  // Go refuses a query with broken escapes or semicolons and takes its defaults then.
  if (query.includes(';') || /%(?![0-9a-fA-F]{2})/.test(query)) return ''
  const values = new URLSearchParams(query)
  return values.get('ref') || values.get('version') || ''
}

function dropPrefix(text: string, prefix: string): string | null {
  return text.slice(0, prefix.length).toLowerCase() === prefix ? text.slice(prefix.length) : null
}
