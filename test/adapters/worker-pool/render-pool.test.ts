import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyPlaces } from '../../../electron/adapters/decrypt/user-keys.ts'
import { findKeyPlaces } from '../../../electron/adapters/decrypt/user-keys.ts'
import type { RenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import { createRenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import { hiddenMark } from '../../../electron/engine/repositories/mask.ts'
import { showRender, textOf } from '../../../electron/engine/repositories/rendered-entry.ts'
import { waitUntil } from '../control-plane/processes-under-test.ts'

const root = path.join(import.meta.dirname, '../../..')
const entry = path.join(root, 'electron/workers/render.ts')
const unruly = path.join(import.meta.dirname, 'unruly-worker.mjs')
const never = new AbortController().signal
const silent = { log: () => undefined }

let folder = ''
let pool: RenderPool | null = null
const put = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), text)
}
const open = (more: Partial<Parameters<typeof createRenderPool>[0]> = {}) => {
  pool = createRenderPool({ entry, logger: silent, size: 1, ...more })
  return pool.open(folder)
}
const kustomization = (name: string, spec: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 1h\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n${spec}`
const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: ${value}\n`

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-pool-')))
  await put('clusters/a/apps.yaml', kustomization('apps', '  path: ./apps\n  dependsOn: [{name: infra}]\n'))
  await put('clusters/a/infra.yaml', kustomization('infra', '  path: ./infra\n  targetNamespace: infra\n'))
  await put('clusters/a/gone.yaml', kustomization('gone', '  path: ./gone\n  suspend: true\n'))
  await put('apps/kustomization.yaml', 'resources: [one.yaml, ../base]\nnamePrefix: my-\n')
  await put('apps/one.yaml', configMap('one', 'v1'))
  await put('base/kustomization.yaml', 'resources: [two.yaml]\n')
  await put('base/two.yaml', configMap('two', 'v2'))
  await put('infra/three.yaml', configMap('three', 'v3'))
})
afterEach(async () => {
  pool?.dispose()
  pool = null
  await rm(folder, { recursive: true, force: true })
})

const apps = 'flux|clusters/a/apps.yaml|flux-system/apps'
const infra = 'flux|clusters/a/infra.yaml|flux-system/infra'
const gone = 'flux|clusters/a/gone.yaml|flux-system/gone'

describe('a folder in the render pool', () => {
  it('is scanned: what it holds and who includes what', async () => {
    const scan = await open().scan(never)
    expect(scan.kustomizations.map(({ key }) => key)).toEqual([apps, gone, infra])
    expect(scan.kustomizations[1]).toMatchObject({ path: 'gone', isSuspended: true })
    expect(scan.kustomizations[1]?.elsewhere).toContain('gone is not in this folder')
    expect(scan.kustomizations[2]).toMatchObject({ targetNamespace: 'infra', elsewhere: '', line: 1 })
    expect(scan.kustomizations[0]).toMatchObject({ dependsOn: ['flux-system/infra'] })
    expect(scan.files.map(({ key, isRoot }) => [key, isRoot])).toEqual([
      ['build|apps', false],
      ['build|base', false],
    ])
    expect(scan.edges).toEqual([
      { from: 'build|apps', to: 'build|base', relation: 'resource' },
      { from: apps, to: 'build|apps', relation: 'path' },
      { from: apps, to: infra, relation: 'dependsOn' },
    ])
    expect(scan.problems).toEqual([])
  })

  it('is rendered entry by entry, Flux Kustomizations and plain builds', async () => {
    const tree = open()
    await tree.scan(never)
    const rendered = await tree.render(apps, never)
    expect(rendered.error).toBeNull()
    expect(rendered.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(rendered.objects.map(({ name }) => name)).toEqual(['my-one', 'my-two'])
    const plain = await tree.render('build|base', never)
    expect(plain).toMatchObject({ digest: null, error: null })
    expect(plain.objects[0]?.origin).toEqual({ file: 'base/two.yaml', line: 1, isGenerated: false })
    expect(rendered.objects.map(({ origin }) => origin?.file)).toEqual(['apps/one.yaml', 'base/two.yaml'])
    expect(plain.objects[0]?.yaml).toBe('apiVersion: v1\ndata:\n  key: v2\nkind: ConfigMap\nmetadata:\n  name: two\n')
  })

  it('tells what a change reaches, and renders it anew', async () => {
    const tree = open()
    await tree.scan(never)
    for (const key of [apps, infra, 'build|base']) await tree.render(key, never)
    await put('base/two.yaml', configMap('two', 'changed'))
    const { isScanStale, keys } = await tree.changed(['base/two.yaml'])
    expect(isScanStale).toBe(false)
    expect([...keys].sort()).toEqual(['build|base', apps])
    expect((await tree.render(apps, never)).objects[1]?.yaml).toContain('key: changed')
    await put('clusters/a/new.yaml', kustomization('new', '  path: ./infra\n'))
    expect((await tree.changed(null)).isScanStale).toBe(true)
    expect((await tree.scan(never)).kustomizations).toHaveLength(4)
  })

  it('gives a failing build as a result, and the others all the same', async () => {
    await put('apps/one.yaml', 'apiVersion: v1\nkind: [\n')
    const tree = open()
    await tree.scan(never)
    const { error, objects } = await tree.render(apps, never)
    expect(objects).toEqual([])
    expect(error?.message).toContain('one.yaml')
    expect(error?.remedy).not.toBe('')
    expect((await tree.render(infra, never)).error).toBeNull()
  })

  it('reads nothing outside, whichever way a link leads', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'sluice-outside-'))
    await writeFile(path.join(outside, 'secret.yaml'), configMap('secret', 'x'))
    await symlink(outside, path.join(folder, 'link'))
    await put('escape/kustomization.yaml', 'resources: [../link/secret.yaml]\n')
    await symlink(path.join(outside, 'secret.yaml'), path.join(folder, 'infra/four.yaml'))
    const tree = open()
    await tree.scan(never)
    expect((await tree.render('build|escape', never)).error).not.toBeNull()
    const rendered = await tree.render(infra, never)
    expect(rendered.objects.map(({ name }) => name)).not.toContain('secret')
    await rm(outside, { recursive: true, force: true })
  })

  it('refuses keys that the last scan did not give', async () => {
    const tree = open()
    await tree.scan(never)
    await expect(tree.render('flux|nothing', never)).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('is canceled by its signal', async () => {
    const tree = open()
    await tree.scan(never)
    const abort = new AbortController()
    abort.abort()
    await expect(tree.render(apps, abort.signal)).rejects.toMatchObject({ code: 'Canceled' })
    expect((await tree.render(apps, never)).error).toBeNull()
  })

  it('holds builds to their deadline', async () => {
    const tree = open({ deadlineMs: 0 })
    await expect(tree.scan(never)).rejects.toMatchObject({ code: 'Internal' })
  })

  it('cannot be read when it is gone', async () => {
    await rm(folder, { recursive: true })
    await expect(open().scan(never)).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('a worker that dies', () => {
  it.each([
    ['exit', 'ended'],
    ['throw', 'unruly'],
    ['eat', '64 MB'],
    ['hang', 'took more than'],
  ])('over "%s" is replaced, and only its build fails', async (key, words) => {
    const tree = open({ entry: unruly, memoryMb: 64, deadlineMs: 200 })
    const [before, died, after] = await Promise.all([
      tree.render('fine', never),
      tree.render(key, never),
      tree.render('also fine', never),
    ])
    expect(before.error).toBeNull()
    expect(died.error).toMatchObject({ code: 'LimitExceeded' })
    expect(died.error?.message).toContain(words)
    expect(after.error).toBeNull()
  })

  it('because its build was canceled and did not listen counts as canceled', async () => {
    const tree = open({ entry: unruly })
    await tree.render('fine', never)
    const abort = new AbortController()
    const hanging = tree.render('hang', abort.signal)
    abort.abort()
    await expect(hanging).rejects.toMatchObject({ code: 'Canceled' })
    expect((await tree.render('fine', never)).error).toBeNull()
  })

  it('after a rest without work comes back with the next request, and nothing is told of it', async () => {
    const told: string[] = []
    const logger = { log: (_level: string, message: string) => void told.push(message) }
    const tree = open({ entry: unruly, idleMs: 1, logger })
    const thread = async (): Promise<string | null> => (await tree.render('fine', never)).digest
    const first = await thread()
    await waitUntil(async () => (await thread()) !== first)
    expect(told).toEqual([])
  })
})

describe('encrypted files', () => {
  const fixtures = path.join(root, 'test/fixtures/sops')
  const places = (keyFile: string): KeyPlaces =>
    findKeyPlaces({ SOPS_AGE_KEY_FILE: keyFile, HOME: path.join(folder, 'no-home') }, 'linux')
  const key = (name: string): string => path.join(fixtures, 'keys', name)
  const encrypted = 'flux|clusters/a/encrypted.yaml|flux-system/encrypted'
  const plaintexts = ['secretvalue', 'p=a=s#s word', Buffer.from('p=a=s#s word').toString('base64'), 'AGE-SECRET-KEY']
  const expectNoPlaintext = (text: string): void => {
    for (const plain of plaintexts) expect(text).not.toContain(plain)
  }

  beforeEach(async () => {
    await put(
      'clusters/a/encrypted.yaml',
      kustomization('encrypted', '  path: ./encrypted\n  decryption: {provider: sops}\n'),
    )
    await put(
      'encrypted/kustomization.yaml',
      'resources: [secret.yaml, claim.yaml]\nsecretGenerator: [{name: env, envs: [settings.env]}]\nconfigMapGenerator: [{name: env, envs: [settings.env]}]\n',
    )
    await copyFile(path.join(fixtures, 'controller/weak-types.yaml'), path.join(folder, 'encrypted/secret.yaml'))
    await copyFile(path.join(fixtures, 'dotenv.enc'), path.join(folder, 'encrypted/settings.env'))
    const claim = await readFile(path.join(fixtures, 'controller/weak-types.yaml'), 'utf8')
    await put('encrypted/claim.yaml', claim.replace('v1\nkind: Secret', 'example.com/v1\nkind: Claim'))
  })

  it('are left encrypted, and marked, until the user wants the keys used', async () => {
    const tree = open({ keyPlaces: places(key('first.agekey')) })
    await tree.scan(never)
    const { error, digest, assumptions, objects } = await tree.render(encrypted, never)
    expect([error, digest]).toEqual([null, null])
    expect(assumptions.map(({ kind }) => kind)).toContain('undecryptable')
    expect(objects[0]?.yaml).toContain('ENC[')
    pool?.useOwnKeys(true)
    expect((await tree.changed(null)).keys).toEqual([encrypted])
    expect((await tree.render(encrypted, never)).digest).not.toBeNull()
    pool?.useOwnKeys(false)
    expect((await tree.changed(null)).keys).toEqual([encrypted])
    expectNoPlaintext(JSON.stringify(await tree.render(encrypted, never)))
  })

  it('are decrypted, each value marked, and shown without any', async () => {
    const tree = open({ keyPlaces: places(key('first.agekey')) })
    pool?.useOwnKeys(true)
    await tree.scan(never)
    const rendered = await tree.render(encrypted, never)
    expect([rendered.error, rendered.assumptions]).toEqual([null, []])
    expect(rendered.digest).toMatch(/^sha256:/)
    const [secret, claim, generated, configMapOfEnv] = rendered.objects
    expect(secret).toMatchObject({ kind: 'Secret', sensitive: [['stringData', 'a']] })
    expect(claim).toMatchObject({ kind: 'Claim', sensitive: [['stringData', 'a']] })
    for (const { yaml } of [secret!, claim!]) expect(yaml).toContain('a: secretvalue\n')
    const all = [generated, configMapOfEnv].map((each) => each?.kind).sort()
    expect(all).toEqual(['ConfigMap', 'Secret'])
    const fromEnv = rendered.objects.find(({ kind }) => kind === 'ConfigMap')
    expect(fromEnv?.yaml).toContain('DB_PASSWORD: p=a=s#s word\n')
    expect(fromEnv?.sensitive).toContainEqual(['data', 'DB_PASSWORD'])
    // What the window gets.
    const shown = showRender(rendered, null, 1)
    expectNoPlaintext(textOf(shown))
    expect(textOf(shown)).toContain(`a: ${hiddenMark}`)
    expectNoPlaintext(JSON.stringify([rendered.warnings, rendered.assumptions]))
    expect(await tree.render(encrypted, never)).toMatchObject({ digest: rendered.digest })
  })

  it.each([
    ['the wrong key', 'stranger.agekey', 'FAILED'],
    ['a key file that is gone', 'gone.agekey', "gone.agekey': the key file cannot be read: no such file"],
  ])('with %s say what is missing', async (_what, name, words) => {
    const tree = open({ keyPlaces: places(key(name)) })
    pool?.useOwnKeys(true)
    await tree.scan(never)
    const { error, digest, assumptions, warnings } = await tree.render(encrypted, never)
    expect([error, digest]).toEqual([null, null])
    const said = JSON.stringify([assumptions, warnings])
    expect(said).toContain('age1j3gplzavx8r0ejejzszg0944alhhrf45hx9pwfv2txw27f9x74aqpcl6dg')
    expect(said).toContain(words)
    expectNoPlaintext(said)
  })

  it('are rendered anew with keys that came or went', async () => {
    const keyFile = path.join(folder, 'keys.txt')
    await copyFile(key('stranger.agekey'), keyFile)
    const tree = open({ keyPlaces: places(keyFile) })
    pool?.useOwnKeys(true)
    await tree.scan(never)
    expect((await tree.render(encrypted, never)).digest).toBeNull()
    await rm(keyFile)
    await copyFile(key('first.agekey'), keyFile)
    expect((await tree.changed(null)).keys).toEqual([encrypted])
    expect((await tree.render(encrypted, never)).digest).not.toBeNull()
    await rm(keyFile)
    expect((await tree.changed(null)).keys).toEqual([encrypted])
    const without = await tree.render(encrypted, never)
    expect(without.digest).toBeNull()
    expectNoPlaintext(JSON.stringify(without))
  })
})
