/**
 * Serves one repository on loopback to whoever knows its path: git's smart protocol over http, version 0, reading alone. Enough for Flux's clients, for
 * ours and for `git clone`. Protocol: gitprotocol-http(5), gitprotocol-pack(5).
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { capped } from '../git/smart-transport.ts'
import { flushPacket, packet, readPackets } from '../git/pkt-line.ts'
import type { GitFolder } from './git-folder.ts'

export interface RepositoryServer {
  /** `http://127.0.0.1:PORT/TOKEN/NAME.git` */
  readonly url: string
  stop(): Promise<void>
}

const capabilities = 'side-band-64k ofs-delta shallow no-progress'
const maxRequestBytes = 1024 * 1024
const bandBytes = 65_000

/** On a port of the system's choice, below a path that nobody can guess. */
export async function serveRepository(repository: GitFolder, name: string): Promise<RepositoryServer> {
  // SECURITY: a page in a browser of this machine can reach loopback, too: it knows neither port nor path, and its Host is another one.
  const root = `/${randomBytes(16).toString('hex')}/${name}.git`
  let host = ''
  const server = createServer((request, response) => {
    if (request.headers.host !== host) return void response.writeHead(403).end()
    answer(repository, root, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
  await listen(server)
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}${root}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}

async function answer(
  repository: GitFolder,
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url } = request
  const send = (type: string, body: Buffer): void => {
    response.writeHead(200, { 'content-type': `application/x-git-upload-pack-${type}`, 'cache-control': 'no-store' })
    response.end(body)
  }
  if (method === 'GET' && url === `${root}/info/refs?service=git-upload-pack`)
    return send('advertisement', Buffer.from(await advertisement(repository)))
  if (method === 'POST' && url === `${root}/git-upload-pack`)
    return send('result', await uploadPack(repository, request))
  response.writeHead(method === 'GET' || method === 'POST' ? 404 : 405).end()
}

async function advertisement(repository: GitFolder): Promise<string> {
  const head = await repository.head()
  const service = `${packet('# service=git-upload-pack\n')}${flushPacket}`
  if (head === null) return `${service}${packet(`${'0'.repeat(40)} capabilities^{}\0${capabilities}\n`)}${flushPacket}`
  const symref = `symref=HEAD:refs/heads/${repository.branch}`
  return `${service}${packet(`${head} HEAD\0${capabilities} ${symref}\n`)}${packet(`${head} refs/heads/${repository.branch}\n`)}${flushPacket}`
}

interface Question {
  readonly wants: readonly string[]
  readonly haves: readonly string[]
  readonly isShallow: boolean
  /** The client's copy has less than its commits say. */
  readonly isCut: boolean
  readonly isDone: boolean
  readonly hasBands: boolean
}

async function readQuestion(request: IncomingMessage): Promise<Question> {
  const wants: string[] = []
  const haves: string[] = []
  let isShallow = false
  let isCut = false
  let isDone = false
  let hasBands = false
  const plain: Duplex | IncomingMessage =
    request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  const broken = (): Error => new Error('no question of git')
  for await (const next of readPackets(capped(plain, maxRequestBytes, broken), broken)) {
    if (next.kind === 'flush') continue
    const line = next.bytes.toString('latin1').trimEnd()
    const [word, oid = '', ...options] = line.split(' ')
    if (word === 'want') {
      wants.push(oid)
      hasBands ||= options.includes('side-band-64k')
    } else if (word === 'have') haves.push(oid)
    else if (word === 'shallow') isCut = true
    else if (word === 'deepen') isShallow = true
    else if (word === 'done') isDone = true
  }
  return { wants, haves, isShallow, isCut, isDone, hasBands }
}

async function uploadPack(repository: GitFolder, request: IncomingMessage): Promise<Buffer> {
  const { wants, haves, isShallow, isCut, isDone, hasBands } = await readQuestion(request)
  const parts: (string | Buffer)[] = []
  const wanted = new Set<string>()
  for (const want of wants) {
    if (!(await repository.has(want))) return Buffer.from(packet(`ERR upload-pack: not our ref ${want}\n`))
    for (const oid of await repository.reach(want, !isShallow)) wanted.add(oid)
    // One commit deep, whatever depth was asked for: nobody looks at this repository's past but by its whole history.
    if (isShallow && (await repository.parents(want)).length > 0) parts.push(packet(`shallow ${want}\n`))
  }
  if (isShallow) parts.push(flushPacket)
  let common: string | null = null
  for (const have of haves)
    if (await repository.has(have)) {
      common ??= have
      for (const oid of await repository.reach(have, !isShallow && !isCut)) wanted.delete(oid)
    }
  // A question that has not come to its haves yet is about the shallow list alone.
  if (isDone || haves.length > 0) parts.push(packet(common === null ? 'NAK\n' : `ACK ${common}\n`))
  if (!isDone) return joined(parts)
  const pack = await repository.pack(wanted)
  if (!hasBands) return joined([...parts, pack])
  for (let at = 0; at < pack.length; at += bandBytes) {
    const band = pack.subarray(at, at + bandBytes)
    parts.push((band.length + 5).toString(16).padStart(4, '0'), Buffer.from([1]), band)
  }
  return joined([...parts, flushPacket])
}

function joined(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
}
