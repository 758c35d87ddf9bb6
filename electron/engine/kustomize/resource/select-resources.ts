/** Selection of a build's resources by a Selector, as kustomize's `resmap.Select` does it. */
import type { Selector } from './res-map.ts'
import type { Resource } from './resource.ts'

/** The resources that `selector` selects, in order: namespace and name may be the original or the current ones. */
export function selectResources(resources: readonly Resource[], selector: Selector): readonly Resource[] {
  throw new Error(`not written yet: ${resources.length} ${JSON.stringify(selector)}`)
}
