import { describe, expect, test } from 'vitest'
import type { SopsFormat } from '../../../electron/engine/decrypt/decryptor.ts'
import type { Identities } from '../../../electron/engine/decrypt/keys/identities.ts'
import { decryptFixture, keysOf, readFixture } from './fixtures.ts'

const first = keysOf('first.agekey')

const cases: [name: string, format: SopsFormat, keys?: Identities][] = [
  ['yaml-types', 'yaml'],
  ['yaml-comments', 'yaml'],
  ['yaml-documents', 'yaml'],
  ['yaml-secret', 'yaml'],
  ['yaml-helm-values', 'yaml'],
  ['yaml-odd', 'yaml'],
  ['json-types', 'json'],
  ['dotenv', 'dotenv'],
  ['ini', 'ini'],
  ['binary', 'binary'],
  ['binary-text', 'binary'],
  ['rule-encrypted-regex', 'yaml'],
  ['rule-unencrypted-regex', 'yaml'],
  ['rule-encrypted-suffix', 'yaml'],
  ['rule-unencrypted-suffix', 'yaml'],
  ['rule-encrypted-comment', 'yaml'],
  ['rule-unencrypted-comment', 'yaml'],
  ['rule-mac-only', 'yaml'],
  ['keys-two-age', 'yaml', keysOf('second.agekey')],
  ['keys-two-age', 'yaml', keysOf('stranger.agekey')],
  ['keys-quantum', 'yaml', keysOf('quantum.agekey')],
  ['keys-pgp-rsa', 'yaml', keysOf('rsa.asc')],
  ['keys-pgp-curve', 'dotenv', keysOf('curve.asc')],
  ['keys-pgp-and-age', 'yaml', keysOf('rsa.asc')],
  ['keys-pgp-and-age', 'yaml', keysOf('first.agekey', 'stranger.agekey')],
  ['shamir-yaml', 'yaml', keysOf('first.agekey', 'second.agekey')],
  ['shamir-yaml', 'yaml', keysOf('first.agekey', 'rsa.asc')],
  ['shamir-dotenv', 'dotenv', keysOf('second.agekey', 'rsa.asc')],
  ['shamir-ini', 'ini', keysOf('first.agekey', 'second.agekey', 'rsa.asc')],
]

describe('a file that sops encrypted comes out as sops decrypts it, byte for byte', () => {
  test.each(cases)('%s', async (...[name, format, keys = first]) => {
    const { bytes, text, warnings } = await decryptFixture(name, format, keys)
    const expected = readFixture(`${name}.dec`)
    if (format !== 'binary') expect(text).toBe(new TextDecoder().decode(expected))
    expect(Buffer.from(bytes).equals(Buffer.from(expected))).toBe(true)
    expect(warnings).toEqual([])
  })

  test('comments in lists come out too, and the MAC is wrong, as sops itself says of such files', async () => {
    const { text, warnings } = await decryptFixture('yaml-list-comments', 'yaml', first)
    expect(text).toBe(new TextDecoder().decode(readFixture('yaml-list-comments.dec')))
    expect(warnings).toEqual([expect.stringContaining('MAC mismatch')])
  })
})
