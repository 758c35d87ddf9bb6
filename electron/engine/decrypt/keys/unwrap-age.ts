/** Data keys wrapped for age: one age file in ASCII armour. Semantics: SOPS 3.13.2 `age.MasterKey.Decrypt`. */
import { armor, Decrypter } from 'age-encryption'

/** Why a wrapped key gave no data key; never holds key material. */
export class UnwrapFault extends Error {
  override readonly name = 'UnwrapFault'
}

/** A data key has 32 bytes, a Shamir part 33; what is far larger is no key. */
export const maxWrappedLength = 64 * 1024

/** The data key, or a part of it, by the first identity that fits. Throws UnwrapFault. */
export async function unwrapAge(wrapped: string, identities: readonly string[]): Promise<Uint8Array> {
  if (identities.length === 0) throw new UnwrapFault('failed to load age identities: no age key is known')
  if (wrapped.length > maxWrappedLength) throw new UnwrapFault('the wrapped data key is too long')
  let file: Uint8Array
  try {
    file = armor.decode(wrapped)
  } catch {
    throw new UnwrapFault('failed to create reader for decrypting sops data key with age: no valid armor')
  }
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(file)
  } catch (error) {
    const isNoMatch = error instanceof Error && error.message.includes('no identity matched')
    throw new UnwrapFault(
      isNoMatch
        ? 'failed to create reader for decrypting sops data key with age: identity did not match any of the ' +
            'recipients: incorrect identity for recipient block'
        : 'failed to create reader for decrypting sops data key with age: malformed or damaged age file',
    )
  }
}
