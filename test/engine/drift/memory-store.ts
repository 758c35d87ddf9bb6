import type { BlobStore } from '../../../electron/engine/ports.ts'

/** Blobs that live as long as the test. */
export function createMemoryStore(): BlobStore & { readonly blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>()
  return {
    blobs,
    read: (name) => Promise.resolve(blobs.get(name) ?? null),
    write(name, data) {
      blobs.set(name, typeof data === 'string' ? new TextEncoder().encode(data) : data)
      return Promise.resolve()
    },
    remove(name) {
      blobs.delete(name)
      return Promise.resolve()
    },
    appendLine: () => Promise.resolve(),
  }
}
