/** Where tokens lie, and that none lies where the keychain would not have encrypted it: Electron's answers as they were seen on Linux. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const keyring = vi.hoisted(() => ({ backend: 'gnome_libsecret', mark: 'v11', opensAfter: 0, copied: '', asked: '' }))

vi.mock('electron', () => ({
  safeStorage: {
    getSelectedStorageBackend: () => keyring.backend,
    isAsyncEncryptionAvailable: () => (keyring.opensAfter -= 1) < 0,
    encryptStringAsync: (text: string) => {
      if (keyring.opensAfter > 0) throw new Error('nobody may encrypt before it is open')
      const sealed = Buffer.concat([Buffer.from(keyring.mark), Buffer.from(text).map((byte) => byte ^ 0x55)])
      return Promise.resolve(sealed)
    },
    decryptStringAsync: (sealed: Buffer) =>
      Promise.resolve({ result: Buffer.from(sealed.subarray(3).map((byte) => byte ^ 0x55)).toString() }),
  },
  clipboard: {
    readText: () => Promise.resolve(keyring.copied),
    writeText: (text: string) => {
      keyring.copied = text
      return Promise.resolve()
    },
  },
  dialog: {
    showMessageBox: ({ detail }: { detail: string }) => {
      keyring.asked = detail
      return Promise.resolve({ response: 0 })
    },
  },
}))
const { answerSecret } = await import('../../electron/main/secret-box.ts')

const name = 'ab'.repeat(32)
const token = 'token-0123456789'
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
  Object.assign(keyring, { backend: 'gnome_libsecret', mark: 'v11', opensAfter: 0, copied: `me:${token}`, asked: '' })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const keep = (): Promise<unknown> => answerSecret({ do: 'keepSecret', name, label: 'a repository' }, folder)
const written = (): Promise<readonly string[]> => readdir(join(folder, 'secrets')).catch(() => [])

describe.skipIf(process.platform !== 'linux')('secrets of the user', () => {
  it('are kept as what the keyring made of them, for the user alone, and read again', async () => {
    keyring.opensAfter = 3
    expect(await keep()).toBe('kept')
    expect(keyring.copied).toBe('')
    expect(keyring.asked).not.toContain(token)
    const file = join(folder, 'secrets', name)
    expect((await readFile(file)).includes(token)).toBe(false)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await answerSecret({ do: 'secretNames' }, folder)).toEqual([name])
    expect(await answerSecret({ do: 'readSecret', name }, folder)).toEqual({ username: 'me', secret: token })
    await answerSecret({ do: 'forgetSecret', name }, folder)
    expect(await written()).toEqual([])
  })

  it('are not stored without a keyring, nor with the key that everybody knows while encryption is called available', async () => {
    for (const without of [{ backend: 'basic_text' }, { mark: 'v10' }]) {
      Object.assign(keyring, { backend: 'gnome_libsecret', mark: 'v11', ...without })
      expect(await answerSecret({ do: 'secretState' }, folder)).toMatchObject({ isAvailable: false })
      await expect(keep()).rejects.toThrow(/no(ne)? (token )?is stored/)
      expect([await written(), keyring.copied, keyring.asked]).toEqual([[], `me:${token}`, ''])
    }
  })

  it('have names of one shape only', async () => {
    await expect(answerSecret({ do: 'readSecret', name: '../window.json' }, folder)).rejects.toThrow()
  })
})
