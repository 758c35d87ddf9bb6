/** Until when a context's own credentials are good: the client certificate's last day, the token's `exp`. Whichever ends first. */
import { X509Certificate } from 'node:crypto'
import type { CredentialEnd } from '../../engine/ports.ts'
import type { ContextSettings } from './context-settings.ts'
import { readSmallFile } from './context-settings.ts'
import { isMap, own } from './kubeconfig-text.ts'

/**
 * null where nothing says so: opaque tokens, passwords. Plugins fetch anew what has ended: nobody has to be told. SECURITY: item 9: only times leave
 * this folder.
 */
export async function readCredentialEnd(settings: ContextSettings): Promise<CredentialEnd | null> {
  if (settings.exec !== null) return null
  const ends: CredentialEnd[] = []
  if (settings.cert !== null) {
    const end = endOfCertificate(settings.cert)
    if (end !== null) ends.push(end)
  }
  const token = await tokenOf(settings)
  const end = token === null ? null : endOfToken(token)
  if (end !== null) ends.push(end)
  return ends.sort((a, b) => a.at - b.at)[0] ?? null
}

async function tokenOf({ token, tokenFile }: ContextSettings): Promise<string | null> {
  if (tokenFile === null) return token
  try {
    return (await readSmallFile(tokenFile)).toString('utf8').trim()
  } catch {
    return token
  }
}

function endOfCertificate(pem: Buffer): CredentialEnd | null {
  try {
    const { validFrom, validTo } = new X509Certificate(pem)
    const at = Date.parse(validTo)
    const from = Date.parse(validFrom)
    return Number.isNaN(at) ? null : { what: 'client certificate', at, from: Number.isNaN(from) ? null : from }
  } catch {
    return null
  }
}

/** RFC 7519 §4.1: NumericDate, seconds. Not verified: it is ours, and only its time is wanted. */
function endOfToken(token: string): CredentialEnd | null {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1]
  if (payload === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const at = isMap(claims) ? timeOf(own(claims, 'exp')) : null
    const from = isMap(claims) ? (timeOf(own(claims, 'nbf')) ?? timeOf(own(claims, 'iat'))) : null
    return at === null ? null : { what: 'token', at, from: from !== null && from < at ? from : null }
  } catch {
    return null
  }
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value * 1000 <= 8.64e15 ? value * 1000 : null
}
