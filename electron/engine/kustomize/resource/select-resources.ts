/** Selection of a build's resources by a Selector, as kustomize's `resmap.Select` does it. */
import { compileSelector } from '../selector/selector.ts'
import { effectiveNamespace } from './res-id.ts'
import type { Selector } from './resource-selector.ts'
import type { Resource } from './resource.ts'

/** The resources that `selector` selects, in order: namespace and name may be the original or the current ones. */
export function selectResources(resources: readonly Resource[], selector: Selector): readonly Resource[] {
  const compiled = compileSelector(selector)
  const isGiven = (text: string | undefined): boolean => text !== undefined && text !== ''
  const checksGvk = isGiven(selector.group) || isGiven(selector.version) || isGiven(selector.kind)
  const checksName = isGiven(selector.name)
  const checksNamespace = isGiven(selector.namespace)
  // The kind first: it is what most selectors give, and the cheapest to ask.
  return resources.filter((resource) => {
    if (checksGvk && !compiled.matchesGvk(resource.gvk)) return false
    const original = resource.previousIds[0]
    if (checksName) {
      const isOriginal = original !== undefined && compiled.matchesName(original.name)
      if (!isOriginal && !compiled.matchesName(resource.name)) return false
    }
    if (checksNamespace) {
      const isOriginal = original !== undefined && compiled.matchesNamespace(original.namespace)
      if (!isOriginal && !compiled.matchesNamespace(effectiveNamespace(resource.currentId()))) return false
    }
    return compiled.matchesLabels(resource)
  })
}
