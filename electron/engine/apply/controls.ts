/**
 * Labels and annotations by which an object tells the controller what to do with it. Source: flux-semantics §2.8 (label or annotation, value
 * case-insensitive), §2.11 and §3.2.
 */
import type { KubeObject } from '../clusters/view.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { annotationOf, labelOf } from '../status/read.ts'

type Controller = DesiredSet['controller']
type Control = readonly [key: string, value: string]

const group = 'kustomize.toolkit.fluxcd.io'
const reconcileDisabled: Control = [`${group}/reconcile`, 'disabled']
const ssaIgnore: Control = [`${group}/ssa`, 'Ignore']
const ssaMerge: Control = [`${group}/ssa`, 'Merge']
const ifNotPresent: Control = [`${group}/ssa`, 'IfNotPresent']
const forceEnabled: Control = [`${group}/force`, 'enabled']
const pruneDisabled: Control = [`${group}/prune`, 'disabled']
const driftDetectionDisabled: Control = ['helm.toolkit.fluxcd.io/driftDetection', 'disabled']

/** The rule by which the controller skips an object (`kustomize.toolkit.fluxcd.io/ssa: Ignore`), '' where none does. */
export function skipRule(controller: Controller, desired: KubeObject, live: KubeObject | null): string {
  const either = controller === 'helm-controller' ? [driftDetectionDisabled] : [reconcileDisabled, ssaIgnore]
  for (const control of either) if (has(desired, control) || has(live, control)) return text(control)
  return controller === 'kustomize-controller' && live !== null && has(desired, ifNotPresent) ? text(ifNotPresent) : ''
}

/** The rule that keeps an object from being pruned, '' where none does. */
export function keepRule(live: KubeObject): string {
  for (const control of [pruneDisabled, reconcileDisabled, ssaIgnore]) if (has(live, control)) return text(control)
  return ''
}

/** Whether an object that cannot be changed in place is deleted and created anew. helm-controller's drift correction never does. */
export function isForced(set: DesiredSet, desired: KubeObject, live: KubeObject | null): boolean {
  if (set.controller === 'helm-controller') return false
  return set.isForced || has(desired, forceEnabled) || has(live, forceEnabled)
}

/** Whether the clean-up of other managers leaves the object alone. */
export function isMerged(desired: KubeObject, live: KubeObject): boolean {
  return has(desired, ssaMerge) || has(live, ssaMerge)
}

/** Whether the live object carries this Kustomization's owner labels; objects of others are never pruned. */
export function isOwnedBy(live: KubeObject, owner: { readonly namespace: string; readonly name: string }): boolean {
  return labelOf(live, `${group}/name`) === owner.name && labelOf(live, `${group}/namespace`) === owner.namespace
}

function has(object: KubeObject | null, [key, value]: Control): boolean {
  if (object === null) return false
  const wanted = value.toLowerCase()
  return labelOf(object, key).toLowerCase() === wanted || annotationOf(object, key).toLowerCase() === wanted
}

function text([key, value]: Control): string {
  return `${key}: ${value}`
}
