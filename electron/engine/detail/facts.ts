/** The facts of an object that a reader looks for first, per kind, as label and text. Source: flux-semantics §1. */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import { capText, neutralizeLine } from '../../../shared/lib/text.ts'
import { formatBytes } from '../../../shared/lib/format/numbers.ts'
import { evaluateColumn } from '../cache/printer-columns.ts'
import type { KubeObject } from '../clusters/view.ts'
import { annotationOf, asArray, at, groupOf, numberAt, scalarText, textAt } from '../status/read.ts'
import { readInventoryCount, readSource } from '../status/row-facts.ts'

export interface Fact {
  readonly label: string
  readonly value: string
}

const maxText = 1000

/** In reading order; facts without a value are left out. Values are neutralised, one line each. */
export function readFacts(object: KubeObject): readonly Fact[] {
  const group = groupOf(object.apiVersion)
  const kind = fluxKind(group, object.kind)
  const own = kind === null ? coreFacts(object, group) : fluxFacts(object, kind.kind)
  // Kinds without facts of their own show their printer columns; Ready and Status stand in the header already.
  const rows: readonly Row[] =
    kind === null || own.length > 0
      ? own
      : kind.printerColumns
          .filter((column) => column.type !== 'date' && column.name !== 'Ready' && column.name !== 'Status')
          .map((column) => [column.name, evaluateColumn(object, column.jsonPath)])
  const printed = kind === null ? rows : [...rows, ...commonFacts(object)]
  return printed
    .filter(([, value]) => value !== '')
    .map(([label, value]) => ({ label, value: capText(neutralizeLine(value), maxText) }))
}

type Row = readonly [label: string, value: string]

function fluxFacts(object: KubeObject, kind: string): readonly Row[] {
  const spec = (...path: string[]): string => scalarText(at(object, 'spec', ...path))
  const status = (...path: string[]): string => scalarText(at(object, 'status', ...path))
  const source = readSource(object, fluxKind(groupOf(object.apiVersion), object.kind))
  const from = source === null ? '' : `${source.kind} ${source.namespace}/${source.name}`
  const artifact: readonly Row[] = [
    ['Revision', status('artifact', 'revision')],
    ['Digest', status('artifact', 'digest')],
    ['Size', sizeText(numberAt(object, 'status', 'artifact', 'size'))],
  ]
  switch (kind) {
    case 'Kustomization': {
      const count = readInventoryCount(object, fluxKind(groupOf(object.apiVersion), object.kind))
      return [
        ['Source', from],
        ['Path', spec('path')],
        ['Applied revision', status('lastAppliedRevision')],
        ['Attempted revision', differs(status('lastAttemptedRevision'), status('lastAppliedRevision'))],
        ['Origin revision', status('lastAppliedOriginRevision')],
        ['Inventory', count === null ? '' : String(count)],
        ['Retry interval', spec('retryInterval')],
        ['Prune', spec('prune')],
        ['Wait', spec('wait')],
        ['Force', at(object, 'spec', 'force') === true ? 'true' : ''],
        ['Target namespace', spec('targetNamespace')],
        ['Service account', spec('serviceAccountName')],
        ['Remote cluster', remoteText(object)],
        ['Decryption', spec('decryption', 'provider')],
      ]
    }
    case 'HelmRelease': {
      const snapshot = asArray(at(object, 'status', 'history'))[0]
      return [
        ['Chart', textAt(snapshot, 'chartName') || spec('chart', 'spec', 'chart')],
        ['Chart version', textAt(snapshot, 'chartVersion')],
        ['Wanted version', spec('chart', 'spec', 'version')],
        ['App version', textAt(snapshot, 'appVersion')],
        ['Source', from],
        ['Release', [textAt(snapshot, 'namespace'), textAt(snapshot, 'name')].filter((part) => part !== '').join('/')],
        ['Release revision', scalarText(at(snapshot, 'version'))],
        ['Release status', textAt(snapshot, 'status')],
        ['Target namespace', spec('targetNamespace')],
        ['Storage namespace', status('storageNamespace')],
        ['Drift detection', spec('driftDetection', 'mode')],
        ['Failures', numberAt(object, 'status', 'failures') === 0 ? '' : status('failures')],
        ['Service account', spec('serviceAccountName')],
        ['Remote cluster', remoteText(object)],
      ]
    }
    case 'GitRepository':
      return [
        ['URL', spec('url')],
        ['Reference', referenceText(object, ['commit', 'name', 'tag', 'semver', 'branch'])],
        ['Provider', spec('provider')],
        ['Secret', spec('secretRef', 'name')],
        ['Verification', spec('verify', 'mode')],
        ...artifact,
      ]
    case 'OCIRepository':
      return [
        ['URL', spec('url')],
        ['Reference', referenceText(object, ['digest', 'semver', 'tag'])],
        ['Provider', spec('provider')],
        ['Secret', spec('secretRef', 'name')],
        ['Verification', spec('verify', 'provider')],
        ...artifact,
      ]
    case 'Bucket':
      return [
        ['Endpoint', spec('endpoint')],
        ['Bucket', spec('bucketName')],
        ['Prefix', spec('prefix')],
        ['Region', spec('region')],
        ['Provider', spec('provider')],
        ...artifact,
      ]
    case 'HelmRepository':
      return [['URL', spec('url')], ['Type', spec('type')], ['Secret', spec('secretRef', 'name')], ...artifact]
    case 'HelmChart':
      return [['Chart', spec('chart')], ['Wanted version', spec('version')], ['Source', from], ...artifact]
    case 'ExternalArtifact':
      return [['Source', from], ...artifact]
    case 'ImageRepository':
      return [
        ['Image', spec('image')],
        ['Tags', status('lastScanResult', 'tagCount')],
        ['Last scan', status('lastScanResult', 'scanTime')],
        ['Secret', spec('secretRef', 'name')],
      ]
    case 'ImagePolicy':
      return [
        ['Image', status('latestRef', 'name')],
        ['Tag', status('latestRef', 'tag')],
        ['Digest', status('latestRef', 'digest')],
        ['Previous tag', status('observedPreviousRef', 'tag')],
        ['Repository', from],
        ['Policy', policyText(object)],
      ]
    case 'ImageUpdateAutomation':
      return [
        ['Source', from],
        ['Path', spec('update', 'path')],
        ['Push branch', spec('git', 'push', 'branch')],
        ['Last run', status('lastAutomationRunTime')],
        ['Last commit', status('lastPushCommit')],
      ]
    case 'Alert':
      return [
        ['Provider', spec('providerRef', 'name')],
        ['Severity', spec('eventSeverity')],
        ['Event sources', listText(at(object, 'spec', 'eventSources'), ['kind', 'name'])],
      ]
    // Neither address nor webhook path: knowing them is being allowed to post there.
    case 'Provider':
      return [
        ['Type', spec('type')],
        ['Channel', spec('channel')],
        ['Secret', spec('secretRef', 'name')],
      ]
    case 'Receiver':
      return [
        ['Type', spec('type')],
        ['Resources', listText(at(object, 'spec', 'resources'), ['kind', 'name'])],
        ['Secret', spec('secretRef', 'name')],
      ]
    case 'FluxInstance':
      return [
        ['Distribution', spec('distribution', 'version')],
        ['Applied revision', status('lastAppliedRevision')],
        ['Components', String(asArray(at(object, 'spec', 'components')).length || '')],
        ['Sync', from],
      ]
    case 'Canary':
      return [
        ['Target', [spec('targetRef', 'kind'), spec('targetRef', 'name')].filter((part) => part !== '').join('/')],
        ['Phase', status('phase')],
        ['Weight', status('canaryWeight')],
        ['Failed checks', status('failedChecks')],
        ['Analysis interval', spec('analysis', 'interval')],
      ]
    default:
      return []
  }
}

function commonFacts(object: KubeObject): readonly Row[] {
  return [
    ['Interval', scalarText(at(object, 'spec', 'interval'))],
    ['Timeout', scalarText(at(object, 'spec', 'timeout'))],
    ['Requested at', annotationOf(object, reconcileAnnotations.requestedAt)],
    ['Handled request', textAt(object, 'status', 'lastHandledReconcileAt')],
  ]
}

function coreFacts(object: KubeObject, group: string): readonly Row[] {
  const spec = (...path: string[]): string => scalarText(at(object, 'spec', ...path))
  const status = (...path: string[]): string => scalarText(at(object, 'status', ...path))
  const owner = asArray(at(object, 'metadata', 'ownerReferences'))[0]
  const ownerRow: Row = [
    'Owner',
    [textAt(owner, 'kind'), textAt(owner, 'name')].filter((part) => part !== '').join(' '),
  ]
  const images: Row = ['Images', imagesText(at(object, 'spec', 'template', 'spec') ?? at(object, 'spec'))]
  switch (`${group}/${object.kind}`) {
    case '/Pod':
      return [
        ownerRow,
        ['Phase', status('phase')],
        ['Node', spec('nodeName')],
        ['Pod IP', status('podIP')],
        ['Restarts', String(restartCount(object))],
        ['Service account', spec('serviceAccountName')],
        images,
      ]
    case 'apps/Deployment':
    case 'apps/StatefulSet':
    case 'apps/ReplicaSet':
      return [
        ownerRow,
        ['Replicas', `${status('readyReplicas') || '0'} ready of ${spec('replicas') || '1'}`],
        ['Strategy', spec('strategy', 'type') || spec('updateStrategy', 'type')],
        images,
      ]
    case 'apps/DaemonSet':
      return [
        ownerRow,
        ['Ready', `${status('numberReady') || '0'} of ${status('desiredNumberScheduled') || '0'}`],
        images,
      ]
    case '/Service':
      return [
        ['Type', spec('type')],
        ['Cluster IP', spec('clusterIP')],
        ['External name', spec('externalName')],
        ['Ports', listText(at(object, 'spec', 'ports'), ['name', 'port', 'protocol'])],
      ]
    case '/PersistentVolumeClaim':
      return [
        ['Phase', status('phase')],
        ['Capacity', status('capacity', 'storage')],
        ['Storage class', spec('storageClassName')],
        ['Volume', spec('volumeName')],
      ]
    case '/Secret':
      return [
        ['Type', scalarText(object.type)],
        ['Keys', keysText(object, 'data')],
      ]
    case '/ConfigMap':
      return [['Keys', keysText(object, 'data')]]
    default:
      return [ownerRow]
  }
}

function sizeText(bytes: number | null): string {
  return bytes === null ? '' : formatBytes(bytes)
}

function differs(text: string, other: string): string {
  return text === other ? '' : text
}

function remoteText(object: KubeObject): string {
  return (
    textAt(object, 'spec', 'kubeConfig', 'secretRef', 'name') ||
    textAt(object, 'spec', 'kubeConfig', 'configMapRef', 'name')
  )
}

/** The part of spec.ref that decides, by source-controller's precedence. */
function referenceText(object: KubeObject, order: readonly string[]): string {
  for (const key of order) {
    const value = textAt(object, 'spec', 'ref', key)
    if (value !== '') return `${key} ${value}`
  }
  return ''
}

function policyText(object: KubeObject): string {
  const policy = at(object, 'spec', 'policy')
  const range = textAt(policy, 'semver', 'range')
  if (range !== '') return `semver ${range}`
  for (const key of ['alphabetical', 'numerical'])
    if (at(policy, key) !== undefined) return `${key} ${textAt(policy, key, 'order')}`.trim()
  return ''
}

function listText(value: unknown, keys: readonly string[]): string {
  return asArray(value)
    .map((entry) =>
      keys
        .map((key) => scalarText(at(entry, key)))
        .filter((part) => part !== '')
        .join('/'),
    )
    .filter((part) => part !== '')
    .join(', ')
}

function imagesText(podSpec: unknown): string {
  return [...asArray(at(podSpec, 'initContainers')), ...asArray(at(podSpec, 'containers'))]
    .map((container) => textAt(container, 'image'))
    .filter((image) => image !== '')
    .join(', ')
}

function restartCount(object: KubeObject): number {
  return asArray(at(object, 'status', 'containerStatuses')).reduce<number>(
    (sum, entry) => sum + (numberAt(entry, 'restartCount') ?? 0),
    0,
  )
}

function keysText(object: KubeObject, field: string): string {
  const value = at(object, field)
  return typeof value === 'object' && value !== null ? Object.keys(value).join(', ') : ''
}
