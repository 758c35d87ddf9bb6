/** With what a Git server is spoken to: the source's Secret, or what the user has of their own. Source: flux-semantics §4, "Git secrets". */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitRequest } from '../../engine/source/artifact-port.ts'
import type { GitAddress } from './git-address.ts'
import { createHttpTransport } from './http-transport.ts'
import type { HttpAccess } from './http-transport.ts'
import { parseKnownHosts } from './known-hosts.ts'
import type { SmartTransport } from './smart-transport.ts'
import type { SshAccess } from './ssh-transport.ts'

/** What the machine offers; read anew for every connection. */
export interface GitAccess {
  readonly home: string
  /** SSH_AUTH_SOCK; null: no agent. */
  readonly sshAgent: string | null
  /** For the credential helper of the user's git; null: there is no git to ask. */
  readonly path: string | null
}

const idleTimeoutMs = 30_000
const keyNames = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** SECURITY: items 9 to 11. Throws SluiceError GitAuthFailed or GitFailed naming the repository and what is wrong with the Secret. */
export async function openTransport(
  request: GitRequest,
  address: GitAddress,
  access: GitAccess,
  userAgent: string,
): Promise<SmartTransport> {
  if (address.protocol === 'ssh') {
    if (request.proxy !== null)
      throw new SluiceError('GitFailed', `${address.text}: a proxy is not supported over ssh`, {
        remedy: 'Use https, or map a folder to this source.',
      })
    const { createSshTransport } = await import('./ssh-transport.ts')
    return createSshTransport({ address, access: await sshAccessOf(request, address, access), idleTimeoutMs })
  }
  return createHttpTransport({
    address,
    access: await httpAccessOf(request, address, access),
    userAgent,
    idleTimeoutMs,
  })
}

async function sshAccessOf(
  { secret, usesOwnCredentials }: GitRequest,
  address: GitAddress,
  access: GitAccess,
): Promise<SshAccess> {
  if (secret !== null) {
    const key = secret.get('identity')
    const knownHosts = secret.get('known_hosts')
    if (key === undefined || knownHosts === undefined)
      throw malformed(address, `it has no ${key === undefined ? 'identity' : 'known_hosts'}`)
    return {
      keys: [{ key, passphrase: secret.get('password') ?? null, label: 'identity' }],
      agent: null,
      knownHosts: parseKnownHosts(knownHosts),
      knownHostsLabel: 'known_hosts of the source’s Secret',
    }
  }
  if (usesOwnCredentials !== true) throw ownNotAllowed(address)
  const folder = join(access.home, '.ssh')
  const read = (name: string): Promise<string | null> => readFile(join(folder, name), 'utf8').catch(() => null)
  const keys = await Promise.all(keyNames.map(async (name) => ({ name, key: await read(name) })))
  return {
    agent: access.sshAgent,
    keys: keys.flatMap(({ name, key }) => (key === null ? [] : [{ key, passphrase: null, label: `~/.ssh/${name}` }])),
    knownHosts: parseKnownHosts((await read('known_hosts')) ?? ''),
    knownHostsLabel: '~/.ssh/known_hosts',
  }
}

async function httpAccessOf(request: GitRequest, address: GitAddress, access: GitAccess): Promise<HttpAccess> {
  const { secret } = request
  const proxy = proxyOf(request, address)
  if (secret === null) {
    const own = request.usesOwnCredentials === true ? await ownAuthorization(request, address, access) : null
    return { authorization: own, ca: null, clientCertificate: null, proxy }
  }
  const username = secret.get('username')
  const password = secret.get('password')
  const bearer = secret.get('bearerToken')
  if (secret.has('githubAppID'))
    throw new SluiceError('GitAuthFailed', `${address.text} is read by a GitHub App, which Sluice does not speak for`, {
      remedy: 'Allow your own credentials for this repository, or map a folder to this source.',
    })
  if (bearer !== undefined && (username !== undefined || password !== undefined))
    throw malformed(address, 'it has both a bearerToken and a password')
  if (username === undefined && password !== undefined) throw malformed(address, 'it has a password without a username')
  const cert = secret.get('tls.crt') ?? secret.get('certFile')
  const key = secret.get('tls.key') ?? secret.get('keyFile')
  if ((cert === undefined) !== (key === undefined)) throw malformed(address, 'it has one of tls.crt and tls.key only')
  return {
    authorization:
      bearer !== undefined
        ? `Bearer ${bearer.trim()}`
        : username !== undefined
          ? basic(username, password ?? '')
          : null,
    ca: secret.get('ca.crt') ?? secret.get('caFile') ?? null,
    clientCertificate: cert === undefined || key === undefined ? null : { cert, key },
    proxy,
  }
}

/** SECURITY: item 9: what the user keeps for this repository here goes before what their git knows; never in plain text. */
function ownAuthorization({ ownToken }: GitRequest, address: GitAddress, access: GitAccess): Promise<string | null> {
  if (address.protocol !== 'https') return Promise.resolve(null)
  if (ownToken != null) return Promise.resolve(basic(ownToken.username, ownToken.secret))
  return askCredentialHelper(address, access)
}

function proxyOf({ proxy }: GitRequest, address: GitAddress): string | null {
  const text = proxy?.get('address')
  if (text === undefined) return null
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new SluiceError('GitFailed', `${address.text}: the address in its proxy Secret is no URL`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new SluiceError('GitFailed', `${address.text}: a ${url.protocol.slice(0, -1)} proxy is not supported`, {
      remedy: 'Use an http proxy, or map a folder to this source.',
    })
  url.username = encodeURIComponent(proxy?.get('username') ?? '')
  url.password = encodeURIComponent(proxy?.get('password') ?? '')
  return url.href
}

/**
 * The user's own git knows where they keep what. SECURITY: item 10: asked only after the user allowed their credentials for this cluster and
 * repository; no prompt is shown; the path is told, so that helpers which keep one credential for each repository can.
 */
function askCredentialHelper(address: GitAddress, { path, home }: GitAccess): Promise<string | null> {
  if (path === null || address.protocol !== 'https') return Promise.resolve(null)
  return new Promise((resolve) => {
    const child = spawn('git', ['-c', 'credential.interactive=false', 'credential', 'fill'], {
      cwd: home,
      env: { PATH: path, HOME: home, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '' },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 10_000,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stdout.on('data', (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(0, 64 * 1024)
    })
    child.on('error', () => resolve(null))
    child.on('close', (code) => {
      const value = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1]
      const username = value('username')
      const password = value('password')
      resolve(code === 0 && username !== undefined && password !== undefined ? basic(username, password) : null)
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(`protocol=https\nhost=${address.host}\npath=${address.path.replace(/^\/+/, '')}\n\n`)
  })
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function malformed(address: GitAddress, why: string): SluiceError {
  return new SluiceError('GitAuthFailed', `The Secret of the source at ${address.text} cannot be used: ${why}`, {
    remedy: 'Correct the Secret: the controller refuses it too.',
  })
}

function ownNotAllowed(address: GitAddress): SluiceError {
  return new SluiceError('GitAuthFailed', `${address.text} asks for an SSH key`, {
    remedy:
      'Give yourself the right to read the source’s Secret, allow your own credentials for this repository, or map a folder to it.',
  })
}
