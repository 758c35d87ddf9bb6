/**
 * Which chart a HelmRelease is made from, and of which commit that chart is. Semantics: flux-semantics §1.3 (HelmChart), §3.2 (order, chartRef), §4 (Helm).
 */
import { helmGroup } from '../../../shared/flux/groups.ts'
import { chartVersionHash, parseRevision } from '../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { at, groupOf, textAt, timeMs } from '../status/read.ts'
import { sourceGroup, sourceRefOf } from './source-object.ts'

type View = Pick<ClusterView, 'id' | 'cached'>

/** The HelmChart that a release names, or that its controller made of its template; null where its chart comes from elsewhere, or is not there (yet). */
export function chartOf(view: View, release: KubeObject): KubeObject | null {
  const named = at(release, 'spec', 'chartRef')
  const [namespace = '', name = ''] =
    named === undefined
      ? textAt(release, 'status', 'helmChart').split('/')
      : textAt(named, 'kind') === 'HelmChart'
        ? [textAt(named, 'namespace') || (release.metadata.namespace ?? ''), textAt(named, 'name')]
        : []
  return name === '' ? null : view.cached({ cluster: view.id, group: sourceGroup, kind: 'HelmChart', namespace, name })
}

/** Where the chart's files come from; null where it does not say. */
export function chartSourceOf(view: View, chart: KubeObject): ObjectRef | null {
  const kind = textAt(chart, 'spec', 'sourceRef', 'kind')
  const name = textAt(chart, 'spec', 'sourceRef', 'name')
  if (kind === '' || name === '') return null
  return { cluster: view.id, group: sourceGroup, kind, namespace: chart.metadata.namespace ?? '', name }
}

/** The source that a HelmRelease's chart is of, through its HelmChart where there is one; null of what is no HelmRelease, or says nothing. */
export function releaseSourceOf(view: View, release: KubeObject): ObjectRef | null {
  if (release.kind !== 'HelmRelease' || groupOf(release.apiVersion) !== helmGroup) return null
  const named = at(release, 'spec', 'chartRef')
  if (textAt(named, 'kind') === 'HelmChart') {
    const chart = chartOf(view, release)
    return chart === null ? null : chartSourceOf(view, chart)
  }
  const link = named ?? at(release, 'spec', 'chart', 'spec', 'sourceRef')
  const [kind, name] = [textAt(link, 'kind'), textAt(link, 'name')]
  if (kind === '' || name === '') return null
  const namespace = textAt(link, 'namespace') || (release.metadata.namespace ?? '')
  return { cluster: view.id, group: sourceGroup, kind, namespace, name }
}

/** `sourceRefOf` of a consumer that may be a HelmRelease: where its chart is from; or a GitRepository: it is that itself. Throws as that. */
export function consumedSourceOf(view: ClusterView, consumer: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = consumer
  if (kind === 'GitRepository' && groupOf(apiVersion) === sourceGroup)
    return { cluster: view.id, group: sourceGroup, kind, namespace: metadata.namespace ?? '', name: metadata.name }
  return releaseSourceOf(view, consumer) ?? sourceRefOf(view, consumer)
}

/** A chart is packaged anew for each revision of its source, or only where its version is another one. */
export function isChartOfRevision(chart: KubeObject): boolean {
  return textAt(chart, 'spec', 'reconcileStrategy') === 'Revision'
}

/**
 * The revision of its source that a release's chart of this version was packaged from, verbatim; '' where the cluster does not tell that (any more).
 */
export function chartOrigin(view: View, release: KubeObject, version: string): string {
  if (version === '') return ''
  const chart = chartOf(view, release)
  if (chart === null) return ''
  const artifact = at(chart, 'status', 'artifact')
  const observed = textAt(chart, 'status', 'observedSourceArtifactRevision')
  if (observed === '' || textAt(artifact, 'revision') !== version) return ''
  if (isChartOfRevision(chart)) return isOfVersion(version, observed) ? observed : ''
  // What was looked at last need not be what was packaged: its version may be the one of before.
  const ref = chartSourceOf(view, chart)
  const source = ref === null ? undefined : at(view.cached(ref), 'status', 'artifact')
  if (textAt(source, 'revision') !== observed) return ''
  const [packaged, fetched] = [timeMs(at(artifact, 'lastUpdateTime')), timeMs(at(source, 'lastUpdateTime'))]
  return packaged !== null && fetched !== null && packaged >= fetched ? observed : ''
}

/** The chart's version carries the beginning of this revision's hash. */
export function isOfVersion(version: string, revision: string): boolean {
  const hash = chartVersionHash(version)
  return hash !== '' && parseRevision(revision).digest.startsWith(hash)
}
