/**
 * A GitRepository's artifact made from Git itself, as source-controller would have made it: the same commit, ignore rules, submodules, sparse
 * checkout; includes are copied in by the caller. Semantics: flux-semantics §4.
 */
import { durationMs } from '../../../shared/flux/durations.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { decodeBase64 } from '../inventory/base64.ts'
import { asArray, asTextMap, at, textAt } from '../status/read.ts'
import type { GitRequest } from './artifact-port.ts'
import { hostOfUrl } from './consents.ts'
import type { HostConsents } from './consents.ts'
import { sourceTitle } from './source-object.ts'

export interface GitInclude {
  readonly repository: ObjectRef
  readonly fromPath: string
  readonly toPath: string
}

const defaultTimeoutMs = 60_000

/**
 * What to ask Git for, and sentences about what differs from the controller's own way. Throws HostNotAllowed before anything of the source is
 * contacted, GitFailed for an address that is none.
 */
export async function readGitRequest(
  view: ClusterView,
  ref: ObjectRef,
  source: KubeObject,
  hosts: HostConsents,
  signal: AbortSignal,
): Promise<{ readonly request: GitRequest; readonly reasons: readonly string[] }> {
  const reasons: string[] = []
  const url = textAt(source, 'spec', 'url')
  demandHost(view, ref, hosts, url, 'spec.url')
  const provider = textAt(source, 'spec', 'provider')
  let secret: GitRequest['secret'] = null
  if (provider === '' || provider === 'generic')
    secret = await readSecret(view, ref, textAt(source, 'spec', 'secretRef', 'name'), reasons, signal)
  else reasons.push(`source-controller signs in through provider ${provider}; here your own credentials count.`)
  const usesOwnCredentials = hosts.usesOwnCredentials?.(view.id, url) ?? false
  // A GitHub App's key is of no use here.
  if (secret === null || secret.has('githubAppID')) {
    hosts.noteRepository?.(view.id, url, `${ref.kind}/${refTitle(ref)}`)
    if (usesOwnCredentials) secret = null
  }
  const ownToken =
    secret === null && usesOwnCredentials && hosts.keptToken !== undefined ? await hosts.keptToken(view.id, url) : null
  const proxyName = textAt(source, 'spec', 'proxySecretRef', 'name')
  const proxy = await readSecret(view, ref, proxyName, reasons, signal)
  // SECURITY: item 10: a proxy is a host that the cluster names, too.
  if (proxy !== null) demandHost(view, ref, hosts, proxy.get('address') ?? '', `Secret ${ref.namespace}/${proxyName}`)
  if (at(source, 'spec', 'verify') !== undefined) reasons.push('Signatures (spec.verify) are not checked here.')
  const request = gitRequestOf(view, source, { secret, proxy, usesOwnCredentials })
  return { request: ownToken === null ? request : { ...request, ownToken }, reasons }
}

/** `spec.url` and what goes with it, with the credentials that the caller found. */
export function gitRequestOf(
  view: ClusterView,
  source: KubeObject,
  access: Pick<GitRequest, 'secret' | 'proxy' | 'usesOwnCredentials'>,
): GitRequest {
  const named = at(source, 'spec', 'ref')
  const refText = (key: string): Record<string, string> => {
    const value = textAt(named, key)
    return value === '' ? {} : { [key]: value }
  }
  const ignore = at(source, 'spec', 'ignore')
  return {
    url: textAt(source, 'spec', 'url'),
    ref: {
      ...refText('branch'),
      ...refText('tag'),
      ...refText('semver'),
      ...refText('name'),
      ...refText('commit'),
    },
    recurseSubmodules: at(source, 'spec', 'recurseSubmodules') === true,
    sparseCheckout: asArray(at(source, 'spec', 'sparseCheckout')).filter((path) => typeof path === 'string'),
    ignore: typeof ignore === 'string' ? ignore : null,
    ...access,
    cluster: view.id,
    timeoutMs: durationMs(at(source, 'spec', 'timeout')) ?? defaultTimeoutMs,
  }
}

/** `spec.include`: GitRepositories of the same namespace. */
export function includesOf(ref: ObjectRef, source: KubeObject): readonly GitInclude[] {
  return asArray(at(source, 'spec', 'include')).map((include) => {
    const name = textAt(include, 'repository', 'name')
    return {
      repository: { ...ref, name },
      fromPath: textAt(include, 'fromPath'),
      toPath: textAt(include, 'toPath') || name,
    }
  })
}

/** SECURITY: item 10: nothing is contacted that the user did not allow for this cluster; what is missing is shown to them. */
export function demandHost(view: ClusterView, ref: ObjectRef, hosts: HostConsents, url: string, place: string): void {
  const host = hostOfUrl(url)
  if (host === null)
    throw new SluiceError('GitFailed', `${sourceTitle(ref)}: ${place} holds no http, https or ssh address`, {
      remedy: `Correct ${place}.`,
    })
  if (hosts.isAllowed(view.id, host)) return
  hosts.noteNamed(view.id, host, `${ref.kind}/${refTitle(ref)}`)
  throw hostNotAllowed(ref, host)
}

export function hostNotAllowed(ref: ObjectRef, host: string): SluiceError {
  return new SluiceError(
    'HostNotAllowed',
    `${sourceTitle(ref)} names the host ${host}, which is not allowed for this cluster`,
    {
      remedy: 'Allow the host for this cluster, or map a local folder to the source.',
    },
  )
}

async function readSecret(
  view: ClusterView,
  ref: ObjectRef,
  name: string,
  reasons: string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  if (name === '') return null
  try {
    return await readSecretData(view, ref.namespace, name, signal)
  } catch (error) {
    if (!(error instanceof SluiceError) || (error.code !== 'Forbidden' && error.code !== 'NotFound')) throw error
    const why = error.code === 'Forbidden' ? 'You may not read' : 'There is no'
    reasons.push(`${why} Secret ${ref.namespace}/${name}, which source-controller uses; here your own settings count.`)
    return null
  }
}

/** Decoded `data` of a Secret. Throws what `view.fetch` throws. */
export async function readSecretData(
  view: ClusterView,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const object = await view.fetch({ cluster: view.id, group: '', kind: 'Secret', namespace, name }, signal)
  const decoder = new TextDecoder()
  const entries = Object.entries(asTextMap(at(object, 'data')))
  return new Map(entries.map(([key, value]) => [key, decoder.decode(decodeBase64(value) ?? new Uint8Array())]))
}
