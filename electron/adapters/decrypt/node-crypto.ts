/** SOPS's ciphers by Node. Knows nothing of documents. */
import { createDecipheriv, createHash } from 'node:crypto'
import type { SopsCrypto } from '../../engine/decrypt/crypto.ts'

export const nodeSopsCrypto: SopsCrypto = {
  sha512(chunks) {
    const hash = createHash('sha512')
    for (const chunk of chunks) hash.update(chunk)
    return hash.digest('hex').toUpperCase()
  },

  openAesGcm({ key, nonce, data, tag, additionalData }) {
    // SECURITY: Node would take a shorter tag for a weaker proof
    if (tag.length !== 16) return null
    try {
      const decipher = createDecipheriv(`aes-${(key.length * 8) as 256}-gcm`, key, nonce, { authTagLength: 16 })
      decipher.setAAD(additionalData)
      decipher.setAuthTag(tag)
      const plain = decipher.update(data)
      const rest = decipher.final()
      return new Uint8Array(rest.length === 0 ? plain : Buffer.concat([plain, rest]))
    } catch {
      return null
    }
  },
}
