/** Since when each drift has been seen without a break, over restarts: key of an owner or object → ms. Bounded; the oldest looks go first. */
import type { BlobStore, Clock, Dispose, Logger } from '../../ports.ts'
import { StoredJson } from '../../settings/stored-json.ts'

const maxKeys = 10_000
const saveMs = 10_000

interface StoredSeen {
  readonly version: 1
  readonly seen: readonly (readonly [string, number])[]
}

export class FirstSeen {
  /** Resolves when what was known before is in force. */
  readonly loaded: Promise<void>
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #file: StoredJson<StoredSeen>
  readonly #seen = new Map<string, number>()
  #timer: Dispose | null = null

  constructor(ports: { readonly clock: Clock; readonly store: BlobStore; readonly logger: Logger }) {
    this.#clock = ports.clock
    this.#logger = ports.logger
    this.#file = new StoredJson(ports, 'drift-seen.json')
    this.loaded = this.#file.read(parseSeen).then((stored) => {
      for (const [key, at] of stored?.seen ?? []) if (!this.#seen.has(key)) this.#seen.set(key, at)
    })
  }

  /** Drift is there now: since when, at the latest `now`. */
  mark(key: string, now: number): number {
    const known = this.#seen.get(key)
    if (known !== undefined) return Math.min(known, now)
    this.#seen.set(key, now)
    if (this.#seen.size > maxKeys)
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest)
        break
      }
    this.#saveSoon()
    return now
  }

  /** Drift is gone. */
  clear(key: string): void {
    if (this.#seen.delete(key)) this.#saveSoon()
  }

  async dispose(): Promise<void> {
    if (this.#timer !== null) {
      this.#timer()
      this.#save()
    }
    await this.#file.settled()
  }

  #saveSoon(): void {
    this.#timer ??= this.#clock.after(saveMs, () => {
      this.#save()
    })
  }

  #save(): void {
    this.#timer = null
    this.#file.write({ version: 1, seen: [...this.#seen] }).catch((error: unknown) => {
      this.#logger.log('warn', 'times of drift not saved', { error: String(error) })
    })
  }
}

function parseSeen(value: unknown): StoredSeen | null {
  const { seen } = (value ?? {}) as { seen?: unknown }
  if (!Array.isArray(seen)) return null
  const read: [string, number][] = []
  for (const entry of seen as unknown[]) {
    const [key, at] = Array.isArray(entry) ? (entry as unknown[]) : []
    if (typeof key === 'string' && typeof at === 'number') read.push([key, at])
  }
  return { version: 1, seen: read.slice(-maxKeys) }
}
