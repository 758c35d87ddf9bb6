/**
 * The synchronous decryptor of one Flux Kustomization: objects after the build, files before it. It decides what is encrypted as the
 * controller does and changes what the controller changes; what it adds are warnings and the paths of secrets.
 * Semantics: kustomize-controller 1.9.4 `DecryptResource`, `sopsDecryptFile`.
 */
import { BuildError } from '../kustomize/build-error.ts'
import { getField, getMap, getText, MapNode } from '../kustomize/yaml/node.ts'
import type { YamlNode } from '../kustomize/yaml/node.ts'
import type { SopsCrypto } from './crypto.ts'
import type { DecryptedFile, DecryptedResource, Decryptor, SensitivePath, SopsFormat } from './decryptor.ts'
import type { Keyring } from './keys/keyring.ts'
import { toMapNode, toSopsBranch } from './resource-tree.ts'
import { dataEntries, withData } from './secret-data.ts'
import { SensitiveTexts } from './sensitive-texts.ts'
import { emitDocument, loadDocument, metadataOf, openDocument, SopsFault } from './sops-document.ts'
import { detectFormat, formatOfPath, hasMarker } from './stores/formats.ts'
import type { MacState } from './tree/decrypt-tree.ts'
import { decodeBase64, encodeBase64 } from './tree/go-format.ts'
import type { SopsValue } from './tree/sops-tree.ts'
import { MetadataFault, takeMetadata } from './tree/metadata.ts'

/** Larger files are refused, encrypted or not. */
const maxFileBytes = 5 * 1024 * 1024

export interface DecryptorInput {
  readonly keyring: Keyring
  readonly crypto: SopsCrypto
}

function describeMac(what: string, state: MacState | null): string[] {
  if (state === null || state === 'match') return []
  const why = {
    mismatch: 'its values or keys were changed after they were encrypted (MAC mismatch)',
    missing: 'it has no MAC',
    unreadable: 'its MAC cannot be read, or belongs to another time of change',
  }[state]
  return [`${what}: the integrity of the SOPS document is not assured: ${why}. The controller does not check this.`]
}

/** kyaml's IsNilOrEmpty. */
function isNilOrEmpty(node: YamlNode | undefined): boolean {
  if (node === undefined) return true
  if (node.kind === 'scalar') return node.tag === '!!null'
  return node.kind === 'map' ? node.keys.length === 0 : node.items.length === 0
}

function isSopsResource(node: MapNode): boolean {
  const sops = getField(node, 'sops')
  return sops?.kind === 'map' && !isNilOrEmpty(getField(sops, 'mac'))
}

function isDecryptionDisabled(node: MapNode): boolean {
  const annotations = getMap(getMap(node, 'metadata') ?? new MapNode(), 'annotations')
  const value = annotations === null ? undefined : getField(annotations, 'kustomize.toolkit.fluxcd.io/decrypt')
  return value?.kind === 'scalar' && value.value.toLowerCase() === 'disabled'
}

function nameOf(node: MapNode): string {
  const metadata = getMap(node, 'metadata') ?? new MapNode()
  return `${getText(metadata, 'namespace')}/${getText(metadata, 'name')}`
}

function failure(message: string, error: SopsFault, file?: string): BuildError {
  return new BuildError('DecryptionFailed', message, file === undefined ? {} : { file }, error.cause ?? error)
}

class SopsDecryptor implements Decryptor {
  private readonly keyring: Keyring
  private readonly crypto: SopsCrypto
  private readonly fileTexts = new SensitiveTexts()
  /** Of objects: they are marked by their paths, and only looked for in messages. */
  private readonly objectTexts = new SensitiveTexts()

  constructor({ keyring, crypto }: DecryptorInput) {
    this.keyring = keyring
    this.crypto = crypto
  }

  get hasKeys(): boolean {
    return this.keyring.hasKeys
  }

  isEncrypted(node: MapNode): boolean {
    if (isDecryptionDisabled(node)) return false
    if (isSopsResource(node)) return true
    if (getText(node, 'kind') !== 'Secret') return false
    return [...dataEntries(node).values()].some((value) => {
      const bytes = decodeBase64(value)
      return bytes !== null && detectFormat(bytes) !== null
    })
  }

  decryptResource(node: MapNode): DecryptedResource {
    const result = this.decryptOwn(node)
    if (this.fileTexts.isEmpty) return result
    const known = new Set(result.sensitivePaths.map((path) => JSON.stringify(path)))
    const more = this.fileTexts.find(result.node).filter((path) => !known.has(JSON.stringify(path)))
    return { ...result, sensitivePaths: [...result.sensitivePaths, ...more] }
  }

  private decryptOwn(node: MapNode): DecryptedResource {
    const untouched = { node, warnings: [], sensitivePaths: [] }
    if (isDecryptionDisabled(node)) return untouched
    if (isSopsResource(node)) return this.decryptObject(node)
    return getText(node, 'kind') === 'Secret' ? this.decryptData(node) : untouched
  }

  private decryptObject(node: MapNode): DecryptedResource {
    const place = `'${nameOf(node)}' ${getText(node, 'kind')} data`
    try {
      const sensitivePaths: SensitivePath[] = []
      const { branches, metadata: own } = takeMetadata([toSopsBranch(node, sensitivePaths)])
      const metadata = metadataOf({ branches, metadata: own }, 'json')
      const opened = openDocument(branches, metadata, this.keyring, this.crypto, (value) =>
        this.objectTexts.addValue(value),
      )
      // the build changed the object since it was encrypted: only its file tells whether its MAC was right
      const state = this.keyring.macState(metadata.mac)
      return {
        node: toMapNode(opened.branches[0]!),
        warnings: describeMac(`${getText(node, 'kind')} ${nameOf(node)}`, state),
        sensitivePaths,
      }
    } catch (error) {
      if (error instanceof SopsFault) throw failure(`failed to decrypt and format ${place}: ${error.message}`, error)
      if (error instanceof MetadataFault)
        throw new BuildError(
          'DecryptionFailed',
          `failed to decrypt and format ${place}: failed to load encrypted JSON data: ${error.message}`,
        )
      throw error
    }
  }

  /** Kustomize has set `data` anew, sorted, for every Secret that comes by here. */
  private decryptData(node: MapNode): DecryptedResource {
    const entries = dataEntries(node)
    const warnings: string[] = []
    const sensitivePaths: SensitivePath[] = []
    for (const [key, value] of entries) {
      const bytes = decodeBase64(value)
      const format = bytes === null ? null : detectFormat(bytes)
      if (bytes === null || format === null) continue
      try {
        const { plain, mac } = this.decryptBytes(bytes, format, formatOfPath(key), (decrypted) =>
          this.objectTexts.addValue(decrypted),
        )
        this.objectTexts.addFile(plain)
        entries.set(key, encodeBase64(plain))
        warnings.push(...describeMac(`Secret ${nameOf(node)}, field ${key}`, mac))
        sensitivePaths.push(['data', key])
      } catch (error) {
        if (!(error instanceof SopsFault)) throw error
        throw failure(`failed to decrypt and format '${nameOf(node)}' Secret field '${key}': ${error.message}`, error)
      }
    }
    return { node: withData(node, entries), warnings, sensitivePaths }
  }

  private decryptBytes(
    bytes: Uint8Array,
    from: SopsFormat,
    to: SopsFormat,
    onPlaintext?: (value: SopsValue) => void,
  ): { plain: Uint8Array; mac: MacState | null } {
    const document = loadDocument(bytes, from, from === 'yaml')
    const metadata = metadataOf(document, from)
    const opened = openDocument(document.branches, metadata, this.keyring, this.crypto, onPlaintext)
    return { plain: emitDocument(opened.branches, from, to), mac: opened.mac ?? this.keyring.macState(metadata.mac) }
  }

  decryptFile(path: string, bytes: Uint8Array, format: SopsFormat): DecryptedFile {
    if (bytes.length > maxFileBytes)
      throw new BuildError(
        'DecryptionFailed',
        `cannot decrypt file with size (${bytes.length} bytes) exceeding limit (${maxFileBytes})`,
        { file: path },
      )
    if (!hasMarker(bytes, format)) return { bytes, wasEncrypted: false, warnings: [] }
    try {
      const { plain, mac } = this.decryptBytes(bytes, format, format, (value) => this.fileTexts.addValue(value))
      this.fileTexts.addFile(plain)
      return { bytes: plain, wasEncrypted: true, warnings: describeMac(path, mac) }
    } catch (error) {
      if (error instanceof SopsFault) throw failure(error.message, error, path)
      throw error
    }
  }

  redact(text: string): string {
    return this.objectTexts.redact(this.fileTexts.redact(text))
  }
}

/** The decryptor for one build; the keyring may be shared by many. */
export function createDecryptor(input: DecryptorInput): Decryptor {
  return new SopsDecryptor(input)
}
