/** The five stores by their format: bytes to a document with its metadata apart, and plaintext trees back to bytes. */
import type { SopsFormat } from '../decryptor.ts'
import { flatMetadataPrefix, MetadataNotFound, takeMetadata, unescapeNewlines, unflatten } from '../tree/metadata.ts'
import type { SopsDocument, SopsItem } from '../tree/sops-tree.ts'
import { SopsBranch } from '../tree/sops-tree.ts'
import { emitDotenv, loadDotenv } from './dotenv-store.ts'
import { emitIni, loadIni } from './ini-store.ts'
import { emitBinary, emitJson, loadJson } from './json-store.ts'
import { loadYamlWithComments } from './yaml-comments.ts'
import { emitYaml } from './yaml-emitter.ts'
import { loadYaml } from './yaml-store.ts'

/** As the controller names formats in errors. */
export const formatNames: Readonly<Record<SopsFormat, string>> = {
  binary: 'binary',
  dotenv: 'dotenv',
  ini: 'INI',
  json: 'JSON',
  yaml: 'YAML',
}

function loadFlat(branch: SopsBranch): SopsDocument {
  const isMetadata = (item: SopsItem): boolean =>
    typeof item.key === 'string' && item.key.startsWith(flatMetadataPrefix)
  const own = branch.items.filter(isMetadata)
  if (own.length === 0) throw new MetadataNotFound()
  const stripped = own.map(({ key, value }) => ({ key: (key as string).slice(flatMetadataPrefix.length), value }))
  return {
    branches: [new SopsBranch(branch.items.filter((item) => !isMetadata(item)))],
    metadata: unflatten(stripped),
  }
}

/**
 * An encrypted document. `keepsComments` costs time and matters only where the plaintext is written as a file, or a rule looks at comments.
 * Throws StoreFault, MetadataFault.
 */
export function loadEncrypted(bytes: Uint8Array, format: SopsFormat, keepsComments: boolean): SopsDocument {
  switch (format) {
    case 'json':
    case 'binary':
      return takeMetadata([loadJson(bytes)])
    case 'yaml':
      return takeMetadata(keepsComments ? loadYamlWithComments(bytes) : loadYaml(bytes))
    case 'dotenv':
      return loadFlat(loadDotenv(bytes))
    case 'ini': {
      const { branches, metadata } = takeMetadata([loadIni(bytes)])
      return { branches, metadata: unflatten(metadata.items.map(unescapeNewlines)) }
    }
  }
}

/** Plaintext in a format, which need not be the one it was read from. Throws StoreFault. */
export function emitPlain(branches: readonly SopsBranch[], format: SopsFormat): Uint8Array {
  switch (format) {
    case 'json':
      return emitJson(branches)
    case 'binary':
      return emitBinary(branches)
    case 'yaml':
      return emitYaml(branches)
    case 'dotenv':
      return emitDotenv(branches)
    case 'ini':
      return emitIni(branches)
  }
}
