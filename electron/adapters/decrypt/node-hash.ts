/** SHA-512 by Node, for the MAC of SOPS documents. */
import { createHash } from 'node:crypto'
import type { Sha512 } from '../../engine/decrypt/tree/decrypt-tree.ts'

export const sha512Hex: Sha512 = (chunks) => {
  const hash = createHash('sha512')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex').toUpperCase()
}
