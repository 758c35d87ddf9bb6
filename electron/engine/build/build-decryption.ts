/**
 * A user's keys over many builds. Builds are synchronous and nobody knows before one what is encrypted in it: so a build that meets something
 * encrypted notes what it read, keys are looked for and tried on that between two builds, and it is built again. What was recovered stays for
 * later builds, until the keys change. Where nothing is encrypted no key is read and none of the code for it is loaded.
 */
import type { SopsCrypto } from '../decrypt/crypto.ts'
import type { createDecryptor } from '../decrypt/create-decryptor.ts'
import type { Decryptor } from '../decrypt/decryptor.ts'
import type { Identities } from '../decrypt/keys/identities.ts'
import type { Keyring } from '../decrypt/keys/keyring.ts'
import type { ExternalSops } from '../decrypt/recover-keys.ts'
import type { Files } from '../kustomize/files.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import { nestedField } from './nested-field.ts'
import type { FluxRenderResult } from './render-result.ts'

export interface LoadedKeys {
  readonly identities: Identities
  /** Places that could not be used: sentences that name them. */
  readonly problems: readonly string[]
  /** The user's own sops, for what only a key service can unwrap; null where it is not to be asked. */
  readonly externalSops: ExternalSops | null
}

/** Where keys come from. */
export interface KeySource {
  /** A text that changes when the keys may have: cheap, and reads no key. */
  stamp(): string
  /** Reads the keys. Rejects where something that the user named cannot be used. */
  load(): Promise<LoadedKeys>
}

/** What one build is given. */
export interface BuildKeys {
  /** The same files, noted. */
  readonly files: Files
  readonly decryptor: Decryptor | null
  /** The result as it may be shown. `isWaiting`: it met keys that nobody has tried; `recover`, and build again. */
  finish(result: FluxRenderResult): { readonly result: FluxRenderResult; readonly isWaiting: boolean }
}

export interface BuildDecryption {
  /** Names the keys in force: results of builds that asked for them hold as long as this stays the same. */
  readonly state: string
  begin(files: Files): BuildKeys
}

export interface UserDecryption extends BuildDecryption {
  /** Other keys, or none (null: everything stays encrypted). What was recovered with those before is dropped. */
  use(source: KeySource | null): void
  /** Drops what was recovered where the keys are not the same any more. */
  refresh(): void
  /**
   * Tries the keys that builds since the last call waited for. True where building again may give something else. Rejects with the source's
   * error; `checkpoint` may throw to stop it.
   */
  recover(checkpoint?: () => void): Promise<boolean>
}

interface Opened extends LoadedKeys {
  readonly keyring: Keyring
  readonly createDecryptor: typeof createDecryptor
}

/** True where the controller would decrypt what the Flux Kustomization builds; everything is left as it is otherwise. */
export function asksForDecryption(object: GoMap): boolean {
  return nestedField(object, 'spec', 'decryption', 'provider') === 'sops'
}

/** With the keys of `source` from the start. */
export function createUserDecryption(crypto: SopsCrypto, source: KeySource | null = null): UserDecryption {
  let current = source
  let revision = 0
  let stamp = ''
  /** Null until something encrypted was met. */
  let opened: Opened | null = null
  /** Whatever builds that wait have read, by path. */
  const waiting = new Map<string, Uint8Array>()
  let loading: Promise<Opened> | null = null

  function drop(): void {
    revision += 1
    opened = null
    loading = null
    waiting.clear()
  }

  async function open(from: KeySource): Promise<Opened> {
    stamp = from.stamp()
    const loaded = await from.load()
    const { createDecryptor } = await import('../decrypt/create-decryptor.ts')
    const { Keyring } = await import('../decrypt/keys/keyring.ts')
    return { ...loaded, keyring: new Keyring(), createDecryptor }
  }

  function isUnmet(result: FluxRenderResult): boolean {
    if (current === null || !result.assumptions.some(({ kind }) => kind === 'undecryptable')) return false
    return opened === null || opened.keyring.unmetKeys().length > 0
  }

  return {
    get state() {
      return current === null ? '' : String(revision)
    },
    use(next) {
      current = next
      drop()
    },
    refresh() {
      if (current !== null && opened !== null && current.stamp() !== stamp) drop()
    },
    begin(files) {
      const read = new Map<string, Uint8Array>()
      const decryptor =
        opened === null || !hasKeys(opened) ? null : opened.createDecryptor({ keyring: opened.keyring, crypto })
      const problems = opened?.problems ?? []
      return {
        files: current === null ? files : noting(files, read),
        decryptor,
        finish(result) {
          const isWaiting = isUnmet(result)
          if (isWaiting) for (const [path, bytes] of read) waiting.set(path, bytes)
          return { result: presentable(result, decryptor, problems), isWaiting }
        },
      }
    },
    async recover(checkpoint) {
      const from = current
      if (from === null || waiting.size === 0) return false
      const files = [...waiting].map(([path, bytes]) => ({ path, bytes }))
      waiting.clear()
      const known = opened ?? (await (loading ??= open(from)))
      // Other keys were chosen meanwhile: what waits is built again with them.
      if (current !== from) return true
      opened = known
      const { keyring, identities, problems, externalSops } = known
      if (!hasKeys(known)) return problems.length > 0
      const { recoverDataKeys, recoverUnmetKeys } = await import('../decrypt/recover-keys.ts')
      await recoverDataKeys(files, {
        identities,
        crypto,
        keyring,
        ...(checkpoint === undefined ? {} : { checkpoint }),
        ...(externalSops === null ? {} : { externalSops }),
      })
      await recoverUnmetKeys(keyring, identities)
      return true
    },
  }
}

function hasKeys({ identities, externalSops }: Opened): boolean {
  return identities.age.length + identities.pgp.length > 0 || externalSops !== null
}

function noting(files: Files, read: Map<string, Uint8Array>): Files {
  return {
    stat: (path) => files.stat(path),
    list: (path) => files.list(path),
    realPath: (path) => files.realPath(path),
    read(path) {
      const bytes = files.read(path)
      read.set(path, bytes)
      return bytes
    },
    fingerprint: (path) => files.fingerprint?.(path) ?? null,
  }
}

/**
 * SECURITY: what kustomize and envsubst say may quote what they choke on: decrypted values are cut out of every message. Says what is wrong
 * with the user's keys where it mattered.
 */
function presentable(
  result: FluxRenderResult,
  decryptor: Decryptor | null,
  problems: readonly string[],
): FluxRenderResult {
  const isUndecryptable = result.assumptions.some(({ kind }) => kind === 'undecryptable')
  const notes = isUndecryptable ? problems : []
  const redact = decryptor?.redact?.bind(decryptor)
  if (redact === undefined) return notes.length === 0 ? result : { ...result, warnings: [...notes, ...result.warnings] }
  const { warnings, assumptions, error } = result
  return {
    ...result,
    warnings: [...notes, ...warnings.map(redact)],
    assumptions: assumptions.map((one) => ({ ...one, message: redact(one.message), names: one.names.map(redact) })),
    error: error === null ? null : { ...error, message: redact(error.message) },
  }
}
