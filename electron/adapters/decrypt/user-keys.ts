/**
 * Where a user's own private keys are found: the places of sops itself, and files and folders that the user named. Owns reading them; what
 * they open is the engine's (engine/decrypt). Semantics: SOPS 3.13.2 `age.MasterKey.loadIdentities`, Go's `os.UserConfigDir`.
 * Not followed: SOPS_AGE_KEY_CMD (a program), SSH keys, and gpg's own key ring, which gives no private key away.
 *
 * SECURITY: nothing is read before `load`, which the engine calls once a document that is to be rendered turned out to be encrypted. What was
 * read goes to the engine and nowhere else; errors name the place and the line, never the content.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Identities } from '../../engine/decrypt/keys/identities.ts'
import type { ExternalSops } from '../../engine/decrypt/recover-keys.ts'
import type { KeySource, LoadedKeys } from '../../engine/build/build-decryption.ts'

/** What decides where keys are looked for: plain values that can cross a thread. SECURITY: `ageKey` is a secret. */
export interface KeyPlaces {
  readonly platform: string
  /** SOPS_AGE_KEY */
  readonly ageKey: string | null
  /** SOPS_AGE_KEY_FILE */
  readonly ageKeyFile: string | null
  /** The user's `sops/age/keys.txt`; null where the system names no folder for configuration. */
  readonly ownKeyFile: string | null
  /** Files and folders that the user named: what is wrong with them is an error, not a note. */
  readonly named: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** A key file is a few lines; what is far larger is something else. */
const maxKeyFileBytes = 1024 * 1024
const keyFileName = /(?:\.agekey|\.asc|^keys\.txt)$/

/** Reads nothing: only names the places. */
export function findKeyPlaces(environment: Environment, platform: string, named: readonly string[] = []): KeyPlaces {
  const folder = configFolder(environment, platform)
  return {
    platform,
    ageKey: environment['SOPS_AGE_KEY'] ?? null,
    ageKeyFile: environment['SOPS_AGE_KEY_FILE'] ?? null,
    ownKeyFile: folder === null ? null : join(folder, 'sops', 'age', 'keys.txt'),
    named,
  }
}

/** Go's os.UserConfigDir, which sops asks; on macOS XDG_CONFIG_HOME goes before. */
function configFolder(environment: Environment, platform: string): string | null {
  const home = environment['HOME'] ?? ''
  const xdg = environment['XDG_CONFIG_HOME'] ?? ''
  if (platform === 'win32') return environment['AppData'] ?? environment['APPDATA'] ?? null
  if (platform === 'darwin') return xdg !== '' ? xdg : home === '' ? null : join(home, 'Library', 'Application Support')
  // A relative folder is an error there; here it only names no place.
  if (xdg !== '') return isAbsolute(xdg) ? xdg : null
  return home === '' ? null : join(home, '.config')
}

/**
 * `load` rejects with KeyFileFault for a named file or folder; what is wrong with the other places is among `problems`. `findSops`: where the
 * user asked for it, their own sops, which is looked for no earlier than the keys.
 */
export function createKeySource(places: KeyPlaces, findSops: (() => Promise<ExternalSops>) | null = null): KeySource {
  return {
    stamp: () => filesOf(places).map(stampOf).join('\n'),
    load: async () => ({ ...(await loadKeys(places)), externalSops: findSops === null ? null : await findSops() }),
  }
}

function filesOf({ ageKeyFile, ownKeyFile, named }: KeyPlaces): string[] {
  return [ageKeyFile, ownKeyFile, ...named].filter((path) => path !== null)
}

function stampOf(path: string): string {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(path)
    return `${size}-${mtimeMs}-${ctimeMs}-${ino}`
  } catch {
    return ''
  }
}

async function loadKeys(places: KeyPlaces): Promise<Omit<LoadedKeys, 'externalSops'>> {
  // age and OpenPGP are loaded with the first key.
  const { KeyFileFault } = await import('../../engine/decrypt/keys/identities.ts')
  const found: Identities[] = []
  const problems: string[] = []
  const { ageKey, ageKeyFile, ownKeyFile, named } = places
  const attempt = async (work: () => Promise<Identities> | Identities): Promise<void> => {
    try {
      found.push(await work())
    } catch (error) {
      if (!(error instanceof KeyFileFault)) throw error
      problems.push(error.message)
    }
  }
  for (const path of named) for (const file of keyFilesAt(path, KeyFileFault)) found.push(await readKeyFile(file))
  if (ageKey !== null) await attempt(() => ageKeysOf(oneKeyPerLine(ageKey), 'SOPS_AGE_KEY'))
  if (ageKeyFile !== null) await attempt(() => readKeyFile(ageKeyFile, 'SOPS_AGE_KEY_FILE '))
  if (ownKeyFile !== null && !isAbsent(ownKeyFile)) await attempt(() => readKeyFile(ownKeyFile))
  return {
    identities: {
      age: [...new Set(found.flatMap(({ age }) => age))],
      pgp: [...new Set(found.flatMap(({ pgp }) => pgp))],
      services: [],
    },
    problems,
  }
}

async function ageKeysOf(text: string, entry: string): Promise<Identities> {
  const { parseAgeIdentities } = await import('../../engine/decrypt/keys/identities.ts')
  return { age: parseAgeIdentities(text, entry), pgp: [], services: [] }
}

/** Unlike a file, the variable may hold several keys on one line. */
function oneKeyPerLine(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('#') ? line : line.trim().replaceAll(/\s+/g, '\n')))
    .join('\n')
}

async function readKeyFile(path: string, label = ''): Promise<Identities> {
  const { KeyFileFault } = await import('../../engine/decrypt/keys/identities.ts')
  let text: string
  try {
    const stats = statSync(path)
    if (!stats.isFile()) throw new KeyFileFault(`${label}'${path}': no regular file, so no keys are read from it`)
    if (stats.size > maxKeyFileBytes) throw new KeyFileFault(`${label}'${path}': too large for a file of keys`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof KeyFileFault) throw error
    throw new KeyFileFault(`${label}'${path}': the key file cannot be read: ${reasonOf(error)}`)
  }
  if (!text.includes('-----BEGIN PGP ') && !path.endsWith('.asc')) return ageKeysOf(text, path)
  if (!text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----'))
    throw new KeyFileFault(`${label}'${path}': no armored OpenPGP private key in it`)
  const { readPgpKeys } = await import('../../engine/decrypt/keys/unwrap-pgp.ts')
  const { keys, locked } = await readPgpKeys([text])
  if (keys.length + locked.length === 0)
    throw new KeyFileFault(`${label}'${path}': the OpenPGP private key is malformed`)
  return { age: [], pgp: [text], services: [] }
}

/** The file itself, or the key files of a folder by their names. */
function keyFilesAt(path: string, Fault: new (message: string) => Error): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter((name) => keyFileName.test(name))
    if (names.length > 0) return names.sort().map((name) => join(path, name))
  } catch (error) {
    throw new Fault(`'${path}': the key file cannot be read: ${reasonOf(error)}`)
  }
  throw new Fault(`'${path}': no key files in this folder: they are named *.agekey, *.asc or keys.txt`)
}

function isAbsent(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(codeOf(error))
  }
}

function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    ENOTDIR: 'not a directory',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
  }
  return reasons[codeOf(error)] ?? (codeOf(error) || 'unknown error')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
