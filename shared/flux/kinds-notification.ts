/** Kinds of notification.toolkit.fluxcd.io. Source: flux-semantics §1.7, §5. */
import { notificationGroup } from './groups.ts'
import {
  ageOnlyColumns,
  columnsBeforeReady,
  conditionFields,
  fields,
  specGate,
  suspendField,
  toolkitStatusDefault,
} from './kind-types.ts'
import type { FluxKind } from './kind-types.ts'

const notificationKind = {
  group: notificationGroup,
  scope: 'Namespaced',
  category: 'notifications',
  gate: specGate,
  shortNames: [],
} as const

/** Alert and Provider have no status since v1beta3: nobody reconciles them. */
const staticKind = {
  ...notificationKind,
  hasStatus: false,
  statusDefault: null,
  canReconcile: false,
  printerColumns: ageOnlyColumns,
  versions: ['v1beta3', 'v1beta2', 'v1beta1'],
} as const

export const notificationKinds: readonly FluxKind[] = [
  {
    ...staticKind,
    kind: 'Alert',
    plural: 'alerts',
    singular: 'alert',
    fields: [
      suspendField,
      ...fields('spec.providerRef.name', 'spec.eventSources:array', 'spec.eventSources[].kind'),
      ...fields('spec.eventSources[].name', 'spec.eventSources[].namespace', 'spec.summary'),
      { path: 'spec.eventSeverity', type: 'string', default: 'info', enum: ['info', 'error'] },
    ],
  },
  {
    ...staticKind,
    kind: 'Provider',
    plural: 'providers',
    singular: 'provider',
    fields: [suspendField, ...fields('spec.type', 'spec.channel', 'spec.username', 'spec.secretRef.name')],
  },
  {
    ...notificationKind,
    kind: 'Receiver',
    plural: 'receivers',
    singular: 'receiver',
    versions: ['v1', 'v1beta2', 'v1beta1'],
    hasStatus: true,
    statusDefault: toolkitStatusDefault,
    canReconcile: true,
    printerColumns: columnsBeforeReady(),
    fields: [
      ...conditionFields,
      suspendField,
      ...fields('spec.type', 'spec.events:array', 'spec.resources:array', 'spec.secretRef.name', 'status.webhookPath'),
      { path: 'spec.interval', type: 'string', default: '10m' },
    ],
  },
]
