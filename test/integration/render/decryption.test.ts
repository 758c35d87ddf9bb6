/** `sluice build -f` and `sluice render` over a small encrypted tree, with keys, without and with wrong ones. Keys: test/fixtures/sops. */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const program = path.resolve(import.meta.dirname, '../../../electron/cli/main.ts')
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/sops')
const recipient = 'age1j3gplzavx8r0ejejzszg0944alhhrf45hx9pwfv2txw27f9x74aqpcl6dg'
/** What the fixtures hold, in every form in which it may come out. */
const plaintexts = ['secretvalue', 'p=a=s#s word', 'keeps quotes'].flatMap((text) => [
  text,
  Buffer.from(text).toString('base64'),
])
let folder = ''
let home = ''
/** Compiled code, for all of them. */
let cache = ''

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CACHE_HOME: cache, ...env } }
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}

const build = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  sluice(['build', '-f', 'clusters/apps.yaml', ...args], env)
const key = (name: string): string => path.join(fixtures, 'keys', name)
const put = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), text)
}
const giveOwnKey = async (name: string): Promise<string> => {
  const file = path.join(home, '.config/sops/age/keys.txt')
  await mkdir(path.dirname(file), { recursive: true })
  await copyFile(key(name), file)
  return file
}
const flux = (name: string, spec: string): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 1h\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n${spec}`
const decryption = '  decryption: {provider: sops, secretRef: {name: sops-age}}\n'

function expectNoPlaintext({ stdout, stderr }: Ended): void {
  for (const text of plaintexts) expect(`${stdout}${stderr}`).not.toContain(text)
  expect(`${stdout}${stderr}`).not.toContain('AGE-SECRET-KEY')
}

beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'sluice-cache-'))
})
afterAll(() => rm(cache, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-decryption-')))
  home = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-home-')))
  await put('clusters/apps.yaml', flux('apps', `  path: ./apps\n${decryption}`))
  await put(
    'apps/kustomization.yaml',
    'resources: [secret.yaml, plain.yaml]\nsecretGenerator:\n- name: env\n  envs: [settings.env]\n',
  )
  await put('apps/plain.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n')
  await copyFile(path.join(fixtures, 'controller/weak-types.yaml'), path.join(folder, 'apps/secret.yaml'))
  await copyFile(path.join(fixtures, 'dotenv.enc'), path.join(folder, 'apps/settings.env'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true })
})

describe('sluice build -f', () => {
  it.each([
    ['a file', (): readonly string[] => ['--decryption-key', key('first.agekey')]],
    ['a folder', (): readonly string[] => [`--decryption-key=${path.join(fixtures, 'keys')}`]],
    [
      'the second of two',
      (): readonly string[] => ['stranger.agekey', 'first.agekey'].flatMap((name) => ['--decryption-key', key(name)]),
    ],
  ])('decrypts objects and the sources of generators with keys of %s', async (_what, args) => {
    const { code, stdout, stderr } = await build(args())
    expect([code, stderr.includes('Error')]).toEqual([0, false])
    expect(stdout).toContain('stringData:\n  a: secretvalue\n')
    expect(stdout).toContain(`DB_PASSWORD: ${Buffer.from('p=a=s#s word').toString('base64')}\n`)
    expect(stdout).not.toMatch(/ENC\[|sops/)
    // The hash of the name is that of the plaintext.
    expect(stdout).toMatch(/name: env-[a-z0-9]{10}\n/)
  })

  it.each([
    ['SOPS_AGE_KEY', async () => ({ SOPS_AGE_KEY: await readFile(key('first.agekey'), 'utf8') })],
    ['SOPS_AGE_KEY_FILE', () => Promise.resolve({ SOPS_AGE_KEY_FILE: key('first.agekey') })],
    ['keys.txt', async () => (await giveOwnKey('first.agekey'), {})],
    [
      'XDG_CONFIG_HOME',
      async () => (await giveOwnKey('first.agekey'), { HOME: '/', XDG_CONFIG_HOME: path.join(home, '.config') }),
    ],
  ])('decrypts with the keys of the user, from %s', async (_where, prepare) => {
    const ended = await build(['-o', 'json'], await prepare())
    const [row] = JSON.parse(ended.stdout) as { digest: string; documents: number; error: unknown }[]
    expect([ended.code, row?.documents, row?.error]).toEqual([0, 3, null])
    expect(row?.digest).toMatch(/^sha256:/)
    expectNoPlaintext(ended)
  })

  it('fails without a key, and names the one that is missing', async () => {
    const ended = await build(['-o', 'json'])
    const [row] = JSON.parse(ended.stdout) as {
      digest: null
      documents: number
      error: { code: string; message: string }
    }[]
    expect([ended.code, row?.digest, row?.documents, row?.error.code]).toEqual([1, null, 0, 'DecryptionFailed'])
    expect(row?.error.message).toContain(recipient)
    const text = await build()
    expect([text.code, text.stdout]).toEqual([1, ''])
    expect(text.stderr).toContain(recipient)
    expectNoPlaintext(text)
  })

  it('fails with the wrong key, and names the one that is missing', async () => {
    const ended = await build(['--decryption-key', key('stranger.agekey')])
    expect([ended.code, ended.stdout]).toEqual([1, ''])
    expect(ended.stderr).toContain(`${recipient}: FAILED`)
    expectNoPlaintext(ended)
  })

  it.skipIf(process.platform === 'win32')('asks the sops of the user where it is told to, and only then', async () => {
    await put('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
    // Decrypts as sops would: the document comes as a file, the plaintext goes to stdout.
    await put(
      'bin/sops',
      `#!/bin/sh\nfor last; do :; done\nsed -e 's/a: ENC.*/a: secretvalue/' -e '/^sops:/,$d' "$last"\n`,
    )
    await chmod(path.join(folder, 'bin/sops'), 0o755)
    const env = { PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}` }
    const asked = await build(['--use-sops'], env)
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('a: secretvalue\n') as string })
    expect(await build([], env)).toMatchObject({ code: 1, stdout: '' })
    const absent = await build(['--use-sops'], { PATH: '/nowhere' })
    expect(absent).toMatchObject({ code: 1, stderr: 'Error: --use-sops: there is no sops in the folders of PATH\n' })
  })

  it('leaves what is encrypted as it is with --no-decryption', async () => {
    const { code, stdout, stderr } = await build(['--no-decryption'], { SOPS_AGE_KEY_FILE: key('first.agekey') })
    expect(code).toBe(0)
    expect(stdout).toContain('ENC[AES256_GCM')
    expect(stderr).toContain('Warning: flux-system/apps: ')
  })

  it('leaves alone what asks for no decryption, and reads no key then', async () => {
    await put('clusters/apps.yaml', flux('apps', '  path: ./apps\n'))
    const { code, stdout, stderr } = await build(['--decryption-key', 'nowhere.agekey'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('ENC[AES256_GCM')
    await put('clusters/apps.yaml', flux('apps', `  path: ./plain\n${decryption}`))
    await put('plain/plain.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n')
    expect(await build(['--decryption-key', 'nowhere.agekey'])).toMatchObject({ code: 0, stderr: '' })
  })

  it.each([
    ['nowhere.agekey', null, 'no such file or directory'],
    ['broken.agekey', 'AGE-SECRET-KEY-1NOTAKEYATALL\n', 'line 1: failed to parse and add to age identities: malformed'],
    [
      'broken.asc',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nbm90aGluZw==\n-----END PGP PRIVATE KEY BLOCK-----\n',
      'malformed',
    ],
    ['public.asc', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n', 'no armored OpenPGP private key'],
  ])('names a key file that cannot be used: %s', async (name, content, words) => {
    if (content !== null) await put(name, content)
    const ended = await build(['--decryption-key', name])
    expect([ended.code, ended.stdout]).toEqual([1, ''])
    expect(ended.stderr).toContain(name)
    expect(ended.stderr).toContain(words)
    expect(ended.stderr).not.toMatch(/NOTAKEY|bm90aGluZw|\n\s+at /)
  })

  it('names a key file of the user that cannot be used, and goes on with the others', async () => {
    const file = await giveOwnKey('first.agekey')
    await writeFile(file, '# mine\nAGE-SECRET-KEY-1NOTAKEYATALL\n')
    const ended = await build([], { SOPS_AGE_KEY_FILE: path.join(home, 'gone.txt') })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(`'${file}' line 2`)
    expect(ended.stderr).toContain("gone.txt': the key file cannot be read: no such file or directory")
    expect(ended.stderr).not.toContain('NOTAKEY')
    expect((await build(['--decryption-key', key('first.agekey')])).code).toBe(0)
  })

  it.skipIf(process.getuid?.() === 0)('names a key file that may not be read', async () => {
    await chmod(await giveOwnKey('first.agekey'), 0)
    expect((await build()).stderr).toContain('permission denied')
  })

  it('says nothing of what it decrypted where the build fails', async () => {
    await put(
      'apps/kustomization.yaml',
      'resources: [plain.yaml]\nsecretGenerator:\n- {name: env, envs: [settings.env], files: [x=settings.env]}\nconfigMapGenerator:\n- {name: env, envs: [settings.env, settings.env]}\n',
    )
    const ended = await build(['--decryption-key', key('first.agekey')])
    expect(ended.code).toBe(1)
    expectNoPlaintext(ended)
  })
})

describe('sluice render', () => {
  it('decrypts, and marks on the line what no key opens', async () => {
    const done = await sluice(['render', '.', '--decryption-key', key('first.agekey')])
    expect(done.code).toBe(0)
    expect(done.stdout).toMatch(/flux-system\/apps +3 objects +[\d.]+ ms\n/)
    const marked = await sluice(['render', '.'])
    expect(marked.stdout).toMatch(new RegExp(`flux-system/apps +3 objects +[\\d.]+ ms +2 unknown: .*${recipient}`))
    expect(marked.stdout).toMatch(/1 Kustomizations, 3 objects, 0 failed/)
    const wrong = await sluice(['render', '.', '--decryption-key', key('stranger.agekey')])
    expect(wrong.stdout).toMatch(new RegExp(`2 unknown: .*${recipient}: FAILED`))
    for (const ended of [done, marked, wrong]) expectNoPlaintext(ended)
  })
})
