/**
 * What the two clusters of the parity suite may differ in, and why: the only list there is. Everything that is not named here is compared, field by
 * field, in every object that either API server has.
 */
import { isIPv4 } from 'node:net'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { findCondition, readConditions } from '../../../electron/engine/status/conditions.ts'

/** Fields by name, wherever they stand below the path; '' is the object itself. */
interface FieldException {
  readonly why: string
  readonly fields: readonly string[]
  readonly isOf: (path: string) => boolean
}

/** Given out anew by each API server, or by the clock. */
export const leftOutFields: readonly FieldException[] = [
  {
    why: 'each API server gives its own',
    fields: ['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'],
    isOf: (path) => path === 'metadata' || path.includes('ownerReferences'),
  },
  { why: 'a time', fields: ['time'], isOf: (path) => path.startsWith('metadata.managedFields') },
  {
    why: 'a time',
    fields: ['lastTransitionTime', 'lastUpdateTime', 'firstReconciled', 'lastReconciled', 'lastReconciledDuration'],
    isOf: (path) => path.startsWith('status'),
  },
  {
    why: 'the flux command line asks by the time of day',
    fields: ['reconcile.fluxcd.io/requestedAt', 'lastHandledReconcileAt'],
    isOf: (path) => path === 'metadata.annotations' || path === 'status',
  },
  {
    why: 'a counter: how often an object that fails or waits was tried again',
    fields: ['totalReconciliations'],
    isOf: (path) => path.startsWith('status.history'),
  },
  {
    why: 'the same files, packed by another program and served from another place',
    fields: ['digest', 'size', 'url', 'path'],
    isOf: (path) => path === 'status.artifact' || path.startsWith('status.includedArtifacts'),
  },
]

/** Drawn by each API server: compared is whether both have one. */
export const drawnFields: readonly (FieldException & { readonly isDrawn: (value: unknown) => boolean })[] = [
  {
    why: 'each API server draws its own for a Service that names none',
    fields: ['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort'],
    isOf: (path) => path === 'spec' || path === 'spec.ports',
    isDrawn: (value) =>
      typeof value === 'number' ? value >= 30_000 && value <= 32_767 : isIPv4(typeof value === 'string' ? value : ''),
  },
  {
    why: 'each controller manager signs its own for a Secret that asks for the token of a ServiceAccount',
    fields: ['ca.crt', 'token'],
    isOf: (path) => path === 'data',
    isDrawn: (value) =>
      typeof value === 'string' && /^(-----BEGIN CERTIFICATE|eyJ)/.test(Buffer.from(value, 'base64').toString()),
  },
  {
    why: 'the uid of that ServiceAccount',
    fields: ['kubernetes.io/service-account.uid'],
    isOf: (path) => path === 'metadata.annotations',
    isDrawn: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  },
]

/** Left out whole, and in what events tell of changes; the inventories that name it are compared. */
export const contested: { readonly why: string; readonly isSo: (inventories: number) => boolean } = {
  why: 'applied by more than one Kustomization, as in some real fleets: it is as the one that came last wants it',
  isSo: (inventories) => inventories > 1,
}

/** Kinds of which nothing is compared. */
export const leftOutKinds: ReadonlyMap<string, string> = new Map([
  ['Event', 'compared by their reasons and words, not by the objects'],
  ['Lease', 'who works and who serves'],
  ['IPAddress', 'which address the API server drew for a Service'],
  ['Endpoints', 'address of the API server itself'],
  ['EndpointSlice', 'address of the API server itself'],
  ['APIService', 'the API server tells of its own groups when it comes to it'],
  ['FlowSchema', 'bootstrap of the API server'],
  ['PriorityLevelConfiguration', 'bootstrap of the API server'],
])

/** Single objects, by kind, namespace and name. */
export const leftOutObjects: readonly { readonly why: string; readonly is: (object: KubeObject) => boolean }[] = [
  {
    why: 'certificates of this one cluster',
    is: ({ kind, metadata: { name } }) =>
      kind === 'ConfigMap' && (name === 'kube-root-ca.crt' || name === 'extension-apiserver-authentication'),
  },
  {
    why: 'the address of this one cluster, for spec.kubeConfig',
    is: ({ kind, metadata: { name } }) => kind === 'Secret' && name === 'own-cluster',
  },
  {
    why: 'the port of this one API server',
    is: ({ kind, metadata: { name, namespace } }) =>
      kind === 'Service' && namespace === 'default' && name === 'kubernetes',
  },
  {
    why: 'namespace in which the twin began its election',
    is: ({ kind, metadata: { name } }) => kind === 'Namespace' && name === 'kube-node-lease',
  },
]

/** Sources that hosted mode does not run: what source-controller writes of them. Their spec is compared. */
export const unhostedSources: ReadonlySet<string> = new Set(['HelmRepository', 'HelmChart', 'OCIRepository', 'Bucket'])
export const unhostedManagers: ReadonlySet<string> = new Set(['source-controller'])

/** An inventory of ours may have more than theirs, if all of it is there and was applied by its Kustomization: on the twin it is there as well, in no inventory. */
export const partOfFailure: { readonly why: string; readonly isOf: (object: KubeObject) => boolean } = {
  why: 'what was written before a later stage failed: the controller forgets it, and leaves it behind when Git drops it',
  isOf: (object) =>
    object.kind === 'Kustomization' &&
    findCondition(readConditions(object), 'Ready')?.reason === 'ReconciliationFailed',
}

/** Kinds whose conditions stand in the order in which they were written: several parts of the API server write them, each for itself. */
export const unorderedConditions: ReadonlySet<string> = new Set(['CustomResourceDefinition'])

/** Events of which it depends on who came first. Each is a state on the way, told by either side as often as it was met. */
export const leftOutReasons: ReadonlyMap<string, string> = new Map([
  ['DependencyNotReady', 'whether a dependency was ready when its dependant came to be run'],
  ['ArtifactFailed', 'whether the source had its artifact when its Kustomization came to be run'],
])

/** Single events by what follows `Type Reason: `, where the clock alone decides whether there is one. */
export const leftOutByClock: readonly { readonly why: string; readonly line: RegExp }[] = [
  {
    why: 'a replaced artifact goes when a run comes by a minute later or more; git-repositories.test.ts sets the clock on, and compares it',
    line: /^Normal GarbageCollectionSucceeded: garbage collected \d+ artifacts$/,
  },
]

/** Events that one object tells again, or not, beside the real controller: by `Type Reason`. */
export const repeatedReasons: ReadonlyMap<string, string> = new Map([
  [
    'Normal GitOperationSucceeded',
    'a change and a request may be one run or two, and the second one has nothing to tell but that',
  ],
  [
    'Warning ArtifactVerificationFailed',
    'a second run may meet the archive of the first one while the controller still has the digest of the one before',
  ],
])

/** What a recorder makes of more than ten events of one reason within ten minutes: how many there were depends on who came first. */
export const combinedEvents = '(combined from similar events)'

/**
 * How many events of one type (Normal, Warning) both recorders let an object have at once: then it is one in five minutes, and what else happened is
 * told nowhere. It is one rule, and equal events in equal order would fall silent at the same one. But whoever waits for a dependency tells so every
 * two seconds, and how long that is depends on who came first. So only an object that has told of `leftOutReasons` may be silent, and only in the type
 * in which it has said all of these.
 */
export const eventsAtOnce = 25

/** Times, durations and folders inside messages. */
export const maskedInMessages: readonly (readonly [why: string, pattern: RegExp, by: string])[] = [
  ['a duration', /\b(finished in|passed in|failed after|next run in) [0-9.hmsµn]+/g, '$1 *'],
  ['the folder that a build ran in', /\/[^"' ]*\/kustomization-\d+/g, ''],
  ['the folder that a build ran in', /\/artifact\//g, '/'],
  ['the words of a parser for CEL', /(failed to parse the CEL expression '[^']*': )[^]*$/g, '$1*'],
]
