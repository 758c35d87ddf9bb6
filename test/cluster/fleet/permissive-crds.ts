/** CRDs that accept anything, for the kinds that a fleet uses and nobody has defined. */
import type { KubeObject } from '../apply-manifests.ts'

/** One CRD per group and kind among `objects` that the API server does not serve (`isServed`) and that no object defines. */
export function permissiveCrds(
  objects: readonly KubeObject[],
  isServed: (apiVersion: string, kind: string) => boolean,
): readonly KubeObject[] {
  const defined = new Set<string>()
  const wanted = new Map<string, { group: string; kind: string; versions: Set<string>; isNamespaced: boolean }>()
  for (const object of objects) {
    const { group, names } = (object['spec'] ?? {}) as { group?: string; names?: { kind?: string } }
    if (object.kind === 'CustomResourceDefinition') defined.add(`${group}/${names?.kind}`)
  }
  for (const { apiVersion, kind, metadata } of objects) {
    const [group = '', version] = apiVersion.split('/')
    if (version === undefined || isServed(apiVersion, kind) || defined.has(`${group}/${kind}`)) continue
    const key = `${group}/${kind}`
    const entry = wanted.get(key) ?? { group, kind, versions: new Set(), isNamespaced: false }
    entry.versions.add(version)
    entry.isNamespaced ||= metadata.namespace !== undefined && !/^Cluster/.test(kind)
    wanted.set(key, entry)
  }
  return [...wanted.values()].map(toCrd)
}

function toCrd({
  group,
  kind,
  versions,
  isNamespaced,
}: {
  group: string
  kind: string
  versions: ReadonlySet<string>
  isNamespaced: boolean
}): KubeObject {
  const singular = kind.toLowerCase()
  const plural = /(s|x|ch)$/.test(singular) ? `${singular}es` : singular.replace(/y$/, 'ie') + 's'
  // Groups below k8s.io are protected: the API server wants this word from whoever defines a kind there.
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, a stand-in for tests' }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations },
    spec: {
      group,
      names: { kind, plural, singular, listKind: `${kind}List` },
      scope: isNamespaced ? 'Namespaced' : 'Cluster',
      versions: [...versions].sort().map((name, position, all) => ({
        name,
        served: true,
        storage: position === all.length - 1,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
    },
  }
}
