/** The objects that may be named, found by the names that they once had. */
import { effectiveNamespace, nonNamespaceable } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { Referrer } from './referrer.ts'

export interface Candidate {
  readonly resource: Resource
  readonly isClusterScoped: boolean
  /** Effective namespaces; `_non_namespaceable_` where there is none. */
  readonly namespace: string
  readonly originalNamespace: string
  /** `metadata.namespace` as it stands. */
  readonly rawNamespace: string
  /** Position among all objects. */
  readonly order: number
}

/** The namesakes of one former name. */
interface Namesakes {
  readonly all: Candidate[]
  /** By present namespace, cluster-scoped ones under `_non_namespaceable_`; built when there are many. */
  byNamespace: Map<string, Candidate[]> | null
}

/** From here on, namesakes are looked up by namespace. */
const manyNamesakes = 8

export class Candidates {
  private readonly byFormerName = new Map<string, Namesakes>()
  /** For each original namespace, one candidate of each reach (scope and present namespace). */
  private byOriginalNamespace: Map<string, Map<string, Candidate>> | null = null
  private readonly resources: readonly Resource[]

  constructor(resources: readonly Resource[]) {
    this.resources = resources
    for (const [order, resource] of resources.entries()) {
      if (resource.previousIds.length > 0) this.rememberNames(makeCandidate(resource, order))
    }
  }

  /** True if any object once had this name. */
  has(name: string): boolean {
    return this.byFormerName.has(name)
  }

  /** Candidates that once had this name and may be within the referrer's reach, in order. */
  named(name: string, referrer: Referrer): readonly Candidate[] {
    const namesakes = this.byFormerName.get(name)
    if (namesakes === undefined) return []
    const { all } = namesakes
    if (all.length < manyNamesakes || referrer.isClusterScoped || referrer.boundNamespaces.size > 0) return all
    namesakes.byNamespace ??= groupByNamespace(all)
    const near = namesakes.byNamespace.get(referrer.namespace) ?? []
    const scopeless = namesakes.byNamespace.get(nonNamespaceable) ?? []
    if (scopeless.length === 0) return near
    return [...near, ...scopeless].sort((a, b) => a.order - b.order)
  }

  /**
   * Those of `named` that come from the namespace, where the referrer can reach any object from there; else those that are in it now.
   */
  inNamespace(named: readonly Candidate[], namespace: string, referrer: Referrer): readonly Candidate[] {
    if (namespace === nonNamespaceable) return []
    this.byOriginalNamespace ??= groupByOrigin(this.resources)
    const fromThere = this.byOriginalNamespace.get(namespace)
    if (fromThere !== undefined) {
      for (const candidate of fromThere.values()) {
        if (isWithinReach(candidate, referrer)) return named.filter((other) => other.originalNamespace === namespace)
      }
    }
    return named.filter((other) => other.namespace === namespace)
  }

  private rememberNames(candidate: Candidate): void {
    const { previousIds } = candidate.resource
    for (const { name } of previousIds) {
      const present = this.byFormerName.get(name)
      if (present === undefined) this.byFormerName.set(name, { all: [candidate], byNamespace: null })
      else if (present.all[present.all.length - 1] !== candidate) present.all.push(candidate)
    }
  }
}

function makeCandidate(resource: Resource, order: number): Candidate {
  const id = resource.currentId()
  const namespace = effectiveNamespace(id)
  return {
    resource,
    isClusterScoped: id.isClusterScoped === true,
    namespace,
    originalNamespace: resource.previousIds.length > 0 ? effectiveNamespace(resource.originalId()) : namespace,
    rawNamespace: id.namespace,
    order,
  }
}

function groupByOrigin(resources: readonly Resource[]): Map<string, Map<string, Candidate>> {
  const groups = new Map<string, Map<string, Candidate>>()
  for (const [order, resource] of resources.entries()) {
    const candidate = makeCandidate(resource, order)
    let reaches = groups.get(candidate.originalNamespace)
    if (reaches === undefined) {
      reaches = new Map<string, Candidate>()
      groups.set(candidate.originalNamespace, reaches)
    }
    const reach = `${candidate.namespace} ${candidate.rawNamespace}`
    if (!reaches.has(reach)) reaches.set(reach, candidate)
  }
  return groups
}

function groupByNamespace(candidates: readonly Candidate[]): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const group = groups.get(candidate.namespace)
    if (group === undefined) groups.set(candidate.namespace, [candidate])
    else group.push(candidate)
  }
  return groups
}

/** Objects of other namespaces are out of reach, unless one of the two has none or a role binding names the namespace. */
export function isWithinReach(candidate: Candidate, referrer: Referrer): boolean {
  return (
    referrer.isClusterScoped ||
    candidate.isClusterScoped ||
    candidate.namespace === referrer.namespace ||
    referrer.boundNamespaces.has(candidate.rawNamespace)
  )
}
