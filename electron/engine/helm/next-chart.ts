/**
 * The chart that a HelmRelease's next run would load, as far as the cluster tells without loading it. Facts: helm-controller 1.6.3 `getSource`,
 * `isReady`, `HelmChartTemplate`, `mutateChartWithSourceRevision`.
 */
import { sourceGroup } from '../../../shared/flux/groups.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import { asRecord, at, textAt } from '../status/read.ts'
import type { HelmControllerArguments } from './controller-arguments.ts'

export interface NextChart {
  /** null: the source does not tell; it is the one of the release where the version is. */
  readonly name: string | null
  /** For people. */
  readonly version: string
  /** Whether a release with this chart version was made from it; null: that cannot be told. */
  isVersion(chartVersion: string): boolean | null
}

/** Why there is no chart yet, or no telling which one: a sentence. `fails`: the run stops there and changes nothing. */
export interface NoChart {
  readonly fails: boolean
  readonly text: string
}

/** Throws SluiceError as `view.fetch` does, NotFound aside. */
export async function nextChartOf(
  view: ClusterView,
  release: KubeObject,
  args: HelmControllerArguments,
  signal: AbortSignal,
): Promise<NextChart | NoChart> {
  const own = release.metadata.namespace ?? ''
  const ref = at(release, 'spec', 'chartRef')
  const isRef = ref !== undefined && ref !== null
  const template = at(release, 'spec', 'chart')
  const kind = isRef ? textAt(ref, 'kind') : 'HelmChart'
  const namespace = (isRef ? textAt(ref, 'namespace') : textAt(template, 'spec', 'sourceRef', 'namespace')) || own
  const name = isRef ? textAt(ref, 'name') : `${own}-${release.metadata.name}`
  const title = `${kind} ${namespace}/${name}`
  if (namespace !== own && !args.isCrossNamespaceAllowed)
    return { fails: true, text: `It may not use ${title}: its controller allows no other namespaces.` }
  const last = textAt(release, 'status', 'helmChart')
  if (!isRef && last !== '' && last !== `${namespace}/${name}`)
    return {
      fails: false,
      text: `It deletes HelmChart ${last} and makes ${title}: which chart that gives is not known.`,
    }
  const source = await fetchOrNull(view, kind, namespace, name, signal)
  if (source === null)
    return isRef
      ? { fails: true, text: `${title} with its chart was not found.` }
      : { fails: false, text: `It makes ${title} anew: which chart that gives is not known.` }
  if (!isRef) {
    const change = templateChange(template, source, release)
    if (change !== '')
      return { fails: false, text: `It changes ${title} first (${change}): which chart that gives is not known.` }
  }
  const unready = unreadyText(source, kind)
  if (unready !== '')
    return { fails: false, text: `It waits for ${title}, which ${unready}: what comes after that is not known.` }
  return chartOf(source, kind, args)
}

async function fetchOrNull(
  view: ClusterView,
  kind: string,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeObject | null> {
  try {
    return await view.fetch({ cluster: view.id, group: sourceGroup, kind, namespace, name }, signal)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'NotFound') return null
    throw error
  }
}

/** What of the HelmChart's spec would be written otherwise; '' where nothing is that could give another chart. */
function templateChange(template: unknown, chart: KubeObject, release: KubeObject): string {
  const wanted = asRecord(at(template, 'spec'))
  const live = asRecord(chart['spec'])
  const hasFiles = Array.isArray(wanted['valuesFiles']) && wanted['valuesFiles'].length > 0
  // Made anew with the object's generation in its version where values files are joined into it: whatever changes then.
  const interval = hasFiles
    ? [['interval', wanted['interval'] ?? at(release, 'spec', 'interval'), live['interval']]]
    : []
  const fields: readonly (readonly unknown[])[] = [
    ['chart', wanted['chart'], live['chart']],
    ['version', wanted['version'] ?? '*', live['version'] ?? '*'],
    ['sourceRef.kind', textAt(wanted, 'sourceRef', 'kind'), textAt(live, 'sourceRef', 'kind')],
    ['sourceRef.name', textAt(wanted, 'sourceRef', 'name'), textAt(live, 'sourceRef', 'name')],
    ['reconcileStrategy', wanted['reconcileStrategy'] ?? 'ChartVersion', live['reconcileStrategy'] ?? 'ChartVersion'],
    ['valuesFiles', wanted['valuesFiles'] ?? [], live['valuesFiles'] ?? []],
    [
      'ignoreMissingValuesFiles',
      wanted['ignoreMissingValuesFiles'] === true,
      live['ignoreMissingValuesFiles'] === true,
    ],
    ['verify.provider', textAt(wanted, 'verify', 'provider'), textAt(live, 'verify', 'provider')],
    ['verify.secretRef', textAt(wanted, 'verify', 'secretRef', 'name'), textAt(live, 'verify', 'secretRef', 'name')],
    ...interval,
  ]
  return fields
    .filter(([, before, after]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name, after, before]) => `${String(name)} ${shown(before)} → ${shown(after)}`)
    .join(', ')
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text === '' ? 'none' : text
}

function unreadyText(source: KubeObject, kind: string): string {
  const hasArtifact = textAt(source, 'status', 'artifact', 'revision') !== ''
  if (kind === 'ExternalArtifact') return hasArtifact ? '' : 'has no artifact'
  if (source.metadata.generation !== at(source, 'status', 'observedGeneration'))
    return 'was changed and is not reconciled yet'
  if (findCondition(readConditions(source), 'Stalled')?.status === 'True') return 'is stalled'
  return hasArtifact ? '' : 'has no artifact'
}

function chartOf(source: KubeObject, kind: string, args: HelmControllerArguments): NextChart {
  const revision = textAt(source, 'status', 'artifact', 'revision')
  if (kind === 'HelmChart')
    return {
      name: textAt(source, 'status', 'observedChartName') || null,
      version: revision,
      isVersion: (chartVersion) => chartVersion === revision,
    }
  const tag = revision.includes('@') ? revision.slice(0, revision.indexOf('@')).replaceAll('_', '+') : ''
  const digest = revision.slice(revision.indexOf('@') + 1)
  if (!digest.includes(':'))
    // An ExternalArtifact by version: whose chart may call itself otherwise.
    return { name: null, version: revision, isVersion: (chartVersion) => (chartVersion === revision ? true : null) }
  const part = digest.slice(digest.indexOf(':') + 1).slice(0, 12)
  return {
    name: null,
    version: tag === '' ? digest : tag,
    isVersion(chartVersion) {
      const metadata = chartVersion.includes('+') ? chartVersion.slice(chartVersion.indexOf('+') + 1) : ''
      if (args.tracksChartDigests) return metadata === part
      return /^v?\d+\.\d+\.\d+/.test(tag) ? bareVersion(tag) === bareVersion(chartVersion) : null
    },
  }
}

function bareVersion(version: string): string {
  return version.replace(/^v/, '').replace(/\+.*$/s, '')
}
