/**
 * The `sops` metadata of a document, read as leniently as SOPS reads it. Semantics: SOPS 3.13.2 `stores/{stores,metadata,flatten}.go` and
 * the weak typing of go-viper/mapstructure.
 */
import type { EncryptionRules } from './encryption-rule.ts'
import { canonicalTime, describeTimeFault, formatFloatPlain, withoutFraction } from './go-format.ts'
import type { SopsItem, SopsValue } from './sops-tree.ts'
import { SopsBranch, SopsComment } from './sops-tree.ts'

/** Metadata that SOPS refuses. `message` never holds a value of the document. */
export class MetadataFault extends Error {
  override readonly name = 'MetadataFault'
}

export type KeyType = 'age' | 'pgp' | 'kms' | 'gcp_kms' | 'hckms' | 'azure_kv' | 'hc_vault'

/** One way to the data key, or to a part of it where there are several groups. */
export interface MasterKey {
  readonly type: KeyType
  /** As SOPS names it in errors: recipient, fingerprint, ARN, resource id, URL. */
  readonly name: string
  /** The wrapped key as the document has it: armour for age and PGP. */
  readonly wrapped: string
}

export interface SopsMetadata {
  readonly rules: EncryptionRules
  readonly isMacOnlyEncrypted: boolean
  /** Encrypted; '' where the document has none. */
  readonly mac: string
  /** RFC 3339, as SOPS prints it again: the additional data of the MAC. */
  readonly lastModified: string
  readonly shamirThreshold: number
  readonly keyGroups: readonly (readonly MasterKey[])[]
}

function goTypeName(value: SopsValue): string {
  if (value instanceof SopsBranch) return 'map[string]interface {}'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'time.Time'
}

/** The first of the faults that mapstructure would list. */
function decodingFault(field: string, what: string): MetadataFault {
  return new MetadataFault(`decoding failed due to the following error(s):\n\n'${field}' ${what}`)
}

function expected(field: string, type: string, value: SopsValue): MetadataFault {
  return decodingFault(field, `expected type '${type}', got unconvertible type '${goTypeName(value)}'`)
}

function readText(field: string, value: SopsValue | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return formatFloatPlain(value)
  throw expected(field, 'string', value)
}

/** Go's ParseInt with base 0: prefixes 0x, 0o, 0b and a leading 0. */
function parseAnyBase(text: string): number | null {
  const octal = /^([+-]?)0([0-7]+)$/.exec(text)
  const plain = octal === null ? text : `${octal[1] ?? ''}0o${octal[2] ?? ''}`
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.exec(plain)
  if (match === null) return null
  const size = Number(match[2])
  return Number.isSafeInteger(size) ? (match[1] === '-' ? -size : size) : null
}

function readInt(field: string, value: SopsValue | undefined): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Math.trunc(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  const parsed = typeof value === 'string' ? parseAnyBase(value === '' ? '0' : value) : null
  if (parsed === null) throw expected(field, 'int', value)
  return parsed
}

function readBool(field: string, value: SopsValue | undefined): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return value !== 0n
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') {
    if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true
    if (['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false
  }
  throw expected(field, 'bool', value)
}

/** Fields by name; where a name stands twice the later one counts, and a different case finds a field too. */
class Fields {
  private readonly exact = new Map<string, SopsValue>()
  private readonly folded = new Map<string, SopsValue>()
  readonly place: string

  constructor(branch: SopsBranch, place: string) {
    this.place = place
    for (const { key, value } of branch.items) {
      if (key instanceof SopsComment) continue
      if (typeof key !== 'string') throw new MetadataFault(`Unexpected key type ${key.goType}`)
      this.exact.set(key, value)
      this.folded.set(key.toLowerCase(), value)
    }
  }

  get(name: string): SopsValue | undefined {
    return this.exact.get(name) ?? this.folded.get(name)
  }

  text(name: string): string {
    return readText(this.place + name, this.get(name))
  }

  int(name: string): number {
    return readInt(this.place + name, this.get(name))
  }

  bool(name: string): boolean {
    return readBool(this.place + name, this.get(name))
  }

  /** A list of mappings; a single one counts as a list of one. */
  list(name: string): Fields[] {
    const value = this.get(name)
    const place = this.place + name
    if (value === undefined || value === null) return []
    if (value instanceof SopsBranch) return value.items.length === 0 ? [] : [new Fields(value, `${place}[0].`)]
    // what is no list counts as a list of one
    const list = Array.isArray(value) ? value : [value]
    return list
      .filter((item) => !(item instanceof SopsComment))
      .map((item, index) => {
        if (item === null) return new Fields(new SopsBranch(), `${place}[${index}].`)
        if (!(item instanceof SopsBranch)) {
          const kind = Array.isArray(item) ? 'slice' : goTypeName(item)
          throw decodingFault(`${place}[${index}]`, `expected a map or struct, got ${JSON.stringify(kind)}`)
        }
        return new Fields(item, `${place}[${index}].`)
      })
  }
}

interface KeyField {
  readonly type: KeyType
  readonly hasCreationTime: boolean
  readonly nameOf: (fields: Fields) => string
}

/** In the order in which SOPS collects the keys of a group. */
const keyFields: readonly KeyField[] = [
  {
    type: 'kms',
    hasCreationTime: true,
    nameOf: (fields) => {
      const role = fields.text('role')
      const profile = fields.text('aws_profile')
      return `${fields.text('arn')}${role === '' ? '' : `+${role}`}${profile === '' ? '' : `|${profile}`}`
    },
  },
  { type: 'gcp_kms', hasCreationTime: true, nameOf: (fields) => fields.text('resource_id') },
  {
    type: 'hckms',
    hasCreationTime: true,
    nameOf: (fields) => {
      const id = fields.text('key_id')
      if (!/^[^:]*[^:\s][^:]*:.*\S/.test(id))
        throw new MetadataFault(`invalid key ID format: expected 'region:key-uuid', got ${JSON.stringify(id)}`)
      return id
    },
  },
  {
    type: 'azure_kv',
    hasCreationTime: true,
    nameOf: (fields) => `${fields.text('vault_url')}/keys/${fields.text('name')}/${fields.text('version')}`,
  },
  {
    type: 'hc_vault',
    hasCreationTime: true,
    nameOf: (fields) => {
      const address = fields.text('vault_address')
      return `${address}/v1/${fields.text('engine_path')}/keys/${fields.text('key_name')}`
    },
  },
  { type: 'pgp', hasCreationTime: true, nameOf: (fields) => fields.text('fp') },
  { type: 'age', hasCreationTime: false, nameOf: (fields) => fields.text('recipient') },
]

function readGroup(fields: Fields): MasterKey[] {
  const keys: MasterKey[] = []
  for (const { type, hasCreationTime, nameOf } of keyFields) {
    for (const entry of fields.list(type)) {
      const wrapped = entry.text('enc')
      if (hasCreationTime) readTime(entry.text('created_at'))
      keys.push({ type, name: nameOf(entry), wrapped })
    }
  }
  return keys
}

/** Upstream tries age first, then PGP, then the others in their order. */
function inDecryptionOrder(group: readonly MasterKey[]): MasterKey[] {
  const rank = (key: MasterKey): number => (key.type === 'age' ? 0 : key.type === 'pgp' ? 1 : 2)
  return group.toSorted((a, b) => rank(a) - rank(b))
}

function readTime(text: string): string {
  const time = canonicalTime(text, false)
  if (time === null) throw new MetadataFault(describeTimeFault(text))
  return withoutFraction(time)
}

/** Typed metadata. Throws MetadataFault. */
export function readMetadata(branch: SopsBranch): SopsMetadata {
  const fields = new Fields(branch, '')
  const shamirThreshold = fields.int('shamir_threshold')
  const isMacOnlyEncrypted = fields.bool('mac_only_encrypted')
  const lastModified = readTime(fields.text('lastmodified'))
  const ownGroup = readGroup(fields)
  const groups = ownGroup.length > 0 ? [ownGroup] : fields.list('key_groups').map(readGroup)
  if (groups.length === 0) throw new MetadataFault('No keys found in file')
  const rules = {
    unencryptedSuffix: fields.text('unencrypted_suffix'),
    encryptedSuffix: fields.text('encrypted_suffix'),
    unencryptedRegex: fields.text('unencrypted_regex'),
    encryptedRegex: fields.text('encrypted_regex'),
    unencryptedCommentRegex: fields.text('unencrypted_comment_regex'),
    encryptedCommentRegex: fields.text('encrypted_comment_regex'),
  }
  const count = Object.values(rules).filter((rule) => rule !== '').length
  if (count > 1)
    throw new MetadataFault(
      'Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, ' +
        'encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    )
  return {
    rules: count === 0 ? { ...rules, unencryptedSuffix: '_unencrypted' } : rules,
    isMacOnlyEncrypted,
    mac: fields.text('mac'),
    lastModified,
    shamirThreshold,
    keyGroups: groups.map(inDecryptionOrder),
  }
}

type PathToken = { readonly key: string } | { readonly index: number }

function tokenize(path: string): PathToken[] {
  const parts = path.split(/(__map_|__list_)/)
  const tokens: PathToken[] = [{ key: parts[0] ?? '' }]
  for (let i = 1; i < parts.length; i += 2) {
    const text = parts[i + 1] ?? ''
    tokens.push(parts[i] === '__map_' ? { key: text } : { index: /^[+-]?\d+$/.test(text) ? Number(text) : 0 })
  }
  return tokens
}

interface FlatNode {
  value?: SopsValue
  readonly keys: Map<string, FlatNode>
  readonly indexes: Map<number, FlatNode>
}

const makeFlatNode = (): FlatNode => ({ keys: new Map(), indexes: new Map() })

function descend<K>(map: Map<K, FlatNode>, key: K): FlatNode {
  const found = map.get(key)
  if (found !== undefined) return found
  const created = makeFlatNode()
  map.set(key, created)
  return created
}

function convert(node: FlatNode): SopsValue {
  const hasValue = node.value !== undefined
  if (Number(hasValue) + Number(node.keys.size > 0) + Number(node.indexes.size > 0) > 1)
    throw new MetadataFault('Error while unflattening: Type mismatch')
  if (node.value !== undefined) return node.value
  if (node.indexes.size > 0) {
    const list: SopsValue[] = []
    for (let i = 0; i < node.indexes.size; i++) {
      const item = node.indexes.get(i)
      if (item === undefined) throw new MetadataFault('Error while unflattening: Incomplete list')
      list.push(convert(item))
    }
    return list
  }
  return new SopsBranch([...node.keys].map(([key, child]) => ({ key, value: convert(child) })))
}

/** Metadata of dotenv and INI files, whose names hold the path: `age__list_0__map_enc`. Throws MetadataFault. */
export function unflatten(items: readonly SopsItem[]): SopsBranch {
  const root = makeFlatNode()
  for (const { key, value } of items) {
    if (typeof key !== 'string') continue
    let node = root
    for (const token of tokenize(key))
      node = 'key' in token ? descend(node.keys, token.key) : descend(node.indexes, token.index)
    if (node.value !== undefined)
      throw new MetadataFault(`Error while unflattening ${JSON.stringify(key)}: Duplicate value`)
    node.value = value
  }
  const result = convert(root)
  return result instanceof SopsBranch ? result : new SopsBranch()
}

/** The same text with `\n` written out as a line break: INI metadata escape it once more. */
export function unescapeNewlines(item: SopsItem): SopsItem {
  return typeof item.value === 'string' ? { key: item.key, value: item.value.replaceAll('\\n', '\n') } : item
}

export const metadataKey = 'sops'
export const flatMetadataPrefix = 'sops_'

/** No `sops` where it is looked for: the document is not encrypted. */
export class MetadataNotFound extends MetadataFault {
  constructor() {
    super('sops metadata not found')
  }
}

/** Takes the `sops` items out of the branches; those of the first branch are the document's. Throws MetadataFault. */
export function takeMetadata(branches: readonly SopsBranch[]): { branches: SopsBranch[]; metadata: SopsBranch } {
  const own = branches[0]?.items.filter((item) => item.key === metadataKey) ?? []
  const first = own[0]
  if (first === undefined) throw new MetadataNotFound()
  if (own.length > 1) throw new MetadataFault('Found duplicate sops entry')
  if (!(first.value instanceof SopsBranch)) throw new MetadataFault('Found sops entry that is not a mapping')
  return {
    branches: branches.map((branch) => new SopsBranch(branch.items.filter((item) => item.key !== metadataKey))),
    metadata: first.value,
  }
}
