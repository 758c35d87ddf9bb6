/**
 * Signatures of Git commits and annotated tags, checked with the keys of a source's spec.verify. Semantics: fluxcd/pkg git/signature and
 * source-controller verifySignature (whose sentences are kept); git's own formats: gpgsig header, tag trailer, PROTOCOL.sshsig.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createMessage, readKey, readKeys, readSignature, verify as verifyPgp } from 'openpgp'
import type { PublicKey } from 'openpgp'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'

export interface SignedObject {
  /** Armored; '' where there is none. */
  readonly signature: string
  /** What was signed. */
  readonly payload: Buffer
}

/** Keys of the Secret: `*.sshpub` are SSH public keys, everything else is a PGP key ring. */
export interface VerificationKeys {
  readonly pgp: readonly string[]
  readonly ssh: readonly string[]
}

export type SignatureFormat = 'openpgp' | 'ssh' | 'x509' | 'empty' | 'unknown'

const sshMagic = 'SSHSIG'
const sshBegin = '-----BEGIN SSH SIGNATURE-----'
const tagBegins = [
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  sshBegin,
  '-----BEGIN SIGNED MESSAGE-----',
]

export function readVerificationKeys(data: ReadonlyMap<string, string>): VerificationKeys {
  const entries = [...data]
  return {
    ssh: entries.filter(([name]) => name.endsWith('.sshpub')).map(([, text]) => text),
    pgp: entries.filter(([name]) => !name.endsWith('.sshpub')).map(([, text]) => text),
  }
}

/** A commit object: its `gpgsig` header is taken out, the rest is what was signed. */
export function signedCommit(data: Buffer): SignedObject {
  const end = data.indexOf('\n\n')
  const head = data.subarray(0, end < 0 ? data.length : end).toString('latin1')
  const kept: string[] = []
  const signature: string[] = []
  let isInside = false
  for (const line of head.split('\n')) {
    if (line.startsWith(' ') && isInside) {
      signature.push(line.slice(1))
      continue
    }
    isInside = line.startsWith('gpgsig ')
    if (isInside) signature.push(line.slice('gpgsig '.length))
    else kept.push(line)
  }
  const rest = end < 0 ? Buffer.alloc(0) : data.subarray(end)
  return {
    signature: signature.length === 0 ? '' : `${signature.join('\n')}\n`,
    payload: Buffer.concat([Buffer.from(kept.join('\n'), 'latin1'), rest]),
  }
}

/** A tag object: its signature stands behind the message. */
export function signedTag(data: Buffer): SignedObject {
  let start = -1
  for (const begin of tagBegins) {
    const at = data.lastIndexOf(begin)
    if (at >= 0 && (at === 0 || data[at - 1] === 0x0a) && (start < 0 || at < start)) start = at
  }
  if (start < 0) return { signature: '', payload: data }
  return { signature: data.subarray(start).toString('latin1'), payload: data.subarray(0, start) }
}

export function formatOf(signature: string): SignatureFormat {
  const text = signature.trimStart()
  if (text === '') return 'empty'
  if (text.startsWith('-----BEGIN PGP SIGNATURE-----') || text.startsWith('-----BEGIN PGP MESSAGE-----'))
    return 'openpgp'
  if (text.startsWith(sshBegin)) return 'ssh'
  return text.startsWith('-----BEGIN SIGNED MESSAGE-----') || text.startsWith('-----BEGIN CERTIFICATE-----')
    ? 'x509'
    : 'unknown'
}

/** The key that signed: PGP key id, or SSH fingerprint. Throws an Error that says why there is none. `what`: `Git commit`, `Git tag`. */
export async function verifySignature(
  { signature, payload }: SignedObject,
  keys: VerificationKeys,
  what: string,
): Promise<string> {
  const format = formatOf(signature)
  switch (format) {
    case 'openpgp':
      if (keys.pgp.length === 0)
        throw new Error('PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)')
      return verifyByPgp(signature, payload, keys.pgp, what)
    case 'ssh':
      if (keys.ssh.length === 0)
        throw new Error('SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)')
      return verifyBySsh(signature, payload, keys.ssh, what)
    default:
      throw new Error(`unsupported signature type: ${format}`)
  }
}

async function verifyByPgp(
  armoredSignature: string,
  payload: Buffer,
  rings: readonly string[],
  what: string,
): Promise<string> {
  let unreadable: Error | null = null
  for (const ring of rings) {
    let verificationKeys: PublicKey[]
    try {
      verificationKeys =
        ring.split('-----BEGIN PGP PUBLIC KEY BLOCK-----').length > 2
          ? await readBlocks(ring)
          : await readKeys({ armoredKeys: ring })
    } catch (error) {
      unreadable = new Error(`unable to verify ${what}: unable to read armored key ring: ${(error as Error).message}`)
      continue
    }
    const result = await verifyPgp({
      message: await createMessage({ binary: payload }),
      signature: await readSignature({ armoredSignature }),
      verificationKeys,
      // Signed long ago is signed: the commit's own time counts for nothing that could be forged.
      date: null,
    })
    for (const one of result.signatures) {
      const isGood = await one.verified.catch(() => false)
      const signer = verificationKeys.find((key) => key.getKeys(one.keyID).length > 0)
      if (isGood && signer !== undefined) return signer.getKeyID().toHex().toUpperCase()
    }
  }
  throw (
    unreadable ??
    new Error(`unable to verify ${what}: unable to verify payload with any of the given key rings: no matching key`)
  )
}

/** Several armored blocks in one text. */
function readBlocks(ring: string): Promise<PublicKey[]> {
  const blocks = ring.match(/-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g) ?? []
  return Promise.all(blocks.map((armoredKey) => readKey({ armoredKey })))
}

function verifyBySsh(signature: string, payload: Buffer, files: readonly string[], what: string): string {
  const told = `unable to verify ${what} SSH signature`
  const parts = readSshSignature(signature)
  if (parts === null) throw new Error(`${told}: unable to unarmor SSH signature: it is damaged`)
  let unreadable: Error | null = null
  for (const file of files)
    for (const line of file.split('\n')) {
      const text = line.trim()
      if (text === '' || text.startsWith('#')) continue
      const key = parseSshKey(text)
      if (key instanceof Error) {
        unreadable = new Error(`${told}: unable to parse authorized keys: ${key.message}`)
        continue
      }
      const blob = key.getPublicSSH()
      if (!blob.equals(parts.publicKey)) continue
      if (parts.namespace === 'git' && isSignedBySsh(createPublicKey(key.getPublicPEM()), parts, payload))
        return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
    }
  throw (
    unreadable ?? new Error(`${told}: unable to verify payload with any of the given authorized keys: no matching key`)
  )
}

function parseSshKey(text: string): ParsedKey | Error {
  // Files of several keys give a list, which the library's types leave out.
  const parsed = ssh2.utils.parseKey(text) as ParsedKey | Error | readonly ParsedKey[]
  if (parsed instanceof Error || !Array.isArray(parsed)) return parsed as ParsedKey | Error
  return (parsed as readonly ParsedKey[])[0] ?? new Error('empty')
}

interface SshSignature {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly reserved: Buffer
  readonly hashName: string
  readonly algorithm: string
  readonly bytes: Buffer
}

function readSshSignature(armored: string): SshSignature | null {
  const body = /-----BEGIN SSH SIGNATURE-----([\s\S]*?)-----END SSH SIGNATURE-----/.exec(armored)?.[1]
  if (body === undefined) return null
  const data = Buffer.from(body.replace(/\s+/g, ''), 'base64')
  const reader = new WireReader(data)
  try {
    if (reader.take(sshMagic.length).toString('latin1') !== sshMagic || reader.number() !== 1) return null
    const publicKey = reader.text()
    const namespace = reader.text().toString('utf8')
    const reserved = reader.text()
    const hashName = reader.text().toString('latin1')
    const inner = new WireReader(reader.text())
    return { publicKey, namespace, reserved, hashName, algorithm: inner.text().toString('latin1'), bytes: inner.text() }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Width of one number of an ECDSA signature, by curve. */
const curveBytes: Readonly<Record<string, number>> = {
  'ecdsa-sha2-nistp256': 32,
  'ecdsa-sha2-nistp384': 48,
  'ecdsa-sha2-nistp521': 66,
}
const curveHashes: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

function isSignedBySsh(key: KeyObject, parts: SshSignature, payload: Buffer): boolean {
  if (parts.hashName !== 'sha256' && parts.hashName !== 'sha512') return false
  const digest = createHash(parts.hashName).update(payload).digest()
  const message = Buffer.concat([
    Buffer.from(sshMagic, 'latin1'),
    ...[Buffer.from(parts.namespace), parts.reserved, Buffer.from(parts.hashName), digest].map(withLength),
  ])
  const { algorithm, bytes } = parts
  try {
    if (algorithm === 'ssh-ed25519') return verify(null, message, key, bytes)
    // SECURITY: ssh-rsa signs with SHA-1: refused, as PROTOCOL.sshsig demands.
    if (algorithm === 'rsa-sha2-256' || algorithm === 'rsa-sha2-512')
      return verify(algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512', message, key, bytes)
    const width = curveBytes[algorithm]
    if (width === undefined) return false
    const reader = new WireReader(bytes)
    const numbers = [reader.text(), reader.text()].map((number) => fixedWidth(number, width))
    return verify(curveHashes[algorithm], message, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(numbers))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function fixedWidth(number: Buffer, width: number): Buffer {
  const short = number.subarray(Math.max(0, number.length - width))
  return Buffer.concat([Buffer.alloc(width - short.length), short])
}

/** Strings and numbers of the SSH wire format. Throws RangeError at the end of the data. */
class WireReader {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#data.length) throw new RangeError('cut off')
    const part = this.#data.subarray(this.#at, this.#at + length)
    this.#at += length
    return part
  }

  number(): number {
    return this.take(4).readUInt32BE()
  }

  text(): Buffer {
    return this.take(this.number())
  }
}
