/** The GitRepository reconciler beside the real source-controller: what both leave behind is equal, field by field. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttpProxy } from '../../cluster/http-proxy.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { repeatedReasons } from './fleet-exceptions.ts'
import { readUntilEqual } from './one-run.ts'
import type { SourceRun, TwinSources } from './twin-sources.ts'
import { startTwinSources } from './twin-sources.ts'

describe.skipIf(fluxAssets() === null)('beside the real source-controller', () => {
  let twins: TwinSources

  async function expectEqual(name: string): Promise<void> {
    const [theirs, mine] = await readUntilEqual(() => twins.both(name), 3_000)
    expect(mine).toEqual(theirs)
    const [told, said] = await twins.events(name)
    const isNews = (event: string): boolean => ![...repeatedReasons.keys()].some((each) => event.startsWith(each))
    expect(said.filter(isNews)).toEqual(told.filter(isNews))
  }
  async function expectEqualFiles(name: string): Promise<void> {
    const [theirs, mine] = await twins.files(name)
    expect(theirs.length).toBeGreaterThan(0)
    expect(mine).toEqual(theirs)
  }

  beforeAll(async () => {
    twins = await startTwinSources()
  })
  afterAll(() => twins?.stop())

  it('stores a branch, does nothing where nothing changed, and follows it', async () => {
    const repository = await twins.git.createRepository('plain', {
      'apps/a.yaml': 'a: 1\n',
      'README.md': 'hello\n',
      '.github/workflows/ci.yaml': 'on: push\n',
      'picture.png': 'x',
    })
    const { url, branch } = repository
    await twins.put('plain', { url, ref: { branch } })
    await twins.settle('plain')
    await expectEqual('plain')
    await expectEqualFiles('plain')

    const { requests, outcome, events } = await twins.settle('plain')
    expect(outcome).toMatchObject({ result: 'succeeded', state: 'sleeping' })
    expect(outcome.requeueAfterMs).toBeGreaterThan(3_400_000)
    // The request is acknowledged: taken up, and done.
    const statusPatch = expect.stringMatching(/^PATCH .+\/plain\/status\?fieldManager=source-controller$/) as unknown
    const writesOf = (sent: SourceRun['requests']): readonly string[] =>
      sent.filter(({ method }) => method !== 'GET').map(({ method, path: at }) => `${method} ${at}`)
    expect(writesOf(requests)).toEqual([statusPatch, statusPatch])
    const nothingNew = {
      severity: 'trace',
      reason: 'GitOperationSucceeded',
      message: expect.stringMatching(/^no changes since last reconciliation: observed revision 'main@sha1:/) as unknown,
    }
    expect(events).toMatchObject([nothingNew])
    await expectEqual('plain')
    // Unasked there is nothing to write.
    const again = await twins.again('plain')
    expect(again.outcome).toMatchObject({ result: 'succeeded', state: 'sleeping' })
    expect(writesOf(again.requests)).toEqual([])
    expect(again.events).toMatchObject([nothingNew])
    await expectEqual('plain')

    await repository.commit(
      { 'apps/b.yaml': 'b: 1\n' },
      'A subject that is longer than the fifty letters that an event has room for',
    )
    await twins.settle('plain')
    await expectEqual('plain')
    await expectEqualFiles('plain')

    await twins.put('plain', { ignore: '/*\n!/apps/\n' })
    await twins.settle('plain')
    await expectEqual('plain')
    await expectEqualFiles('plain')

    await twins.put('plain', { suspend: true })
    await twins.settle('plain')
    await expectEqual('plain')
    await twins.put('plain', { suspend: false })
    await twins.settle('plain')
    await expectEqual('plain')
  })

  it('collects what it has replaced a minute ago, and at once what is more than the one before', async () => {
    const repository = await twins.git.createRepository('replaced', { 'a.yaml': 'a: 1\n' })
    await twins.put('replaced', { url: repository.url, ref: { branch: repository.branch } })
    const collected = async (): Promise<readonly string[]> =>
      (await twins.events('replaced'))[1].filter((line) => line.includes('GarbageCollectionSucceeded'))
    for (const a of ['2', '3', '4']) {
      await twins.settle('replaced')
      await twins.ageArtifacts(1000)
      await repository.commit({ 'a.yaml': `a: ${a}\n` })
    }
    await twins.settle('replaced')
    await expectEqual('replaced')
    const words = 'Normal GarbageCollectionSucceeded: garbage collected'
    expect(await collected()).toEqual([`${words} 1 artifacts`])
    await twins.ageArtifacts(61_000)
    await twins.settle('replaced')
    await expectEqual('replaced')
    expect(await collected()).toEqual([`${words} 1 artifacts`, `${words} 2 artifacts`])
  })

  it('waits for an include, then copies it in', async () => {
    const base = await twins.git.createRepository('base', { 'base/x.yaml': 'x: 1\n', 'y.yaml': 'y: 1\n' })
    const top = await twins.git.createRepository('top', { 'top.yaml': 'top: 1\n' })
    const include = [{ repository: { name: 'base' }, fromPath: 'base', toPath: 'lib/base' }]
    await twins.put('top', { url: top.url, ref: { branch: top.branch }, include })
    const { outcome } = await twins.settle('top')
    expect(outcome).toMatchObject({ result: 'waiting', state: 'waiting' })
    await expectEqual('top')
    await twins.put('base', { url: base.url, ref: { branch: base.branch } })
    await twins.settle('base')
    await twins.settle('top')
    await expectEqualFiles('top')
    const [theirs, mine] = await twins.both('top')
    expect(mine).toEqual(theirs)
  })

  it('says what a failing source says: a missing Secret', async () => {
    const { url, branch } = await twins.git.createRepository('secret', { 'a.yaml': 'a: 1\n' })
    await twins.put('secret', { url, ref: { branch }, secretRef: { name: 'absent' } })
    const { outcome } = await twins.settle('secret')
    expect(outcome).toMatchObject({ result: 'failed', requeueAfterMs: 750 })
    await expectEqual('secret')
  })

  it('goes through a proxy, and says what a Secret for it says that is none', async () => {
    const { url, branch } = await twins.git.createRepository('proxied', { 'a.yaml': 'a: 1\n' })
    const proxy = await startHttpProxy('ana', 'h@sh:')
    try {
      const said: string[] = []
      const refused = async (name: string, proxySecret: string): Promise<void> => {
        await twins.put(name, { url, ref: { branch }, proxySecretRef: { name: proxySecret } })
        const { outcome } = await twins.settle(name)
        expect(outcome.result, name).toBe('failed')
        said.push(outcome.message)
        await expectEqual(name)
      }
      await refused('proxied', 'proxy')
      const malformed = { none: 'socks4://127.0.0.1:1', bare: '127.0.0.1:3128', word: 'proxy', void: '' }
      for (const [name, address] of Object.entries(malformed)) {
        await twins.putSecret(`proxy-${name}`, { address })
        await refused(`proxied-${name}`, `proxy-${name}`)
      }
      await twins.putSecret('proxy-keyless', { url: proxy.url })
      await refused('proxied-keyless', 'proxy-keyless')
      expect(new Set(said).size).toBe(said.length)
      expect(proxy.asked).toEqual([])

      await twins.putSecret('proxy', { address: proxy.url, username: 'ana', password: 'h@sh:' })
      const before = twins.git.requests.length
      expect((await twins.settle('proxied')).outcome.result).toBe('succeeded')
      await expectEqual('proxied')
      await expectEqualFiles('proxied')
      // Each that arrived came this way, from both.
      expect(proxy.asked.map((line) => line.replace(twins.git.url, ''))).toEqual(twins.git.requests.slice(before))
      expect(proxy.asked.length).toBeGreaterThanOrEqual(4)
    } finally {
      proxy.stop()
    }
  })

  it('stores what a key of the Secret signed, and refuses what none of them did', async () => {
    const signatures = path.join(import.meta.dirname, '../../fixtures/git-signatures')
    const key = (name: string): Promise<string> => readFile(path.join(signatures, name), 'utf8')
    // The tree of the fixture's commit.
    const repository = await twins.git.createRepository('signed', { a: 'a\n' })
    const { url, branch } = repository
    const words = ['hash-object', '-t', 'commit', '-w', '--no-filters', path.join(signatures, 'pgp.commit')]
    await repository.git('update-ref', `refs/heads/${branch}`, await repository.git(...words))
    await twins.putSecret('keys', { 'author.asc': await key('other.asc') })
    await twins.put('signed', { url, ref: { branch }, verify: { mode: 'HEAD', secretRef: { name: 'keys' } } })
    expect((await twins.settle('signed')).outcome.result).toBe('failed')
    await expectEqual('signed')
    await twins.putSecret('keys', { 'author.asc': await key('signer.asc') })
    expect((await twins.settle('signed')).outcome.result).toBe('succeeded')
    await expectEqual('signed')
    await expectEqualFiles('signed')
    expect(JSON.stringify(await twins.both('signed'))).toContain('E20E9700180A5B6F')
  })

  it('says of a server that refuses, fails or is not there what the controller says', async () => {
    const { url, branch } = await twins.git.createRepository('refused', { 'a.yaml': 'a: 1\n' })
    const port = /:(\d+)\//.exec(url)?.[1] ?? ''
    const said = new Set<string>()
    const refused = async (name: string, status: number): Promise<void> => {
      twins.git.failWith(status)
      const { outcome } = await twins.settle(name)
      expect(outcome.result, name).toBe('failed')
      said.add(outcome.message.replace(/'[^']*'|"[^"]*"/, '*'))
      await expectEqual(name)
      twins.git.failWith(null)
    }
    // Without an artifact it clones; with one it asks first whether the branch has moved. A name it always looks for, versions never.
    await twins.put('refused', { url, ref: { branch } })
    for (const status of [401, 403, 404, 500]) await refused('refused', status)
    expect((await twins.settle('refused')).outcome.result).toBe('succeeded')
    await expectEqual('refused')
    for (const status of [401, 503]) await refused('refused', status)
    await twins.put('named', { url, ref: { name: `refs/heads/${branch}` } })
    await refused('named', 403)
    await twins.put('versioned', { url, ref: { semver: '*' } })
    await refused('versioned', 403)
    expect([...said].filter((words) => words.includes('list remote'))).toHaveLength(3)
    expect(said.size).toBe(7)

    // Nobody serves it.
    await twins.put('absent', { url: url.replace(port, '1'), ref: { branch } })
    expect((await twins.settle('absent')).outcome.message).toMatch(/connection refused$/)
    await expectEqual('absent')
  })

  it('removes the artifact and the finalizer of what is deleted', async () => {
    const { url, branch } = await twins.git.createRepository('gone', { 'a.yaml': 'a: 1\n' })
    await twins.put('gone', { url, ref: { branch } })
    await twins.settle('gone')
    await twins.remove('gone')
    expect(await twins.isGone('gone')).toBe(true)
  })
})
