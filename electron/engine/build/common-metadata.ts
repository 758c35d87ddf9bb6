/**
 * What the controller adds to an object after the build and before it is applied: its owner's labels, then `spec.commonMetadata`. Neither is
 * part of the rendered text, so neither is in the digest. Semantics: flux-semantics §2.6; kustomize-controller 1.9.4 `apply`,
 * fluxcd/pkg ssa `SetOwnerLabels` and `SetCommonMetadata`.
 */
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'

const group = 'kustomize.toolkit.fluxcd.io'

/** A copy of `object` as the Flux Kustomization `owner` would apply it; only `metadata` is copied deeply. */
export function withAppliedMetadata(object: GoMap, owner: GoMap): GoMap {
  const result: GoMap = new Map(object)
  const metadata: GoMap = new Map(mapOf(object.get('metadata')))
  const ownerMetadata = mapOf(owner.get('metadata'))
  const common = mapOf(mapOf(owner.get('spec')).get('commonMetadata'))
  metadata.set(
    'labels',
    new Map([
      ...mapOf(metadata.get('labels')),
      [`${group}/name`, ownerMetadata.get('name') ?? ''],
      [`${group}/namespace`, ownerMetadata.get('namespace') ?? ''],
      ...mapOf(common.get('labels')),
    ]),
  )
  const annotations = mapOf(common.get('annotations'))
  if (annotations.size > 0)
    metadata.set('annotations', new Map([...mapOf(metadata.get('annotations')), ...annotations]))
  result.set('metadata', metadata)
  return result
}

function mapOf(value: GoValue | undefined): GoMap {
  return value instanceof Map ? value : new Map()
}
