/**
 * Walks a document, decrypts what its rule says is encrypted, and hashes every value in order for the MAC.
 * Semantics: SOPS 3.13.2 `Tree.Decrypt`, `ToBytes`.
 */
import type { SopsCrypto } from '../crypto.ts'
import type { EncryptionRule } from './encryption-rule.ts'
import { makeEncryptionRule } from './encryption-rule.ts'
import { encodeUtf8, formatFloatPlain } from './go-format.ts'
import type { SopsMetadata } from './metadata.ts'
import type { SopsItem, SopsValue } from './sops-tree.ts'
import { ForeignValue, GoBytes, SopsBranch, SopsComment, SopsTime } from './sops-tree.ts'
import { CipherFault, decryptValue, looksEncrypted } from './value-cipher.ts'

/** A document that cannot be decrypted with the key at hand. `message` holds no value of it. */
export class TreeFault extends Error {
  override readonly name = 'TreeFault'
}

export interface DecryptedTree {
  readonly branches: SopsBranch[]
  /** Bytes under the MAC, in order. SECURITY: plaintext. */
  readonly macChunks: readonly Uint8Array[]
}

/** Gives the plaintext of one encrypted text; throws CipherFault. */
export type DecryptText = (text: string, additionalData: string) => SopsValue

/** What a MAC over encrypted values only starts with: the SHA-256 of `sops`. */
const macOnlyEncryptedStart = Uint8Array.from(
  '8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69'.match(/../g) ?? [],
  (hex) => parseInt(hex, 16),
)

/** Deeper documents are refused: the walk is recursive. */
const maxDepth = 1000

function macBytes(value: SopsValue): Uint8Array | null {
  if (typeof value === 'string') return encodeUtf8(value)
  if (typeof value === 'bigint') return encodeUtf8(String(value))
  if (typeof value === 'number') return encodeUtf8(formatFloatPlain(value))
  if (typeof value === 'boolean') return encodeUtf8(value ? 'True' : 'False')
  if (value instanceof GoBytes) return value.bytes
  if (value instanceof SopsTime) return encodeUtf8(value.text)
  if (value instanceof SopsComment) return encodeUtf8(value.text)
  return null
}

function goTypeName(value: SopsValue): string {
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  return value instanceof SopsTime ? 'time.Time' : 'interface {}'
}

class Walker {
  private readonly rule: EncryptionRule
  private readonly isMacOnlyEncrypted: boolean
  private readonly decryptText: DecryptText
  private readonly path: string[] = []
  private readonly comments: string[][] = []
  readonly macChunks: Uint8Array[] = []

  constructor(metadata: SopsMetadata, decryptText: DecryptText) {
    this.rule = makeEncryptionRule(metadata.rules)
    this.isMacOnlyEncrypted = metadata.isMacOnlyEncrypted
    this.decryptText = decryptText
    if (metadata.isMacOnlyEncrypted) this.macChunks.push(macOnlyEncryptedStart)
  }

  branch(branch: SopsBranch): SopsBranch {
    const level = this.enter()
    const items = branch.items.map((item) => this.item(item, level))
    this.comments.pop()
    return new SopsBranch(items)
  }

  private enter(): string[] {
    if (this.comments.length >= maxDepth) throw new TreeFault(`Error walking tree: deeper than ${maxDepth} levels`)
    const level: string[] = []
    this.comments.push(level)
    return level
  }

  private item(item: SopsItem, level: string[]): SopsItem {
    if (item.key instanceof SopsComment) {
      level.push(item.key.text)
      return { key: this.comment(item.key), value: null }
    }
    if (item.value instanceof SopsComment) level.push(item.value.text)
    if (typeof item.key !== 'string')
      throw new TreeFault(
        `Error walking tree: Tree contains a non-string key (type ${item.key.goType}): ${item.key.text}. ` +
          'Only string keys are supported',
      )
    this.path.push(item.key)
    const value = this.value(item.value)
    this.path.pop()
    if (!(item.value instanceof SopsComment)) level.length = 0
    return { key: item.key, value }
  }

  private comment(comment: SopsComment): SopsComment {
    const value = this.leaf(comment)
    if (value instanceof SopsComment) return new SopsComment(value.text, comment.isInline && value === comment)
    if (typeof value === 'string') return new SopsComment(value, comment.isInline)
    throw new TreeFault('Error walking tree: walkValue of Comment should be either Comment or string')
  }

  private value(value: SopsValue): SopsValue {
    if (value === null) return null
    if (value instanceof SopsBranch) return this.branch(value)
    if (Array.isArray(value)) {
      const level = this.enter()
      const list = value.map((item) => {
        if (item instanceof SopsComment) level.push(item.text)
        const result = this.value(item)
        if (!(item instanceof SopsComment)) level.length = 0
        return result
      })
      this.comments.pop()
      return list
    }
    if (value instanceof ForeignValue)
      throw new TreeFault(`Error walking tree: Cannot walk value, unknown type: ${value.goType}`)
    return this.leaf(value)
  }

  private leaf(value: SopsValue): SopsValue {
    const isComment = value instanceof SopsComment
    const isEncrypted = this.rule(this.path, this.comments, isComment)
    const result = isEncrypted ? this.decrypt(value) : value
    if (!isComment && (isEncrypted || !this.isMacOnlyEncrypted)) {
      const bytes = macBytes(result)
      if (bytes === null) throw new TreeFault('Error walking tree: Could not convert a value to bytes')
      this.macChunks.push(bytes)
    }
    return result
  }

  private decrypt(value: SopsValue): SopsValue {
    const additionalData = `${this.path.join(':')}:`
    if (value instanceof SopsComment) {
      // a comment that was never encrypted stays what it is
      if (value.text !== '' && !looksEncrypted(value.text)) return value
      try {
        return this.decryptText(value.text, additionalData)
      } catch (error) {
        if (error instanceof CipherFault) return value
        throw error
      }
    }
    if (value instanceof GoBytes) return this.decrypt('-')
    if (typeof value !== 'string')
      throw new TreeFault(`Error walking tree: Expected encrypted value as string, but got ${goTypeName(value)}`)
    try {
      return this.decryptText(value, additionalData)
    } catch (error) {
      if (error instanceof CipherFault)
        throw new TreeFault(`Error walking tree: Could not decrypt value: ${error.message}`, { cause: error })
      throw error
    }
  }
}

/** Decrypts all branches into new ones. Throws TreeFault. */
export function decryptTree(
  branches: readonly SopsBranch[],
  metadata: SopsMetadata,
  decryptText: DecryptText,
): DecryptedTree {
  const walker = new Walker(metadata, decryptText)
  const decrypted = branches.map((branch) => walker.branch(branch))
  return { branches: decrypted, macChunks: walker.macChunks }
}

export type MacState = 'match' | 'mismatch' | 'missing' | 'unreadable'

/** Compares the MAC of the document with that of the values read. */
export function checkMac(
  metadata: SopsMetadata,
  macChunks: readonly Uint8Array[],
  dataKey: Uint8Array,
  crypto: SopsCrypto,
): MacState {
  let expected: SopsValue
  try {
    expected = decryptValue(metadata.mac, dataKey, metadata.lastModified, crypto)
  } catch (error) {
    if (error instanceof CipherFault) return 'unreadable'
    throw error
  }
  if (expected === '') return 'missing'
  return expected === crypto.sha512(macChunks) ? 'match' : 'mismatch'
}
