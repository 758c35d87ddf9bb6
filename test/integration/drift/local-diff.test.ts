/** `sluice diff` as a person runs it: a folder against a real API server on which the objects were applied as the controller applies them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCustomResourceDefinitions } from '../../../shared/flux/custom-resource-definitions.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { runSluice } from '../run-sluice.ts'

const group = 'kustomize.toolkit.fluxcd.io'
const labels = `labels: {${group}/name: apps, ${group}/namespace: default}`
let cluster: TestCluster
let home: string
let folder: string

const sluice = (args: readonly string[]) => runSluice(args, { home, kubeconfig: cluster.kubeconfigPath })
const diff = (...args: readonly string[]) =>
  sluice(['diff', '-f', path.join(folder, 'ks.yaml'), '--root', folder, ...args])
const put = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), text)
}

const deployment = (replicas: number, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop${more}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.test/web:1
          ports: [{containerPort: 8080}]
`
const settings = (value: string, more = '') => `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop${more}}
data:
  level: ${value}
`
const kustomization = (spec = '') => `apiVersion: ${group}/v1
kind: Kustomization
metadata: {name: apps, namespace: default}
spec:
  interval: 1h
  prune: true
  path: ./apps
  sourceRef: {kind: GitRepository, name: fleet}
${spec}`

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sluice-diff-'))
  cluster = await startTestCluster()
  await cluster.applyObjects(createCustomResourceDefinitions() as unknown as readonly KubeObject[])
  await cluster.applyYaml('apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n')
  const sources =
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: fleet, namespace: default}\nspec: {interval: 1h, url: "https://example.test/fleet"}\n'
  await cluster.applyYaml(`${sources}---\n${kustomization()}`)
  await cluster.applyYaml(
    [
      deployment(2, `, ${labels}`),
      settings('info', `, ${labels}`),
      settings('x', `, ${labels}`).replace('settings', 'old'),
    ].join('---\n'),
    'kustomize-controller',
  )
  const entries = ['shop_web_apps_Deployment', 'shop_settings__ConfigMap', 'shop_old__ConfigMap'].map((id) => ({
    id,
    v: 'v1',
  }))
  await cluster.requestOk(
    'PATCH',
    `/apis/${group}/v1/namespaces/default/kustomizations/apps/status`,
    { status: { inventory: { entries } } },
    'application/merge-patch+json',
  )
})
afterAll(async () => {
  await cluster?.stop()
  await rm(home, { recursive: true, force: true })
})
beforeEach(async () => {
  folder = await mkdtemp(path.join(home, 'tree-'))
  await put('ks.yaml', kustomization())
  await put('apps/web.yaml', deployment(2))
  await put('apps/settings.yaml', settings('info'))
  await put('apps/old.yaml', settings('x').replace('settings', 'old'))
})

describe('a local tree against the cluster', () => {
  it('differs in nothing where nothing was changed: exit code 0', async () => {
    const { code, out, words } = await diff()
    expect(out).toBe('')
    expect(words).toContain('0 of 3 objects in 1 owner differ from Git.')
    expect(code).toBe(0)
  })

  it('differs in the field that was changed, in what is new and in what would be pruned: exit code 1', async () => {
    await put('apps/web.yaml', deployment(3))
    await put('apps/new.yaml', settings('new').replace('settings', 'new'))
    await rm(path.join(folder, 'apps/old.yaml'))
    const { code, out } = await diff()
    expect(code).toBe(1)
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^OWNER +OBJECT +FIELD +MANAGER +AGE +GIT → LIVE$/)
    expect(lines.slice(1).map((line) => line.split(/ {2,}/))).toEqual([
      ['Kustomization default/apps', 'ConfigMap shop/new', 'missing'],
      [
        'Kustomization default/apps',
        'Deployment shop/web',
        'spec.replicas',
        'kustomize-controller',
        expect.any(String),
        '3 → 2',
      ],
      ['Kustomization default/apps', 'ConfigMap shop/old', 'not in Git any more'],
    ])
  })

  it('is printed as a diff, and as JSON', async () => {
    await put('apps/settings.yaml', settings('debug'))
    const { code, out } = await diff('-o', 'diff')
    expect(code).toBe(1)
    expect(out).toContain(
      '# Kustomization default/apps: ConfigMap shop/settings, apps/settings.yaml:1\n--- Git/ConfigMap/shop/settings\n+++ live/ConfigMap/shop/settings\n',
    )
    expect(out).toMatch(/^-.*level: debug$/m)
    expect(out).toMatch(/^\+.*level: info$/m)
    const { objects } = (
      JSON.parse((await diff('-o', 'json')).out) as { owners: { objects: { action: string; fields: unknown[] }[] }[] }
    ).owners[0]!
    expect(objects.map(({ action }) => action).sort()).toEqual(['configured', 'unchanged', 'unchanged'])
    expect(objects.find(({ action }) => action === 'configured')?.fields).toHaveLength(1)
  })

  it('uses the variables of the cluster, and says when they are missing: exit code 2', async () => {
    await put('ks.yaml', kustomization('  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n'))
    await put('apps/settings.yaml', settings('${level}'))
    const missing = await diff()
    expect(missing.code).toBe(2)
    expect(missing.words).toContain('Kustomization default/apps could not be compared:')
    expect(missing.words).toContain(`substitute from 'ConfigMap/vars' error: configmaps "vars" not found`)
    await cluster.applyYaml(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: default}\ndata: {level: info}\n',
    )
    expect(await diff()).toMatchObject({ code: 0, out: '' })
  })

  it('fails with exit code 2 where there is nothing to compare', async () => {
    await put('ks.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n')
    expect(await diff()).toMatchObject({ code: 2, words: expect.stringContaining('holds no Kustomization') as unknown })
    await put('ks.yaml', kustomization().replace('./apps', './gone'))
    expect(await diff()).toMatchObject({
      code: 2,
      words: expect.stringContaining('kustomization path not found') as unknown,
    })
    expect((await sluice(['diff', '-o', 'yaml'])).code).toBe(2)
    expect((await sluice(['diff', '--help'])).code).toBe(0)
  })
})
