/**
 * What Flux's build asks of SOPS decryption, and nothing more: engine/decrypt implements it. The build is synchronous, key services are not: a
 * decryptor answers `pending` for what it must first fetch a key for, and the caller renders again once it has settled (see
 * `renderWithDecryption`).
 */

/** SOPS' store formats, named as `sops --input-type` names them. */
export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

export type DecryptOutcome =
  /** `warnings` holds what the controller passes over, such as a MAC that does not match. */
  | { readonly status: 'decrypted'; readonly bytes: Uint8Array; readonly warnings: readonly string[] }
  /** No key for it here: the result stays encrypted and is marked as unknown. `keys` names the keys that would open it. */
  | { readonly status: 'undecryptable'; readonly reason: string; readonly keys: readonly string[] }
  /** Broken: the controller would refuse it with any key. `message` is its error text. */
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'pending' }

export interface Decryptor {
  /** Decrypts one document. `place` is a path in the tree or `Kind/namespace/name`: it is only named in messages. */
  decrypt(place: string, bytes: Uint8Array, input: SopsFormat, output: SopsFormat): DecryptOutcome
  /** Resolves once everything that was `pending` has an answer. */
  settle(): Promise<void>
}
