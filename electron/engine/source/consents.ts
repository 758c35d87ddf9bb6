/**
 * What the user has decided about sources, kept by engine/drift: hosts that may be contacted for a cluster, folders that stand for a source.
 */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'

/** SECURITY: item 10: a host named by a cluster's object is contacted only after the user allowed that host for that cluster. */
export interface HostConsents {
  /** `host` is `host:port` in lower case, as `hostOfUrl` writes it. */
  isAllowed(cluster: ClusterId, host: string): boolean
  /** A host that would have to be contacted: it is shown to the user with the object (`Kind/namespace/name`) that names it. */
  noteNamed(cluster: ClusterId, host: string, by: string): void
  /**
   * Whether the user's own credentials (credential helper, kept token, SSH agent and keys) may be used for this repository of this cluster.
   * SECURITY: item 10: bound to (cluster, repository), never to a host alone. Absent: they may not.
   */
  usesOwnCredentials?(cluster: ClusterId, repositoryUrl: string): boolean
  /** The token that the user keeps for this repository of this cluster; null where there is none. SECURITY: item 10: as above. */
  keptToken?(
    cluster: ClusterId,
    repositoryUrl: string,
  ): Promise<{ readonly username: string; readonly secret: string } | null>
  /** Changes whenever a token is kept or forgotten for it: what failed before is worth another try. */
  tokenStamp?(cluster: ClusterId, repositoryUrl: string): number
  /** A repository for which only the user's own credentials are left: it is shown to the user with the object that names it. */
  noteRepository?(cluster: ClusterId, repositoryUrl: string, by: string): void
}

export interface FolderConsents {
  /** Host path of the folder that the user mapped to the source, and its name for people; null if there is none. */
  folderOf(source: ObjectRef): { readonly path: string; readonly label: string } | null
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ssh:': 22, 'oci:': 443 }

const maxRepositoryLength = 2000

/**
 * The repository that a URL names, as a user allows their credentials for it: without user information and fragment, the scheme's port left out.
 * null for what own credentials are never sent to: plain http, and what is no URL.
 */
export function repositoryOfUrl(url: string): string | null {
  if (hostOfUrl(url) === null) return null
  const { protocol, host, pathname, search } = new URL(url)
  // SECURITY: item 10: credentials never go out in plain text.
  if (protocol !== 'https:' && protocol !== 'ssh:') return null
  const known = host.toLowerCase().replace(protocol === 'ssh:' ? /:22$/ : /:443$/, '')
  const text = `${protocol}//${known}${pathname}${search}`
  return text.length > maxRepositoryLength ? null : text
}

/** `host:port` of a URL, the scheme's port where it has none; null for what is no URL of a known scheme or has no host. */
export function hostOfUrl(url: string): string | null {
  // SECURITY: item 10: what starts with a dash never reaches a process or a socket.
  if (url.startsWith('-')) return null
  const parsed = URL.parse(url)
  const port = parsed === null ? undefined : defaultPorts[parsed.protocol]
  if (parsed === null || port === undefined || parsed.hostname === '' || parsed.hostname.startsWith('-')) return null
  return `${parsed.hostname.toLowerCase()}:${parsed.port === '' ? port : parsed.port}`
}
