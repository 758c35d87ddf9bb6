import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import { createTarFiles, tarRoot } from '../../../electron/adapters/files/tar-files.ts'
import type { Files } from '../../../electron/engine/kustomize/files.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import type { GitRemote, GitRequest, StoredTree, TreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startHttpProxy } from '../../cluster/http-proxy.ts'
import { listen, stopServer } from '../../cluster/loopback.ts'
import { createTestService, gitRequest } from './git-client.ts'
import { startSshGitServer } from './ssh-server.ts'

const run = promisify(execFile)
const { signal } = new AbortController()
let scratch = ''
let server: GitServer
let names = 0

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-git-service-'))
  server = await startGitServer()
})
afterAll(async () => {
  await server.stop()
  await rm(scratch, { recursive: true, force: true })
})

const createService = (client: 'system' | 'js', home = scratch) => createTestService(scratch, client, { home })
const ask = gitRequest

async function treeOf(
  service: GitRemote,
  request: GitRequest,
  limits: TreeLimits = defaultTreeLimits,
): Promise<StoredTree> {
  return service.tree(request, await service.resolve(request, signal), limits, signal)
}

function readAll({ path: file }: StoredTree): Record<string, string> {
  const files: Files = createTarFiles(file)
  const found: Record<string, string> = {}
  const walk = (folder: string): void => {
    for (const name of files.list(folder)) {
      const at = `${folder}/${name}`
      if (files.stat(at) === 'directory') walk(at)
      else found[at.slice(tarRoot.length + 1)] = Buffer.from(files.read(at)).toString('utf8')
    }
  }
  walk(tarRoot)
  return found
}

async function packSizes(copy: string): Promise<readonly number[]> {
  const folder = path.join(copy, 'objects', 'pack')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pack'))
  return Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size))
}

function create(files: Readonly<Record<string, string>>): Promise<GitRepository> {
  return server.createRepository(`r${(names += 1)}`, files)
}

async function git(repository: GitRepository, ...parameters: readonly string[]): Promise<string> {
  const folder = path.join(path.dirname(path.dirname(repository.workFolder)), 'served', `r${names}.git`)
  const env = { ...process.env, GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@t.invalid' }
  return (await run('git', [`--git-dir=${folder}`, ...parameters], { env })).stdout.trim()
}

describe.each(['system', 'js'] as const)('with the %s client', (client) => {
  test('the tree of a branch is what the controller would archive', async () => {
    const repository = await create({
      'apps/a.yaml': 'a: 1\n',
      'apps/big.yaml': `x: ${'y'.repeat(300_000)}\n`,
      'README.md': '# hello\n',
      'logo.png': 'not kept',
      '.github/ci.yaml': 'not: kept\n',
      'deep/down/here/b.yaml': 'b: 2\n',
    })
    const service = await createService(client)
    const files = readAll(await treeOf(service, ask(repository.url)))
    expect(Object.keys(files).sort()).toEqual(['README.md', 'apps/a.yaml', 'apps/big.yaml', 'deep/down/here/b.yaml'])
    expect(files['apps/big.yaml']).toHaveLength(300_004)
  })

  test('changes are fetched into the same copy; an unchanged poll is one advertisement', async () => {
    const repository = await create(
      Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [
          `f${i}.yaml`,
          `i: ${i}\n${i < 10 ? '' : randomBytes(300).toString('hex')}`,
        ]),
      ),
    )
    const service = await createService(client)
    const first = await treeOf(service, ask(repository.url))
    const sha = await repository.commit({ 'f1.yaml': 'i: 100\n', 'f2.yaml': null }, 'Second subject\n\nbody')
    const second = await treeOf(service, ask(repository.url))
    expect(readAll(first)).toMatchObject({ 'f1.yaml': 'i: 1\n', 'f2.yaml': 'i: 2\n' })
    const files = readAll(second)
    expect(files['f1.yaml']).toBe('i: 100\n')
    expect(files).not.toHaveProperty('f2.yaml')
    expect(files['f9.yaml']).toBe('i: 9\n')
    expect(second.contentKey).not.toBe(first.contentKey)

    const before = server.requests.length
    expect(await service.resolve(ask(repository.url), signal)).toEqual({ revision: `main@sha1:${sha}`, commit: sha })
    expect(server.requests.slice(before)).toEqual([
      expect.stringMatching(/^GET \/r\d+\.git\/info\/refs\?service=git-upload-pack$/),
    ])
    expect(await service.commit(ask(repository.url), sha, signal)).toMatchObject({
      sha,
      author: 'Sluice Test',
      email: 'test@sluice.invalid',
      subject: 'Second subject',
    })
    const copies = await readdir(path.join(service.cacheDir, 'git'))
    const copy = path.join(service.cacheDir, 'git', copies[0] ?? '')
    // Sixty files came first, a tree and a file after that; git itself finds nothing wrong with it.
    const packs = await packSizes(copy)
    expect(packs).toHaveLength(2)
    expect(Math.max(...packs)).toBeGreaterThan(15_000)
    expect(Math.min(...packs)).toBeLessThan(3000)
    await run('git', [`--git-dir=${copy}`, 'fsck', '--full', '--strict'])
  })

  test('a damaged copy is thrown away and fetched anew', async () => {
    const repository = await create({ 'a.yaml': `a: ${'1234567 '.repeat(500)}\n`, 'b.yaml': 'b: 1\n' })
    const service = await createService(client)
    await treeOf(service, ask(repository.url))
    const folder = path.join(service.cacheDir, 'git', (await readdir(path.join(service.cacheDir, 'git')))[0] ?? '')
    const pack = (await readdir(path.join(folder, 'objects', 'pack'))).find((name) => name.endsWith('.pack')) ?? ''
    const file = path.join(folder, 'objects', 'pack', pack)
    const bytes = await readFile(file)
    await rm(file)
    await writeFile(file, bytes.fill(0, 60, bytes.length - 20))
    const files = readAll(await treeOf(service, ask(repository.url, { ignore: '# another tree\n' })))
    expect(files['b.yaml']).toBe('b: 1\n')
  })

  test.each([true, false])(
    'a commit alone is asked for where the server can filter (%s), and kept',
    async (filters) => {
      const repository = await create(
        Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}.yaml`, `${i} ${'x'.repeat(2000 + i)}\n`])),
      )
      await git(repository, 'config', 'uploadpack.allowFilter', String(filters))
      const sha = await repository.commit({ 'f1.yaml': 'y' }, 'Only the subject')
      const service = await createService(client)
      expect(await service.commit(ask(repository.url), sha, signal)).toMatchObject({ sha, subject: 'Only the subject' })
      const before = server.requests.length
      expect(await service.commit(ask(repository.url), sha, signal)).toMatchObject({ author: 'Sluice Test' })
      expect(server.requests).toHaveLength(before)
      expect(await service.commit(ask(repository.url), '0'.repeat(39) + '1', signal)).toBeNull()
      // It is not taken for a commit whose tree is there.
      expect(Object.keys(readAll(await treeOf(service, ask(repository.url))))).toHaveLength(40)
    },
  )

  test('what a commit changed is told where its tree and that of its parent are here, and asks nobody', async () => {
    const repository = await create({ 'apps/a.yaml': 'a: 1\n', 'apps/b/c.yaml': 'c: 1\n', 'd.yaml': 'd: 1\n' })
    const service = await createService(client)
    const first = await service.resolve(ask(repository.url), signal)
    await treeOf(service, ask(repository.url))
    const sha = await repository.commit(
      { 'apps/a.yaml': 'a: 2\n', 'apps/b/c.yaml': null, 'e/f.yaml': 'f: 1\n' },
      'Second',
    )
    await treeOf(service, ask(repository.url))
    const last = await repository.commit({ 'd.yaml': 'd: 2\n' }, 'Third')
    const before = server.requests.length
    expect(await service.log(ask(repository.url), last, 1, signal)).toEqual([])
    expect(await service.log(ask(repository.url), sha, 1, signal)).toMatchObject([
      { sha, subject: 'Second', changes: { paths: ['apps/a.yaml', 'apps/b/c.yaml', 'e/f.yaml'], hasMore: false } },
    ])
    expect(await service.log(ask(repository.url), first.commit, 1, signal)).toMatchObject([
      { changes: { paths: ['apps/a.yaml', 'apps/b/c.yaml', 'd.yaml'] } },
    ])
    expect(server.requests).toHaveLength(before)
  })

  test.each([true, false])(
    'what led to a commit is asked for once, where the server can send commits alone (%s)',
    async (filters) => {
      const repository = await create({ 'a.yaml': 'a: 0\n' })
      await git(repository, 'config', 'uploadpack.allowFilter', String(filters))
      const shas: string[] = []
      for (const n of [1, 2, 3, 4]) shas.unshift(await repository.commit({ 'a.yaml': `a: ${n}\n` }, `Number ${n}`))
      const [tip = ''] = shas
      const service = await createService(client)
      const log = await service.log(ask(repository.url), tip, 3, signal)
      expect(log.map(({ subject }) => subject)).toEqual(filters ? ['Number 4', 'Number 3', 'Number 2'] : [])
      expect(log.every(({ changes }) => changes === null)).toBe(true)
      const before = server.requests.length
      expect(await service.log(ask(repository.url), tip, 3, signal)).toHaveLength(log.length)
      if (filters) expect(server.requests).toHaveLength(before)
      // Nothing is left, and none is taken for a commit whose tree is here.
      expect(readAll(await treeOf(service, ask(repository.url)))).toEqual({ 'a.yaml': 'a: 4\n' })
      expect((await readdir(path.join(service.cacheDir, 'git'))).filter((name) => name.startsWith('log-'))).toEqual([])
    },
  )

  test('an older commit that no reference names is had by its branch', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const old = await repository.commit({ 'a.yaml': 'a: 2\n' })
    await repository.commit({ 'a.yaml': 'a: 3\n' })
    const service = await createService(client)
    const request = ask(repository.url, { ref: { branch: 'main', commit: old } })
    expect(readAll(await treeOf(service, request))).toEqual({ 'a.yaml': 'a: 2\n' })
  })

  test('a force-pushed branch is what it is now, and its old commit is named as gone', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const service = await createService(client)
    const lost = await repository.commit({ 'a.yaml': 'a: lost\n' })
    await git(repository, 'update-ref', 'refs/heads/main', `${lost}~1`)
    await git(repository, 'reflog', 'expire', '--expire=now', '--all')
    await git(repository, 'gc', '-q', '--prune=now')
    expect(readAll(await treeOf(service, ask(repository.url)))).toEqual({ 'a.yaml': 'a: 1\n' })
    await expect(treeOf(service, ask(repository.url, { ref: { branch: 'main', commit: lost } }))).rejects.toMatchObject(
      {
        code: expect.stringMatching(/^(SourceNotFound|GitFailed)$/) as string,
        message: expect.stringContaining(repository.url) as string,
      },
    )
  })

  test('tags, sparse folders and ignore rules decide what is in it', async () => {
    const repository = await create({
      'apps/a.yaml': 'a: 1\n',
      'apps/skip.yaml': 's: 1\n',
      'apps/x/.sourceignore': 'secret.yaml\n',
      'apps/x/secret.yaml': 's: 1\n',
      'apps/x/logo.png': 'kept: where somebody gives patterns the defaults go\n',
      'other/b.yaml': 'b: 1\n',
    })
    await git(repository, 'tag', '-a', '-m', 'x', 'v1.0.0')
    await repository.commit({ 'apps/a.yaml': 'a: 2\n' })
    const service = await createService(client)
    const request = ask(repository.url, {
      ref: { semver: '>=1.0.0' },
      sparseCheckout: ['./apps'],
      ignore: '# nothing\nskip.yaml\n',
    })
    expect(readAll(await treeOf(service, request))).toEqual({
      'apps/a.yaml': 'a: 1\n',
      'apps/x/.sourceignore': 'secret.yaml\n',
      'apps/x/logo.png': 'kept: where somebody gives patterns the defaults go\n',
    })
    await expect(treeOf(service, ask(repository.url, { sparseCheckout: ['nowhere'] }))).rejects.toMatchObject({
      code: 'SourceNotFound',
      message: `${repository.url} has no folder nowhere`,
    })
  })

  test('submodules are followed on the same host only, and only when asked', async () => {
    const inner = await create({ 'inner.yaml': 'i: 1\n' })
    const pinned = (await run('git', ['ls-remote', inner.url, 'refs/heads/main'])).stdout.slice(0, 40)
    await inner.commit({ 'inner.yaml': 'i: 2\n' })
    const outer = await create({ 'a.yaml': 'a: 1\n' })
    const add = async (url: string): Promise<void> => {
      await outer.commit({ '.gitmodules': `[submodule "m"]\n\tpath = lib/m\n\turl = ${url}\n` })
      const index = path.join(scratch, `index-${names}`)
      const env = { ...process.env, GIT_INDEX_FILE: index }
      const folder = path.join(path.dirname(path.dirname(outer.workFolder)), 'served', `r${names}.git`)
      const plumb = async (...args: string[]) =>
        (await run('git', [`--git-dir=${folder}`, ...args], { env })).stdout.trim()
      await plumb('read-tree', 'main')
      await plumb('update-index', '--add', '--cacheinfo', `160000,${pinned},lib/m`)
      const tree = await plumb('write-tree')
      const commit = await plumb(
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@t.invalid',
        'commit-tree',
        tree,
        '-p',
        'main',
        '-m',
        'm',
      )
      await plumb('update-ref', 'refs/heads/main', commit)
    }
    await add(`../${path.basename(inner.url)}`)
    const service = await createService(client)
    expect(Object.keys(readAll(await treeOf(service, ask(outer.url))))).toEqual(['a.yaml'])
    expect(readAll(await treeOf(service, ask(outer.url, { recurseSubmodules: true })))).toEqual({
      'a.yaml': 'a: 1\n',
      // As the checkout of a submodule has it.
      'lib/m/.git': 'gitdir: ../../.git/modules/m\n',
      'lib/m/inner.yaml': 'i: 1\n',
    })
    await add('http://127.0.0.2:1/elsewhere.git')
    await expect(treeOf(service, ask(outer.url, { recurseSubmodules: true }))).rejects.toMatchObject({
      code: 'GitFailed',
      message: expect.stringContaining('it is on another host') as string,
    })
  })

  test('SECURITY 11: limits end it before anything is kept', async () => {
    const repository = await create(
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.yaml`, `i: ${i}\n`])),
    )
    await repository.commit({ 'large.yaml': 'x'.repeat(200_000), 'deep/a/b/c/d.yaml': 'x' })
    const service = await createService(client)
    const refused = { code: 'ArtifactRefused', message: expect.stringContaining(repository.url) as string }
    const limits = defaultTreeLimits
    await expect(treeOf(service, ask(repository.url), { ...limits, maxFiles: 20 })).rejects.toMatchObject(refused)
    await expect(treeOf(service, ask(repository.url), { ...limits, maxBytes: 100_000 })).rejects.toMatchObject(refused)
    await expect(treeOf(service, ask(repository.url), { ...limits, maxDepth: 3 })).rejects.toMatchObject(refused)
    await expect(treeOf(service, ask(repository.url), { ...limits, maxFileBytes: 100_000 })).rejects.toMatchObject({
      code: 'ArtifactRefused',
    })
    const fresh = await createService(client)
    await expect(treeOf(fresh, ask(repository.url), { ...limits, maxDownloadBytes: 300 })).rejects.toMatchObject(
      refused,
    )
  })

  test('a server that answers badly is named', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const service = await createService(client)
    for (const [status, code] of [
      [401, 'GitAuthFailed'],
      [404, 'GitFailed'],
      [503, 'GitFailed'],
    ] as const) {
      server.failWith(status)
      try {
        await expect(treeOf(service, ask(repository.url))).rejects.toMatchObject({
          code,
          message: expect.stringContaining(repository.url) as string,
        })
      } finally {
        server.failWith(null)
      }
    }
    expect(Object.keys(readAll(await treeOf(service, ask(repository.url))))).toEqual(['a.yaml'])
  })

  test('a canceled fetch ends at once', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const abort = new AbortController()
    const service = await createService(client)
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/r.git`
    const asked = new Promise<void>((resolve) => silent.on('request', () => resolve()))
    const tree = service.resolve(ask(url), abort.signal)
    await asked
    abort.abort()
    await expect(tree).rejects.toMatchObject({ code: 'Canceled' })
    await expect(service.resolve(ask(url, { timeoutMs: 1000 }), signal)).rejects.toMatchObject({
      code: 'GitFailed',
      message: `${url} took more than 1 s`,
    })
    silent.closeAllConnections()
    silent.close()
  })
})

describe('SECURITY 11: over http', () => {
  test('credentials never go out in plain text', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const service = await createService('system')
    const before = server.requests.length
    const secret = new Map([
      ['username', 'ana'],
      ['password', 'hush'],
    ])
    await expect(service.resolve(ask(repository.url, { secret }), signal)).rejects.toMatchObject({
      code: 'GitFailed',
      message: expect.stringContaining('plain http') as string,
    })
    expect(server.requests).toHaveLength(before)
  })

  test('a redirect is followed on the same host only', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const target = new URL(repository.url)
    const hops: string[] = []
    let location = ''
    const redirecting = createServer((request, response) => {
      hops.push(request.url ?? '')
      response.writeHead(301, { location }).end()
    })
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve))
    const own = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`
    const service = await createService('js')
    location = `${target.origin}${target.pathname}/info/refs?service=git-upload-pack`
    await expect(service.resolve(ask(`${own}/old.git`), signal)).rejects.toMatchObject({
      code: 'GitFailed',
      message: expect.stringContaining('it is another host') as string,
    })
    location = `${own}/again.git/info/refs?service=git-upload-pack`
    await expect(service.resolve(ask(`${own}/old.git`), signal)).rejects.toMatchObject({
      message: expect.stringContaining('too many redirects') as string,
    })
    expect(hops.length).toBeGreaterThan(3)
    redirecting.close()
  })

  test('what one cluster fetched is not there for another one', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const service = await createTestService(scratch, 'js')
    const { cacheDir } = service
    await treeOf(service, ask(repository.url))
    await treeOf(service, ask(repository.url, { cluster: 'c2' }))
    expect(await readdir(path.join(cacheDir, 'git'))).toHaveLength(2)
  })
})

describe('through the proxy of the source', () => {
  const username = 'ana'
  const password = 'h@sh:'
  const proxyAt = (url: string, secret = password): ReadonlyMap<string, string> =>
    new Map([
      ['address', url],
      ['username', username],
      ['password', secret],
    ])

  test.each(['system', 'js'] as const)('http goes as requests to it, and nowhere else (%s client)', async (client) => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const proxy = await startHttpProxy(username, password)
    const service = await createService(client)
    try {
      const own = ask(repository.url, { proxy: proxyAt(proxy.url) })
      const before = server.requests.length
      expect(readAll(await treeOf(service, own))).toEqual({ 'a.yaml': 'a: 1\n' })
      // Each that arrived came this way.
      expect(proxy.asked.map((line) => line.replace(server.url, ''))).toEqual(server.requests.slice(before))
      const there = server.requests.length
      const refused = ask(repository.url, { proxy: proxyAt(proxy.url, 'wrong') })
      await expect(service.resolve(refused, signal)).rejects.toMatchObject({
        code: 'GitFailed',
        message: expect.stringContaining('407') as string,
      })
      expect(server.requests).toHaveLength(there)
    } finally {
      proxy.stop()
    }
    const there = server.requests.length
    await expect(service.resolve(ask(repository.url, { proxy: proxyAt(proxy.url) }), signal)).rejects.toMatchObject({
      code: 'GitFailed',
    })
    expect(server.requests).toHaveLength(there)
  })

  test('https goes by a tunnel, and its credentials stay inside', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const authority = createAuthority('test')
    const { certPem, keyPem } = issueLeaf(authority, { commonName: 'git', usage: 'server', hosts: ['127.0.0.1'] })
    const seen: (string | undefined)[] = []
    const secure = createSecureServer({ cert: certPem, key: keyPem }, (incoming, outgoing) => {
      const { method, url = '', headers } = incoming
      seen.push(headers.authorization, headers['proxy-authorization'])
      incoming.pipe(
        request(`${server.url}${url}`, { method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        }),
      )
    })
    const port = await listen(secure)
    const proxy = await startHttpProxy(username, password)
    const secret = new Map([
      ['username', 'bot'],
      ['password', 'inside'],
      ['ca.crt', authority.certPem],
    ])
    const url = `https://127.0.0.1:${port}${new URL(repository.url).pathname}`
    try {
      const service = await createService('js')
      expect(readAll(await treeOf(service, ask(url, { secret, proxy: proxyAt(proxy.url) })))).toEqual({
        'a.yaml': 'a: 1\n',
      })
      expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT 127.0.0.1:${port}`]))
      const bot = `Basic ${Buffer.from('bot:inside').toString('base64')}`
      expect(new Set(seen)).toEqual(new Set([bot, undefined]))
      const there = seen.length
      const wrong = ask(url, { secret, proxy: proxyAt(proxy.url, 'wrong') })
      await expect(service.resolve(wrong, signal)).rejects.toMatchObject({ code: 'GitFailed' })
      expect(seen).toHaveLength(there)
    } finally {
      proxy.stop()
      stopServer(secure)
    }
  })
})

describe('over ssh', () => {
  test('a repository is fetched with the key of the Secret from a known host', async () => {
    const repository = await create({ 'a.yaml': 'a: 1\n' })
    const folder = path.join(path.dirname(path.dirname(repository.workFolder)), 'served', `r${names}.git`)
    const ssh = await startSshGitServer({ '/o/n.git': folder })
    const url = `ssh://git@127.0.0.1:${ssh.port}/o/n.git`
    const service = await createService('system')
    const secretOf = (knownHosts: string, key = ssh.clientKey): ReadonlyMap<string, string> =>
      new Map([
        ['identity', key],
        ['known_hosts', knownHosts],
      ])
    try {
      const secret = secretOf(ssh.knownHosts)
      expect(readAll(await treeOf(service, ask(url, { secret })))).toEqual({ 'a.yaml': 'a: 1\n' })
      await repository.commit({ 'b.yaml': 'b: 1\n' })
      expect(Object.keys(readAll(await treeOf(service, ask(url, { secret }))))).toEqual(['a.yaml', 'b.yaml'])
      expect(new Set(ssh.commands)).toEqual(new Set(["git-upload-pack '/o/n.git'"]))

      const ran = ssh.commands.length
      const other = await startSshGitServer({})
      const foreign = other.knownHosts.replace(String(other.port), String(ssh.port))
      const refusals: readonly [ReadonlyMap<string, string>, string][] = [
        [secretOf(''), 'is not known'],
        [secretOf(foreign), 'shows another key'],
        [secretOf(ssh.knownHosts, other.clientKey), 'does not take the key'],
        [secretOf(ssh.knownHosts, 'no key at all'), 'cannot be used'],
        [new Map([['identity', ssh.clientKey]]), 'it has no known_hosts'],
      ]
      for (const [bad, message] of refusals)
        await expect(service.resolve(ask(url, { secret: bad }), signal)).rejects.toMatchObject({
          code: 'GitAuthFailed',
          message: expect.stringContaining(message) as string,
        })
      await expect(service.resolve(ask(url), signal)).rejects.toMatchObject({
        code: 'GitAuthFailed',
        message: `${url.replace('git@', '')} asks for an SSH key`,
      })
      expect(ssh.commands).toHaveLength(ran)
      await other.stop()
    } finally {
      await ssh.stop()
    }
  })
})
