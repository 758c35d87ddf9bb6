/**
 * What the API server serves: aggregated discovery (apidiscovery.k8s.io v2, v2beta1), plain group lists where that is not spoken.
 * A group that fails leaves the others alone.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ServedResource } from '../clusters/view.ts'
import type { KubeClient, KubeResponse } from '../ports.ts'
import { errorFromAnswer, isTransportFault } from './api-answer.ts'

export interface DiscoveredResource extends ServedResource {
  readonly categories: readonly string[]
}

export interface Discovery {
  /** By `group/Kind`, in the version chosen. */
  readonly resources: ReadonlyMap<string, DiscoveredResource>
  /** Groups (`group/version`) whose list failed: what was known of them before still holds. */
  readonly failed: readonly string[]
}

/** Versions of a kind that Sluice reads, best first; null for kinds that it takes in any version. */
export type KnownVersions = (group: string, kind: string) => readonly string[] | null

const aggregatedAccept = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',')

export function kindKey(group: string, kind: string): string {
  return `${group}/${kind}`
}

interface VersionedResource extends DiscoveredResource {
  /** Position in the server's order of preference. */
  readonly preference: number
}

/** Asks for everything once. Throws SluiceError only where nothing at all could be learnt. */
export async function discover(
  client: KubeClient,
  knownVersions: KnownVersions,
  signal: AbortSignal,
): Promise<Discovery> {
  const found: VersionedResource[] = []
  const failed: string[] = []
  const roots = await Promise.all(
    ['/api', '/apis'].map((path) => client.request({ method: 'GET', path, accept: aggregatedAccept, signal })),
  )
  const plain: {
    readonly path: string
    readonly group: string
    readonly version: string
    readonly preference: number
  }[] = []
  for (const [index, response] of roots.entries()) {
    if (response.status !== 200) {
      if (index === 1 || response.status === 401) throw errorFromAnswer(response, 'Discovery of the served kinds')
      failed.push('v1')
      continue
    }
    const body = asRecord(response.json())
    if (body?.['kind'] === 'APIGroupDiscoveryList') readAggregated(body, found, failed)
    else if (index === 0)
      for (const [preference, version] of asArray(body?.['versions']).entries())
        if (typeof version === 'string') plain.push({ path: `/api/${version}`, group: '', version, preference })
        else continue
    else plain.push(...readGroups(body))
  }
  await readPlain(client, plain, found, failed, signal)
  if (found.length === 0 && failed.length === 0)
    throw new SluiceError('ResponseMalformed', 'Discovery of the served kinds: the answer names no kinds', {
      retry: 'transient',
    })
  return { resources: choose(found, knownVersions), failed }
}

/** The server's preferred version among those that Sluice reads; its first one where Sluice reads none of them. */
function choose(
  found: readonly VersionedResource[],
  knownVersions: KnownVersions,
): ReadonlyMap<string, DiscoveredResource> {
  const chosen = new Map<string, VersionedResource>()
  const rank = (resource: VersionedResource): number => {
    const known = knownVersions(resource.group, resource.kind)
    return resource.preference + (known === null || known.includes(resource.version) ? 0 : 1000)
  }
  for (const resource of found) {
    const key = kindKey(resource.group, resource.kind)
    const other = chosen.get(key)
    if (other === undefined || rank(resource) < rank(other)) chosen.set(key, resource)
  }
  return chosen
}

function readAggregated(body: Record<string, unknown>, found: VersionedResource[], failed: string[]): void {
  for (const item of asArray(body['items'])) {
    const group = asRecord(item)
    const groupName = asString(asRecord(group?.['metadata'])?.['name'])
    for (const [preference, entry] of asArray(group?.['versions']).entries()) {
      const versionEntry = asRecord(entry)
      const version = asString(versionEntry?.['version'])
      if (version === '') continue
      if (versionEntry?.['freshness'] === 'Stale') failed.push(`${groupName}/${version}`)
      for (const value of asArray(versionEntry?.['resources'])) {
        const resource = asRecord(value)
        const kind = asString(asRecord(resource?.['responseKind'])?.['kind'])
        const plural = asString(resource?.['resource'])
        if (kind === '' || plural === '') continue
        found.push({
          group: groupName,
          version,
          kind,
          plural,
          isNamespaced: resource?.['scope'] === 'Namespaced',
          verbs: strings(resource?.['verbs']),
          shortNames: strings(resource?.['shortNames']),
          categories: strings(resource?.['categories']),
          preference,
        })
      }
    }
  }
}

function readGroups(
  body: Record<string, unknown> | null,
): { path: string; group: string; version: string; preference: number }[] {
  const result: { path: string; group: string; version: string; preference: number }[] = []
  for (const value of asArray(body?.['groups'])) {
    const entry = asRecord(value)
    const group = asString(entry?.['name'])
    const preferred = asString(asRecord(entry?.['preferredVersion'])?.['version'])
    for (const [index, item] of asArray(entry?.['versions']).entries()) {
      const version = asString(asRecord(item)?.['version'])
      if (group === '' || version === '') continue
      const path = `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`
      result.push({ path, group, version, preference: version === preferred ? 0 : index + 1 })
    }
  }
  return result
}

const parallelLists = 6

async function readPlain(
  client: KubeClient,
  lists: readonly { path: string; group: string; version: string; preference: number }[],
  found: VersionedResource[],
  failed: string[],
  signal: AbortSignal,
): Promise<void> {
  const queue = [...lists]
  const readNext = async (): Promise<void> => {
    for (let list = queue.shift(); list !== undefined; list = queue.shift()) {
      const { path, group, version, preference } = list
      let response: KubeResponse
      try {
        response = await client.request({ method: 'GET', path, signal })
        if (response.status !== 200) throw errorFromAnswer(response, path)
        for (const value of asArray(asRecord(response.json())?.['resources'])) {
          const resource = asRecord(value)
          const plural = asString(resource?.['name'])
          const kind = asString(resource?.['kind'])
          if (kind === '' || plural === '' || plural.includes('/')) continue
          found.push({
            group,
            version,
            kind,
            plural,
            isNamespaced: resource?.['namespaced'] === true,
            verbs: strings(resource?.['verbs']),
            shortNames: strings(resource?.['shortNames']),
            categories: strings(resource?.['categories']),
            preference,
          })
        }
      } catch (error) {
        if (signal.aborted || isTransportFault(error)) throw error
        failed.push(group === '' ? version : `${group}/${version}`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallelLists, queue.length) }, readNext))
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: unknown): readonly string[] {
  return asArray(value).filter((entry): entry is string => typeof entry === 'string')
}
