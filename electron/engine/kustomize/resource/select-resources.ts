/** Selection of a build's resources by a Selector, as kustomize's `resmap.Select` does it. */
import { compileSelector } from '../selector/selector.ts'
import type { ResId } from './res-id.ts'
import { effectiveNamespace } from './res-id.ts'
import type { Selector } from './resource-selector.ts'
import type { Resource } from './resource.ts'

/** The resources that `selector` selects, in order: namespace and name may be the original or the current ones. */
export function selectResources(resources: readonly Resource[], selector: Selector): readonly Resource[] {
  const compiled = compileSelector(selector)
  const checksNamespace = (selector.namespace ?? '') !== ''
  const checksName = (selector.name ?? '') !== ''
  const isWanted = (id: ResId): boolean => compiled.matchesNamespace(effectiveNamespace(id))
  return resources.filter((resource) => {
    if (checksNamespace && !isWanted(resource.originalId()) && !isWanted(resource.currentId())) return false
    if (checksName && !compiled.matchesName(resource.originalId().name) && !compiled.matchesName(resource.name))
      return false
    return compiled.matchesGvk(resource.gvk) && compiled.matchesLabels(resource)
  })
}
