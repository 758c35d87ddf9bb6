/**
 * One encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`. The additional data is the path of the value, or the time of the last
 * change for the MAC. Semantics: SOPS 3.13.2 `aes/cipher.go`.
 */
import type { SopsCrypto } from '../crypto.ts'
import {
  canonicalTime,
  decodeBase64,
  decodeGoString,
  encodeUtf8,
  parseGoBool,
  parseGoFloat,
  parseGoInt,
} from './go-format.ts'
import type { SopsValue } from './sops-tree.ts'
import { GoBytes, SopsComment, SopsTime } from './sops-tree.ts'

/** Why a value cannot be decrypted, in SOPS's words; never holds the value itself. */
export class CipherFault extends Error {
  override readonly name = 'CipherFault'
}

interface Envelope {
  readonly data: Uint8Array
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly type: string
}

const prefix = 'ENC[AES256_GCM,data:'

export function looksEncrypted(text: string): boolean {
  return text.startsWith(prefix)
}

function decodePart(text: string, name: string): Uint8Array {
  const bytes = decodeBase64(text)
  if (bytes === null) throw new CipherFault(`Error base64-decoding ${name}: illegal base64 data`)
  return bytes
}

/**
 * The parts of an envelope. Found from the end, as a greedy `^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]` finds them; no
 * regular expression, because values may have megabytes.
 */
function parseEnvelope(whole: string): Envelope {
  const newline = whole.indexOf('\n')
  const text = newline < 0 ? whole : whole.slice(0, newline)
  const end = text.lastIndexOf(']')
  const type = text.lastIndexOf(',type:', end)
  const tag = text.lastIndexOf(',tag:', type - 1)
  const iv = text.lastIndexOf(',iv:', tag - 1)
  const parts = [
    [prefix.length, iv],
    [iv + 4, tag],
    [tag + 5, type],
    [type + 6, end],
  ] as const
  const isWhole =
    text.startsWith(prefix) && iv > 0 && tag > 0 && type > 0 && end > 0 && parts.every(([from, to]) => to > from)
  // the value is left out of the message on purpose: the controller redacts it too
  if (!isWhole) throw new CipherFault("Input string <redacted> does not match sops' data format")
  const [data, ivText, tagText, typeText] = parts.map(([from, to]) => text.slice(from, to))
  return {
    data: decodePart(data!, 'data'),
    iv: decodePart(ivText!, 'iv'),
    tag: decodePart(tagText!, 'tag'),
    type: typeText!,
  }
}

function typedValue(bytes: Uint8Array, type: string): SopsValue {
  if (type === 'str') return decodeGoString(bytes)
  if (type === 'bytes') return new GoBytes(bytes, true)
  const text = decodeGoString(bytes)
  if (type === 'comment') return new SopsComment(typeof text === 'string' ? text : '', false)
  if (!['int', 'float', 'bool', 'time'].includes(type)) throw new CipherFault(`Unknown datatype: ${type}`)
  const value = typeof text === 'string' ? parseTyped(text, type) : null
  if (value === null) throw new CipherFault(`The decrypted value is not of its type: ${type}`)
  return value
}

function parseTyped(text: string, type: string): SopsValue {
  if (type === 'int') return parseGoInt(text)
  if (type === 'float') return parseGoFloat(text)
  if (type === 'bool') return parseGoBool(text)
  const time = canonicalTime(text, false)
  return time === null ? null : new SopsTime(time)
}

/**
 * The plaintext of `text`, '' for ''. `additionalData` must be what it was when the value was encrypted.
 * Throws CipherFault.
 */
export function decryptValue(text: string, dataKey: Uint8Array, additionalData: string, crypto: SopsCrypto): SopsValue {
  if (text === '') return ''
  const { data, iv, tag, type } = parseEnvelope(text)
  if (![16, 24, 32].includes(dataKey.length)) throw new CipherFault(`crypto/aes: invalid key size ${dataKey.length}`)
  if (iv.length === 0) throw new CipherFault("the nonce can't have zero length")
  const plain = crypto.openAesGcm({ key: dataKey, nonce: iv, data, tag, additionalData: encodeUtf8(additionalData) })
  if (plain === null) throw new CipherFault('Could not decrypt with AES_GCM: cipher: message authentication failed')
  return typedValue(plain, type)
}
