/** The shape of one entry of the table of kinds, and the small parts that many entries share. */
import type { Category } from '../model/rows.ts'

/** A field that Sluice reads. `path` is dotted from the root, `[]` marks list elements: `spec.dependsOn[].name`. */
export interface KindField {
  readonly path: string
  /** `map`: string to string. `any`: whatever it is. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'map' | 'any'
  readonly default?: unknown
  readonly enum?: readonly string[]
}

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly jsonPath: string
  /** Above 0: shown only on demand (`-o wide`). */
  readonly priority?: number
}

/** How an object of the kind is suspended. `none`: it has no gate. */
export type Gate =
  | { readonly type: 'spec' }
  | { readonly type: 'annotation'; readonly key: string; readonly value: string }
  | { readonly type: 'none' }

export interface FluxKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  /** Every version that was ever served, newest first; the first is the stored one. */
  readonly versions: readonly string[]
  readonly scope: 'Namespaced' | 'Cluster'
  /** False: no status subresource, readiness is static (Alert, Provider, MetricTemplate, AlertProvider). */
  readonly hasStatus: boolean
  /** The CRD's default of `status`, null where it has none. */
  readonly statusDefault: Readonly<Record<string, unknown>> | null
  readonly category: Category
  readonly gate: Gate
  /** Honours `reconcile.fluxcd.io/requestedAt` (a HelmRepository of type oci does not: see isStatic in the status engine). */
  readonly canReconcile: boolean
  readonly printerColumns: readonly PrinterColumn[]
  readonly fields: readonly KindField[]
}

export const toolkitStatusDefault = { observedGeneration: -1 } as const
export const specGate: Gate = { type: 'spec' }
export const noGate: Gate = { type: 'none' }

const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const readyColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
]

/** `[name, jsonPath]` pairs as string columns, then Age, Ready and Status. */
export function columnsBeforeReady(...own: readonly (readonly [string, string])[]): readonly PrinterColumn[] {
  return [...own.map(([name, jsonPath]) => ({ name, type: 'string', jsonPath }) as const), ageColumn, ...readyColumns]
}

export const ageOnlyColumns: readonly PrinterColumn[] = [ageColumn]

export const conditionFields: readonly KindField[] = [
  { path: 'status.conditions', type: 'array' },
  { path: 'status.conditions[].type', type: 'string' },
  { path: 'status.conditions[].status', type: 'string', enum: ['True', 'False', 'Unknown'] },
  { path: 'status.conditions[].reason', type: 'string' },
  { path: 'status.conditions[].message', type: 'string' },
  { path: 'status.conditions[].lastTransitionTime', type: 'string' },
  { path: 'status.conditions[].observedGeneration', type: 'integer' },
  { path: 'status.observedGeneration', type: 'integer' },
  { path: 'status.lastHandledReconcileAt', type: 'string' },
]

export const suspendField: KindField = { path: 'spec.suspend', type: 'boolean' }

export const artifactFields: readonly KindField[] = [
  { path: 'status.artifact.path', type: 'string' },
  { path: 'status.artifact.url', type: 'string' },
  { path: 'status.artifact.revision', type: 'string' },
  { path: 'status.artifact.digest', type: 'string' },
  { path: 'status.artifact.lastUpdateTime', type: 'string' },
  { path: 'status.artifact.size', type: 'integer' },
  { path: 'status.artifact.metadata', type: 'map' },
]

export const historyFields: readonly KindField[] = [
  { path: 'status.history', type: 'array' },
  { path: 'status.history[].digest', type: 'string' },
  { path: 'status.history[].firstReconciled', type: 'string' },
  { path: 'status.history[].lastReconciled', type: 'string' },
  { path: 'status.history[].lastReconciledDuration', type: 'string' },
  { path: 'status.history[].lastReconciledStatus', type: 'string' },
  { path: 'status.history[].totalReconciliations', type: 'integer' },
  { path: 'status.history[].metadata', type: 'map' },
]

export const inventoryFields: readonly KindField[] = [
  { path: 'status.inventory.entries', type: 'array' },
  { path: 'status.inventory.entries[].id', type: 'string' },
  { path: 'status.inventory.entries[].v', type: 'string' },
]

/** Compact notation: `'spec.url'` is a string, `'spec.wait:boolean'` names its type. */
export function fields(...texts: readonly string[]): readonly KindField[] {
  return texts.map((text) => {
    const [path = '', type = 'string'] = text.split(':')
    return { path, type: type as KindField['type'] }
  })
}
