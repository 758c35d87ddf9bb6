/** Kustomization and HelmRelease. Source: flux-semantics §1.5, §1.6. */
import { helmGroup, kustomizeGroup } from './groups.ts'
import {
  columnsBeforeReady,
  conditionFields,
  fields,
  historyFields,
  inventoryFields,
  specGate,
  suspendField,
  toolkitStatusDefault,
} from './kind-types.ts'
import type { FluxKind } from './kind-types.ts'

const dependsOnFields = fields(
  'spec.dependsOn:array',
  'spec.dependsOn[].name',
  'spec.dependsOn[].namespace',
  'spec.dependsOn[].readyExpr',
)

const applierKind = {
  scope: 'Namespaced',
  hasStatus: true,
  statusDefault: toolkitStatusDefault,
  gate: specGate,
  canReconcile: true,
  printerColumns: columnsBeforeReady(),
} as const

export const applierKinds: readonly FluxKind[] = [
  {
    ...applierKind,
    group: kustomizeGroup,
    kind: 'Kustomization',
    plural: 'kustomizations',
    singular: 'kustomization',
    shortNames: ['ks'],
    versions: ['v1', 'v1beta2', 'v1beta1'],
    category: 'kustomizations',
    fields: [
      ...conditionFields,
      ...inventoryFields,
      ...historyFields,
      ...dependsOnFields,
      suspendField,
      ...fields('spec.interval', 'spec.retryInterval', 'spec.timeout', 'spec.path', 'spec.prune:boolean'),
      ...fields('spec.wait:boolean', 'spec.targetNamespace', 'spec.sourceRef.name', 'spec.sourceRef.namespace'),
      ...fields('spec.serviceAccountName', 'spec.healthChecks:array', 'spec.healthCheckExprs:array'),
      ...fields(
        'spec.kubeConfig.secretRef.name',
        'spec.postBuild.substitute:map',
        'spec.postBuild.substituteFrom:array',
      ),
      ...fields('spec.decryption.secretRef.name', 'status.lastAppliedRevision', 'status.lastAttemptedRevision'),
      ...fields('status.lastAppliedOriginRevision'),
      { path: 'spec.force', type: 'boolean', default: false },
      {
        path: 'spec.sourceRef.kind',
        type: 'string',
        enum: ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'],
      },
      {
        path: 'spec.deletionPolicy',
        type: 'string',
        enum: ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'],
      },
      { path: 'spec.decryption.provider', type: 'string', enum: ['sops'] },
    ],
  },
  {
    ...applierKind,
    group: helmGroup,
    kind: 'HelmRelease',
    plural: 'helmreleases',
    singular: 'helmrelease',
    shortNames: ['hr'],
    versions: ['v2', 'v2beta2', 'v2beta1'],
    category: 'releases',
    fields: [
      ...conditionFields,
      ...inventoryFields,
      ...dependsOnFields,
      suspendField,
      ...fields('spec.interval', 'spec.timeout', 'spec.releaseName', 'spec.targetNamespace', 'spec.storageNamespace'),
      ...fields('spec.serviceAccountName', 'spec.kubeConfig.secretRef.name', 'spec.chart.spec.chart'),
      ...fields('spec.chart.spec.sourceRef.name', 'spec.chart.spec.sourceRef.namespace', 'spec.chartRef.name'),
      ...fields('spec.chartRef.namespace', 'spec.values:any', 'spec.valuesFrom:array', 'status.history:array'),
      ...fields('status.history[].name', 'status.history[].namespace', 'status.history[].version:integer'),
      ...fields('status.history[].status', 'status.history[].action', 'status.history[].chartName'),
      ...fields('status.history[].chartVersion', 'status.history[].appVersion', 'status.history[].digest'),
      ...fields('status.history[].configDigest', 'status.history[].firstDeployed', 'status.history[].lastDeployed'),
      ...fields('status.failures:integer', 'status.installFailures:integer', 'status.upgradeFailures:integer'),
      ...fields('status.lastAttemptedRevision', 'status.lastAppliedRevision', 'status.lastHandledForceAt'),
      ...fields('status.lastHandledResetAt', 'status.storageNamespace', 'status.helmChart'),
      { path: 'spec.chart.spec.version', type: 'string', default: '*' },
      {
        path: 'spec.chart.spec.sourceRef.kind',
        type: 'string',
        enum: ['HelmRepository', 'GitRepository', 'Bucket'],
      },
      { path: 'spec.chartRef.kind', type: 'string', enum: ['OCIRepository', 'HelmChart', 'ExternalArtifact'] },
      { path: 'spec.driftDetection.mode', type: 'string', enum: ['enabled', 'warn', 'disabled'] },
    ],
  },
]
