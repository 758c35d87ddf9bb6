/** `sluice` as a person or a script runs it: a process of its own on a real API server, with the real controllers where they are. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCustomResourceDefinitions } from '../../../shared/flux/custom-resource-definitions.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import type { Ran } from '../run-sluice.ts'
import { runSluice } from '../run-sluice.ts'

const assets = fluxAssets()
let cluster: TestCluster
let flux: RunningFlux | null = null
let git: GitServer
let home: string

const sluice = (args: readonly string[], more: Partial<Parameters<typeof runSluice>[1]> = {}): Promise<Ran> =>
  runSluice(args, { home, kubeconfig: cluster.kubeconfigPath, ...more })

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'))
  cluster = await startTestCluster()
  git = await startGitServer()
  if (assets === null) await cluster.applyObjects(createCustomResourceDefinitions() as unknown as readonly KubeObject[])
  else flux = await startFluxControllers(cluster, { assets })
  const { url } = await git.createRepository('fleet', {
    'apps/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: default}\n',
  })
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: default}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: fleet}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: upper, namespace: default}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: fleet}, dependsOn: [{name: apps}]}
`)
})

afterAll(async () => {
  await flux?.stop()
  await git?.stop()
  await cluster?.stop()
  await rm(home, { recursive: true, force: true })
})

describe('reading', () => {
  it('lists contexts without connecting', async () => {
    const { code, out } = await sluice(['contexts'])
    expect(code).toBe(0)
    expect(out.split('\n')[1]).toMatch(/^\* +test +https:\/\/127\.0\.0\.1:\d+/)
    expect((await sluice(['contexts', '-o', 'name'])).out).toBe('test\n')
  })

  it('gets kinds by short name, plural and kind, as table, json, yaml and names', async () => {
    const table = await sluice(['get', 'ks'])
    expect(table).toMatchObject({ code: 0, words: '' })
    expect(table.out.split('\n')[0]).toMatch(/^NAME +REVISION +SUSPENDED +STATUS +AGE +MESSAGE$/)
    const names = 'kustomization.kustomize.toolkit.fluxcd.io/apps\nkustomization.kustomize.toolkit.fluxcd.io/upper\n'
    expect((await sluice(['get', 'kustomizations', '-o', 'name'])).out).toBe(names)
    const rows = JSON.parse((await sluice(['get', 'Kustomization', '-A', '-o', 'json'])).out) as {
      ref: { name: string }
    }[]
    expect(rows.map(({ ref }) => ref.name)).toEqual(['apps', 'upper'])
    const one = JSON.parse((await sluice(['get', 'ks', 'apps', '-o', 'json'])).out) as { isSuspended: boolean }
    expect(one.isSuspended).toBe(false)
    expect((await sluice(['get', 'gitrepo', 'fleet', '-o', 'yaml'])).out).toContain('name: fleet')
    const all = await sluice(['get', 'all', '-o', 'name'])
    expect(all.out.trim().split('\n').sort()).toEqual([
      'gitrepository.source.toolkit.fluxcd.io/fleet',
      ...names.trim().split('\n'),
    ])
  })

  it('says what is empty, missing, unknown and unreachable, with its exit code', async () => {
    expect(await sluice(['get', 'hr'])).toMatchObject({
      code: 0,
      out: '',
      words: 'No helmreleases in namespace default.\n',
    })
    const missing = await sluice(['get', 'ks', 'nope'])
    expect(missing).toMatchObject({ code: 1, out: '' })
    expect(missing.words).toContain('Kustomization nope was not found in namespace default')
    expect((await sluice(['get', 'wombats'])).code).toBe(2)
    expect((await sluice(['get', 'ks', '--context', 'elsewhere'])).code).toBe(2)
    expect((await sluice(['get', 'ks', '-o', 'xml'])).code).toBe(2)
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    const dead = path.join(home, 'dead')
    await writeFile(dead, text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'))
    const unreachable = await sluice(['get', 'ks'], { kubeconfig: dead })
    expect(unreachable).toMatchObject({ code: 1, out: '' })
    expect(unreachable.words).toContain('127.0.0.1:1')
    await writeFile(dead, 'clusters: [')
    expect((await sluice(['get', 'ks', '--kubeconfig', dead])).code).toBe(1)
  })

  it('shows tree and events of an object', async () => {
    const tree = await sluice(['tree', 'ks/apps'])
    expect(tree.code).toBe(0)
    expect(tree.out.split('\n')[1]).toMatch(/^ks\/default\/apps/)
    expect((await sluice(['events', 'ks/apps'])).code).toBe(0)
    expect((await sluice(['tree', 'apps'])).code).toBe(2)
  })
})

describe('changing', () => {
  it('asks for --yes where nobody can be asked, before it connects', async () => {
    const refused = await sluice(['suspend', 'ks', 'apps'], { kubeconfig: path.join(home, 'none') })
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.words).toContain('--yes')
  })

  it('suspends with reason and until after showing the plan, and resumes', async () => {
    const closed = await sluice(['suspend', 'ks', 'apps', '--reason', 'database', '--until', '2h', '--yes'])
    expect(closed.words).toMatch(/Plan for test: 1 to change/)
    expect(closed.words).toMatch(/spec\/suspend: \(absent\) → true/)
    expect(closed.words).toContain('1 depend on it: default/upper')
    expect(closed.code).toBe(0)
    expect(closed.out.split('\n')[1]).toMatch(/^Kustomization +default\/apps +suspended$/)
    const object = await cluster.requestOk<KubeObject>(
      'GET',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/apps',
    )
    expect(object.metadata.annotations).toMatchObject({ 'sluice.dev/suspend-reason': 'database' })
    const again = await sluice(['suspend', 'ks', 'apps', '--yes'])
    expect(again).toMatchObject({ code: 0 })
    expect(again.out).toContain('unchanged')
    expect((await sluice(['reconcile', 'ks', 'apps', '--yes'])).code).toBe(1)
    const mixed = await sluice(['resume', 'ks', 'apps', 'ghost', '--yes', '-o', 'name'])
    expect(mixed).toMatchObject({ code: 1, out: 'kustomization.kustomize.toolkit.fluxcd.io/apps\n' })
    expect(mixed.words).toContain('Kustomization default/ghost')
    const audit = await sluice(['audit', '-o', 'jsonl'])
    expect(
      audit.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { client: string; action: string })
        .map(({ client, action }) => `${client} ${action}`),
    ).toEqual(['cli suspend', 'cli resume'])
    expect(await sluice(['audit', '--verify'])).toMatchObject({ code: 0, words: '' })
    // The window has never been here: which cluster the context is, nobody knows.
    expect(await sluice(['history', 'ks/apps'])).toMatchObject({ code: 1, out: '' })
    const happened = await sluice(['history', 'ks/apps', '--all-contexts', '-o', 'json'])
    expect((JSON.parse(happened.out) as { reason: string }[]).map(({ reason }) => reason)).toEqual([
      'Suspend',
      'Resume',
    ])
  })

  it('keeps production to its rules', async () => {
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    const production = path.join(home, 'production')
    await writeFile(production, text.replaceAll('test', 'production'))
    const refused = await sluice(['suspend', 'ks', 'apps', '--yes', '--reason', 'x'], { kubeconfig: production })
    expect(refused.code).toBe(1)
    expect(refused.words).toContain('read-only')
  })

  it.skipIf(assets === null)('reconciles, waits with stages, and fails with the reason', async () => {
    const sent = await sluice(['reconcile', 'ks', 'apps', '--yes'])
    expect(sent.code).toBe(0)
    expect(sent.out).toMatch(/requested|reconciled/)
    const waited = await sluice(['reconcile', 'ks', 'apps', '--with-source', '--yes'])
    expect(waited.code).toBe(0)
    expect(waited.out.split('\n')[1]).toMatch(/reconciled +Applied revision: main@sha1:/)
    expect(waited.words).toContain('default/apps: fetched')
  })

  it.skipIf(assets === null)('cancels on Ctrl-C, and says so', async () => {
    await cluster.applyYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: stuck, namespace: default}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: fleet}, dependsOn: [{name: ghost}]}
`)
    await expect.poll(async () => (await sluice(['get', 'ks', 'stuck'])).out, { timeout: 30_000 }).toContain('Waiting')
    let isKilled = false
    const canceled = await sluice(['reconcile', 'ks', 'stuck', '--wait', '--yes'], {
      onWords(words, kill) {
        if (isKilled || !words.includes('default/stuck: fetched')) return
        isKilled = true
        kill('SIGINT')
      },
    })
    expect(canceled.code).toBe(1)
    expect(canceled.out).toContain('canceled')
  })
})
