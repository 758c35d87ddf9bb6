import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import { recoverDataKeys, recoverUnmetKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import type { MapNode } from '../../../electron/engine/kustomize/yaml/node.ts'
import { getField, getMap } from '../../../electron/engine/kustomize/yaml/node.ts'
import { emitNode } from '../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../electron/engine/kustomize/yaml/parse.ts'
import type { Plain } from './encrypt.ts'
import { encryptDocument } from './encrypt.ts'
import { keysOf, readFixture, crypto } from './fixtures.ts'

const decoder = new TextDecoder()
const first = keysOf('first.agekey')
const parse = (text: string): MapNode => parseDocuments(text)[0] as MapNode

async function decryptorFor(...files: readonly { path: string; bytes: Uint8Array }[]) {
  const keyring = await recoverDataKeys(files, { identities: first, crypto })
  return createDecryptor({ keyring, crypto })
}

function scalarAt(node: MapNode, ...path: readonly string[]): string | null {
  const last = path.at(-1)!
  const map = path.slice(0, -1).reduce<MapNode | null>((at, name) => (at === null ? null : getMap(at, name)), node)
  const value = map === null ? undefined : getField(map, last)
  return value?.kind === 'scalar' ? value.value : null
}

const secret = { path: 'secret.yaml', bytes: readFixture('rule-encrypted-regex.enc') }

describe('an object with sops.mac', () => {
  test('loses its sops field, and its values are marked', async () => {
    const decryptor = await decryptorFor(secret)
    const node = parse(decoder.decode(secret.bytes))
    expect(decryptor.isEncrypted(node)).toBe(true)
    const { node: plain, warnings, sensitivePaths } = decryptor.decryptResource(node)
    expect(emitNode(plain)).toBe(emitNode(parse(decoder.decode(readFixture('rule-encrypted-regex.dec')))))
    expect(warnings).toEqual([])
    expect(sensitivePaths.map((path) => path.join('.')).sort()).toEqual([
      'data.token',
      'stringData.certificate',
      'stringData.password',
      'stringData.port',
      'stringData.username',
    ])
    expect(getField(node, 'sops')).toBeDefined()
    expect(decryptor.isEncrypted(plain)).toBe(false)
  })

  test('decrypts after the build has changed what is not encrypted, without a false alarm', async () => {
    const decryptor = await decryptorFor(secret)
    const node = parse(decoder.decode(secret.bytes).replace('name: database', 'name: dev-database-1'))
    const { node: plain, warnings } = decryptor.decryptResource(node)
    expect(scalarAt(plain, 'metadata', 'name')).toBe('dev-database-1')
    expect(scalarAt(plain, 'stringData', 'password')).toBe('s3cr3t & <more>')
    expect(warnings).toEqual([])
  })

  test('a file that was tampered with gives a warning on the object', async () => {
    const bytes = new TextEncoder().encode(decoder.decode(secret.bytes).replace('app: web', 'app: evil'))
    const decryptor = await decryptorFor({ path: 'secret.yaml', bytes })
    const { warnings } = decryptor.decryptResource(parse(decoder.decode(bytes)))
    expect(warnings).toEqual([expect.stringMatching(/^Secret apps\/database: .*MAC mismatch/)])
  })

  test('each of several documents that were encrypted together', async () => {
    const file = { path: 'two.yaml', bytes: readFixture('yaml-documents.enc') }
    const decryptor = await decryptorFor(file)
    const results = parseDocuments(decoder.decode(file.bytes)).map((node) => decryptor.decryptResource(node as MapNode))
    expect(results.map(({ node }) => emitNode(node))).toEqual(
      parseDocuments(decoder.decode(readFixture('yaml-documents.dec'))).map((node) => emitNode(node)),
    )
    expect(results.flatMap(({ warnings }) => warnings)).toEqual([])
  })

  test('the annotation decrypt: disabled leaves it alone, in any case of letters', async () => {
    const decryptor = await decryptorFor(secret)
    const text = decoder
      .decode(secret.bytes)
      .replace('metadata:', 'metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/decrypt: Disabled')
    const node = parse(
      text
        .replaceAll('\n    name', '\n  name')
        .replaceAll('\n    labels:\n        ', '\n  labels:\n    ')
        .replace('\n    namespace', '\n  namespace'),
    )
    expect(decryptor.isEncrypted(node)).toBe(false)
    expect(decryptor.decryptResource(node).node).toBe(node)
  })

  test('without a key the error names object and key, as the controller words it', async () => {
    const keyring = await recoverDataKeys([secret], { identities: keysOf('stranger.agekey'), crypto })
    expect(() => createDecryptor({ keyring, crypto }).decryptResource(parse(decoder.decode(secret.bytes)))).toThrow(
      /^failed to decrypt and format 'apps\/database' Secret data: cannot get sops data key: .*[^]*age1\w+: FAILED/,
    )
  })

  test('one that was in no scanned file can be recovered afterwards', async () => {
    const keyring = await recoverDataKeys([], { identities: first, crypto })
    const decryptor = createDecryptor({ keyring, crypto })
    const node = parse(decoder.decode(secret.bytes))
    expect(() => decryptor.decryptResource(node)).toThrow()
    expect(await recoverUnmetKeys(keyring, first)).toBe(true)
    expect(scalarAt(decryptor.decryptResource(node).node, 'stringData', 'username')).toBe('admin')
    expect(await recoverUnmetKeys(keyring, first)).toBe(false)
  })
})

describe('a Secret with SOPS files in data', () => {
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

  test.each([
    ['.env', 'dotenv'],
    ['values.yaml', 'yaml-helm-values'],
    ['config.json', 'json-types'],
    ['app.ini', 'ini'],
    ['blob', 'binary'],
  ])('%s is decrypted by what it holds and written by its name', async (key, name) => {
    const bytes = readFixture(`${name}.enc`)
    const decryptor = await decryptorFor({ path: key, bytes })
    const node = parse(
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  zz: eA==\n  ${key}: ${encode(bytes)}\n`,
    )
    expect(decryptor.isEncrypted(node)).toBe(true)
    const { node: plain, sensitivePaths, warnings } = decryptor.decryptResource(node)
    const value = scalarAt(plain, 'data', key)!
    expect(Buffer.from(value, 'base64').equals(Buffer.from(readFixture(`${name}.dec`)))).toBe(true)
    expect(sensitivePaths).toEqual([['data', key]])
    expect(warnings).toEqual([])
    expect(scalarAt(plain, 'data', 'zz')).toBe('eA==')
  })

  test('other Secrets only have their data sorted and an empty one removed', async () => {
    const decryptor = await decryptorFor()
    const rewritten = (text: string) => {
      const node = decryptor.decryptResource(parse(text)).node
      return { keys: node.keys.map((key) => (key.kind === 'scalar' ? key.value : '')), text: emitNode(node) }
    }
    const head = 'apiVersion: v1\nkind: Secret\n'
    expect(rewritten(`${head}data:\n  b: eA==\n  a:\n  "5": 5\nmetadata: {name: s}\n`)).toEqual({
      keys: ['apiVersion', 'kind', 'metadata', 'data'],
      text: `apiVersion: v1\ndata:\n  "5": "5"\n  a: ""\n  b: eA==\nkind: Secret\nmetadata:\n  name: s\n`,
    })
    expect(rewritten(`${head}data: {}\nmetadata: {name: s}\n`).keys).toEqual(['apiVersion', 'kind', 'metadata'])
    expect(rewritten(`${head}data: [a]\nmetadata: {name: s}\n`).keys).toEqual(['apiVersion', 'kind', 'metadata'])
  })

  test('a ConfigMap is not looked into', async () => {
    const decryptor = await decryptorFor()
    const node = parse(`kind: ConfigMap\ndata:\n  a: ${encode(readFixture('dotenv.enc'))}\n`)
    expect(decryptor.isEncrypted(node)).toBe(false)
    expect(decryptor.decryptResource(node).node).toBe(node)
  })
})

describe('plaintext of decrypted files is found again in built objects', () => {
  test('values of a patch, and a generated file in base64', async () => {
    const bytes = readFixture('dotenv.enc')
    const decryptor = await decryptorFor({ path: 'a.env', bytes })
    const file = decryptor.decryptFile('a.env', bytes, 'dotenv')
    const whole = Buffer.from(file.bytes).toString('base64')
    const password = 'p=a=s#s word'
    const node = parse(
      `kind: Deployment\nspec:\n  env:\n  - value: ${password}\n  - value: other\n  file: |\n    ${whole.slice(0, 70)}\n    ${whole.slice(70)}\n  encoded: ${Buffer.from(password).toString('base64')}\n`,
    )
    expect(decryptor.decryptResource(node).sensitivePaths).toEqual([
      ['spec', 'env', 0, 'value'],
      ['spec', 'file'],
      ['spec', 'encoded'],
    ])
  })
})

describe('values of every size and kind', () => {
  test.each<[string, Record<string, Plain>]>([
    ['1 MB', { kind: 'Secret', stringData: { big: 'žx0'.repeat(250_000) } }],
    [
      'prototype keys',
      { kind: 'Secret', stringData: JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') as Plain },
    ],
    [
      'nesting',
      {
        kind: 'X',
        spec: { list: [[1, ['a', [{ b: ['c'] }]]], [], {}], yes: true, no: false, nothing: null, half: 0.5 },
      },
    ],
    ['2,000 values', { kind: 'X', spec: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`key${i}`, i])) }],
  ])('%s', async (_name, plain) => {
    const identity = await generateX25519Identity()
    const document = await encryptDocument(plain, await identityToRecipient(identity))
    const bytes = new TextEncoder().encode(JSON.stringify(document))
    const keyring = await recoverDataKeys([{ path: 'a.json', bytes }], {
      identities: { age: [identity], pgp: [], services: [] },
      crypto,
    })
    const { node, warnings } = createDecryptor({ keyring, crypto }).decryptResource(parse(decoder.decode(bytes)))
    expect(warnings).toEqual([])
    expect(emitNode(node)).toBe(emitNode(parse(JSON.stringify(plain))))
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })
})
