/** What an API server serves, and where an object of it lies. */
import { resourcePath } from '../../../electron/engine/clusters/view.ts'
import { groupOf, versionOf } from '../../../electron/engine/status/read.ts'
import type { KubeObject } from '../apply-manifests.ts'
import type { TestCluster } from '../start.ts'

export interface ServedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly isNamespaced: boolean
}

export interface ServedKinds {
  /** In the version that the server prefers; kinds of CRDs are not among them. */
  readonly builtin: readonly ServedKind[]
  /** Null: not served. */
  pathOf(object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string | null
}

interface ResourceList {
  readonly resources: readonly {
    readonly name: string
    readonly kind: string
    readonly namespaced: boolean
    readonly verbs: readonly string[]
  }[]
}

export async function readServedKinds(cluster: TestCluster): Promise<ServedKinds> {
  const kinds: ServedKind[] = []
  const builtin: ServedKind[] = []
  const read = async (apiVersion: string, isBuiltin: boolean): Promise<void> => {
    const list = await cluster.requestOk<ResourceList>(
      'GET',
      `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`,
    )
    for (const { name, kind, namespaced, verbs } of list.resources) {
      if (name.includes('/') || !verbs.includes('create')) continue
      const found = { apiVersion, kind, plural: name, isNamespaced: namespaced }
      kinds.push(found)
      if (isBuiltin) builtin.push(found)
    }
  }
  await read('v1', true)
  const groups = await cluster.requestOk<{
    groups: readonly {
      name: string
      preferredVersion: { groupVersion: string }
      versions: readonly { groupVersion: string }[]
    }[]
  }>('GET', '/apis')
  const { items } = await cluster.requestOk<{ items: readonly { spec: { group: string } }[] }>(
    'GET',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  )
  const custom = new Set(items.map(({ spec }) => spec.group))
  for (const { name, preferredVersion, versions } of groups.groups)
    for (const { groupVersion } of versions)
      await read(groupVersion, !custom.has(name) && groupVersion === preferredVersion.groupVersion)
  return {
    builtin,
    pathOf({ apiVersion, kind, metadata }) {
      const found = kinds.find((each) => each.apiVersion === apiVersion && each.kind === kind)
      if (found === undefined) return null
      const { plural, isNamespaced } = found
      return resourcePath(
        { group: groupOf(apiVersion), version: versionOf(apiVersion), plural, isNamespaced },
        metadata.namespace ?? '',
        metadata.name,
      )
    },
  }
}
