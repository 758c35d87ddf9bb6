/** What hosted mode does not run yet, and why: shown, never half-done. */
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { GroupKind } from '../../../../shared/model/identity.ts'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import { stillLabel } from '../../../../shared/flux/labels.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { labelOf } from '../../status/read.ts'

/** Kinds that hosted mode reconciles, and whose controller's work it does. */
export const hostedKinds = [
  { group: 'source.toolkit.fluxcd.io', kind: 'GitRepository', controller: hostedControllers[0] },
  { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', controller: hostedControllers[1] },
] as const

const whyByGroup: Readonly<Record<string, string>> = {
  'source.toolkit.fluxcd.io': 'Hosted mode fetches GitRepositories only.',
  'source.extensions.fluxcd.io': 'Hosted mode does not generate artifacts.',
  'helm.toolkit.fluxcd.io': 'Hosted mode does not install Helm releases.',
  'image.toolkit.fluxcd.io': 'Hosted mode does not scan or update images.',
  'notification.toolkit.fluxcd.io': 'Hosted mode sends no notifications and receives no hooks.',
}

export function isHostedKind({ group, kind }: GroupKind): boolean {
  return hostedKinds.some((hosted) => hosted.group === group && hosted.kind === kind)
}

/** SECURITY: the label counts on the playground alone, which is ours: no cluster takes its objects out of hosted mode by it. */
export function isStill(view: Pick<ClusterView, 'contexts'>, object: KubeObject): boolean {
  return isPlayground(view) && labelOf(object, stillLabel.key) === stillLabel.value
}

const isPlayground = (view: Pick<ClusterView, 'contexts'>): boolean => view.contexts().some((row) => row.isPlayground)

/** A sentence, '' for what is hosted, or is none of Flux's business. */
export function whyNotHosted(view: Pick<ClusterView, 'contexts' | 'cached'>, row: FluxRow): string {
  const { ref, source } = row
  if (isHostedKind(ref)) {
    // Parsed on demand: not for thousands of rows of other clusters.
    const object = isPlayground(view) ? view.cached(ref) : null
    if (object !== null && isStill(view, object)) return 'A still picture of the sample fleet: nobody reconciles it.'
    const foreign = source !== null && ref.kind === 'Kustomization' && source.kind !== 'GitRepository'
    return foreign ? `Its source is of kind ${source.kind}: hosted mode fetches GitRepositories only.` : ''
  }
  return whyByGroup[ref.group] ?? ''
}
