/**
 * The very archive that the controller built from: out of the cache, directly from source-controller's storage where the user allowed its host,
 * else through the API server. Its digest decides. Semantics: flux-semantics §4.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import { defaultTreeLimits } from './artifact-port.ts'
import { hostOfUrl } from './consents.ts'
import type { HostConsents } from './consents.ts'
import { hostNotAllowed } from './git-source.ts'
import type { ResolvedArtifact } from './resolved-artifact.ts'
import { artifactKey, sourceTitle } from './source-object.ts'
import type { ArtifactFacts } from './source-object.ts'
import { findStoragePods, isStopped, storageServiceOf, usualName } from './storage-pod.ts'
import type { StoragePod } from './storage-pod.ts'
import { demandFault, markSilent, summarise } from './summarise-faults.ts'

type Found = Omit<ResolvedArtifact, 'source'>

export interface StorageSource {
  /**
   * `renew`: what the source's status says now, asked once where storage does not have the file any more: null where that is not to be tried.
   * Throws SluiceError: ArtifactRefused, ArtifactMissing, ArtifactUnavailable, HostNotAllowed, Forbidden and what a connection may say.
   */
  fetch(
    view: ClusterView,
    ref: ObjectRef,
    facts: ArtifactFacts,
    renew: (() => Promise<ArtifactFacts | null>) | null,
    signal: AbortSignal,
  ): Promise<Found>
}

/** Ports may not be forwarded, or cannot be: what stands before the API server lets no WebSocket through. */
const tunnelClosed: ReadonlySet<SluiceError['code']> = new Set(['Forbidden', 'Unsupported'])

/** Where a direct download failed, the way through the API server is taken at once for so long. */
const unreachableMs = 60_000
const podsMs = 15_000

export function createStorageSource(deps: {
  readonly ports: Pick<Ports, 'artifacts' | 'artifactTransport' | 'clock'>
  readonly hosts: HostConsents
}): StorageSource {
  const { ports, hosts } = deps
  const unreachable = new Map<string, number>()
  /** How each tree came here, for as long as this process knows: the cache does not tell. */
  const origins = new Map<string, Found['origin']>()
  const pods = new Map<string, { readonly found: Promise<readonly StoragePod[]>; readonly until: number }>()

  /** The controller's own archive: from the cache, directly, or through the API server. */
  async function fetch(
    view: ClusterView,
    ref: ObjectRef,
    facts: ArtifactFacts,
    renew: (() => Promise<ArtifactFacts | null>) | null,
    signal: AbortSignal,
  ): Promise<Found> {
    const key = artifactKey(ref, facts)
    const what = `Artifact ${facts.revision} of ${sourceTitle(ref)}`
    const store = async (bytes: AsyncIterable<Uint8Array>, origin: Found['origin']): Promise<Found> => {
      const { digest } = facts
      const tree = await ports.artifacts.storeArchive({ key, what, bytes, digest, limits: defaultTreeLimits, signal })
      origins.set(tree.path, origin)
      return { tree, origin, revision: facts.revision, digest, reasons: [] }
    }
    const known = await ports.artifacts.find(key)
    if (known !== null) {
      const origin = origins.get(known.path) ?? 'storage'
      return { tree: known, origin, revision: facts.revision, digest: facts.digest, reasons: [] }
    }
    if (facts.digest === '')
      throw new SluiceError('ArtifactRefused', `${what} has no digest to be checked by`, {
        remedy: 'Update source-controller: it writes status.artifact.digest.',
      })
    const host = hostOfUrl(facts.url)
    const faults: SluiceError[] = []
    if (host !== null && mayTryDirectly(view, ref, host)) {
      try {
        return await store(await ports.artifactTransport.download(facts.url, signal), 'storage')
      } catch (error) {
        const fault = demandFault(error)
        faults.push(fault)
        // An answer of any kind came from the storage itself: it is there.
        if (fault.code === 'ArtifactUnavailable' && !fault.detail.startsWith('HTTP '))
          unreachable.set(`${view.id}|${host}`, ports.clock.now() + unreachableMs)
      }
    }
    const direct = faults.length
    try {
      const path = pathOf(facts.url)
      for (const pod of await podsOf(view, ref, facts.url))
        try {
          const bytes = await ports.artifactTransport.downloadFromPod(view.client(), pod, path, signal)
          return await store(bytes, 'storageThroughApi')
        } catch (error) {
          faults.push(demandFault(error))
          pods.clear()
        }
    } catch (error) {
      faults.push(demandFault(error))
    }
    const service = faults.slice(direct).some(({ code }) => tunnelClosed.has(code))
      ? storageServiceOf(view, ref, facts.url)
      : null
    if (service !== null)
      try {
        const path = pathOf(facts.url)
        const bytes = await ports.artifactTransport.downloadFromService(view.client(), service, path, signal)
        return await store(bytes, 'storageThroughProxy')
      } catch (error) {
        faults.push(demandFault(error))
      }
    if (renew !== null && faults.some(({ code }) => code === 'ArtifactMissing')) {
      const now = await renew()
      if (now !== null && (now.url !== facts.url || now.digest !== facts.digest))
        return fetch(view, ref, now, null, signal)
    }
    const inside = faults.slice(direct)
    const [first] = inside
    if (first !== undefined && inside.every(isSilence)) faults.push(controllerSilent(ref, first))
    if (host !== null && !hosts.isAllowed(view.id, host)) {
      hosts.noteNamed(view.id, host, `${ref.kind}/${refTitle(ref)}`)
      // An address inside of the cluster would hardly answer if it were allowed: what kept the other way closed is worth more.
      if (!isClusterName(host)) faults.push(hostNotAllowed(ref, host))
    }
    throw summarise(faults, `${what} cannot be fetched`)
  }

  /** One look for all sources of a controller; forgotten as soon as a pod did not answer. */
  function podsOf(view: ClusterView, ref: ObjectRef, url: string): Promise<readonly StoragePod[]> {
    const key = `${view.id}|${ref.kind === 'ExternalArtifact' ? ref.kind : ''}|${URL.parse(url)?.host ?? ''}`
    const known = pods.get(key)
    if (known !== undefined && known.until > ports.clock.now()) return known.found
    // Not the signal of whoever asks first: others wait for the same answer.
    const found = findStoragePods(view, ref, url, new AbortController().signal)
    pods.set(key, { found, until: ports.clock.now() + podsMs })
    found.catch(() => {
      if (pods.get(key)?.found === found) pods.delete(key)
    })
    return found
  }

  function mayTryDirectly(view: ClusterView, ref: ObjectRef, host: string): boolean {
    if (!hosts.isAllowed(view.id, host)) {
      // A name that only the cluster's own name server knows is no question to ask the user, unless nothing else works.
      if (!isClusterName(host)) hosts.noteNamed(view.id, host, `${ref.kind}/${refTitle(ref)}`)
      return false
    }
    const until = unreachable.get(`${view.id}|${host}`) ?? 0
    return until <= ports.clock.now()
  }

  return { fetch }
}

/** The pod is not there, or does not take connections: not a right that is missing, nor the API server. */
function isSilence(fault: SluiceError): boolean {
  if (isStopped(fault)) return true
  const isOfPod = / of Pod /.test(fault.message) && !fault.detail.startsWith('HTTP ')
  return isOfPod && (fault.code === 'ArtifactUnavailable' || fault.code === 'ConnectionLost')
}

function controllerSilent(ref: ObjectRef, why: SluiceError): SluiceError {
  return markSilent(
    new SluiceError('ArtifactUnavailable', `${usualName(ref)} does not answer: ${why.message}`, {
      remedy: `Start it: ${why.remedy}`,
      detail: why.detail,
      retry: 'transient',
      cause: why,
    }),
  )
}

function isClusterName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/\.$/, '')
  return (
    /\.svc$|\.svc\.|\.cluster\.local$/.test(name) ||
    (!name.includes('.') && name !== 'localhost' && !name.includes(':'))
  )
}

function pathOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null)
    throw new SluiceError('ArtifactRefused', 'The address of the artifact is no URL', {
      remedy: 'Look at status.artifact.url of the source.',
    })
  return parsed.pathname + parsed.search
}
