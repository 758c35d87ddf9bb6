/** How requests of one context authenticate: headers and client certificate, renewed where they come from a plugin or a file. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ExecApproval } from '../../../shared/model/rows.ts'
import { isHeaderSafe, readSmallFile, sayFileError } from './context-settings.ts'
import type { ContextSettings } from './context-settings.ts'
import type { TlsIdentity } from './dial.ts'
import { ExecApprovalNeeded } from './exec-credentials.ts'
import type { ExecCredentials } from './exec-credentials.ts'
import type { ExecCredential } from './exec-plugin.ts'
import { quoteName } from './plain-text.ts'

/** A list is sent as several header lines: groups may contain commas. */
export type RequestHeaders = Readonly<Record<string, string | string[]>>

export interface Credential {
  readonly headers: RequestHeaders
  /** Client certificate in place of the settings' own. Same object as long as it is the same certificate. */
  readonly identity: TlsIdentity | null
}

export interface Credentials {
  /** Rejects with ExecNotApproved, Exec*, CredentialMissing. */
  get(): Promise<Credential>
  /** The server said 401 to `used`. True when another try may do better. */
  renew(used: Credential): boolean
  pendingApproval(): ExecApproval | null
}

/** A projected token is replaced about every hour; client-go rereads it once a minute. */
const tokenFileAgeMs = 10_000

export function createCredentials(
  settings: ContextSettings,
  exec: ExecCredentials,
  monotonicMs: () => number,
): Credentials {
  const impersonation = impersonationHeaders(settings)
  if (settings.exec !== null) return createExecBacked(settings, exec, impersonation)
  if (settings.tokenFile !== null) return createFileBacked(settings, settings.tokenFile, impersonation, monotonicMs)
  const credential: Credential = { headers: { ...staticHeaders(settings), ...impersonation }, identity: null }
  return { get: () => Promise.resolve(credential), renew: () => false, pendingApproval: () => null }
}

function createExecBacked(
  settings: ContextSettings,
  exec: ExecCredentials,
  impersonation: RequestHeaders,
): Credentials {
  let pending: ExecApproval | null = null
  let last: { readonly source: ExecCredential; readonly credential: Credential } | null = null
  return {
    async get() {
      let source: ExecCredential
      try {
        source = await exec.get(settings)
      } catch (error) {
        pending = error instanceof ExecApprovalNeeded ? error.approval : null
        throw error
      }
      pending = null
      if (last?.source === source) return last.credential
      const { token, certPem, keyPem } = source
      const before = last?.credential.identity ?? null
      const isSameCertificate = before !== null && before.cert === certPem && before.key === keyPem
      const fresh = certPem !== null && keyPem !== null ? { cert: certPem, key: keyPem } : null
      const credential: Credential = {
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...impersonation },
        identity: isSameCertificate ? before : fresh,
      }
      last = { source, credential }
      return credential
    },
    renew(used) {
      if (last?.credential === used) exec.drop(settings, last.source)
      return true
    },
    pendingApproval: () => pending,
  }
}

function createFileBacked(
  settings: ContextSettings,
  file: string,
  impersonation: RequestHeaders,
  monotonicMs: () => number,
): Credentials {
  let last: { readonly credential: Credential; readonly token: string; until: number } | null = null
  return {
    async get() {
      if (last !== null && last.until > monotonicMs()) return last.credential
      const token = await readToken(settings, file)
      const until = monotonicMs() + tokenFileAgeMs
      if (last?.token === token) last.until = until
      else
        last = {
          credential: { headers: { authorization: `Bearer ${token}`, ...impersonation }, identity: null },
          token,
          until,
        }
      return last.credential
    },
    renew(used) {
      if (last?.credential === used) last.until = 0
      return true
    },
    pendingApproval: () => null,
  }
}

async function readToken(settings: ContextSettings, file: string): Promise<string> {
  const missing = (what: string, cause?: unknown): SluiceError =>
    new SluiceError(
      'CredentialMissing',
      `Context ${quoteName(settings.contextName)}: token file ${quoteName(file)} ${what}`,
      {
        remedy: 'Put the token there, or correct tokenFile in the kubeconfig.',
        cause,
      },
    )
  let token: string
  try {
    token = (await readSmallFile(file)).toString('utf8').trim()
  } catch (error) {
    // clientcmd: where both are given and the file fails, the token counts.
    if (settings.token !== null) return settings.token
    throw missing(sayFileError(error), error)
  }
  if (token === '') throw missing('is empty')
  if (!isHeaderSafe(token)) throw missing('holds characters that no token has')
  return token
}

function staticHeaders(settings: ContextSettings): Record<string, string> {
  if (settings.token !== null) return { authorization: `Bearer ${settings.token}` }
  if (settings.basic === null) return {}
  const { username, password } = settings.basic
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function impersonationHeaders({ impersonate }: ContextSettings): RequestHeaders {
  if (impersonate === null) return {}
  const headers: Record<string, string | string[]> = { 'impersonate-user': impersonate.user }
  if (impersonate.uid !== null) headers['impersonate-uid'] = impersonate.uid
  if (impersonate.groups.length > 0) headers['impersonate-group'] = [...impersonate.groups]
  for (const [key, values] of impersonate.extra)
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values]
  return headers
}
