/**
 * The asynchronous step before a build: finds the SOPS documents among its files, recovers their data keys with the user's private keys, and
 * checks each document's MAC while it is still as it was encrypted. What it learns goes into a keyring, which the synchronous decryptor reads.
 * A keyring may serve many builds: only wrapped keys that it has not seen cost anything.
 */
import type { SopsCrypto } from './crypto.ts'
import type { SopsFormat } from './decryptor.ts'
import { DataKeyFault, findDataKey } from './keys/find-data-key.ts'
import type { Identities } from './keys/identities.ts'
import { hasIdentities } from './keys/identities.ts'
import { Keyring } from './keys/keyring.ts'
import { unwrapAge, UnwrapFault } from './keys/unwrap-age.ts'
import type { PgpKeys } from './keys/unwrap-pgp.ts'
import { readPgpKeys, unwrapPgp } from './keys/unwrap-pgp.ts'
import { loadDocument, metadataOf, openDocument, SopsFault } from './sops-document.ts'
import { detectFormat, includesBytes } from './stores/formats.ts'
import { loadDotenv } from './stores/dotenv-store.ts'
import { loadIni } from './stores/ini-store.ts'
import { loadJson } from './stores/json-store.ts'
import { StoreFault } from './stores/store-fault.ts'
import { loadYamlWithComments } from './stores/yaml-comments.ts'
import { emitYaml } from './stores/yaml-emitter.ts'
import { loadYaml } from './stores/yaml-store.ts'
import { decodeGoString, encodeUtf8 } from './tree/go-format.ts'
import type { MasterKey, SopsMetadata } from './tree/metadata.ts'
import { metadataKey } from './tree/metadata.ts'
import { SopsBranch, SopsComment } from './tree/sops-tree.ts'
import type { SopsDocument, SopsValue } from './tree/sops-tree.ts'
import { looksEncrypted } from './tree/value-cipher.ts'

export interface SourceFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** The user's own `sops` binary, for keys that only a cloud service can unwrap. Off unless the user asked for it. */
export interface ExternalSops {
  /** Plaintext of an encrypted document, in the same format. `message` is what sops said, shown to the user. */
  decrypt(
    document: Uint8Array,
    format: SopsFormat,
    options: { readonly ignoresMac: boolean },
  ): Promise<
    | { readonly ok: true; readonly plain: Uint8Array }
    | { readonly ok: false; readonly message: string; readonly isMacMismatch: boolean }
  >
}

export interface RecoverOptions {
  readonly identities: Identities
  readonly crypto: SopsCrypto
  /** What is already known; a new one where absent. It is added to and returned. */
  readonly keyring?: Keyring
  readonly externalSops?: ExternalSops
  /** Throws where the caller wants to stop; called between documents. */
  readonly checkpoint?: () => void
}

/** One document of a file; `metadata` is a fault where it cannot be read. */
export interface FoundDocument {
  readonly path: string
  readonly format: SopsFormat
  /** The whole file. */
  readonly bytes: Uint8Array
  readonly isWholeFile: boolean
  readonly document: SopsDocument
  readonly metadata: SopsMetadata | SopsFault
}

const encryptedMark = encodeUtf8('ENC[AES256_GCM,data:')
const commentRuleMark = encodeUtf8('encrypted_comment_regex')

/** True for a file worth looking into: cheap enough for every file of a tree. */
export function mayBeEncrypted(bytes: Uint8Array): boolean {
  return includesBytes(bytes, encryptedMark)
}

function readMetadataOf(document: SopsDocument, format: SopsFormat): SopsMetadata | SopsFault {
  try {
    return metadataOf(document, format)
  } catch (error) {
    if (error instanceof SopsFault) return error
    throw error
  }
}

function macOf(metadata: SopsBranch): SopsValue {
  return metadata.get('mac') ?? null
}

/** Kubernetes reads each YAML document alone; those that SOPS encrypted together carry the same MAC. */
function yamlDocuments(bytes: Uint8Array): SopsDocument[] {
  const branches = includesBytes(bytes, commentRuleMark) ? loadYamlWithComments(bytes) : loadYaml(bytes)
  const documents: { branches: SopsBranch[]; metadata: SopsBranch }[] = []
  for (const branch of branches) {
    const metadata = branch.get(metadataKey)
    if (!(metadata instanceof SopsBranch)) continue
    const rest = withoutMetadata(branch)
    const last = documents.at(-1)
    if (last !== undefined && macOf(metadata) !== null && macOf(last.metadata) === macOf(metadata))
      last.branches.push(rest)
    else documents.push({ branches: [rest], metadata })
  }
  return documents
}

/** A binary file is JSON with the one key `data`, and looks like any other JSON. */
function isBinary({ branches }: SopsDocument, format: SopsFormat): boolean {
  return format === 'json' && branches[0]?.items.length === 1 && branches[0].items[0]?.key === 'data'
}

/** The SOPS documents of one file; none where it holds none or cannot be read, which the build itself will report. */
export function findDocuments({ path, bytes }: SourceFile): FoundDocument[] {
  if (!mayBeEncrypted(bytes)) return []
  const format = /\.ya?ml$/.test(path) ? 'yaml' : path.endsWith('.json') ? 'json' : (detectFormat(bytes) ?? 'yaml')
  try {
    const documents = format === 'yaml' ? yamlDocuments(bytes) : [loadDocument(bytes, format, false)]
    const isWholeFile = documents.length === 1
    return documents.map((document) => {
      const metadata = readMetadataOf(document, format)
      return { path, format: isBinary(document, format) ? 'binary' : format, bytes, isWholeFile, document, metadata }
    })
  } catch (error) {
    if (error instanceof SopsFault || error instanceof StoreFault) return []
    throw error
  }
}

async function unwrap(key: MasterKey, identities: Identities, pgp: () => Promise<PgpKeys>): Promise<Uint8Array> {
  return key.type === 'age' ? unwrapAge(key.wrapped, identities.age) : unwrapPgp(key.wrapped, await pgp())
}

async function unwrapInto(
  keyring: Keyring,
  group: readonly MasterKey[],
  identities: Identities,
  pgp: () => Promise<PgpKeys>,
): Promise<void> {
  for (const key of group) {
    if (key.type !== 'age' && key.type !== 'pgp') continue
    if (!keyring.has(key)) {
      try {
        keyring.store(key, { part: await unwrap(key, identities, pgp) })
      } catch (error) {
        if (!(error instanceof UnwrapFault)) throw error
        keyring.store(key, { fault: error.message })
      }
    }
    const found = keyring.find(key)
    if (found !== null && 'part' in found) return
  }
}

/** Pairs every encrypted text with its plaintext: the same keys lead to both, comments stand in the same order. */
function pairValues(encrypted: SopsValue, plain: SopsValue, keyring: Keyring): void {
  if (encrypted instanceof SopsComment) {
    if (plain instanceof SopsComment && looksEncrypted(encrypted.text))
      keyring.storeValue(encrypted.text, new SopsComment(plain.text, false))
  } else if (typeof encrypted === 'string') {
    if (looksEncrypted(encrypted)) keyring.storeValue(encrypted, plain)
  } else if (encrypted instanceof SopsBranch && plain instanceof SopsBranch) {
    const byKey = new Map(plain.items.map(({ key, value }) => [key, value]))
    const comments = plain.items.map(({ key }) => key).filter((key) => key instanceof SopsComment)
    for (const { key, value } of encrypted.items) {
      if (key instanceof SopsComment) pairValues(key, comments.shift() ?? null, keyring)
      else pairValues(value, byKey.get(key) ?? null, keyring)
    }
  } else if (Array.isArray(encrypted) && Array.isArray(plain))
    encrypted.forEach((item, index) => pairValues(item, plain[index] ?? null, keyring))
}

const plainLoaders: Readonly<Record<SopsFormat, (bytes: Uint8Array) => SopsBranch[]>> = {
  yaml: loadYamlWithComments,
  json: (bytes) => [loadJson(bytes)],
  dotenv: (bytes) => [loadDotenv(bytes)],
  ini: (bytes) => [loadIni(bytes)],
  binary: (bytes) => [new SopsBranch([{ key: 'data', value: decodeGoString(bytes) }])],
}

function readAnswer(plain: Uint8Array, format: SopsFormat): SopsBranch[] | null {
  try {
    return plainLoaders[format](plain)
  } catch (error) {
    if (error instanceof StoreFault) return null
    throw error
  }
}

/** The document as sops gets it: the file itself, or what belongs together of a file with several. */
function documentFor(found: FoundDocument): { bytes: Uint8Array; branches: readonly SopsBranch[] } {
  const { document, format } = found
  if (format !== 'yaml') return { bytes: found.bytes, branches: document.branches }
  const sops = { key: metadataKey, value: document.metadata }
  const bytes = found.isWholeFile
    ? found.bytes
    : emitYaml(document.branches.map((branch) => new SopsBranch([...branch.items, sops])))
  return { bytes, branches: loadYamlWithComments(bytes).map(withoutMetadata) }
}

function withoutMetadata(branch: SopsBranch): SopsBranch {
  return new SopsBranch(branch.items.filter((item) => item.key !== metadataKey))
}

/** Lets the user's sops decrypt the document and keeps what each of its values was. */
async function askExternalSops(
  found: FoundDocument,
  metadata: SopsMetadata,
  sops: ExternalSops,
  keyring: Keyring,
): Promise<void> {
  const { bytes, branches } = documentFor(found)
  let answer = await sops.decrypt(bytes, found.format, { ignoresMac: false })
  const isMacWrong = !answer.ok && answer.isMacMismatch
  if (isMacWrong) answer = await sops.decrypt(bytes, found.format, { ignoresMac: true })
  const plain = answer.ok ? readAnswer(answer.plain, found.format) : null
  if (plain === null) {
    const why = answer.ok ? `it gave no ${found.format}` : answer.message
    for (const key of metadata.keyGroups.flat()) {
      const known = keyring.find(key)
      if (known === null || 'fault' in known) keyring.store(key, { fault: `your own sops could not decrypt: ${why}` })
    }
    return
  }
  keyring.storeMacState(metadata.mac, isMacWrong ? 'mismatch' : 'match')
  branches.forEach((branch, index) => pairValues(branch, plain[index] ?? null, keyring))
}

function canFindDataKey(metadata: SopsMetadata, keyring: Keyring): boolean {
  try {
    findDataKey(metadata, keyring)
    return true
  } catch (error) {
    if (error instanceof DataKeyFault) return false
    throw error
  }
}

/** Only the file tells whether its MAC is right: the build changes objects before they are decrypted. */
function rememberMac(found: FoundDocument, metadata: SopsMetadata, keyring: Keyring, crypto: SopsCrypto): void {
  if (metadata.mac === '' || keyring.macState(metadata.mac) !== null) return
  try {
    const { mac } = openDocument(found.document.branches, metadata, keyring, crypto)
    if (mac !== null) keyring.storeMacState(metadata.mac, mac)
  } catch (error) {
    if (!(error instanceof SopsFault)) throw error
  }
}

/**
 * Recovers what can be recovered of the files' data keys. Never throws for a document: what is wrong with it stands in the keyring and comes
 * out where the build meets the document.
 */
export async function recoverDataKeys(files: Iterable<SourceFile>, options: RecoverOptions): Promise<Keyring> {
  const { identities, crypto, externalSops, checkpoint } = options
  const keyring = options.keyring ?? new Keyring()
  keyring.asksServices ||= externalSops !== undefined
  keyring.hasKeys ||= hasIdentities(identities) || externalSops !== undefined
  let reading: Promise<PgpKeys> | null = null
  const pgp = (): Promise<PgpKeys> => (reading ??= readPgpKeys(identities.pgp))
  for (const file of files) {
    checkpoint?.()
    for (const found of findDocuments(file)) {
      if (found.metadata instanceof SopsFault) continue
      for (const group of found.metadata.keyGroups) await unwrapInto(keyring, group, identities, pgp)
      if (canFindDataKey(found.metadata, keyring)) rememberMac(found, found.metadata, keyring, crypto)
      else if (externalSops !== undefined) await askExternalSops(found, found.metadata, externalSops, keyring)
    }
  }
  return keyring
}

/** Tries keys that a build asked for and that no scanned file held (`keyring.unmetKeys()`); true where any of them gave a data key. */
export async function recoverUnmetKeys(keyring: Keyring, identities: Identities): Promise<boolean> {
  let reading: Promise<PgpKeys> | null = null
  const pgp = (): Promise<PgpKeys> => (reading ??= readPgpKeys(identities.pgp))
  let hasFound = false
  for (const key of keyring.unmetKeys()) {
    await unwrapInto(keyring, [key], identities, pgp)
    const found = keyring.find(key)
    hasFound ||= found !== null && 'part' in found
  }
  return hasFound
}
