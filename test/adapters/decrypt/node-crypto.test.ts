import { expect, test } from 'vitest'
import { nodeSopsCrypto } from '../../../electron/adapters/decrypt/node-crypto.ts'

const key = new Uint8Array(32).fill(7)
const nonce = new Uint8Array(32).fill(9)
const additionalData = new TextEncoder().encode('a:b:')

test('opens what the Web Crypto API sealed, and nothing that was changed', async () => {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData }
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, imported, new TextEncoder().encode('plain')))
  const input = { key, nonce, data: sealed.subarray(0, -16), tag: sealed.subarray(-16), additionalData }
  expect(new TextDecoder().decode(nodeSopsCrypto.openAesGcm(input)!)).toBe('plain')
  expect(nodeSopsCrypto.openAesGcm({ ...input, additionalData: new Uint8Array() })).toBe(null)
  expect(nodeSopsCrypto.openAesGcm({ ...input, tag: input.tag.subarray(0, 12) })).toBe(null)
  expect(nodeSopsCrypto.openAesGcm({ ...input, tag: new Uint8Array() })).toBe(null)
  expect(nodeSopsCrypto.openAesGcm({ ...input, nonce: new Uint8Array(12) })).toBe(null)
  expect(nodeSopsCrypto.openAesGcm({ ...input, key: new Uint8Array(32) })).toBe(null)
})

test('hashes chunks as one text', () => {
  const abc = ['a', 'bc'].map((text) => new TextEncoder().encode(text))
  expect(nodeSopsCrypto.sha512(abc)).toMatch(/^DDAF35A193617ABACC417349AE204131[0-9A-F]{96}$/)
})
