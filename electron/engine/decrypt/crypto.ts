/** Ciphers and hashes that SOPS needs during a build: a port, because Node's own are ten times as fast as any in JavaScript. */
export interface SopsCrypto {
  /** SHA-512 over all chunks, as upper-case hex. */
  sha512(chunks: readonly Uint8Array[]): string
  /** AES-GCM with a key of 16, 24 or 32 bytes and a nonce of any length but 0; null where authentication fails. */
  openAesGcm(input: {
    readonly key: Uint8Array
    readonly nonce: Uint8Array
    readonly data: Uint8Array
    readonly tag: Uint8Array
    readonly additionalData: Uint8Array
  }): Uint8Array | null
}
