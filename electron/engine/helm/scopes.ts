/** Whether kinds live in namespaces, in the cluster that a release lives in. */
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { KubeClient } from '../ports.ts'
import { asArray, asText, at, groupOf } from '../status/read.ts'

/** Kinds that nobody serves are taken as namespaced: the comparison then says that they are not served. */
export type ScopeOf = (object: KubeObject) => 'namespace' | 'cluster'

/** `remote`: another cluster's client, which is asked; null: the view's own discovery tells. */
export async function scopesOf(
  remote: KubeClient | null,
  view: ClusterView,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<ScopeOf> {
  if (remote === null)
    return ({ apiVersion, kind }) =>
      view.served(groupOf(apiVersion), kind)?.isNamespaced === false ? 'cluster' : 'namespace'
  const bare = objects.filter(({ metadata }) => (metadata.namespace ?? '') === '')
  const versions = [...new Set(bare.map(({ apiVersion }) => apiVersion))]
  const clusterScoped = new Set<string>()
  await Promise.all(
    versions.map(async (apiVersion) => {
      const [group = '', version] = apiVersion.split('/')
      const path =
        version === undefined
          ? `/api/${encodeURIComponent(group)}`
          : `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`
      const response = await remote.request({ method: 'GET', path, signal })
      if (response.status !== 200) return
      for (const resource of asArray(at(response.json(), 'resources')))
        if (at(resource, 'namespaced') === false) clusterScoped.add(`${apiVersion} ${asText(at(resource, 'kind'))}`)
    }),
  )
  return ({ apiVersion, kind }) => (clusterScoped.has(`${apiVersion} ${kind}`) ? 'cluster' : 'namespace')
}
