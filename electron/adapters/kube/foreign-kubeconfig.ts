/**
 * A kubeconfig that a cluster hands out (spec.kubeConfig of a Kustomization or HelmRelease). Whoever may write that Secret must not
 * be able to run programs, read files or reach hosts from the user's machine: what is not on the short list is refused by name.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { isMap, own, readKubeconfigYaml } from './kubeconfig-text.ts'
import type { YamlMap } from './kubeconfig-text.ts'
import { quoteName } from './plain-text.ts'

/** Everything that a connection may take from a foreign kubeconfig. */
export interface ForeignKubeconfig {
  readonly contextName: string
  /** https URL without user info, query or fragment. The caller asks the user before it contacts this host. */
  readonly server: string
  /** PEM; null = public authorities. */
  readonly caPem: string | null
  readonly tlsServerName: string | null
  readonly namespace: string | null
  readonly token: string | null
  readonly clientCertificatePem: string | null
  readonly clientKeyPem: string | null
}

const maxBytes = 256 * 1024
const maxEntries = 1000

const clusterFields = [
  'server',
  'certificate-authority-data',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'disable-compression',
]
const userFields = ['token', 'client-certificate-data', 'client-key-data']

/**
 * The current context of a kubeconfig from a cluster. Throws KubeconfigMalformed, KubeconfigEmpty, ContextInvalid, or Unsupported
 * naming the field that is refused: exec, auth-provider, every file path, proxy-url, insecure TLS, impersonation, basic auth and
 * anything unknown in the entries that the context uses. `label` stands in front of what is said. Source: security.md 10.
 */
export function parseForeignKubeconfig(text: string, label = ''): ForeignKubeconfig {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof SluiceError) || label === '') throw error
    // Which of the many that a cluster may hold.
    const { code, remedy, detail, retry } = error
    throw new SluiceError(code, `${label}: ${error.message}`, { remedy, detail, retry, cause: error })
  }
}

function parse(text: string): ForeignKubeconfig {
  const label = 'from the cluster'
  // SECURITY: item 10: inline certificates and token only; everything else is refused by name.
  if (text.length > maxBytes)
    throw new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} is larger than ${maxBytes / 1024} KiB`)
  const root = readKubeconfigYaml(text, label)
  const contextName = requireText(own(root, 'current-context'), 'current-context')
  const context = findOne(root, 'contexts', 'context', contextName)
  const cluster = findOne(root, 'clusters', 'cluster', requireText(own(context, 'cluster'), 'context.cluster'))
  const user = findOne(root, 'users', 'user', requireText(own(context, 'user'), 'context.user'))

  if (isSet(cluster, 'insecure-skip-tls-verify')) throw refused('cluster', 'insecure-skip-tls-verify')
  refuseOthers('cluster', cluster, clusterFields)
  refuseOthers('user', user, userFields)

  const certificate = optionalText(user, 'client-certificate-data')
  const key = optionalText(user, 'client-key-data')
  if ((certificate === null) !== (key === null))
    throw invalid('user has a client certificate or a client key, but not both')
  const token = optionalText(user, 'token')
  if (token !== null && !/^[\u0021-\u007e]+$/.test(token)) throw invalid('user.token is not a token')
  const ca = optionalText(cluster, 'certificate-authority-data')
  return {
    contextName,
    server: checkServer(requireText(own(cluster, 'server'), 'cluster.server')),
    caPem: ca === null ? null : decodePem(ca, 'certificate-authority-data', 'CERTIFICATE'),
    tlsServerName: checkServerName(optionalText(cluster, 'tls-server-name')),
    namespace: optionalText(context, 'namespace'),
    token,
    clientCertificatePem:
      certificate === null ? null : decodePem(certificate, 'client-certificate-data', 'CERTIFICATE'),
    clientKeyPem: key === null ? null : decodePem(key, 'client-key-data', 'PRIVATE KEY'),
  }
}

/** The one entry of that name; two of one name are refused, because readers differ on which one counts. */
function findOne(root: YamlMap, listName: string, field: string, name: string): YamlMap {
  const list = own(root, listName)
  if (!Array.isArray(list)) throw invalid(`${listName} is missing`)
  if (list.length > maxEntries) throw invalid(`${listName} has more than ${maxEntries} entries`)
  const found = (list as unknown[]).filter((item): item is YamlMap => isMap(item) && own(item, 'name') === name)
  if (found.length === 0) throw invalid(`${listName} has no entry ${quoteName(name)}`)
  if (found.length > 1) throw invalid(`${listName} has ${found.length} entries ${quoteName(name)}`)
  const body = own(found[0] ?? {}, field)
  if (!isMap(body)) throw invalid(`${listName} entry ${quoteName(name)} is empty`)
  return body
}

function refuseOthers(role: string, entry: YamlMap, allowed: readonly string[]): void {
  for (const field of Object.keys(entry)) {
    const value = own(entry, field)
    if (!allowed.includes(field) && value !== null && value !== '') throw refused(role, field)
  }
}

function refused(role: string, field: string): SluiceError {
  return new SluiceError(
    'Unsupported',
    `Kubeconfig from the cluster uses ${role}.${quoteName(field).slice(1, -1)}, which is refused`,
    {
      remedy: 'Only inline certificates and a token are taken from a cluster.',
    },
  )
}

function invalid(what: string): SluiceError {
  return new SluiceError('ContextInvalid', `Kubeconfig from the cluster: ${what}`, {
    remedy: 'Correct the Secret that holds it.',
  })
}

function isSet(entry: YamlMap, field: string): boolean {
  const value = own(entry, field)
  return value !== undefined && value !== null && value !== false && value !== 'false' && value !== ''
}

function requireText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${field} is missing`)
  return value
}

function optionalText(entry: YamlMap, field: string): string | null {
  const value = own(entry, field)
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw invalid(`${field} is not text`)
  return value
}

function checkServer(text: string): string {
  const url = URL.parse(text)
  if (url === null) throw invalid('cluster.server is not a URL')
  if (url.protocol !== 'https:') throw refused('cluster', 'server without https')
  if (url.username !== '' || url.password !== '') throw refused('cluster', 'server with user info')
  if (url.search !== '' || url.hash !== '') throw invalid('cluster.server has a query or fragment')
  return url.href.replace(/\/+$/, '')
}

function checkServerName(name: string | null): string | null {
  if (name !== null && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name))
    throw invalid('cluster.tls-server-name is not a host name')
  return name
}

function decodePem(base64: string, field: string, kind: string): string {
  const compact = base64.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw invalid(`${field} is not base64`)
  const pem = Buffer.from(compact, 'base64').toString('latin1')
  if (!pem.includes('-----BEGIN ') || !pem.includes(`${kind}-----`)) throw invalid(`${field} is not PEM`)
  return pem
}
