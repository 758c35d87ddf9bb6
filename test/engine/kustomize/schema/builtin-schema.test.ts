/** Facts of the embedded schema that merging and scoping rest on. */
import { describe, expect, it } from 'vitest'
import { createBuildSchemas } from '../../../../electron/engine/kustomize/schema/build-schemas.ts'
import { builtinSchemas } from '../../../../electron/engine/kustomize/schema/builtin-schema.ts'
import { readOpenApiDocument } from '../../../../electron/engine/kustomize/schema/openapi-document.ts'
import type { SchemaSet, SchemaType } from '../../../../electron/engine/kustomize/schema/schema.ts'

/** Follows fields, `[]` for items. */
function at(schemas: SchemaSet, apiVersion: string, kind: string, path: string): SchemaType | null {
  let type = schemas.forKind(apiVersion, kind)
  for (const part of path.split('.')) type = part === '[]' ? (type?.items() ?? null) : (type?.field(part) ?? null)
  return type
}

const pod = 'spec.template.spec'

describe('how lists of builtin kinds merge', () => {
  it.each([
    ['apps/v1', 'Deployment', `${pod}.containers`, 'merge', ['name']],
    ['apps/v1', 'Deployment', `${pod}.containers.[].ports`, 'merge', ['containerPort', 'protocol']],
    ['apps/v1', 'Deployment', `${pod}.containers.[].env`, 'merge', ['name']],
    ['apps/v1', 'Deployment', `${pod}.containers.[].volumeMounts`, 'merge', ['mountPath']],
    ['apps/v1', 'Deployment', `${pod}.containers.[].args`, '', []],
    ['apps/v1', 'Deployment', `${pod}.volumes`, 'merge,retainKeys', ['name']],
    ['apps/v1', 'Deployment', `${pod}.tolerations`, '', []],
    ['apps/v1', 'Deployment', `${pod}.topologySpreadConstraints`, 'merge', ['topologyKey', 'whenUnsatisfiable']],
    ['apps/v1', 'Deployment', 'metadata.finalizers', 'merge', []],
    ['apps/v1', 'Deployment', 'metadata.ownerReferences', 'merge', ['uid']],
    ['v1', 'Service', 'spec.ports', 'merge', ['port', 'protocol']],
    ['v1', 'ServiceAccount', 'secrets', 'merge', ['name']],
    ['batch/v1', 'CronJob', 'spec.jobTemplate.spec.template.spec.initContainers', 'merge', ['name']],
    ['networking.k8s.io/v1', 'Ingress', 'spec.rules', '', []],
  ])('%s %s %s', (apiVersion, kind, path, strategy, keys) => {
    const type = at(builtinSchemas(), apiVersion, kind, path)
    expect([type?.patchStrategy, type?.mergeKeys]).toEqual([strategy, keys])
  })

  it('knows what it does not know', () => {
    expect(builtinSchemas().forKind('example.com/v1', 'Widget')).toBeNull()
    expect(builtinSchemas().forKind('apps/v1beta1', 'Deployment')).toBeNull()
    expect(at(builtinSchemas(), 'apps/v1', 'Deployment', 'spec.nothing')).toBeNull()
    expect(at(builtinSchemas(), 'apps/v1', 'Deployment', 'metadata.labels.any')).not.toBeNull()
    expect(at(builtinSchemas(), 'apps/v1', 'Deployment', 'spec.replicas.x')).toBeNull()
    expect(at(builtinSchemas(), 'apps/v1', 'Deployment', 'spec.[]')).toBeNull()
    expect(at(builtinSchemas(), 'apps/v1', 'Deployment', '__proto__')).toBeNull()
  })

  it('types may hold themselves', () => {
    const path = 'spec.versions.[].schema.openAPIV3Schema.properties.a.properties.b.items'
    expect(at(builtinSchemas(), 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', path)).not.toBeNull()
  })
})

describe('scopes', () => {
  it.each([
    ['v1', 'Namespace', false],
    ['v1', 'Pod', true],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', false],
    ['rbac.authorization.k8s.io/v1', 'Role', true],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', false],
    ['example.com/v1', 'Widget', null],
    ['apps/v1', 'Namespace', null],
  ])('%s %s', (apiVersion, kind, isNamespaced) => {
    expect(builtinSchemas().isNamespaced(apiVersion, kind)).toBe(isNamespaced)
  })
})

const widget = JSON.stringify({
  definitions: {
    Widget: {
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
      properties: {
        parts: {
          type: 'array',
          items: { type: 'object' },
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'id',
        },
      },
    },
  },
  paths: {
    '/widgets': { get: { 'x-kubernetes-group-version-kind': { group: 'example.com', version: 'v1', kind: 'Widget' } } },
  },
})

describe('the schemas of a build', () => {
  const custom = (): ReturnType<typeof readOpenApiDocument> => readOpenApiDocument(widget)
  const knows = (schemas: SchemaSet): readonly [boolean, boolean] => [
    schemas.forKind('apps/v1', 'Deployment') !== null,
    schemas.forKind('example.com/v1', 'Widget') !== null,
  ]

  it('a custom schema takes the place of the embedded one', () => {
    const schemas = createBuildSchemas({ isPreloaded: false })
    schemas.setSchema(undefined, custom, true)
    expect(knows(schemas)).toEqual([false, true])
    expect(schemas.isNamespaced('example.com/v1', 'Widget')).toBe(false)
    expect(at(schemas, 'example.com/v1', 'Widget', 'parts')?.mergeKeys).toEqual(['id'])
  })

  it('it is added where the embedded one is preloaded', () => {
    const schemas = createBuildSchemas({ isPreloaded: true })
    schemas.setSchema(undefined, custom, true)
    expect(knows(schemas)).toEqual([true, true])
  })

  it('it is added where a scope was asked for before', () => {
    const schemas = createBuildSchemas({ isPreloaded: false })
    expect(schemas.isNamespaced('example.com/v1', 'Other')).toBeNull()
    schemas.setSchema(undefined, custom, false)
    expect(knows(schemas)).toEqual([true, true])
  })

  it('of several the first is heard, unless the root asks', () => {
    const schemas = createBuildSchemas({ isPreloaded: false })
    schemas.setSchema('v1.21.2', undefined, false)
    schemas.setSchema(undefined, custom, false)
    expect(knows(schemas)).toEqual([true, false])
    schemas.setSchema(undefined, custom, true)
    expect(knows(schemas)).toEqual([true, true])
  })

  it('refuses other versions, and a version with a file', () => {
    const schemas = createBuildSchemas({ isPreloaded: false })
    expect(() => schemas.setSchema('v1.30.0', undefined, true)).toThrow('the specified OpenAPI version is not built in')
    expect(() => schemas.setSchema('v1.21.2', custom, true)).toThrow(
      'builtin version and custom schema provided, cannot use both',
    )
  })

  it('a faulty file is reported when it is needed', () => {
    const schemas = createBuildSchemas({ isPreloaded: false })
    schemas.setSchema(undefined, () => readOpenApiDocument('{"definitions": '), true)
    expect(() => schemas.forKind('v1', 'Pod')).toThrow('invalid schema file: unexpected end of JSON input')
  })

  it('a ring of references ends', () => {
    const ring = { definitions: { A: { $ref: '#/definitions/B' }, B: { $ref: '#/definitions/A' } } }
    const gvk = [{ group: 'a', version: 'v1', kind: 'K' }]
    const definitions = {
      ...ring.definitions,
      K: { 'x-kubernetes-group-version-kind': gvk, properties: { a: { $ref: '#/definitions/A' } } },
    }
    const schemas = createBuildSchemas({ isPreloaded: false })
    schemas.setSchema(undefined, () => readOpenApiDocument(JSON.stringify({ definitions })), true)
    expect(at(schemas, 'a/v1', 'K', 'a')).toBeNull()
  })
})
