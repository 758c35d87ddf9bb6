/**
 * One encrypted document, from bytes to plaintext: load, find the data key, decrypt, check the MAC, write.
 * Semantics: kustomize-controller 1.9.4 `SopsDecryptWithFormat`, with its error texts.
 */
import type { SopsCrypto } from './crypto.ts'
import type { SopsFormat } from './decryptor.ts'
import { DataKeyFault, findDataKey } from './keys/find-data-key.ts'
import type { Keyring } from './keys/keyring.ts'
import { StoreFault } from './stores/store-fault.ts'
import { emitPlain, formatNames, loadEncrypted } from './stores/stores.ts'
import type { DecryptText, MacState } from './tree/decrypt-tree.ts'
import { checkMac, decryptTree, TreeFault } from './tree/decrypt-tree.ts'
import type { SopsMetadata } from './tree/metadata.ts'
import { MetadataFault, readMetadata } from './tree/metadata.ts'
import type { SopsBranch, SopsDocument, SopsValue } from './tree/sops-tree.ts'
import { CipherFault, decryptValue } from './tree/value-cipher.ts'

/** Why a document stays closed. `message` is the controller's and holds no value of the document. */
export class SopsFault extends Error {
  override readonly name = 'SopsFault'
}

export interface OpenedDocument {
  readonly branches: SopsBranch[]
  /** Null where the MAC cannot be checked: the values came from the user's own sops. */
  readonly mac: MacState | null
  readonly metadata: SopsMetadata
}

/** Runs `work`; faults of the stores and of metadata become SopsFault with `prefix: ` in front. */
function naming<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StoreFault || error instanceof MetadataFault)
      throw new SopsFault(`${prefix}: ${error.message}`, { cause: error })
    if (error instanceof RangeError) throw new SopsFault(`${prefix}: the document is nested too deeply`)
    throw error
  }
}

export function loadDocument(bytes: Uint8Array, format: SopsFormat, keepsComments: boolean): SopsDocument {
  return naming(`failed to load encrypted ${formatNames[format]} data`, () =>
    loadEncrypted(bytes, format, keepsComments),
  )
}

/** Typed metadata of a loaded document. Throws SopsFault. */
export function metadataOf(document: SopsDocument, format: SopsFormat): SopsMetadata {
  return naming(`failed to load encrypted ${formatNames[format]} data`, () => readMetadata(document.metadata))
}

function knownValues(keyring: Keyring): DecryptText {
  return (text) => {
    if (text === '') return ''
    const value = keyring.knownValue(text)
    if (value === undefined) throw new CipherFault('your own sops did not decrypt this value')
    return value
  }
}

/** Decrypts all values with what the keyring has; `onPlaintext` sees each of them. Throws SopsFault. */
export function openDocument(
  branches: readonly SopsBranch[],
  metadata: SopsMetadata,
  keyring: Keyring,
  crypto: SopsCrypto,
  onPlaintext?: (value: SopsValue) => void,
): OpenedDocument {
  let dataKey: Uint8Array | null = null
  let missing: DataKeyFault | null = null
  try {
    dataKey = findDataKey(metadata, keyring)
  } catch (error) {
    if (!(error instanceof DataKeyFault)) throw error
    missing = error
  }
  if (dataKey === null && (!keyring.hasValues || missing === null))
    throw new SopsFault(missing?.message ?? 'cannot get sops data key', { cause: missing })
  try {
    const key = dataKey
    const open: DecryptText =
      key === null ? knownValues(keyring) : (text, additionalData) => decryptValue(text, key, additionalData, crypto)
    const decryptText: DecryptText = (text, additionalData) => {
      const value = open(text, additionalData)
      onPlaintext?.(value)
      return value
    }
    const { branches: opened, macChunks } = decryptTree(branches, metadata, decryptText)
    return { branches: opened, metadata, mac: key === null ? null : checkMac(metadata, macChunks, key, crypto) }
  } catch (error) {
    if (!(error instanceof TreeFault)) {
      if (error instanceof RangeError)
        throw new SopsFault('error decrypting sops tree: the document is nested too deeply')
      throw error
    }
    if (missing !== null) throw new SopsFault(missing.message, { cause: missing })
    throw new SopsFault(`error decrypting sops tree: ${error.message}`, { cause: error })
  }
}

/** Plaintext bytes. Throws SopsFault. */
export function emitDocument(branches: readonly SopsBranch[], from: SopsFormat, to: SopsFormat): Uint8Array {
  return naming(`failed to emit encrypted ${formatNames[from]} file as decrypted ${formatNames[to]}`, () =>
    emitPlain(branches, to),
  )
}
