/** Until apply/prepare-objects.ts is there: Lists flattened, owner labels, commonMetadata; nothing is normalised. */
import type { KubeObject } from '../../clusters/view.ts'
import type { ClusterRenderedObject } from '../../drift/cluster-renderer-port.ts'

const group = 'kustomize.toolkit.fluxcd.io'

export function prepareBodies(
  objects: readonly ClusterRenderedObject[],
  kustomization: KubeObject,
): readonly ClusterRenderedObject[] {
  const { name, namespace = '' } = kustomization.metadata
  const common = (kustomization['spec'] as { commonMetadata?: Record<string, Record<string, string>> } | undefined)
    ?.commonMetadata
  return objects.flatMap(flatten).map((one) => {
    const { metadata } = one.object
    const labels = {
      ...metadata.labels,
      [`${group}/name`]: name,
      [`${group}/namespace`]: namespace,
      ...common?.['labels'],
    }
    const annotations = { ...metadata.annotations, ...common?.['annotations'] }
    const withAnnotations = Object.keys(annotations).length === 0 ? {} : { annotations }
    return { ...one, object: { ...one.object, metadata: { ...metadata, labels, ...withAnnotations } } }
  })
}

function flatten(one: ClusterRenderedObject): readonly ClusterRenderedObject[] {
  const { object, sensitive } = one
  if (object.apiVersion?.startsWith('kustomize.config.k8s.io/')) return []
  if (!object.kind?.endsWith('List') || !Array.isArray(object['items'])) return [one]
  return (object['items'] as readonly KubeObject[]).map((item, index) => ({
    ...one,
    object: item,
    sensitive: sensitive.flatMap(([items, at, ...rest]) => (items === 'items' && at === index ? [rest] : [])),
  }))
}
