/**
 * The data key of a document out of what the keyring has: any key of the only group, or enough groups for Shamir.
 * Semantics and texts: SOPS 3.13.2 `GetDataKeyWithKeyServices`, `usererrors.go`.
 */
import type { MasterKey, SopsMetadata } from '../tree/metadata.ts'
import type { Keyring } from './keyring.ts'
import { combineParts, ShamirFault } from './shamir.ts'

/** One key of a document that did not give the data key. */
export interface TriedKey {
  readonly type: MasterKey['type']
  readonly name: string
  readonly group: number
  readonly reason: string
}

/** No data key: `message` lists every key tried as SOPS lists them; `tried` says the same for programs. */
export class DataKeyFault extends Error {
  override readonly name = 'DataKeyFault'
  readonly tried: readonly TriedKey[]

  constructor(message: string, tried: readonly TriedKey[]) {
    super(message)
    this.tried = tried
  }
}

const serviceNames: Readonly<Partial<Record<MasterKey['type'], string>>> = {
  kms: 'AWS KMS',
  gcp_kms: 'GCP KMS',
  hckms: 'Huawei Cloud KMS',
  azure_kv: 'Azure Key Vault',
  hc_vault: 'Vault',
}

function reasonOf(key: MasterKey, keyring: Keyring): string {
  const found = keyring.find(key)
  if (found !== null && 'fault' in found) return found.fault
  const service = serviceNames[key.type]
  if (service !== undefined) return `${service} is reached by your own sops only, which was not asked`
  return keyring.hasKeys ? 'the key was not tried' : 'no decryption key is known'
}

/** Words in lines of at most `width`, as go-wordwrap fills them. */
function wrapWords(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  })
}

function describeGroup(group: number, tried: readonly TriedKey[] | null): string {
  if (tried === null) return `Group ${group}: SUCCESS`
  const keys = tried.map((key) => {
    const [first = '', ...rest] = wrapWords(key.reason, 60)
    return [`  ${key.name}: FAILED`, `    - | ${first}`, ...rest.map((line) => `      | ${line}`)].join('\n')
  })
  return [`Group ${group}: FAILED`, keys.join('\n  \n')].join('\n')
}

function makeFault(groups: readonly (readonly TriedKey[] | null)[], threshold: number): DataKeyFault {
  const count = groups.filter((group) => group === null).length
  const trailer =
    threshold === 0
      ? 'Recovery failed because no master key was able to decrypt the file. In order for SOPS to recover the file, ' +
        'at least one key has to be successful, but none were.'
      : `Recovery failed because the file was encrypted with a Shamir threshold of ${threshold}, but only ${count} ` +
        'part(s) were successfully recovered, one for each successful key group. In order for SOPS to recover the ' +
        `file, at least ${threshold} groups have to be successful. In order for a group to be successful, decryption ` +
        'has to succeed with any of the keys in that key group.'
  const text = [
    'Failed to get the data key required to decrypt the SOPS file.',
    ...groups.map((tried, index) => describeGroup(index, tried)),
    wrapWords(trailer, 75).join('\n'),
  ].join('\n\n')
  return new DataKeyFault(
    `cannot get sops data key: ${text}`,
    groups.flatMap((tried) => tried ?? []),
  )
}

/** The 32 bytes that every value of the document is encrypted with. Throws DataKeyFault. */
export function findDataKey(metadata: SopsMetadata, keyring: Keyring): Uint8Array {
  const parts: Uint8Array[] = []
  const groups = metadata.keyGroups.map((group, index): readonly TriedKey[] | null => {
    for (const key of group) {
      const found = keyring.find(key)
      if (found !== null && 'part' in found) {
        parts.push(found.part)
        return null
      }
    }
    return group.map((key) => ({
      type: key.type,
      name: key.name,
      group: index,
      reason: reasonOf(key, keyring),
    }))
  })
  const needed = metadata.keyGroups.length > 1 ? metadata.shamirThreshold : 1
  if (parts.length < needed) throw makeFault(groups, metadata.shamirThreshold)
  if (metadata.keyGroups.length === 1) return parts[0]!
  try {
    return combineParts(parts)
  } catch (error) {
    if (!(error instanceof ShamirFault)) throw error
    throw new DataKeyFault(
      `cannot get sops data key: could not get data key from shamir parts: ${error.message}`,
      groups.flatMap((tried) => tried ?? []),
    )
  }
}
