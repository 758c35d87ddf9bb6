/**
 * Custom resource definitions made from the table of kinds: names, scope, versions, status subresource, printer columns, and of the
 * schema what Sluice reads, with its defaults. Unknown fields are preserved. For the playground and tests without the real ones.
 */
import { fluxKinds } from './kinds.ts'
import type { FluxKind, KindField } from './kind-types.ts'

interface Schema {
  type?: string
  default?: unknown
  enum?: readonly string[]
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema
  'x-kubernetes-preserve-unknown-fields'?: true
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly group: string
    readonly scope: FluxKind['scope']
    readonly names: {
      readonly kind: string
      readonly listKind: string
      readonly plural: string
      readonly singular: string
      readonly shortNames: readonly string[]
      readonly categories: readonly string[]
    }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly storage: boolean
      readonly [key: string]: unknown
    }[]
  }
}

/** One definition per kind, each serving the newest version only, as the releases of Flux do. */
export function createCustomResourceDefinitions(
  kinds: readonly FluxKind[] = fluxKinds,
): readonly CustomResourceDefinition[] {
  return kinds.map((kind) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}`, labels: { 'app.kubernetes.io/part-of': 'flux' } },
    spec: {
      group: kind.group,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: ['all', 'fluxcd'],
      },
      versions: kind.versions.slice(0, 1).map((name) => ({
        name,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: rootSchema(kind) },
        additionalPrinterColumns: kind.printerColumns,
        ...(kind.hasStatus ? { subresources: { status: {} } } : {}),
      })),
    },
  }))
}

function rootSchema(kind: FluxKind): Schema {
  const root = openObject()
  for (const field of kind.fields) place(root, field)
  const status = root.properties?.['status']
  if (status !== undefined && kind.statusDefault !== null) status.default = kind.statusDefault
  return root
}

function openObject(): Schema {
  return { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true }
}

/** Walks to the field's place, making objects and lists on the way, and writes its leaf there. */
function place(root: Schema, field: KindField): void {
  const parts = field.path.split('.')
  let at = root
  for (const [index, part] of parts.entries()) {
    const isList = part.endsWith('[]')
    const name = isList ? part.slice(0, -2) : part
    at.properties ??= {}
    if (index === parts.length - 1 && !isList) {
      at.properties[name] = { ...leafSchema(field), ...keepDeeper(at.properties[name]) }
      return
    }
    const next = (at.properties[name] ??= isList ? { type: 'array' } : openObject())
    if (isList) {
      next.items = next.items?.properties === undefined ? openObject() : next.items
      at = next.items
    } else at = next
  }
}

function keepDeeper(existing: Schema | undefined): Schema {
  return existing?.items === undefined && existing?.properties === undefined ? {} : existing
}

function leafSchema(field: KindField): Schema {
  const own: Schema = {}
  if (field.default !== undefined) own.default = field.default
  if (field.enum !== undefined) own.enum = field.enum
  switch (field.type) {
    case 'any':
      return { ...own, 'x-kubernetes-preserve-unknown-fields': true }
    case 'object':
      return { ...own, type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    case 'map':
      return { ...own, type: 'object', additionalProperties: { type: 'string' } }
    case 'array':
      return { ...own, type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } }
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { ...own, type: field.type }
  }
}
