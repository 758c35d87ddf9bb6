/** Which repository a source of the cluster names, with what it is pushed to, and what the cluster will read it with. SECURITY: items 9 and 10. */
import type { BootstrapRepository, BootstrapSecret, BootstrapTarget } from '../../../../shared/model/bootstrap.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { GitRequest } from '../../source/artifact-port.ts'
import type { HostConsents } from '../../source/consents.ts'
import { hostOfUrl, repositoryOfUrl } from '../../source/consents.ts'
import { readGitRequest, readSecretData } from '../../source/git-source.ts'
import type { GitWriter } from '../../source/git-write-port.ts'
import { textAt } from '../../status/read.ts'
import { refOf } from '../hand-over/adoption.ts'

export interface RepositoryAccess {
  /** As source-controller reads it: without a password, with the user that ssh needs. */
  readonly url: string
  readonly request: GitRequest
  readonly pushesWith: 'own' | 'secret' | 'nothing'
}

const protocols: ReadonlySet<string> = new Set(['http:', 'https:', 'ssh:'])
const gitTimeoutMs = 60_000
/** In place of the object that names a host or a repository. */
const namedByUser = 'you, for a bootstrap'

const protocolOf = (url: string): BootstrapRepository['protocol'] =>
  new URL(url).protocol.slice(0, -1) as BootstrapRepository['protocol']

/** GitRepositories with an address that could be pushed to; each is noted, so that its host and the user's credentials can be allowed. */
export function repositoriesOf(
  view: Pick<ClusterView, 'id'>,
  sources: readonly KubeObject[],
  hosts: HostConsents,
): readonly BootstrapRepository[] {
  return sources.flatMap((object): BootstrapRepository[] => {
    const text = textAt(object, 'spec', 'url')
    const url = cleanUrl(text)
    const host = hostOfUrl(text)
    if (object.kind !== 'GitRepository' || url === null || host === null) return []
    const source = refOf(view, object)
    const repository = repositoryOfUrl(text)
    const by = `GitRepository/${refTitle(source)}`
    hosts.noteNamed(view.id, host, by)
    if (repository !== null) hosts.noteRepository?.(view.id, text, by)
    return [
      {
        cluster: view.id,
        source,
        url: shownUrl(url),
        protocol: protocolOf(url),
        host,
        repository,
        branch: textAt(object, 'spec', 'ref', 'branch'),
        secretName: textAt(object, 'spec', 'secretRef', 'name'),
        isHostAllowed: hosts.isAllowed(view.id, host),
        usesOwnCredentials: repository !== null && hosts.usesOwnCredentials?.(view.id, text) === true,
      },
    ]
  })
}

/**
 * A repository that the user named and confirmed: noted as one that their cluster names, so that its host and their credentials can be allowed. Throws
 * Invalid for what cannot be pushed to.
 */
export function ownRepository(view: Pick<ClusterView, 'id'>, text: string, hosts: HostConsents): BootstrapRepository {
  const url = ownUrl(text)
  const host = hostOfUrl(url) ?? ''
  const repository = repositoryOfUrl(url)
  hosts.noteNamed(view.id, host, namedByUser)
  if (repository !== null) hosts.noteRepository?.(view.id, url, namedByUser)
  return {
    cluster: view.id,
    source: null,
    url,
    protocol: protocolOf(url),
    host,
    repository,
    branch: '',
    secretName: '',
    isHostAllowed: hosts.isAllowed(view.id, host),
    usesOwnCredentials: repository !== null && hosts.usesOwnCredentials?.(view.id, url) === true,
  }
}

/** The address as it is used: without a password. Throws Invalid for what cannot be pushed to. */
export function ownUrl(text: string): string {
  const typed = text.trim()
  // As git writes it: user@host:path.
  const scp = /^([A-Za-z0-9_.-]+@[A-Za-z0-9.-]+):(?!\/\/)(.+)$/.exec(typed)
  const url = cleanUrl(scp === null ? typed : `ssh://${scp[1] ?? ''}/${(scp[2] ?? '').replace(/^\/+/, '')}`)
  if (url === null || hostOfUrl(url) === null)
    throw unfit(`${typed.slice(0, 200)} is no address of a repository`, 'Give its http, https or ssh address.')
  return url
}

/**
 * How the repository is spoken to for a push. The user's own credentials come first where they allowed them: a source's Secret is often for reading
 * only. Throws HostNotAllowed, GitFailed, NotFound.
 */
export async function accessTo(
  view: ClusterView,
  target: Pick<BootstrapTarget, 'source' | 'url' | 'branch'>,
  hosts: HostConsents,
  signal: AbortSignal,
): Promise<RepositoryAccess> {
  const { branch } = target
  const { url, text, asRead } = await readingOf(view, target, hosts, signal)
  const plain = { ...asRead, url: text, ref: { branch }, recurseSubmodules: false, sparseCheckout: [], ignore: null }
  if (hosts.usesOwnCredentials?.(view.id, text) === true) {
    const ownToken = (await hosts.keptToken?.(view.id, text)) ?? null
    return { url, request: { ...plain, secret: null, usesOwnCredentials: true, ownToken }, pushesWith: 'own' }
  }
  return { url, request: plain, pushesWith: plain.secret === null ? 'nothing' : 'secret' }
}

/** SECURITY: item 10: a host is contacted only after the user allowed it, whoever named the repository. */
async function readingOf(
  view: ClusterView,
  { source: ref, url: own }: Pick<BootstrapTarget, 'source' | 'url'>,
  hosts: HostConsents,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly text: string; readonly asRead: GitRequest }> {
  if (ref === null) {
    const url = ownUrl(own)
    const host = hostOfUrl(url) ?? ''
    if (!hosts.isAllowed(view.id, host))
      throw new SluiceError('HostNotAllowed', `The host ${host} is not allowed for this cluster`, {
        remedy: 'Allow the host for this cluster.',
      })
    const asRead: GitRequest = {
      url,
      ref: {},
      recurseSubmodules: false,
      sparseCheckout: [],
      ignore: null,
      secret: null,
      proxy: null,
      cluster: view.id,
      timeoutMs: gitTimeoutMs,
    }
    return { url, text: url, asRead }
  }
  const source = await view.fetch(ref, signal)
  const text = textAt(source, 'spec', 'url')
  const url = cleanUrl(text)
  const { request: asRead } = await readGitRequest(view, ref, source, hosts, signal)
  if (url === null)
    throw new SluiceError('GitFailed', `GitRepository ${refTitle(ref)} has no http, https or ssh address`)
  return { url, text, asRead }
}

export interface SecretInput {
  readonly view: ClusterView
  readonly target: Pick<BootstrapTarget, 'source' | 'secret'>
  readonly url: string
  readonly hosts: HostConsents
  readonly gitWriter: GitWriter
  /** The file that was picked; null: none. */
  readonly keyFile: string | null
  readonly signal: AbortSignal
}

/** What the cluster's own Secret holds; null: there is none. Values go to the cluster and nowhere else. */
export async function secretDataOf(input: SecretInput): Promise<ReadonlyMap<string, string> | null> {
  const { view, target, url, hosts, gitWriter, signal } = input
  const protocol = new URL(url).protocol
  if (target.secret === 'none') {
    if (protocol === 'ssh:')
      throw unfit(
        `${shownUrl(url)} is read over ssh: source-controller needs a key`,
        'Choose where the key comes from.',
      )
    return null
  }
  if (protocol === 'http:')
    throw unfit(
      `Credentials are not sent to ${shownUrl(url)}: it is plain http`,
      'Use https or ssh, or go without a Secret.',
    )
  const needs: Readonly<Partial<Record<BootstrapSecret, string>>> = { token: 'https:', key: 'ssh:' }
  const needed = needs[target.secret]
  if (needed !== undefined && needed !== protocol)
    throw unfit(`A ${target.secret} is of no use for ${shownUrl(url)}`, 'Choose what its protocol takes.')
  switch (target.secret) {
    case 'source': {
      if (target.source === null)
        throw unfit('No source of the cluster has a Secret for it', 'Choose another credential for the cluster.')
      const source = await view.fetch(target.source, signal)
      const name = textAt(source, 'spec', 'secretRef', 'name')
      if (name === '')
        throw unfit(
          `GitRepository ${refTitle(target.source)} has no Secret`,
          'Choose another credential for the cluster.',
        )
      return readSecretData(view, target.source.namespace, name, signal)
    }
    case 'token': {
      const kept = (await hosts.keptToken?.(view.id, url)) ?? null
      if (kept === null)
        throw unfit(
          `No token is kept for ${shownUrl(url)}`,
          'Keep one first: Settings, Repositories read with your own credentials.',
        )
      return new Map([
        ['username', kept.username],
        ['password', kept.secret],
      ])
    }
    case 'key':
      if (input.keyFile === null) throw unfit('This key is not known any more', 'Choose it again.')
      return gitWriter.deployKey(url, input.keyFile, signal)
  }
}

/** For people: the user that ssh needs is no part of the repository. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, '$1')
}

/** Without a password, and without the user where it is no ssh; null: nothing that could be pushed to. */
function cleanUrl(text: string): string | null {
  const url = text.startsWith('-') ? null : URL.parse(text)
  if (url === null || !protocols.has(url.protocol) || url.hostname === '') return null
  url.password = ''
  if (url.protocol !== 'ssh:') url.username = ''
  return url.href
}

function unfit(message: string, remedy: string): SluiceError {
  return new SluiceError('Invalid', message, { remedy })
}
