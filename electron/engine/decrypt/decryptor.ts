/**
 * What a build asks of decryption: synchronous, because builds are. The data keys were recovered before (recover-keys.ts); here values are
 * decrypted with them. Semantics: kustomize-controller 1.9.4 `internal/decryptor` over SOPS 3.13.2.
 *
 * Plaintext travels with its mark: whoever shows, stores or sends a decrypted object masks `sensitivePaths`.
 */
import type { MapNode } from '../kustomize/yaml/node.ts'

/** The five stores of SOPS. */
export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** Keys and indexes from the object's root to a decrypted value: `['data', 'password']`, `['spec', 'users', 0, 'token']`. */
export type SensitivePath = readonly (string | number)[]

export interface DecryptedResource {
  /** The object without its `sops` field; the input itself where nothing was to decrypt. The input is never changed. */
  readonly node: MapNode
  /** For the user: integrity checks that failed, which the controller would not notice. */
  readonly warnings: readonly string[]
  /** SECURITY: every value that was ciphertext, or came out of a file decrypted before. Views mask them. */
  readonly sensitivePaths: readonly SensitivePath[]
}

export interface DecryptedFile {
  /** Plaintext in the same format; the input itself where it is not encrypted. SECURITY: all of it is sensitive when `wasEncrypted`. */
  readonly bytes: Uint8Array
  readonly wasEncrypted: boolean
  readonly warnings: readonly string[]
}

/**
 * `spec.decryption` of one Flux Kustomization, with the keys that the user has for it. One for each build: it remembers what it decrypted in
 * files, to find it again in objects.
 */
export interface Decryptor {
  /** False where no key at all is known: every encrypted object or file will then fail. */
  readonly hasKeys: boolean
  /** Has the object a `sops.mac`, or is it a Secret with a SOPS file in `data`? The annotation `decrypt: disabled` makes it false. */
  isEncrypted(node: MapNode): boolean
  /**
   * The built object, decrypted as the controller does after the build. To be called for every object while `spec.decryption` is set: the
   * controller rewrites `data` of plain Secrets too. Throws BuildError DecryptionFailed naming the object and every key tried.
   */
  decryptResource(node: MapNode): DecryptedResource
  /**
   * A file of a secretGenerator or a patch, before the build (which format: build/sops-format.ts).
   * Throws BuildError DecryptionFailed naming `path` and every key tried.
   */
  decryptFile(path: string, bytes: Uint8Array, format: SopsFormat): DecryptedFile
  /** SECURITY: the text without any value that this decryptor has decrypted: for messages about what was built. */
  redact?(text: string): string
}
