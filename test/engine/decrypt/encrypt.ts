/** The other direction, for cases that no committed file can hold: encrypts a JSON-like value as SOPS does, wrapped for one age recipient. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { armor, Encrypter } from 'age-encryption'

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }

export function encryptText(text: string | Uint8Array, key: Uint8Array, additionalData: string, type = 'str'): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(additionalData))
  const data = Buffer.concat([cipher.update(text), cipher.final()])
  const parts = [data, iv, cipher.getAuthTag()].map((part) => part.toString('base64'))
  return `ENC[AES256_GCM,data:${parts[0]!},iv:${parts[1]!},tag:${parts[2]!},type:${type}]`
}

function encryptValue(value: Plain, key: Uint8Array, path: readonly string[], mac: string[]): Plain {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((item) => encryptValue(item, key, path, mac))
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [name, encryptValue(child, key, [...path, name], mac)]),
    )
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
  mac.push(text)
  if (value === '') return ''
  const type =
    typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : Number.isInteger(value) ? 'int' : 'float'
  return encryptText(text, key, `${path.join(':')}:`, type)
}

export async function wrapForAge(dataKey: Uint8Array, recipient: string): Promise<string> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(dataKey))
}

/** A SOPS document with all values encrypted, its `sops` field last. */
export async function encryptDocument(
  plain: Readonly<Record<string, Plain>>,
  recipient: string,
  dataKey: Uint8Array = randomBytes(32),
): Promise<Record<string, unknown>> {
  const mac: string[] = []
  const encrypted = encryptValue({ ...plain }, dataKey, [], mac) as Record<string, Plain>
  const lastmodified = '2026-01-02T03:04:05Z'
  const hash = createHash('sha512').update(mac.join('')).digest('hex').toUpperCase()
  return {
    ...encrypted,
    sops: {
      age: [{ recipient, enc: await wrapForAge(dataKey, recipient) }],
      lastmodified,
      mac: encryptText(hash, dataKey, lastmodified),
      unencrypted_suffix: '_unencrypted',
      version: '3.13.2',
    },
  }
}
