/**
 * What a build knows of data keys: filled by recover-keys.ts before the build, read by the synchronous decryptor during it.
 *
 * SECURITY: holds data keys and, where the user's own sops was asked, plaintext values. It lives in the render worker's memory only and is
 * never sent, stored or printed.
 */
import type { MacState } from '../tree/decrypt-tree.ts'
import type { MasterKey } from '../tree/metadata.ts'
import type { SopsValue } from '../tree/sops-tree.ts'

export type Unwrapped = { readonly part: Uint8Array } | { readonly fault: string }

function idOf(key: MasterKey): string {
  return `${key.type}\0${key.wrapped}`
}

export class Keyring {
  /** True where any key, or the user's sops, was there to try. */
  hasKeys = false
  /** True where the user's sops is asked for what only a key service can unwrap: such keys then count as unmet, too. */
  asksServices = false
  private readonly parts = new Map<string, Unwrapped>()
  private readonly macs = new Map<string, MacState>()
  private readonly values = new Map<string, SopsValue>()
  private readonly asked = new Map<string, MasterKey>()

  /** What came of unwrapping; null where this key was never tried, which is remembered as unmet. */
  find(key: MasterKey): Unwrapped | null {
    const found = this.parts.get(idOf(key))
    if (found === undefined && (this.asksServices || key.type === 'age' || key.type === 'pgp'))
      this.asked.set(idOf(key), key)
    return found ?? null
  }

  has(key: MasterKey): boolean {
    return this.parts.has(idOf(key))
  }

  store(key: MasterKey, result: Unwrapped): void {
    this.parts.set(idOf(key), result)
    this.asked.delete(idOf(key))
  }

  /** Keys that a decryption asked for and that nobody had tried: the files that hold them were not among those scanned. */
  unmetKeys(): readonly MasterKey[] {
    return [...this.asked.values()]
  }

  /** What the integrity check of the source document said, by the document's encrypted MAC. */
  macState(encryptedMac: string): MacState | null {
    return this.macs.get(encryptedMac) ?? null
  }

  storeMacState(encryptedMac: string, state: MacState): void {
    this.macs.set(encryptedMac, state)
  }

  /** Plaintext of one encrypted text, where the user's own sops gave it. */
  knownValue(encrypted: string): SopsValue | undefined {
    return this.values.get(encrypted)
  }

  storeValue(encrypted: string, value: SopsValue): void {
    this.values.set(encrypted, value)
  }

  get hasValues(): boolean {
    return this.values.size > 0
  }
}
