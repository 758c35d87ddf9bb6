/**
 * Data keys wrapped for OpenPGP keys: an armoured message. The library is loaded only where such a message and a key for it are met: it is
 * large. Semantics: SOPS 3.13.2 `pgp.MasterKey.Decrypt`.
 */
import type { PrivateKey } from 'openpgp'
import { maxWrappedLength, UnwrapFault } from './unwrap-age.ts'

/** Private keys that are ready to decrypt, read once for each recovery. */
export interface PgpKeys {
  readonly keys: readonly PrivateKey[]
  /** Fingerprints of keys that a passphrase protects: they cannot be used, as in the controller. */
  readonly locked: readonly string[]
}

/** Reads armoured blocks. A block that cannot be read is reported by the caller's entry name before; here it is skipped. */
export async function readPgpKeys(blocks: readonly string[]): Promise<PgpKeys> {
  if (blocks.length === 0) return { keys: [], locked: [] }
  const openpgp = await import('openpgp')
  const keys: PrivateKey[] = []
  const locked: string[] = []
  for (const armoredKeys of blocks) {
    for (const key of await openpgp.readPrivateKeys({ armoredKeys }).catch(() => [])) {
      if (key.getKeys().some((part) => 'isDecrypted' in part && part.isDecrypted() === false))
        locked.push(key.getFingerprint().toUpperCase())
      else keys.push(key)
    }
  }
  return { keys, locked }
}

/** The data key, or a part of it, by any of the keys. Throws UnwrapFault. */
export async function unwrapPgp(wrapped: string, available: PgpKeys): Promise<Uint8Array> {
  if (available.keys.length === 0)
    throw new UnwrapFault(
      available.locked.length > 0
        ? `could not decrypt data key with PGP key: a passphrase protects ${available.locked.join(', ')}; export the key without one`
        : 'could not decrypt data key with PGP key: no OpenPGP private key is known',
    )
  if (wrapped.length > maxWrappedLength) throw new UnwrapFault('the wrapped data key is too long')
  const openpgp = await import('openpgp')
  try {
    const message = await openpgp.readMessage({ armoredMessage: wrapped })
    const { data } = (await openpgp.decrypt({
      message,
      decryptionKeys: [...available.keys],
      format: 'binary',
      // keys are often older than what is thought long enough today
      config: { minRSABits: 1024 },
    })) as unknown as { readonly data: Uint8Array }
    if (data.length === 0) throw new UnwrapFault('could not decrypt data key with PGP key: zero bytes returned')
    return data
  } catch (error) {
    if (error instanceof UnwrapFault) throw error
    throw new UnwrapFault(
      `could not decrypt data key with PGP key: ${error instanceof Error ? error.message : 'unknown error'}`,
    )
  }
}
