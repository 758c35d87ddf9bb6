/** Fixtures of real sops and the keys for them: test/fixtures/sops. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SopsFormat } from '../../../electron/engine/decrypt/decryptor.ts'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import type { Decryptor } from '../../../electron/engine/decrypt/decryptor.ts'
import type { Identities } from '../../../electron/engine/decrypt/keys/identities.ts'
import { readKeyEntries } from '../../../electron/engine/decrypt/keys/identities.ts'
import type { Keyring } from '../../../electron/engine/decrypt/keys/keyring.ts'
import { recoverDataKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import { nodeSopsCrypto } from '../../../electron/adapters/decrypt/node-crypto.ts'

const folder = join(import.meta.dirname, '../../fixtures/sops')

export const crypto = nodeSopsCrypto

export function readFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)))
}

export function keysOf(...names: readonly string[]): Identities {
  return readKeyEntries(new Map(names.map((name) => [name, readFixture(`keys/${name}`)])))
}

const extensions: Readonly<Record<SopsFormat, string>> = {
  yaml: 'file.yaml',
  json: 'file.json',
  dotenv: 'file.env',
  ini: 'file.ini',
  binary: 'file.bin',
}

export async function unlock(
  bytes: Uint8Array,
  format: SopsFormat,
  identities: Identities,
): Promise<{ decryptor: Decryptor; keyring: Keyring }> {
  const keyring = await recoverDataKeys([{ path: extensions[format], bytes }], { identities, crypto })
  return { keyring, decryptor: createDecryptor({ keyring, crypto }) }
}

/** The fixture decrypted as a file of its format. */
export async function decryptFixture(
  name: string,
  format: SopsFormat,
  identities: Identities,
): Promise<{ text: string; bytes: Uint8Array; warnings: readonly string[] }> {
  const bytes = readFixture(`${name}.enc`)
  const { decryptor } = await unlock(bytes, format, identities)
  const file = decryptor.decryptFile(extensions[format], bytes, format)
  return { text: new TextDecoder().decode(file.bytes), bytes: file.bytes, warnings: file.warnings }
}
