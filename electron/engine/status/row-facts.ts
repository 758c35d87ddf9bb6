/** What the columns of a row say, per kind: source, revision, target, dependencies, inventory, parent. Source: flux-semantics §1. */
import { helmGroup, imageGroup, kustomizeGroup, operatorGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import { helmReleaseLabels, kustomizationLabels, resourceSetLabels } from '../../../shared/flux/labels.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { reasons } from '../../../shared/flux/reasons.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { isSameRef } from '../../../shared/model/identity.ts'
import type { SourceLink } from '../../../shared/model/rows.ts'
import { findCondition, readConditions } from './conditions.ts'
import { asArray, asRecord, asText, at, groupOf, labelOf, scalarText, textAt, timeMs } from './read.ts'

/** What the object draws from, null where it says nothing. A missing namespace is the object's own. */
export function readSource(object: unknown, kind: FluxKind | null): SourceLink | null {
  const spec = at(object, 'spec')
  const namespace = textAt(object, 'metadata', 'namespace')
  if (kind?.kind === 'HelmRelease' && kind.group === helmGroup)
    return (
      link(at(spec, 'chartRef'), sourceGroup, '', namespace) ??
      link(at(spec, 'chart', 'spec', 'sourceRef'), sourceGroup, '', namespace)
    )
  if (kind?.kind === 'ImagePolicy')
    return link(at(spec, 'imageRepositoryRef'), imageGroup, 'ImageRepository', namespace)
  if (kind?.kind === 'ImageUpdateAutomation')
    return link(at(spec, 'sourceRef'), sourceGroup, 'GitRepository', namespace)
  if (kind?.kind === 'ArtifactGenerator') return link(asArray(at(spec, 'sources'))[0], sourceGroup, '', namespace)
  if (kind?.kind === 'FluxInstance') {
    const sync = at(spec, 'sync')
    if (textAt(sync, 'kind') === '') return null
    return { group: sourceGroup, kind: textAt(sync, 'kind'), namespace, name: textAt(sync, 'name') || namespace }
  }
  return link(at(spec, 'sourceRef'), sourceGroup, '', namespace)
}

function link(value: unknown, group: string, defaultKind: string, namespace: string): SourceLink | null {
  const name = textAt(value, 'name')
  const kind = textAt(value, 'kind') || defaultKind
  if (name === '' || kind === '') return null
  const apiVersion = textAt(value, 'apiVersion')
  return {
    kind,
    group: apiVersion === '' ? group : groupOf(apiVersion),
    namespace: textAt(value, 'namespace') || namespace,
    name,
  }
}

/** Newest Helm snapshot that is deployed, else the newest; undefined where there is none. */
function deployedSnapshot(object: unknown): unknown {
  const history = asArray(at(object, 'status', 'history'))
  return history.find((entry) => textAt(entry, 'status') === 'deployed') ?? history[0]
}

/** Applied revision (appliers) or the artifact's (sources), verbatim; '' if none. */
export function readRevision(object: unknown, kind: FluxKind | null): string {
  const status = at(object, 'status')
  switch (kind?.kind) {
    case 'HelmRelease':
      return textAt(deployedSnapshot(object), 'chartVersion') || textAt(status, 'lastAppliedRevision')
    case 'ImagePolicy':
      return textAt(status, 'latestRef', 'tag') || textAt(status, 'latestRef', 'digest')
    case 'ImageUpdateAutomation':
      return textAt(status, 'lastPushCommit')
    case 'ImageRepository':
      return textAt(status, 'lastScanResult', 'revision')
    case 'ResourceSetInputProvider':
      return textAt(status, 'lastExportedRevision')
    case 'ArtifactGenerator':
      return textAt(status, 'observedSourcesDigest')
    case 'Canary':
      return textAt(status, 'lastPromotedSpec')
    default:
      return textAt(status, 'lastAppliedRevision') || textAt(status, 'artifact', 'revision')
  }
}

/** The one line that says what the object points at; '' if nothing. */
export function readTarget(object: unknown, kind: FluxKind | null): string {
  const spec = at(object, 'spec')
  const text = (...path: string[]): string => scalarText(at(spec, ...path))
  switch (kind?.kind) {
    case 'Kustomization':
      return kind.group === kustomizeGroup ? text('path') : ''
    case 'HelmRelease': {
      const snapshot = deployedSnapshot(object)
      const chart = text('chart', 'spec', 'chart')
      if (chart !== '') return joinVersion(chart, text('chart', 'spec', 'version'))
      return textAt(snapshot, 'chartName') || text('chartRef', 'name')
    }
    case 'HelmChart':
      return joinVersion(text('chart'), text('version'))
    case 'Bucket':
      return [text('endpoint'), text('bucketName')].filter((part) => part !== '').join('/')
    case 'ImageRepository':
      return text('image')
    case 'ImagePolicy':
      return textAt(object, 'status', 'latestRef', 'name')
    case 'ImageUpdateAutomation':
      return text('update', 'path')
    case 'Alert':
      return text('providerRef', 'name')
    // Never the address or the webhook path: whoever knows them can post there.
    case 'Provider':
      return [text('type'), text('channel')].filter((part) => part !== '').join(' ')
    case 'Receiver':
      return text('type')
    case 'FluxInstance':
    case 'FluxReport':
      return text('distribution', 'version')
    case 'ResourceSetInputProvider':
      return [text('type'), text('url')].filter((part) => part !== '').join(' ')
    case 'ArtifactGenerator':
      return asArray(at(spec, 'artifacts'))
        .map((entry) => textAt(entry, 'name'))
        .filter((part) => part !== '')
        .join(', ')
    case 'Canary':
      return [text('targetRef', 'kind'), text('targetRef', 'name')].filter((part) => part !== '').join('/')
    default:
      return text('url')
  }
}

function joinVersion(chart: string, version: string): string {
  return version === '' || version === '*' ? chart : `${chart}@${version}`
}

/** When it last applied something (appliers), stored an artifact (sources), scanned or pushed (images). */
export function readLastAppliedAt(object: unknown, kind: FluxKind | null): number | null {
  const status = at(object, 'status')
  if (kind?.kind === 'HelmRelease')
    return timeMs(at(deployedSnapshot(object), 'lastDeployed')) ?? readyTransition(object)
  for (const entry of asArray(at(status, 'history')))
    if (textAt(entry, 'lastReconciledStatus') === reasons.reconciliationSucceeded)
      return timeMs(at(entry, 'lastReconciled'))
  if (kind?.group === sourceGroup) return timeMs(at(status, 'artifact', 'lastUpdateTime'))
  if (kind?.kind === 'ImageRepository') return timeMs(at(status, 'lastScanResult', 'scanTime'))
  if (kind?.kind === 'ImageUpdateAutomation') return timeMs(at(status, 'lastPushTime'))
  if (kind?.kind === 'Canary') return timeMs(at(status, 'lastTransitionTime'))
  return kind === null || textAt(status, 'lastAppliedRevision') === '' ? null : readyTransition(object)
}

function readyTransition(object: unknown): number | null {
  const ready = findCondition(readConditions(object), 'Ready')
  return ready?.status === 'True' ? ready.lastTransitionTime : null
}

/** spec.dependsOn: same kind for Kustomization and HelmRelease, any kind for ResourceSet; broken entries are skipped. */
export function readDependsOn(object: unknown, self: ObjectRef): readonly ObjectRef[] {
  const result: ObjectRef[] = []
  for (const entry of asArray(at(object, 'spec', 'dependsOn'))) {
    const name = textAt(entry, 'name')
    if (name === '') continue
    const kind = self.group === operatorGroup ? textAt(entry, 'kind') : self.kind
    if (kind === '') continue
    result.push({
      cluster: self.cluster,
      group: self.group === operatorGroup ? groupOf(asRecord(entry).apiVersion) : self.group,
      kind,
      namespace: textAt(entry, 'namespace') || self.namespace,
      name,
    })
  }
  return result
}

/** Number of inventory entries, null where the object keeps none. */
export function readInventoryCount(object: unknown, kind: FluxKind | null): number | null {
  const inventory = at(object, 'status', 'inventory')
  if (Array.isArray(inventory)) return inventory.length
  const entries = at(inventory, 'entries')
  if (Array.isArray(entries)) return entries.length
  return kind?.group === kustomizeGroup ? 0 : null
}

const ownerLabels = [
  { labels: kustomizationLabels, group: kustomizeGroup, kind: 'Kustomization' },
  { labels: helmReleaseLabels, group: helmGroup, kind: 'HelmRelease' },
  { labels: resourceSetLabels, group: operatorGroup, kind: 'ResourceSet' },
] as const

/** Who put the object there, by its owner labels; null if nobody, or itself (the Kustomization flux-system applies itself). */
export function readParent(object: unknown, self: ObjectRef): ObjectRef | null {
  for (const { labels, group, kind } of ownerLabels) {
    const name = labelOf(object, labels.name)
    const namespace = asText(labelOf(object, labels.namespace))
    if (name === '' || namespace === '') continue
    const parent = { cluster: self.cluster, group, kind, namespace, name }
    if (!isSameRef(parent, self)) return parent
  }
  return null
}
