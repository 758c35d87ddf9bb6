import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeySource, findKeyPlaces } from '../../../electron/adapters/decrypt/user-keys.ts'
import type { LoadedKeys } from '../../../electron/engine/build/build-decryption.ts'

const keys = path.join(import.meta.dirname, '../../fixtures/sops/keys')
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-keys-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const load = (environment: Readonly<Record<string, string>>, named: readonly string[] = []): Promise<LoadedKeys> =>
  createKeySource(findKeyPlaces(environment, 'linux', named)).load()
const identityIn = async (name: string): Promise<string> =>
  (await readFile(path.join(keys, name), 'utf8')).split('\n').find((line) => line.startsWith('AGE-')) ?? ''
const put = async (name: string, text: string): Promise<string> => {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

describe('the user’s own key file', () => {
  it.each([
    ['linux', { HOME: '/ada' }, '/ada/.config/sops/age/keys.txt'],
    ['linux', { HOME: '/ada', XDG_CONFIG_HOME: '/xdg' }, '/xdg/sops/age/keys.txt'],
    ['linux', { HOME: '/ada', XDG_CONFIG_HOME: '' }, '/ada/.config/sops/age/keys.txt'],
    ['linux', { HOME: '/ada', XDG_CONFIG_HOME: 'relative' }, null],
    ['linux', {}, null],
    ['darwin', { HOME: '/ada' }, '/ada/Library/Application Support/sops/age/keys.txt'],
    ['darwin', { HOME: '/ada', XDG_CONFIG_HOME: '/xdg' }, '/xdg/sops/age/keys.txt'],
    ['win32', { AppData: '/roaming', HOME: '/ada' }, '/roaming/sops/age/keys.txt'],
    ['win32', { HOME: '/ada' }, null],
  ])('on %s with %j is %s', (platform, environment, expected) => {
    expect(findKeyPlaces(environment, platform).ownKeyFile).toBe(expected)
  })

  it('may be absent, and may be one of several places', async () => {
    expect(await load({ HOME: folder })).toEqual({
      identities: { age: [], pgp: [], services: [] },
      problems: [],
      externalSops: null,
    })
    await put('.config/sops/age/keys.txt', `# a comment\r\n\r\n${await identityIn('first.agekey')}\r\n`)
    const { identities, problems } = await load({
      HOME: folder,
      SOPS_AGE_KEY: `# two on a line\n${await identityIn('second.agekey')} ${await identityIn('stranger.agekey')}\n`,
      SOPS_AGE_KEY_FILE: path.join(keys, 'first.agekey'),
    })
    const found = ['second.agekey', 'stranger.agekey', 'first.agekey']
    expect(identities.age).toEqual(await Promise.all(found.map(identityIn)))
    expect(problems).toEqual([])
  })
})

describe('files and folders that the user names', () => {
  it('give age and OpenPGP keys by what they hold', async () => {
    await copyFile(path.join(keys, 'first.agekey'), path.join(folder, 'keys.txt'))
    await copyFile(path.join(keys, 'second.agekey'), path.join(folder, 'b.agekey'))
    await copyFile(path.join(keys, 'curve.asc'), path.join(folder, 'c.asc'))
    await put('notes.txt', 'AGE-SECRET-KEY-1NOTREAD\n')
    const { identities } = await load({}, [folder])
    expect([identities.age.length, identities.pgp.length]).toEqual([2, 1])
    const odd = await put('odd-name', await readFile(path.join(keys, 'rsa.asc'), 'utf8'))
    expect((await load({}, [odd])).identities.pgp).toHaveLength(1)
  })

  it.each([
    ['gone', null, 'no such file or directory'],
    ['empty/readme.md', '', 'no key files in this folder'],
    ['x.agekey', 'AGE-SECRET-KEY-1QQQQSECRETQQQQ', 'line 1'],
    ['y.agekey', '# fine\n\nage1publickey', 'line 3: failed to parse and add to age identities: unknown identity type'],
    ['z.agekey', 'AGE-PLUGIN-YUBIKEY-1SECRET', 'age plugin identities are not supported'],
    ['id_ed25519', '-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n', 'SSH keys are not supported'],
    ['k.asc', 'SECRET', 'no armored OpenPGP private key'],
    ['huge.agekey', `#${'x'.repeat(1024 * 1024)}`, 'too large'],
  ])('are refused by name where they cannot be used: %s', async (name, content, words) => {
    if (content !== null) await put(name, content)
    const named = path.join(folder, name.startsWith('empty') ? 'empty' : name)
    const error = await load({}, [named]).then(
      () => null,
      (fault: Error) => fault,
    )
    expect(error?.name).toBe('KeyFileFault')
    expect(error?.message).toContain(named)
    expect(error?.message).toContain(words)
    expect(error?.message).not.toMatch(/SECRETQ|1SECRET|nSECRET/)
  })

  it('are only noted where they are the user’s own', async () => {
    const file = await put('.config/sops/age/keys.txt', 'AGE-SECRET-KEY-1QQQQSECRETQQQQ\n')
    const { identities, problems } = await load({ HOME: folder, SOPS_AGE_KEY: 'nonsense' }, [
      path.join(keys, 'first.agekey'),
    ])
    expect(identities.age).toHaveLength(1)
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain("'SOPS_AGE_KEY' line 1")
    expect(problems[1]).toContain(`'${file}' line 1`)
    expect(problems.join()).not.toMatch(/nonsense|QQQQ/)
  })

  it.skipIf(process.getuid?.() === 0)('say that they may not be read', async () => {
    const file = await put('x.agekey', '')
    await chmod(file, 0)
    await expect(load({}, [file])).rejects.toThrow('permission denied')
  })

  it('have another stamp when they change', async () => {
    const file = await put('keys.txt', '# one\n')
    const source = createKeySource(findKeyPlaces({ SOPS_AGE_KEY_FILE: file }, 'linux'))
    const before = source.stamp()
    expect(source.stamp()).toBe(before)
    await put('keys.txt', '# one and two\n')
    expect(source.stamp()).not.toBe(before)
    await rm(file)
    expect(source.stamp()).not.toBe(before)
  })
})
