/** Who a context is: as the server says, else as its credentials tell by themselves. */
import { X509Certificate } from 'node:crypto'
import type { ContextSettings } from './context-settings.ts'
import type { Credential } from './credentials.ts'
import { isMap, own } from './kubeconfig-text.ts'

/** User name of a SelfSubjectReview, null where it has none. */
export function usernameOf(review: unknown): string | null {
  const status = isMap(review) ? own(review, 'status') : null
  const info = isMap(status) ? own(status, 'userInfo') : null
  const name = isMap(info) ? own(info, 'username') : null
  return typeof name === 'string' && name !== '' ? name : null
}

/** What the credentials tell by themselves: certificate's common name, token's subject, else the kubeconfig's user. */
export function localIdentity(settings: ContextSettings, credential: Credential): string {
  if (settings.impersonate !== null) return settings.impersonate.user
  const pem = credential.identity?.cert ?? settings.cert
  if (pem !== null) {
    const subject = new X509Certificate(pem).subject ?? ''
    const commonName = /(?:^|\n)CN=(.*)/.exec(subject)?.[1]
    if (commonName !== undefined) return commonName
  }
  return subjectOf(credential.headers['authorization']) ?? settings.basic?.username ?? settings.userName
}

function subjectOf(authorization: string | string[] | undefined): string | null {
  if (typeof authorization !== 'string') return null
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization)?.[1]
  if (payload === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const subject = isMap(claims) ? own(claims, 'sub') : null
    return typeof subject === 'string' && subject !== '' ? subject : null
  } catch {
    return null
  }
}
