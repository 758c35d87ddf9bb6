import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { decodeBase64 } from '../../../electron/engine/inventory/base64.ts'
import {
  formatInventoryId,
  intersectEntries,
  parseInventoryId,
  subtractEntries,
  uniteEntries,
} from '../../../electron/engine/inventory/entry.ts'
import { splitManifest } from '../../../electron/engine/inventory/manifest.ts'
import { readInventory } from '../../../electron/engine/inventory/read-inventory.ts'
import { releaseName, storageNamespace } from '../../../electron/engine/inventory/release-name.ts'
import {
  decodeRelease,
  newestReleaseSecret,
  releaseEntries,
} from '../../../electron/engine/inventory/release-storage.ts'
import { scaleCount, seed } from '../../soak.ts'
import { memoryCodec } from '../memory-codec.ts'
import { fromYaml } from '../status/yaml.ts'

describe('inventory ids', () => {
  it.each([
    ['default_web__Service', { namespace: 'default', name: 'web', group: '', kind: 'Service' }],
    ['_apps__Namespace', { namespace: '', name: 'apps', group: '', kind: 'Namespace' }],
    ['apps_podinfo_apps_Deployment', { namespace: 'apps', name: 'podinfo', group: 'apps', kind: 'Deployment' }],
    [
      '_system__controller_rbac.authorization.k8s.io_ClusterRole',
      { namespace: '', name: 'system:controller', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
    ],
    [
      'ns_a_b_rbac.authorization.k8s.io_Role',
      { namespace: 'ns', name: 'a_b', group: 'rbac.authorization.k8s.io', kind: 'Role' },
    ],
  ])('%s', (id, expected) => {
    expect(parseInventoryId(id, 'v1')).toEqual({ ...expected, version: 'v1' })
    expect(formatInventoryId(expected)).toBe(id)
  })
  it.each(['', '_', 'a_b', 'a_b_c', '___', 'a___', '_ _'])('%j has no meaning', (id) => {
    expect(parseInventoryId(id, 'v1')).toBeNull()
  })
  it('reads back every id that can be written', () => {
    const dns = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?$/)
    fc.assert(
      fc.property(
        fc.oneof(dns, fc.constant('')),
        dns,
        fc.oneof(dns, fc.constant('')),
        fc.stringMatching(/^[A-Z][A-Za-z]{0,9}$/),
        (namespace, name, group, kind) => {
          const entry = { namespace, name, group, kind }
          expect(parseInventoryId(formatInventoryId(entry), 'v1')).toEqual({ ...entry, version: 'v1' })
        },
      ),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })
  it('compares by id, not version', () => {
    const entry = (name: string, version = 'v1') => ({ namespace: 'a', name, group: '', kind: 'Secret', version })
    const [a, b, c] = [entry('a'), entry('b'), entry('c')]
    expect(subtractEntries([a, b], [entry('a', 'v2')])).toEqual([b])
    expect(uniteEntries([a, b], [entry('b', 'v2'), c])).toEqual([a, b, c])
    expect(intersectEntries([a, b], [entry('b', 'v2')])).toEqual([b])
  })
})

describe('readInventory', () => {
  it('keeps what it cannot read and drops doubles', () => {
    const object = fromYaml(
      `{status: {inventory: {entries: [{id: default_web__Service, v: v1}, {id: default_web__Service, v: v1}, {id: odd}, 3, null]}}}`,
    )
    expect(readInventory(object)).toEqual({
      entries: [{ namespace: 'default', name: 'web', group: '', kind: 'Service', version: 'v1' }],
      unreadable: ['odd'],
    })
  })
  it('reads an ArtifactGenerator', () => {
    expect(
      readInventory(
        fromYaml(`{metadata: {namespace: a}, status: {inventory: [{name: x, namespace: b}, {name: y}, {}]}}`),
      )?.entries.map((each) => `${each.namespace}/${each.name}`),
    ).toEqual(['b/x', 'a/y'])
  })
  it('is null where there is none', () => {
    expect(readInventory(fromYaml(`{status: {}}`))).toBeNull()
  })
})

describe('manifests', () => {
  it('finds each object by the top of its document', () => {
    expect(
      splitManifest(`---
# Source: chart/templates/a.yaml
apiVersion: v1
kind: Service
metadata:
  labels:
    name: not-this
  name: "web"   # comment
spec:
  metadata:
    name: nor-this
--- # next
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: 'other'}
---
{}
---
kind: List
---
apiVersion: v1\r
kind: Service\r
metadata:\r
    name: web\r
---
metadata:
  name: cm
  namespace: x
kind: ConfigMap
apiVersion: v1
data:
  text: |
    kind: Fake
    ---not a separator
`),
    ).toEqual([
      { group: '', version: 'v1', kind: 'Service', namespace: '', name: 'web' },
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'other', name: 'app' },
      { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'x', name: 'cm' },
    ])
  })
})

describe('release storage', () => {
  const release = {
    name: 'valkey',
    namespace: 'apps',
    version: 7,
    info: { status: 'deployed' },
    chart: { metadata: { name: 'valkey', version: '3.0.9' } },
    manifest:
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: valkey\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: extra\n  namespace: wrong\n',
  }
  const secret = (payload: string, version = 7, status = 'deployed'): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `sh.helm.release.v1.valkey.v${String(version)}`,
      namespace: 'apps',
      labels: { owner: 'helm', name: 'valkey', status, version: String(version) },
    },
    type: 'helm.sh/release.v1',
    data: { release: payload },
  })
  const encode = (bytes: Buffer) => Buffer.from(bytes.toString('base64')).toString('base64')

  it('reads gzipped and plain payloads', () => {
    for (const bytes of [gzipSync(JSON.stringify(release)), Buffer.from(JSON.stringify(release))]) {
      const stored = decodeRelease(secret(encode(bytes)), memoryCodec)
      expect(stored).toMatchObject({
        name: 'valkey',
        namespace: 'apps',
        revision: 7,
        status: 'deployed',
        chartName: 'valkey',
        chartVersion: '3.0.9',
      })
      expect(
        releaseEntries(stored, (_group, kind) => kind !== 'Namespace').map((each) => formatInventoryId(each)),
      ).toEqual(['apps_valkey__Service', '_extra__Namespace'])
    }
  })
  it.each([
    ['', 'is empty'],
    ['%%%', 'not base64'],
    [Buffer.from('%%%').toString('base64'), 'payload is not base64'],
    [encode(Buffer.from('{')), 'not (gzipped) JSON'],
    [encode(Buffer.from([0x1f, 0x8b, 0x08, 1, 2, 3])), 'not (gzipped) JSON'],
    ['A'.repeat(5 * 1024 * 1024), 'too large'],
  ])('names the Secret where it cannot: %#', (payload, what) => {
    expect(() => decodeRelease(secret(payload), memoryCodec)).toThrow(what)
    expect(() => decodeRelease(secret(payload), memoryCodec)).toThrow('apps/sh.helm.release.v1.valkey.v7')
  })
  it('refuses a payload that inflates without end', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    expect(() => decodeRelease(secret(encode(bomb)), memoryCodec)).toThrow('cannot be read')
  })
  it('takes the newest deployed revision, else the newest', () => {
    expect(
      newestReleaseSecret([secret('', 1, 'superseded'), secret('', 2), secret('', 3, 'failed')])?.metadata.name,
    ).toBe('sh.helm.release.v1.valkey.v2')
    expect(newestReleaseSecret([secret('', 9, 'failed'), secret('', 10, 'pending-install')])?.metadata.name).toBe(
      'sh.helm.release.v1.valkey.v10',
    )
    expect(newestReleaseSecret([{ ...secret(''), type: 'Opaque' }])).toBeNull()
  })
  it('knows where a HelmRelease keeps it', () => {
    expect(releaseName(fromYaml('{metadata: {name: a}, spec: {targetNamespace: t}}'), memoryCodec)).toBe('t-a')
    expect(
      releaseName(
        fromYaml('{metadata: {name: a}, spec: {releaseName: r}, status: {history: [{name: h}]}}'),
        memoryCodec,
      ),
    ).toBe('h')
    expect(releaseName(fromYaml(`{metadata: {name: ${'a'.repeat(60)}}}`), memoryCodec)).toMatch(/^a{40}-[0-9a-f]{12}$/)
    expect(storageNamespace(fromYaml('{metadata: {namespace: a}, spec: {storageNamespace: s}}'))).toBe('s')
  })
  it('decodes base64 as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes)
      }),
      { numRuns: scaleCount(2000), seed: seed() },
    )
  })
})
