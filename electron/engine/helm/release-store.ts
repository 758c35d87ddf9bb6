/** Helm's storage in the cluster that a release lives in: Secrets, as helm-controller has them, or the ConfigMaps of other set-ups. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { errorFromAnswer } from '../cache/api-answer.ts'
import type { KubeObject } from '../clusters/view.ts'
import { resourcePath } from '../clusters/view.ts'
import type { KubeClient } from '../ports.ts'
import { asArray, at, labelOf, textAt, timeMs } from '../status/read.ts'
import { helmStorageLabels, helmStorageSecretType } from '../../../shared/flux/labels.ts'
import { releaseSelector, storageSelector } from '../inventory/release-storage.ts'

export interface StorageObject {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly object: KubeObject
}

/** The stored revision of a release; null where there is none. Throws SluiceError Forbidden and what else keeps it from being read. */
export async function readStoredRelease(
  client: KubeClient,
  namespace: string,
  name: string,
  revision: number,
  signal: AbortSignal,
): Promise<StorageObject | null> {
  const key = `sh.helm.release.v1.${name}.v${revision}`
  const secret = await get(client, 'secrets', namespace, key, signal)
  if (secret !== null) return { kind: 'Secret', object: secret }
  const configMap = await get(client, 'configmaps', namespace, key, signal).catch((error: unknown) => {
    // The Secret is where it should be: of that the caller hears.
    if (error instanceof SluiceError && error.code === 'Forbidden') return null
    throw error
  })
  return configMap === null ? null : { kind: 'ConfigMap', object: configMap }
}

async function get(
  client: KubeClient,
  plural: 'secrets' | 'configmaps',
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeObject | null> {
  const path = resourcePath({ group: '', version: 'v1', plural, isNamespaced: true }, namespace, name)
  const response = await client.request({ method: 'GET', path, signal })
  if (response.status === 404) return null
  const kind = plural === 'secrets' ? 'Secret' : 'ConfigMap'
  if (response.status !== 200) throw errorFromAnswer(response, `${kind} ${namespace}/${name}`)
  return response.json() as KubeObject
}

/** What the labels of a stored revision say. */
export interface StoredLabels {
  /** Of the storage: a release may live in another. */
  readonly namespace: string
  readonly name: string
  readonly revision: number
  readonly status: string
  /** When Helm began to make it, ms; null where it does not say. */
  readonly createdAt: number | null
}

const pageSize = 500

/**
 * Every revision of every release in a namespace's storage ('' = all namespaces), by metadata alone and a page at a time: nothing of what was deployed is
 * sent. Throws SluiceError Forbidden and what else keeps it from being listed.
 */
export async function* storedLabels(
  client: KubeClient,
  plural: 'secrets' | 'configmaps',
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredLabels[]> {
  const type = plural === 'secrets' ? `&fieldSelector=${encodeURIComponent(`type=${helmStorageSecretType}`)}` : ''
  const base = `${resourcePath({ group: '', version: 'v1', plural, isNamespaced: true }, namespace)}?labelSelector=${encodeURIComponent(storageSelector)}${type}&limit=${String(pageSize)}`
  const what = `List of ${plural === 'secrets' ? 'Secrets' : 'ConfigMaps'}${namespace === '' ? '' : ` in ${namespace}`}`
  let token = ''
  do {
    const path = token === '' ? base : `${base}&continue=${encodeURIComponent(token)}`
    const response = await client.request({ method: 'GET', path, accept: metadataOnly, signal })
    if (response.status !== 200) throw errorFromAnswer(response, what)
    const page = response.json()
    yield asArray(at(page, 'items')).flatMap((item) => {
      const revision = Number(labelOf(item, helmStorageLabels.version))
      if (!Number.isSafeInteger(revision) || revision < 1) return []
      return [
        {
          namespace: textAt(item, 'metadata', 'namespace'),
          name: labelOf(item, helmStorageLabels.name),
          revision,
          status: labelOf(item, helmStorageLabels.status),
          createdAt: timeMs(at(item, 'metadata', 'creationTimestamp')),
        },
      ]
    })
    token = textAt(page, 'metadata', 'continue')
  } while (token !== '')
}

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/**
 * The newest revision that storage has, in Secrets, else in ConfigMaps, by metadata alone; null without any, `unknown` where Secrets may not be
 * read.
 */
export async function newestStoredRevision(
  client: KubeClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<number | null | 'unknown'> {
  const secrets = await storedRevisions(client, 'secrets', namespace, name, signal)
  if (secrets === null) return 'unknown'
  // As above: where Secrets may be read and there are none, ConfigMaps that may not be read are no reason for doubt.
  const revisions =
    secrets.length > 0 ? secrets : ((await storedRevisions(client, 'configmaps', namespace, name, signal)) ?? [])
  return revisions.length === 0 ? null : Math.max(...revisions)
}

/** null where they may not be listed. */
async function storedRevisions(
  client: KubeClient,
  plural: 'secrets' | 'configmaps',
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<readonly number[] | null> {
  const resource = { group: '', version: 'v1', plural, isNamespaced: true }
  const query = `labelSelector=${encodeURIComponent(releaseSelector(name))}`
  const path = `${resourcePath(resource, namespace)}?${query}`
  const response = await client.request({ method: 'GET', path, accept: metadataOnly, signal })
  if (response.status !== 200) return null
  return asArray(at(response.json(), 'items')).map((item) =>
    Number(textAt(item, 'metadata', 'labels', helmStorageLabels.version)),
  )
}
