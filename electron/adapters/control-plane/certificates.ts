/**
 * The certificate authority of one local control plane: ECDSA P-256 keys from node:crypto, certificates (RFC 5280) written
 * here, because node:crypto signs bytes but not certificates and a library for one shape of certificate is not worth its
 * dozen dependencies (docs/decisions/local-certificates.md).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  boolean,
  contextConstructed,
  contextPrimitive,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  unsignedInteger,
  utf8String,
} from './der.ts'

/** Certificate and private key (SEC 1) as PEM. */
export interface KeyPair {
  readonly certPem: string
  readonly keyPem: string
}

export interface LeafRequest {
  readonly commonName: string
  /** Kubernetes reads them as groups. */
  readonly organizations?: readonly string[]
  /** etcd uses one certificate for both. */
  readonly usage: 'client' | 'server' | 'both'
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[]
  readonly days?: number
}

const oid = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** A private key (SEC 1 PEM) that signs service account tokens. */
export function createSigningKey(): { keyPem: string; publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { keyPem: pemOf(privateKey), publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

/** A self-signed authority, valid for ten years. */
export function createAuthority(commonName: string, now = new Date()): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = distinguishedName(commonName, [])
  const certPem = issue({
    issuer: name,
    subject: name,
    publicKey,
    signingKey: privateKey,
    issuerKey: publicKey,
    now,
    days: 3650,
    extensions: [
      extension(oid.basicConstraints, true, sequence(boolean(true))),
      extension(oid.keyUsage, true, bitString(Buffer.from([0b1000_0110]), 1)), // digitalSignature, keyCertSign, cRLSign
    ],
  })
  return { certPem, keyPem: pemOf(privateKey) }
}

/** A certificate for a user or a server, signed by `authority`; a year if `days` is not given. */
export function issueLeaf(authority: KeyPair, request: LeafRequest, now = new Date()): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signingKey = createPrivateKey(authority.keyPem)
  const extensions = [
    extension(oid.basicConstraints, true, sequence()),
    extension(oid.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7)), // digitalSignature
    extension(
      oid.extendedKeyUsage,
      false,
      sequence(
        ...(request.usage === 'server' ? [] : [objectIdentifier(oid.clientAuth)]),
        ...(request.usage === 'client' ? [] : [objectIdentifier(oid.serverAuth)]),
      ),
    ),
  ]
  if (request.hosts?.length) {
    extensions.push(extension(oid.subjectAltName, false, sequence(...request.hosts.map(generalName))))
  }
  const certPem = issue({
    issuer: subjectOf(authority),
    subject: distinguishedName(request.commonName, request.organizations ?? []),
    publicKey,
    signingKey,
    issuerKey: createPublicKey(signingKey),
    now,
    days: request.days ?? 365,
    extensions,
  })
  return { certPem, keyPem: pemOf(privateKey) }
}

/** True while `pair` is signed by `authority` and stays valid for at least `days` more. */
export function isUsable(pair: KeyPair, authority: KeyPair, days: number, now = new Date()): boolean {
  try {
    const cert = new X509Certificate(pair.certPem)
    const left = cert.validToDate.getTime() - now.getTime()
    const isOwnKey = cert.checkPrivateKey(createPrivateKey(pair.keyPem))
    return isOwnKey && cert.verify(new X509Certificate(authority.certPem).publicKey) && left > days * 86_400_000
  } catch {
    return false
  }
}

interface Issue {
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly signingKey: KeyObject
  readonly issuerKey: KeyObject
  readonly now: Date
  readonly days: number
  readonly extensions: readonly Buffer[]
}

function issue(input: Issue): string {
  const algorithm = sequence(objectIdentifier(oid.ecdsaWithSha256))
  // An hour back: clocks of virtual machines that were paused are behind.
  const notBefore = new Date(input.now.getTime() - 3_600_000)
  const notAfter = new Date(input.now.getTime() + input.days * 86_400_000)
  const body = sequence(
    contextConstructed(0, unsignedInteger(Buffer.from([2]))), // v3
    unsignedInteger(randomBytes(16)),
    algorithm,
    input.issuer,
    sequence(time(notBefore), time(notAfter)),
    input.subject,
    input.publicKey.export({ type: 'spki', format: 'der' }),
    contextConstructed(
      3,
      sequence(
        ...input.extensions,
        extension(oid.subjectKeyIdentifier, false, octetString(keyIdentifier(input.publicKey))),
        extension(oid.authorityKeyIdentifier, false, sequence(contextPrimitive(0, keyIdentifier(input.issuerKey)))),
      ),
    ),
  )
  const certificate = sequence(body, algorithm, bitString(sign('sha256', body, input.signingKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function distinguishedName(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (type: string, value: string): Buffer => setOf(sequence(objectIdentifier(type), utf8String(value)))
  return sequence(
    ...organizations.map((name) => attribute(oid.organization, name)),
    attribute(oid.commonName, commonName),
  )
}

/** The authority's subject has only a common name: it is written again rather than parsed out of the certificate. */
function subjectOf(authority: KeyPair): Buffer {
  const { subject } = new X509Certificate(authority.certPem)
  return distinguishedName(subject.replace(/^CN=/, ''), [])
}

function extension(type: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(type), ...(isCritical ? [boolean(true)] : []), octetString(value))
}

function generalName(host: string): Buffer {
  if (isIP(host) === 4) return contextPrimitive(7, Buffer.from(host.split('.').map(Number)))
  return contextPrimitive(2, Buffer.from(host, 'ascii'))
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString()
}
