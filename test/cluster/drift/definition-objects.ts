/** CRDs of projects that clusters run, from where their makers publish them, and objects made up from the schemas alone. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- manifests are reached into as the JSON that they are */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parseManifests } from '../apply-manifests.ts'
import { fluxAssets } from '../start.ts'
import type { Manifest } from './truth-manifests.ts'

const modules = [
  ['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard'],
  ['github.com/cert-manager/cert-manager@v1.19.1', 'deploy/crds'],
  ['github.com/prometheus-operator/prometheus-operator@v0.85.0', 'example/prometheus-operator-crd'],
] as const

export interface Definitions {
  readonly objects: readonly Manifest[]
  /** Modules that this machine has not and cannot get. */
  readonly missing: readonly string[]
}

/** Flux's own, and those of Go modules where a Go toolchain can have them. */
export async function readDefinitions(): Promise<Definitions> {
  const objects = await readFolder(path.join(fluxAssets() ?? '', 'crds'))
  const missing: string[] = []
  for (const [module, folder] of modules) {
    const root = await moduleFolder(module)
    if (root === null) missing.push(module)
    else objects.push(...(await readFolder(path.join(root, folder))))
  }
  return { objects, missing }
}

async function readFolder(folder: string): Promise<Manifest[]> {
  const found: Manifest[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.yaml')) continue
    for (const object of parseManifests(await readFile(path.join(folder, name), 'utf8')))
      if (object.kind === 'CustomResourceDefinition') found.push(object)
  }
  return found
}

async function moduleFolder(module: string): Promise<string | null> {
  const places = [process.env['PATH'] ?? '', '/usr/local/go/bin']
  const env = { ...process.env, PATH: places.join(path.delimiter), GOFLAGS: '-mod=mod' }
  try {
    const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], {
      env,
      cwd: tmpdir(),
      timeout: 120_000,
    })
    const { Dir } = JSON.parse(stdout) as { Dir?: string }
    return Dir !== undefined && existsSync(Dir) ? Dir : null
  } catch {
    return null
  }
}

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly 'x-kubernetes-int-or-string'?: boolean
}

const words = [
  'a',
  'a.example.com',
  'https://a.example.com',
  '10s',
  '1h',
  '1m',
  '1Gi',
  'oci://a/b',
  '*',
  'A',
  '/a',
  'sha256:' + 'a'.repeat(64),
  'v1',
  '5',
  'a/b',
]

/** A value of the schema: with what is required, and down to `depth` with everything else that has a structure of its own. */
export function valueOf(schema: Schema, depth: number): unknown {
  if (schema.enum !== undefined) return schema.enum.find((each) => each !== '')
  if (schema['x-kubernetes-int-or-string'] === true) return 1
  switch (schema.type) {
    case 'object': {
      const value: Record<string, unknown> = {}
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const isRequired = schema.required?.includes(name) === true
        const isStructured = property.type === 'object' || property.type === 'array'
        if (isRequired ? property.default === undefined : depth > 0 && isStructured)
          value[name] = valueOf(property, depth - 1)
      }
      return value
    }
    case 'array':
      return schema.items === undefined
        ? []
        : Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => valueOf(schema.items!, depth - 1))
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1)
    default: {
      if (schema.format === 'date-time') return '2024-01-01T00:00:00Z'
      if (schema.format === 'byte') return 'YQ=='
      const pattern = schema.pattern
      const found = words.find((word) => pattern === undefined || new RegExp(pattern).test(word))
      return found ?? 'a'
    }
  }
}

/** By kind, where rules between fields refuse whatever is made up from the schema. */
const handWritten: Readonly<Record<string, unknown>> = {
  HelmRelease: {
    suspend: true,
    interval: '10m',
    chart: {
      spec: {
        chart: 'podinfo',
        version: '6.x',
        sourceRef: { kind: 'HelmRepository', name: 'podinfo' },
        interval: '1h',
      },
    },
    releaseName: 'podinfo',
    targetNamespace: 'steady',
    dependsOn: [{ name: 'database' }],
    driftDetection: { mode: 'enabled', ignore: [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }] },
    install: { crds: 'Create', remediation: { retries: 3 } },
    upgrade: { cleanupOnFail: true, remediation: { retries: 2, strategy: 'rollback', remediateLastFailure: true } },
    rollback: { recreate: false, timeout: '2m' },
    test: { enable: true, filters: [{ name: 'smoke', exclude: true }] },
    uninstall: { keepHistory: false },
    valuesFrom: [{ kind: 'Secret', name: 'values', valuesKey: 'more.yaml', optional: true }],
    values: { replicaCount: 2, ui: { color: '#34577c', logo: null }, list: [1, 'two', 3.5] },
    postRenderers: [{ kustomize: { images: [{ name: 'podinfo', newTag: '6.7.1' }] } }],
  },
  Receiver: {
    suspend: true,
    type: 'generic-hmac',
    interval: '10m',
    events: ['ping', 'push'],
    resources: [
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', name: '*', matchLabels: { a: 'b' } },
    ],
    resourceFilter: 'true',
    secretRef: { name: 'token' },
  },
  BackendTLSPolicy: {
    targetRefs: [{ group: '', kind: 'Service', name: 'plain', sectionName: 'https' }],
    validation: { hostname: 'a.example.com', wellKnownCACertificates: 'System' },
  },
}

/** Objects of a definition's stored version, the fullest first: which of them the API server takes is to be seen. */
export function instancesOf(definition: Manifest, namespace: string): readonly Manifest[] {
  const { group, names, scope, versions } = definition.spec
  const version = versions.find((each: any) => each.storage)
  const schema: Schema = version.schema.openAPIV3Schema
  const spec = schema.properties?.['spec']
  const own = handWritten[names.kind]
  return (own === undefined ? [3, 2, 1, 0] : [0]).map((depth): Manifest => {
    const value = spec === undefined ? undefined : ((own ?? valueOf(spec, depth)) as Record<string, unknown>)
    // Flux's own controllers would work on theirs.
    if (value !== undefined && spec?.properties?.['suspend'] !== undefined) value['suspend'] = true
    const top = Object.fromEntries(
      (schema.required ?? [])
        .filter((name) => !['apiVersion', 'kind', 'metadata', 'spec'].includes(name))
        .map((name) => [name, valueOf(schema.properties?.[name] ?? {}, depth)]),
    )
    return {
      apiVersion: `${group}/${version.name}`,
      kind: names.kind,
      metadata: { name: `made-up-${depth}`, ...(scope === 'Namespaced' ? { namespace } : {}) },
      ...top,
      ...(value === undefined ? {} : { spec: value }),
    }
  })
}
