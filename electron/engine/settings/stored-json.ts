/** A small JSON document in the blob store: read once, written whole, one write at a time, the last one wins. */
import type { BlobStore, Logger } from '../ports.ts'

export class StoredJson<T> {
  readonly #store: BlobStore
  readonly #logger: Logger
  readonly #name: string
  #pending: T | null = null
  #writing: Promise<void> | null = null

  constructor(ports: { readonly store: BlobStore; readonly logger: Logger }, name: string) {
    this.#store = ports.store
    this.#logger = ports.logger
    this.#name = name
  }

  /** What `parse` makes of the document; null where there is none or it cannot be read (it is then replaced by the next write). */
  async read(parse: (value: unknown) => T | null): Promise<T | null> {
    try {
      const bytes = await this.#store.read(this.#name)
      return bytes === null ? null : parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      this.#logger.log('warn', 'stored document unreadable', { name: this.#name, error: String(error) })
      return null
    }
  }

  /** Resolves when this value, or a later one, is on disk. */
  write(value: T): Promise<void> {
    this.#pending = value
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  /** Resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => undefined)
  }

  async #drain(): Promise<void> {
    while (this.#pending !== null) {
      const value = this.#pending
      this.#pending = null
      await this.#store.write(this.#name, JSON.stringify(value))
    }
  }
}
