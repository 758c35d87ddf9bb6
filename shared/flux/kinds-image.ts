/** Kinds of image.toolkit.fluxcd.io. Source: flux-semantics §1.8. */
import { imageGroup } from './groups.ts'
import {
  columnsBeforeReady,
  conditionFields,
  fields,
  specGate,
  suspendField,
  toolkitStatusDefault,
} from './kind-types.ts'
import type { FluxKind } from './kind-types.ts'

const imageKind = {
  group: imageGroup,
  versions: ['v1', 'v1beta2', 'v1beta1'],
  scope: 'Namespaced',
  hasStatus: true,
  statusDefault: toolkitStatusDefault,
  category: 'images',
  gate: specGate,
  canReconcile: true,
} as const

export const imageKinds: readonly FluxKind[] = [
  {
    ...imageKind,
    kind: 'ImageRepository',
    plural: 'imagerepositories',
    singular: 'imagerepository',
    shortNames: ['imgrepo', 'imagerepo'],
    printerColumns: columnsBeforeReady(['Image', '.spec.image'], ['Tags', '.status.lastScanResult.tagCount']),
    fields: [
      ...conditionFields,
      suspendField,
      ...fields('spec.image', 'spec.interval', 'spec.timeout', 'spec.secretRef.name', 'status.canonicalImageName'),
      ...fields('status.lastScanResult.tagCount:integer', 'status.lastScanResult.scanTime'),
      ...fields('status.lastScanResult.latestTags:array', 'status.lastScanResult.revision'),
      { path: 'spec.provider', type: 'string', default: 'generic', enum: ['generic', 'aws', 'azure', 'gcp'] },
      { path: 'spec.exclusionList', type: 'array', default: ['^.*\\.sig$'] },
    ],
  },
  {
    ...imageKind,
    kind: 'ImagePolicy',
    plural: 'imagepolicies',
    singular: 'imagepolicy',
    shortNames: ['imgpol', 'imagepol'],
    printerColumns: columnsBeforeReady(['Image', '.status.latestRef.name'], ['Tag', '.status.latestRef.tag']),
    fields: [
      ...conditionFields,
      suspendField,
      ...fields('spec.imageRepositoryRef.name', 'spec.imageRepositoryRef.namespace', 'spec.policy.semver.range'),
      ...fields('spec.interval', 'status.latestRef.name', 'status.latestRef.tag', 'status.latestRef.digest'),
      ...fields('status.observedPreviousRef.name', 'status.observedPreviousRef.tag'),
      { path: 'spec.policy.alphabetical.order', type: 'string', default: 'asc', enum: ['asc', 'desc'] },
      { path: 'spec.policy.numerical.order', type: 'string', default: 'asc', enum: ['asc', 'desc'] },
      {
        path: 'spec.digestReflectionPolicy',
        type: 'string',
        default: 'Never',
        enum: ['Always', 'IfNotPresent', 'Never'],
      },
    ],
  },
  {
    ...imageKind,
    kind: 'ImageUpdateAutomation',
    plural: 'imageupdateautomations',
    singular: 'imageupdateautomation',
    shortNames: ['iua', 'imgupd', 'imgauto'],
    printerColumns: columnsBeforeReady(['Last run', '.status.lastAutomationRunTime']),
    fields: [
      ...conditionFields,
      suspendField,
      ...fields('spec.interval', 'spec.sourceRef.name', 'spec.sourceRef.namespace', 'spec.git.push.branch'),
      ...fields('spec.git.commit.author.email', 'spec.update.path', 'status.lastAutomationRunTime'),
      ...fields('status.lastPushCommit', 'status.lastPushTime', 'status.observedSourceRevision'),
      { path: 'spec.sourceRef.kind', type: 'string', default: 'GitRepository', enum: ['GitRepository'] },
      { path: 'spec.update', type: 'object', default: { strategy: 'Setters' } },
      { path: 'spec.update.strategy', type: 'string', default: 'Setters', enum: ['Setters'] },
    ],
  },
]
