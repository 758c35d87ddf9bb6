/**
 * Which of the objects that once had a name is meant: sieved by reach, kind, roleRef and namespace, and if several are left by the prefixes
 * and suffixes that they share with the referrer.
 *
 * Semantics: the nameref filter's selectReferral, in its order.
 */
import { BuildError } from '../build-error.ts'
import { nodeWithBuildAnnotations } from '../resource/build-annotations.ts'
import { gvkIsSelected, gvkOf } from '../resource/gvk.ts'
import type { Gvk } from '../resource/gvk.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { emitNode } from '../yaml/emit-v2.ts'
import type { Candidate } from './candidates.ts'
import { isWithinReach } from './candidates.ts'
import type { ReferenceField } from './path-tree.ts'
import type { Referrer } from './referrer.ts'

/** Null for none; throws BuildError ReferenceAmbiguous for several that now differ in name (or in namespace, where that is written too). */
export function selectReferral(
  named: readonly Candidate[],
  referrer: Referrer,
  field: ReferenceField,
  writesNamespace: boolean,
): Resource | null {
  const roleRef = field.spec.path.endsWith('roleRef/name') ? referrer.roleRef() : null
  let found = named.filter(
    (candidate) =>
      isWithinReach(candidate, referrer) &&
      wasOfKind(candidate.resource, field.target) &&
      (roleRef === null || wasOfKind(candidate.resource, roleRef)) &&
      isInNamespaceOf(candidate, referrer),
  )
  if (found.length === 1) return found[0]!.resource
  const { resource } = referrer
  found = found.filter((candidate) => sharesAffixes(candidate.resource, resource, true))
  if (found.length > 1) found = found.filter((candidate) => sharesAffixes(candidate.resource, resource, false))
  const [first] = found
  if (first === undefined) return null
  const { name, namespace } = first.resource
  const areSame = found.every(
    (candidate) => candidate.resource.name === name && (!writesNamespace || candidate.resource.namespace === namespace),
  )
  if (areSame) return first.resource
  throw ambiguity(found, resource)
}

function wasOfKind(resource: Resource, wanted: Gvk): boolean {
  const { previousIds } = resource
  if (wanted.kind !== '' && !previousIds.some((id) => id.kind === wanted.kind)) return false
  return previousIds.length > 0 && gvkIsSelected(gvkOf(resource.apiVersion, wanted.kind), wanted)
}

/** Service accounts of other namespaces pass: role bindings name them. */
function isInNamespaceOf(candidate: Candidate, referrer: Referrer): boolean {
  return (
    referrer.isClusterScoped ||
    candidate.isClusterScoped ||
    candidate.resource.kind === 'ServiceAccount' ||
    candidate.namespace === referrer.namespace
  )
}

/** Lenient: an object that was never given any prefix (or suffix) shares it with all. */
function sharesAffixes(a: Resource, b: Resource, isLenient: boolean): boolean {
  return endsAlike(a.namePrefixes, b.namePrefixes, isLenient) && endsAlike(a.nameSuffixes, b.nameSuffixes, isLenient)
}

function endsAlike(a: readonly string[], b: readonly string[], isLenient: boolean): boolean {
  if (a.length === 0 || b.length === 0) return isLenient || a.length === b.length
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a]
  const offset = longer.length - shorter.length
  return shorter.every((text, index) => text === longer[index + offset])
}

function ambiguity(found: readonly Candidate[], referrer: Resource): BuildError {
  const ids = found.map((candidate) => resIdText(candidate.resource.currentId())).join(', ')
  const details = found.map(
    (candidate, index) =>
      `--- possible referral ${index}:\n${emitNode(nodeWithBuildAnnotations(candidate.resource))}\n`,
  )
  const intro = `\n**** Too many possible referral targets to referrer:\n${emitNode(nodeWithBuildAnnotations(referrer))}\n`
  return new BuildError('ReferenceAmbiguous', `found multiple possible referrals: ${ids}\n${intro}${details.join('')}`)
}
