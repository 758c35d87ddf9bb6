/**
 * Secrets of the user, in the operating system's keychain. SECURITY: item 9: safeStorage's asynchronous API, in this process only; ciphertext on
 * disk, 0600; nothing is stored where the keychain would be plain text; no value is in an error, a log line or a dialog.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clipboard, dialog, safeStorage } from 'electron'
import type { SecretRequest } from '../../shared/contract/engine-thread.ts'

const namePattern = /^[0-9a-f]{64}$/
const maxSecretLength = 4096

export async function answerSecret(request: SecretRequest, dataDir: string): Promise<unknown> {
  const folder = join(dataDir, 'secrets')
  if ('name' in request && !namePattern.test(request.name)) throw new Error('Not a name for a secret')
  switch (request.do) {
    case 'secretState':
      return state()
    case 'secretNames':
      return (await readdir(folder).catch(() => [])).filter((name) => namePattern.test(name))
    case 'keepSecret':
      return keep(folder, request.name, request.label)
    case 'readSecret':
      return read(join(folder, request.name))
    case 'forgetSecret':
      await rm(join(folder, request.name), { force: true })
      return null
  }
}

async function state(): Promise<{ readonly isAvailable: boolean; readonly reason: string }> {
  // SECURITY: item 9: without a keyring Electron would encrypt with a key that everybody knows.
  if (process.platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend()
    if (backend === 'basic_text' || backend === 'unknown')
      return {
        isAvailable: false,
        reason:
          'This session has no keyring (GNOME Keyring or KWallet). A token would be stored as good as in plain text, so none is stored.',
      }
  }
  if (await isKeychainOpen()) return { isAvailable: true, reason: '' }
  return {
    isAvailable: false,
    reason:
      'The keychain of this machine does not answer or is locked, so no token is stored. Unlock it and start Sluice again.',
  }
}

/**
 * SECURITY: item 9: where no keyring answers, Chromium calls encryption available on Linux, and encrypts with a key that everybody knows: `v10` is
 * its mark.
 */
function isSealed(sealed: Buffer): boolean {
  return process.platform !== 'linux' || sealed.subarray(0, 3).toString('latin1') !== 'v10'
}

/** It is opened when it is first asked about: until then Electron 42 answers false, and dies of whoever encrypts. */
const openingMs = 3000
const askAgainMs = 50

async function isKeychainOpen(): Promise<boolean> {
  const end = performance.now() + openingMs
  for (;;)
    try {
      if (await safeStorage.isAsyncEncryptionAvailable()) return isSealed(await safeStorage.encryptStringAsync('probe'))
      if (performance.now() > end) return false
      await new Promise((resolve) => setTimeout(resolve, askAgainMs))
    } catch {
      return false
    }
}

async function keep(folder: string, name: string, label: string): Promise<'kept' | 'canceled' | 'unusable'> {
  const { isAvailable, reason } = await state()
  if (!isAvailable) throw new Error(reason)
  const text = (await clipboard.readText()).trim()
  const [, username = '', secret = ''] =
    /^(?:([\u0021-\u0039\u003b-\u007e]{1,200}):)?([\u0021-\u007e]+)$/.exec(text) ?? []
  if (secret === '' || text.length > maxSecretLength) return 'unusable'
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Keep the token on your clipboard for this repository?',
    detail: `${oneLine(label)}\n\n${username === '' ? '' : 'A user name and '}${secret.length} characters, encrypted by the keychain of this machine. The clipboard is cleared.`,
    buttons: ['Keep', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  if (response !== 0) return 'canceled'
  const sealed = await safeStorage.encryptStringAsync(JSON.stringify({ username, secret }))
  if (!isSealed(sealed)) throw new Error('The keyring did not encrypt the token, so it was not stored.')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, name)
  await writeFile(`${file}.draft`, sealed, { mode: 0o600 })
  await rename(`${file}.draft`, file)
  if ((await clipboard.readText()).trim() === text) await clipboard.writeText('')
  return 'kept'
}

async function read(file: string): Promise<{ readonly username: string; readonly secret: string } | null> {
  const sealed = await readFile(file).catch(() => null)
  if (sealed === null || !(await isKeychainOpen())) return null
  try {
    const { result } = await safeStorage.decryptStringAsync(sealed)
    const { username, secret } = JSON.parse(result) as { username?: unknown; secret?: unknown }
    return typeof username === 'string' && typeof secret === 'string' ? { username, secret } : null
  } catch {
    return null
  }
}

/** Control and direction characters could make it look like another repository. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}').slice(0, 500)
}
