import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import type { SopsFormat } from '../../../electron/engine/decrypt/decryptor.ts'
import { DataKeyFault } from '../../../electron/engine/decrypt/keys/find-data-key.ts'
import { KeyFileFault, noIdentities, readKeyEntries } from '../../../electron/engine/decrypt/keys/identities.ts'
import { recoverDataKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { keysOf, readFixture, crypto, unlock } from './fixtures.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()
const first = keysOf('first.agekey')

async function decryptText(text: string, format: SopsFormat, keys = first) {
  const bytes = encoder.encode(text)
  const { decryptor } = await unlock(bytes, format, keys)
  return decryptor.decryptFile(`file.${format}`, bytes, format)
}

async function faultOf(work: Promise<unknown>): Promise<BuildError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(BuildError)
  const fault = error as BuildError
  expect(fault.code).toBe('DecryptionFailed')
  return fault
}

const text = (name: string) => decoder.decode(readFixture(`${name}.enc`))

describe('without the right key', () => {
  test('the error names every recipient and why each failed', async () => {
    const fault = await faultOf(decryptText(text('keys-two-age'), 'yaml', first))
    const recipients = [...text('keys-two-age').matchAll(/recipient: (age1\w+)/g)].map((match) => match[1]!)
    expect(recipients).toHaveLength(2)
    for (const recipient of recipients) expect(fault.message).toContain(`  ${recipient}: FAILED`)
    expect(fault.message).toContain(
      'cannot get sops data key: Failed to get the data key required to decrypt the SOPS file.',
    )
    expect(fault.message.replace(/\s*\n\s*\|?\s*/g, ' ')).toContain('incorrect identity for recipient block')
    expect(fault.place.file).toBe('file.yaml')
    const cause = fault.cause as { cause?: unknown } | DataKeyFault
    const tried = (cause instanceof DataKeyFault ? cause : (cause.cause as DataKeyFault)).tried
    expect(tried.map(({ type, name, group }) => ({ type, name, group }))).toEqual(
      recipients.map((name) => ({ type: 'age', name, group: 0 })),
    )
  })

  test('no key at all says so', async () => {
    const bytes = readFixture('yaml-secret.enc')
    const keyring = await recoverDataKeys([{ path: 'a.yaml', bytes }], { identities: noIdentities, crypto })
    const decryptor = createDecryptor({ keyring, crypto })
    expect(decryptor.hasKeys).toBe(false)
    expect(() => decryptor.decryptFile('a.yaml', bytes, 'yaml')).toThrow(/no age key is known/)
  })

  test('a document that was not scanned is remembered as unmet', () => {
    const bytes = readFixture('yaml-secret.enc')
    return recoverDataKeys([], { identities: first, crypto }).then((keyring) => {
      expect(() => createDecryptor({ keyring, crypto }).decryptFile('a.yaml', bytes, 'yaml')).toThrow(/not tried/)
      expect(keyring.unmetKeys()).toHaveLength(1)
    })
  })

  test('a PGP key with a passphrase is named', async () => {
    const fault = await faultOf(decryptText(text('keys-locked-pgp'), 'yaml', keysOf('locked.asc')))
    expect(fault.message.replace(/\s*\n\s*\|?\s*/g, ' ')).toMatch(/a passphrase protects [0-9A-F]{40}/)
  })

  test('one of three groups is not enough for a threshold of two', async () => {
    const fault = await faultOf(decryptText(text('shamir-yaml'), 'yaml', keysOf('second.agekey')))
    expect(fault.message).toContain('Group 0: FAILED')
    expect(fault.message).toContain('Group 1: SUCCESS')
    expect(fault.message).toContain('Group 2: FAILED')
    expect(fault.message.replaceAll('\n', ' ')).toContain('Shamir threshold of 2, but only 1 part(s)')
  })

  test.each([
    ['kms', 'arn: arn:aws:kms:eu-west-1:1:key/x', 'arn:aws:kms:eu-west-1:1:key/x', 'AWS KMS'],
    ['gcp_kms', 'resource_id: projects/p/k', 'projects/p/k', 'GCP KMS'],
    [
      'azure_kv',
      'vault_url: https://v.example\n          name: n\n          version: "1"',
      'https://v.example/keys/n/1',
      'Azure',
    ],
    [
      'hc_vault',
      'vault_address: https://v.example\n          engine_path: sops\n          key_name: k',
      'https://v.example/v1/sops/keys/k',
      'Vault',
    ],
    ['hckms', 'key_id: region:uuid', 'region:uuid', 'Huawei'],
  ])('%s keys are named, with what would open them', async (type, fields, name, service) => {
    const entry = `    ${type}:\n        - ${fields}\n          created_at: "2026-01-02T03:04:05Z"\n          enc: AAAA\n`
    const document = text('yaml-secret').replace(/ {4}age:\n[\s\S]*? {4}lastmodified/, `${entry}    lastmodified`)
    const fault = await faultOf(decryptText(document, 'yaml'))
    expect(fault.message).toContain(`${name}: FAILED`)
    expect(fault.message.replace(/\s*\n\s*\|?\s*/g, ' ')).toContain(`${service}`)
    expect(fault.message).toContain('your own sops')
  })
})

describe('tampered documents', () => {
  test('a changed plain value is decrypted, as the controller does, with a warning', async () => {
    const changed = text('rule-encrypted-regex').replace('app: web', 'app: evil')
    const file = await decryptText(changed, 'yaml')
    expect(decoder.decode(file.bytes)).toContain('app: evil')
    expect(file.warnings).toEqual([expect.stringMatching(/MAC mismatch\).*controller does not check/)])
  })

  test('swapped values do not decrypt: the path is part of what is authenticated', async () => {
    const [username, password] = ['username', 'password'].map(
      (name) => new RegExp(`${name}: (ENC\\S*)`).exec(text('yaml-secret'))![1]!,
    )
    const swapped = text('yaml-secret').replace(username!, '@').replace(password!, username!).replace('@', password!)
    const fault = await faultOf(decryptText(swapped, 'yaml'))
    expect(fault.message).toContain('Could not decrypt with AES_GCM: cipher: message authentication failed')
  })

  test('a changed byte does not decrypt', async () => {
    const broken = text('dotenv').replace(
      /(DB_USER=ENC\[AES256_GCM,data:)(.)/,
      (_all, start: string, letter: string) => {
        return start + (letter === 'A' ? 'B' : 'A')
      },
    )
    expect((await faultOf(decryptText(broken, 'dotenv'))).message).toContain('message authentication failed')
  })

  test('with mac_only_encrypted, plain values are not under the MAC', async () => {
    const changed = text('rule-mac-only').replace('app: web', 'app: other')
    expect((await decryptText(changed, 'yaml')).warnings).toEqual([])
  })

  test('another time of change makes the MAC unreadable', async () => {
    const changed = text('yaml-secret').replace(/lastmodified: "\d{4}/, 'lastmodified: "1999')
    expect((await decryptText(changed, 'yaml')).warnings).toEqual([expect.stringContaining('its MAC cannot be read')])
  })

  test('a plain value where ciphertext is expected is not repeated in the error', async () => {
    const changed = text('yaml-secret').replace(/username: ENC\S*/, 'username: hunter2')
    const fault = await faultOf(decryptText(changed, 'yaml'))
    expect(fault.message).toBe(
      "error decrypting sops tree: Error walking tree: Could not decrypt value: Input string <redacted> does not match sops' data format",
    )
  })
})

describe('malformed metadata', () => {
  test.each([
    [
      'no keys',
      (all: string) => all.replace(/ {4}age:\n[\s\S]*? {4}lastmodified/, '    lastmodified'),
      'No keys found in file',
    ],
    [
      'no time',
      (all: string) => all.replace(/lastmodified: ".*"/, 'lastmodified: yesterday'),
      'cannot parse "yesterday" as "2006"',
    ],
    ['two rules', (all: string) => `${all}    encrypted_regex: x\n`, 'Cannot use more than one of encrypted_suffix'],
    ['a list', (all: string) => all.replace(/sops:\n[\s\S]*/, 'sops:\n    - "mac: ENC[x]"\n'), 'not a mapping'],
    [
      'age is text',
      (all: string) => all.replace(/ {4}age:\n[\s\S]*? {4}lastmodified/, '    age: text\n    lastmodified'),
      "'age[0]' expected a map or struct",
    ],
    [
      'a map where text belongs',
      (all: string) => all.replace(/version: .*/, 'encrypted_suffix: {a: b}'),
      "'encrypted_suffix' expected type 'string'",
    ],
    ['sops twice', (all: string) => `${all}sops: {}\n`, 'already defined'],
    ['not YAML', (all: string) => `${all}  - :\n"`, 'failed to load encrypted YAML data'],
  ])('%s', async (_name, change, expected) => {
    expect((await faultOf(decryptText(change(text('yaml-secret')), 'yaml'))).message).toContain(expected)
  })

  test('a pattern that does not compile matches nothing, as in sops', async () => {
    const changed = text('rule-encrypted-regex').replace(/encrypted_regex: .*/, 'encrypted_regex: "("')
    const file = await decryptText(changed, 'yaml')
    expect(decoder.decode(file.bytes)).toContain('password: ENC[')
  })

  test('files of more than 5 MiB are refused, encrypted or not', async () => {
    const { decryptor } = await unlock(new Uint8Array(), 'binary', first)
    expect(() => decryptor.decryptFile('a.bin', new Uint8Array(5 * 1024 * 1024 + 1), 'binary')).toThrow(
      'cannot decrypt file with size (5242881 bytes) exceeding limit (5242880)',
    )
  })

  test('a file without the mark of its format is left alone', async () => {
    const { decryptor } = await unlock(new Uint8Array(), 'yaml', first)
    const bytes = encoder.encode('a: 1\n')
    expect(decryptor.decryptFile('a.yaml', bytes, 'yaml')).toEqual({ bytes, wasEncrypted: false, warnings: [] })
    const yaml = readFixture('yaml-secret.enc')
    expect(decryptor.decryptFile('a.bin', yaml, 'binary').wasEncrypted).toBe(false)
  })

  test.each([
    ['yaml-secret', 'yaml'],
    ['json-types', 'json'],
    ['dotenv', 'dotenv'],
    ['ini', 'ini'],
    ['binary-text', 'binary'],
    ['shamir-ini', 'ini'],
  ] as const)('whatever happens to %s, it decrypts or fails with a typed error', async (name, format) => {
    const whole = text(name)
    const start = Math.max(0, whole.search(/sops(_|"?[:\]])/) - 20)
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: whole.length - 1 }),
            inMetadata: fc.boolean(),
            remove: fc.nat(40),
            insert: fc.oneof(
              fc.string({ maxLength: 8 }),
              fc.constantFrom(
                '\n',
                '  ',
                '- ',
                ': ',
                '{',
                ']',
                '"',
                '\0',
                '__list_9',
                '__map_',
                '__proto__',
                '&a',
                '*a',
                '1e999',
              ),
            ),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        async (edits) => {
          let changed = whole
          for (const { at, inMetadata, remove, insert } of edits) {
            const place = inMetadata ? start + (at % (whole.length - start)) : at
            changed = changed.slice(0, place) + insert + changed.slice(place + remove)
          }
          try {
            await decryptText(changed, format)
          } catch (error) {
            expect(error).toBeInstanceOf(BuildError)
            expect((error as BuildError).code).toBe('DecryptionFailed')
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    )
  })
})

describe('key files', () => {
  const bytes = (value: string) => encoder.encode(value)

  test('names decide; others are ignored', () => {
    const keys = readKeyEntries(
      new Map([
        ['a.agekey', readFixture('keys/first.agekey')],
        ['b.asc', readFixture('keys/rsa.asc')],
        ['sops.vault-token', bytes('t')],
        ['sops.aws-kms', bytes('x')],
        ['notes.txt', bytes('AGE-SECRET-KEY-1')],
        ['other.vault-token', bytes('t')],
      ]),
    )
    expect(keys.age).toHaveLength(1)
    expect(keys.pgp).toHaveLength(1)
    expect(keys.services).toEqual(['sops.vault-token', 'sops.aws-kms'])
  })

  test.each([
    ['a.agekey', 'hello', /'a\.agekey' line 1: .*unknown identity type/],
    ['a.agekey', '# c\n\nAGE-SECRET-KEY-1QQQQ', /line 3: .*malformed/],
    ['a.agekey', 'AGE-PLUGIN-YUBIKEY-1ABC', /plugin identities are not supported/],
    ['a.agekey', '-----BEGIN OPENSSH PRIVATE KEY-----\nx', /SSH keys are not supported/],
    ['a.asc', 'nothing', /no armored OpenPGP private key/],
  ])('%s with %j is refused without showing it', (name, content, message) => {
    let fault: unknown
    try {
      readKeyEntries(new Map([[name, bytes(content)]]))
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(KeyFileFault)
    expect((fault as Error).message).toMatch(message)
    expect((fault as Error).message).not.toContain('QQQQ')
  })

  test('Windows line ends are no part of a key', () => {
    const key = readFileSync(join(import.meta.dirname, '../../fixtures/sops/keys/first.agekey'), 'utf8')
    expect(readKeyEntries(new Map([['a.agekey', bytes(key.replaceAll('\n', '\r\n'))]])).age).toEqual(first.age)
  })
})
