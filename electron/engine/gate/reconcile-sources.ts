/**
 * What has to be reconciled before an object, when its source comes first: in order, the farthest first. Source: flux-semantics §7
 * (`--with-source`), §1.5, §1.6.
 */
import { helmGroup, imageGroup, kustomizeGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { KubeObject } from '../clusters/view.ts'
import { at, textAt } from '../status/read.ts'
import { titleOf } from './planned-write.ts'

/** A source in a chain. `isOptional`: made by a controller on the way, may not exist yet. */
export interface SourceStep {
  readonly ref: ObjectRef
  readonly isOptional: boolean
}

/** Sources that an object names directly. Throws Unsupported where there are none, or none that can be asked. */
export function sourceSteps(ref: ObjectRef, object: KubeObject): readonly SourceStep[] {
  const direct = (reference: unknown, group = sourceGroup): SourceStep => {
    const kind = textAt(reference, 'kind') || 'GitRepository'
    if (kind === 'ExternalArtifact')
      throw new SluiceError(
        'Unsupported',
        `${titleOf(ref)} draws from an ExternalArtifact, which nobody can be asked to fetch.`,
        { remedy: 'Reconcile what produces the artifact, then this object without its source.' },
      )
    const namespace = textAt(reference, 'namespace') || ref.namespace
    return { ref: { cluster: ref.cluster, group, kind, namespace, name: textAt(reference, 'name') }, isOptional: false }
  }
  const key = `${ref.group}/${ref.kind}`
  if (key === `${kustomizeGroup}/Kustomization`) return [direct(at(object, 'spec', 'sourceRef'))]
  if (key === `${sourceGroup}/HelmChart`) return [direct(at(object, 'spec', 'sourceRef'))]
  if (key === `${imageGroup}/ImageUpdateAutomation`) return [direct(at(object, 'spec', 'sourceRef'))]
  if (key === `${helmGroup}/HelmRelease`) {
    const chartRef = at(object, 'spec', 'chartRef')
    if (chartRef !== undefined) return [direct(chartRef)]
    const template = at(object, 'spec', 'chart', 'spec', 'sourceRef')
    if (template !== undefined) {
      const source = direct(template)
      const [chartNamespace, chartName] = textAt(object, 'status', 'helmChart').split('/')
      const chart: ObjectRef = {
        ...source.ref,
        kind: 'HelmChart',
        namespace: chartName ? (chartNamespace ?? '') : source.ref.namespace,
        name: chartName || `${ref.namespace}-${ref.name}`,
      }
      return [source, { ref: chart, isOptional: true }]
    }
  }
  throw new SluiceError('Unsupported', `${titleOf(ref)} has no source of its own.`, {
    remedy: 'Reconcile it without a source.',
  })
}

/** A HelmRepository of type oci is only a reference: no controller fetches it, so it handles no token. */
export function isStaticSource(ref: ObjectRef, object: KubeObject): boolean {
  return ref.group === sourceGroup && ref.kind === 'HelmRepository' && textAt(object, 'spec', 'type') === 'oci'
}
