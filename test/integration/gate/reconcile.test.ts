/** Reconciling with the real controllers: the stages as they come, where they stop, and what a run is waited for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperationItem } from '../../../shared/model/actions.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import type { LiveGate } from './live-gate.ts'
import { startLiveGate, until } from './live-gate.ts'

const assets = fluxAssets()
let cluster: TestCluster
let flux: RunningFlux
let git: GitServer
let repository: GitRepository
let live: LiveGate

const configMap = (name: string, value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: default}
data: {value: "${value}"}
`

function ref(kind: string, name: string): ObjectRef {
  const group = { GitRepository: 'source', Kustomization: 'kustomize', HelmRelease: 'helm' }[kind] ?? ''
  return { cluster: live.view.id, group: `${group}.toolkit.fluxcd.io`, kind, namespace: 'default', name }
}

async function run(
  action: 'reconcile' | 'reconcileWithSource' | 'force' | 'reset',
  target: ObjectRef,
): Promise<OperationItem> {
  const { item } = await live.ended(await live.start({ action, refs: [target] }))
  if (item === null) throw new Error('expected one item')
  return item
}

function states(item: OperationItem | undefined): string {
  return (item?.stages ?? []).map(({ name, state }) => `${name} ${state}`).join(', ')
}

async function isReady(target: ObjectRef, word = 'Ready'): Promise<void> {
  await until(
    () =>
      live.view.rows !== undefined &&
      [...live.view.rows()].some(
        (row) => row.ref.kind === target.kind && row.ref.name === target.name && row.status.word === word,
      ),
    60_000,
  )
}

describe.skipIf(assets === null)('with the real controllers', () => {
  beforeAll(async () => {
    cluster = await startTestCluster()
    // notification-controller too: without it each event costs the others 15 s of retries.
    flux = await startFluxControllers(cluster, { assets: assets ?? '' })
    git = await startGitServer()
    repository = await git.createRepository('fleet', {
      'apps/config.yaml': configMap('app', '1'),
      'slow/job.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: slow, namespace: default}\n',
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/templates/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-chart}\ndata: {a: b}\n',
    })
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: default}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: fleet}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: broken, namespace: default}
spec: {interval: 1h, prune: true, path: ./nowhere, sourceRef: {kind: GitRepository, name: fleet}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: waiting, namespace: default}
spec: {interval: 1h, prune: true, path: ./slow, sourceRef: {kind: GitRepository, name: fleet}, dependsOn: [{name: broken}]}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  interval: 1h
  chart: {spec: {chart: ./chart, reconcileStrategy: Revision, sourceRef: {kind: GitRepository, name: fleet}}}
`)
    live = await startLiveGate(cluster.kubeconfigPath)
    await isReady(ref('Kustomization', 'apps'))
    await isReady(ref('HelmRelease', 'web'))
  })

  afterAll(async () => {
    await live?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  it('a Kustomization goes through all four stages', async () => {
    const item = await run('reconcile', ref('Kustomization', 'apps'))
    expect(item).toMatchObject({ state: 'done', error: null })
    expect(states(item)).toBe('requested done, fetched done, applied done, healthy done')
    expect(item.stages[1]?.message).toMatch(/^main@sha1:[0-9a-f]{7}$/)
    expect(item.message).toMatch(/^Applied revision: main@sha1:/)
  })

  it('a source ends with fetched', async () => {
    const item = await run('reconcile', ref('GitRepository', 'fleet'))
    expect(states(item)).toBe('requested done, fetched done, applied skipped, healthy skipped')
  })

  it('with source brings a new commit to the cluster, in one go', async () => {
    const sha = await repository.commit({ 'apps/config.yaml': configMap('app', '2') })
    const item = await run('reconcileWithSource', ref('Kustomization', 'apps'))
    expect(item.state).toBe('done')
    expect(item.message).toContain(sha)
    const applied = await cluster.requestOk<
      { data: { value: string } } & { apiVersion: string; kind: string; metadata: { name: string } }
    >('GET', '/api/v1/namespaces/default/configmaps/app')
    expect(applied.data.value).toBe('2')
  })

  it('a failing build fails at once, says where, and with which words', async () => {
    await repository.commit({ 'apps/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [' })
    const startedAt = performance.now()
    const item = await run('reconcileWithSource', ref('Kustomization', 'apps'))
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    expect(item).toMatchObject({ state: 'failed', error: { code: 'ReconcileFailed' } })
    expect(states(item)).toBe('requested done, fetched done, applied failed, healthy waiting')
    await repository.commit({ 'apps/config.yaml': configMap('app', '3') })
    expect((await run('reconcileWithSource', ref('Kustomization', 'apps'))).state).toBe('done')
  })

  it('a source that cannot be fetched stops the run before the object is asked', async () => {
    git.failWith(500)
    const item = await run('reconcileWithSource', ref('Kustomization', 'apps'))
    git.failWith(null)
    expect(item).toMatchObject({ state: 'failed', error: { code: 'ReconcileFailed' } })
    expect(item.message).toContain('GitRepository default/fleet failed to reconcile')
    expect(states(item)).toBe('requested done, fetched failed, applied waiting, healthy waiting')
    expect((await run('reconcile', ref('GitRepository', 'fleet'))).state).toBe('done')
  })

  it('a path that is not there stops at fetched', async () => {
    const item = await run('reconcile', ref('Kustomization', 'broken'))
    expect(item).toMatchObject({ state: 'failed', error: { code: 'ReconcileFailed' } })
    expect(states(item)).toBe('requested done, fetched failed, applied waiting, healthy waiting')
  })

  it('waits for a dependency until it is canceled', async () => {
    const operation = await live.start({ action: 'reconcile', refs: [ref('Kustomization', 'waiting')] })
    const seen = live.follow(operation)
    await until(() =>
      seen.at(-1)?.stages.some(({ state, message }) => state === 'waiting' && message.includes('broken')),
    )
    expect(seen.at(-1)?.state).toBe('running')
    await live.gate.handlers['operation.cancel']({ operation }, live.call)
    const ended = await live.ended(operation)
    expect(ended).toMatchObject({ state: 'canceled', item: { state: 'canceled', error: { code: 'Canceled' } } })
  })

  it('a HelmRelease is forced and reset, and reconciled with its chart and source', async () => {
    const forced = await run('force', ref('HelmRelease', 'web'))
    expect(forced).toMatchObject({ state: 'done', error: null })
    const at = '/apis/helm.toolkit.fluxcd.io/v2/namespaces/default/helmreleases/web'
    const { status } = await cluster.requestOk<{
      apiVersion: string
      kind: string
      metadata: { name: string; annotations: Record<string, string> }
      status: { lastHandledForceAt: string; lastHandledReconcileAt: string; history: { action: string }[] }
    }>('GET', at)
    expect(status.lastHandledForceAt).toBe(status.lastHandledReconcileAt)
    expect((await run('reset', ref('HelmRelease', 'web'))).state).toBe('done')
    await repository.commit({
      'chart/templates/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-chart}\ndata: {a: c}\n',
    })
    const item = await run('reconcileWithSource', ref('HelmRelease', 'web'))
    expect(states(item)).toBe('requested done, fetched done, applied done, healthy done')
    const applied = await cluster.requestOk<{
      apiVersion: string
      kind: string
      metadata: { name: string }
      data: unknown
    }>('GET', '/api/v1/namespaces/default/configmaps/from-chart')
    expect(applied.data).toEqual({ a: 'c' })
  })

  it('gates closed here are seen by flux, and the other way round', async () => {
    const target = ref('Kustomization', 'apps')
    await live.ended(await live.start({ action: 'suspend', refs: [target] }))
    const refused = await live.prepare({ action: 'reconcile', refs: [target] })
    expect(refused.items[0]?.refusal?.code).toBe('SuspendedRefused')
    const said = await flux.fluxCli(['get', 'kustomization', 'apps', '-n', 'default', '--no-header'])
    expect(said.stdout.split('\t').map((cell) => cell.trim())).toContain('True')
    expect((await flux.fluxCli(['reconcile', 'kustomization', 'apps', '-n', 'default'])).stderr).toContain('suspended')
    const resumed = await flux.fluxCli(['resume', 'kustomization', 'apps', '-n', 'default', '--timeout=30s'])
    expect(resumed.code).toBe(0)
    await flux.fluxCli(['suspend', 'kustomization', 'apps', '-n', 'default'])
    const plan = await live.prepare({ action: 'resume', refs: [target] })
    expect(plan.items[0]?.notes[0]?.text).toMatch(/^Suspended by flux/)
    expect((await live.ended(await live.execute(plan))).state).toBe('done')
    expect((await run('reconcile', target)).state).toBe('done')
  })

  it('many at once each come to their own end, their source asked once for all', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many-${String(index)}`)
    await cluster.applyYaml(
      names
        .map(
          (name) => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default}
spec: {interval: 1h, prune: true, path: ./slow, sourceRef: {kind: GitRepository, name: fleet}}
---`,
        )
        .join(''),
    )
    // A new object's spec moves once more: the controller writes defaults along with its finalizer.
    for (const name of names) await isReady(ref('Kustomization', name))
    const refs = [...names.map((name) => ref('Kustomization', name)), ref('Kustomization', 'broken')]
    const ended = await live.ended(await live.start({ action: 'reconcileWithSource', refs }))
    const notDone = live.items(ended.key).filter(({ state }) => state !== 'done')
    expect(notDone.map(({ ref, message }) => [ref.name, message])).toEqual([
      ['broken', expect.stringContaining('failed to reconcile') as string],
    ])
    expect(ended).toMatchObject({ total: 21, done: 20, failed: 1, state: 'failed' })
    // One request to the source for all of them.
    const audit = await live.auditLines()
    const toSource = audit.filter(
      ({ object, plan }) => (object as { kind: string }).kind === 'GitRepository' && plan === audit.at(-1)?.['plan'],
    )
    expect(toSource).toHaveLength(1)
  })
})
