/**
 * Git over http or https on loopback: `git http-backend` (CGI) behind node:http, for real controllers, the flux CLI and our own client.
 * Repositories lie in a temporary folder that goes with stop().
 */
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

export interface GitRepository {
  readonly url: string
  readonly branch: string
  /** Writes files (null deletes one), commits them on the branch and answers the commit's hash. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): Promise<string>
  /** As commit, for whatever the caller changed below `workFolder` itself. */
  commitAll(message?: string): Promise<string>
  /** Any other command on the repository; its words. */
  git(...args: readonly string[]): Promise<string>
  /** The checkout that commits are made from. */
  readonly workFolder: string
}

export interface GitServer {
  /** http://127.0.0.1:PORT, or https: */
  readonly url: string
  /** "GET /name.git/info/refs?service=git-upload-pack", in order of arrival. */
  readonly requests: readonly string[]
  createRepository(name: string, files?: Readonly<Record<string, string>>): Promise<GitRepository>
  /** Answers every request with this status until null is set again. */
  failWith(status: number | null): void
  /** Breaks the connection after so many bytes of each pack, until null is set again. */
  cutPacksAfter(bytes: number | null): void
  stop(): Promise<void>
}

export interface GitServerOptions {
  /** Asked for on every request (Basic) if given. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Served over TLS with it. */
  readonly certificate?: { readonly certPem: string; readonly keyPem: string }
}

const run = promisify(execFile)
const branch = 'main'

// The user's own configuration (signing, hooks, rewrites) must not reach the fixtures.
const gitEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Sluice Test',
  GIT_AUTHOR_EMAIL: 'test@sluice.invalid',
  GIT_COMMITTER_NAME: 'Sluice Test',
  GIT_COMMITTER_EMAIL: 'test@sluice.invalid',
}

/** Starts the server on a port of the system's choice. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'sluice-git-'))
  const served = path.join(root, 'served')
  await mkdir(served)
  const requests: string[] = []
  let failure: number | null = null
  let packBytes: number | null = null
  const expected = options.credentials
    ? `Basic ${Buffer.from(`${options.credentials.username}:${options.credentials.password}`).toString('base64')}`
    : null
  const answer: RequestListener = (incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`)
    if (failure !== null) return void outgoing.writeHead(failure).end()
    if (expected !== null && incoming.headers.authorization !== expected) {
      return void outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    }
    if (packBytes !== null && incoming.method === 'POST') cutAfter(outgoing, packBytes)
    serveCgi(served, incoming, outgoing)
  }
  const { certificate } = options
  const server =
    certificate === undefined
      ? createServer(answer)
      : createTlsServer({ cert: certificate.certPem, key: certificate.keyPem }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    requests,
    failWith: (status) => void (failure = status),
    cutPacksAfter: (bytes) => void (packBytes = bytes),
    async createRepository(name, files) {
      const gitFolder = path.join(served, `${name}.git`)
      const workFolder = path.join(root, 'work', name)
      await mkdir(workFolder, { recursive: true })
      await run('git', ['init', '-q', '--bare', '-b', branch, gitFolder], { env: gitEnv })
      await run('git', ['-C', gitFolder, 'config', 'http.receivepack', 'true'], { env: gitEnv })
      const git = async (...args: readonly string[]): Promise<string> => {
        const all = [`--git-dir=${gitFolder}`, `--work-tree=${workFolder}`, ...args]
        return (await run('git', all, { env: gitEnv, cwd: workFolder, maxBuffer: 64 << 20 })).stdout.trim()
      }
      const commitAll = async (message = 'Change'): Promise<string> => {
        await git('add', '-A', '-f')
        await git('commit', '-q', '--allow-empty', '-m', message)
        return git('rev-parse', 'HEAD')
      }
      const repository: GitRepository = {
        url: `${url}/${name}.git`,
        branch,
        workFolder,
        commitAll,
        git,
        async commit(changes, message) {
          for (const [at, text] of Object.entries(changes)) {
            const file = path.join(workFolder, at)
            if (text === null) await rm(file, { recursive: true, force: true })
            else {
              await mkdir(path.dirname(file), { recursive: true })
              await writeFile(file, text)
            }
          }
          return commitAll(message)
        },
      }
      if (files) await repository.commit(files, 'Begin')
      return repository
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(root, { recursive: true, force: true })
    },
  }
}

function cutAfter(outgoing: ServerResponse, bytes: number): void {
  const write = outgoing.write.bind(outgoing)
  let left = bytes
  outgoing.write = (chunk: Buffer): boolean => {
    const part = chunk.subarray(0, left)
    left -= part.length
    if (left > 0) return write(part)
    return write(part, () => void outgoing.destroy())
  }
}

function serveCgi(root: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { pathname, search } = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const { headers } = incoming
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...gitEnv,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: incoming.method ?? 'GET',
      REMOTE_USER: 'test',
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...(headers['content-length'] ? { CONTENT_LENGTH: headers['content-length'] } : {}),
      ...(headers['content-encoding'] ? { HTTP_CONTENT_ENCODING: headers['content-encoding'] } : {}),
      ...(headers['git-protocol'] ? { GIT_PROTOCOL: String(headers['git-protocol']) } : {}),
    },
  })
  child.on('error', () => outgoing.writeHead(500).end())
  child.stdin.on('error', () => {})
  incoming.pipe(child.stdin)
  let head: Buffer | null = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === null) return void outgoing.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    let status = 200
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1).trim()
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
      else outgoing.setHeader(name, value)
    }
    outgoing.writeHead(status)
    outgoing.write(head.subarray(end + 4))
    head = null
  })
  child.stdout.on('end', () => outgoing.end())
}
