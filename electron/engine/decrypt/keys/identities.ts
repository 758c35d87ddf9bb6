/**
 * The private keys that a decryption Secret, or the user's own key files, hold, by the names that kustomize-controller looks for.
 * Semantics: kustomize-controller 1.9.4 `ImportKeys`, SOPS 3.13.2 `age.ParsedIdentities.Import`.
 *
 * SECURITY: identities are secrets. They live in this object only, are never printed and never put into an error.
 */
import { Decrypter } from 'age-encryption'
import { decodeUtf8Lenient } from '../tree/go-format.ts'

/** A key file that cannot be used. `message` names the entry, never its content. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault'
}

/** Credentials for a key service, present but not usable here: only the user's own sops can reach those services. */
export type ServiceCredential = 'sops.vault-token' | 'sops.aws-kms' | 'sops.azure-kv' | 'sops.gcp-kms'

const serviceCredentials: readonly ServiceCredential[] = [
  'sops.vault-token',
  'sops.aws-kms',
  'sops.azure-kv',
  'sops.gcp-kms',
]

export interface Identities {
  /** `AGE-SECRET-KEY-1…` and `AGE-SECRET-KEY-PQ-1…`, one each. */
  readonly age: readonly string[]
  /** Armoured private key blocks; one may hold several keys. */
  readonly pgp: readonly string[]
  readonly services: readonly ServiceCredential[]
}

export const noIdentities: Identities = { age: [], pgp: [], services: [] }

export function hasIdentities(identities: Identities): boolean {
  return identities.age.length + identities.pgp.length > 0
}

function checkAgeIdentity(line: string, entry: string, lineNumber: number): string {
  const where = `'${entry}' line ${lineNumber}`
  if (line.startsWith('AGE-PLUGIN-'))
    throw new KeyFileFault(
      `${where}: age plugin identities are not supported; use a key that begins with AGE-SECRET-KEY-, ` +
        'or let your own sops decrypt',
    )
  if (!line.startsWith('AGE-SECRET-KEY-1') && !line.startsWith('AGE-SECRET-KEY-PQ-1'))
    throw new KeyFileFault(`${where}: failed to parse and add to age identities: unknown identity type`)
  try {
    new Decrypter().addIdentity(line)
  } catch {
    throw new KeyFileFault(`${where}: failed to parse and add to age identities: malformed secret key`)
  }
  return line
}

/**
 * One identity a line; empty lines and lines that begin with `#` are skipped. `entry` is the name of the file for errors.
 * Throws KeyFileFault.
 */
export function parseAgeIdentities(text: string, entry: string): string[] {
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----') || text.includes('-----BEGIN RSA PRIVATE KEY-----'))
    throw new KeyFileFault(
      `'${entry}': SSH keys are not supported; use an age key (AGE-SECRET-KEY-…), or let your own sops decrypt`,
    )
  return text
    .split('\n')
    .map((line, index) => ({ line: line.replace(/\r$/, ''), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => checkAgeIdentity(line, entry, number))
}

/**
 * The keys among the entries of a decryption Secret (name → decoded bytes), or of a folder of key files with the same names: `*.agekey`,
 * `*.asc` and the credentials of key services. Other entries are ignored. Throws KeyFileFault.
 */
export function readKeyEntries(entries: ReadonlyMap<string, Uint8Array>): Identities {
  const age: string[] = []
  const pgp: string[] = []
  const services: ServiceCredential[] = []
  for (const [name, bytes] of entries) {
    const service = serviceCredentials.find((candidate) => candidate === name)
    if (service !== undefined) services.push(service)
    else if (name.endsWith('.agekey')) age.push(...parseAgeIdentities(decodeUtf8Lenient(bytes), name))
    else if (name.endsWith('.asc')) {
      const text = decodeUtf8Lenient(bytes)
      if (!text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----'))
        throw new KeyFileFault(`'${name}': no armored OpenPGP private key in it`)
      pgp.push(text)
    }
  }
  return { age, pgp, services }
}
