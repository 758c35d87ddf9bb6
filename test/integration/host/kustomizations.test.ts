/** The Kustomization reconciler beside the real kustomize-controller: what both leave behind is equal, field by field. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { fluxAssets } from '../../cluster/start.ts'
import type { Twins } from './twin-kustomizations.ts'
import { maskText } from './fleet-compare.ts'
import { ours, readUntilEqual, real } from './one-run.ts'
import { startTwins } from './twin-kustomizations.ts'

const configMap = (name: string, data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const deployment = (name: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      progressDeadlineSeconds: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  })

describe.skipIf(fluxAssets() === null)('beside the real controller', () => {
  let twins: Twins

  async function expectEqual(name: string): Promise<void> {
    const [theirs, mine] = await readUntilEqual(() => twins.both(name), 3_000)
    expect(mine).toEqual(theirs)
    const [told, said] = await twins.events(name)
    expect(said).toEqual(told)
  }

  beforeAll(async () => {
    twins = await startTwins()
  })
  afterAll(() => twins.stop())

  it('applies, and a second pass writes one status and tells one event', async () => {
    await twins.commit({
      'plain/a.yaml': configMap('plain-a', { a: '1' }),
      'plain/b.yaml': configMap('plain-b', { b: '1' }),
    })
    await twins.put('plain', {})
    await twins.settle('plain')
    await expectEqual('plain')
    for (const name of ['plain-a', 'plain-b']) {
      const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', name)
      expect(mine).toEqual(theirs)
    }
    const { requests, events, outcome } = await twins.settle('plain')
    const writes = requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)
    expect(writes).toEqual([
      `PATCH /apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${ours}/kustomizations/plain/status?fieldManager=gotk-kustomize-controller`,
    ])
    expect(events).toHaveLength(1)
    expect(outcome).toMatchObject({ result: 'succeeded', state: 'sleeping', requeueAfterMs: 3_600_000 })
    await expectEqual('plain')
  })

  it('says what a failing build, a missing path and a missing source come to', async () => {
    await twins.commit({ 'broken/kustomization.yaml': 'resources: [absent.yaml]\n' })
    await twins.put('broken', {})
    await twins.put('pathless', {})
    await twins.put('sourceless', { sourceRef: { kind: 'GitRepository', name: 'absent', namespace: 'flux-system' } })
    for (const name of ['broken', 'pathless', 'sourceless']) {
      const { outcome } = await twins.settle(name)
      expect(outcome.requeueAfterMs, name).toBe(7_200_000)
      await expectEqual(name)
    }
  })

  it('waits for dependencies, and acknowledges requests while suspended', async () => {
    await twins.commit({ 'leaf/a.yaml': configMap('leaf', {}) })
    await twins.put('leaf', { dependsOn: [{ name: 'broken' }] })
    expect((await twins.settle('leaf')).outcome).toMatchObject({ state: 'waiting', requeueAfterMs: 30_000 })
    await expectEqual('leaf')
    await twins.put('leaf', { dependsOn: [{ name: 'nobody' }] })
    await twins.settle('leaf')
    await expectEqual('leaf')
    await twins.settle('plain')
    await twins.put('leaf', { dependsOn: [{ name: 'plain' }] })
    await twins.settle('leaf')
    await expectEqual('leaf')
    await twins.put('leaf', {
      dependsOn: [{ name: 'plain', readyExpr: 'self.metadata.name == "leaf" && dep.spec.prune' }],
    })
    await twins.settle('leaf')
    await expectEqual('leaf')
    await twins.put('leaf', { suspend: true })
    expect((await twins.settle('leaf')).outcome).toMatchObject({ state: 'suspended', requeueAfterMs: null })
    await expectEqual('leaf')
  })

  it('stalls on expressions that do not compile', async () => {
    await twins.put('plain', { healthCheckExprs: [{ apiVersion: 'v1', kind: 'ConfigMap', current: 'data.' }] })
    expect((await twins.settle('plain')).outcome).toMatchObject({ result: 'failed', requeueAfterMs: null })
    const [theirs, mine] = await twins.both('plain')
    const told = (object: unknown): unknown =>
      (object as { status: { conditions: Record<string, string>[] } }).status.conditions.map(
        ({ type, status, reason, message = '' }) => [type, status, reason, maskText(message)],
      )
    expect(told(mine)).toEqual(told(theirs))
    await twins.put('plain', { healthCheckExprs: null })
    await twins.settle('plain')
  })

  it('waits for health, and tells what fails', async () => {
    await twins.commit({ 'health/a.yaml': configMap('health', {}), 'sick/a.yaml': deployment('sick') })
    await twins.put('health', {
      wait: true,
      commonMetadata: { labels: { team: 'a' } },
      postBuild: { substitute: { v: '1' } },
    })
    await twins.settle('health')
    await expectEqual('health')
    const { requests, events } = await twins.settle('health')
    expect(requests.filter(({ method }) => method !== 'GET')).toHaveLength(1)
    expect(events).toHaveLength(1)
    await expectEqual('health')
    await twins.put('sick', { wait: true, timeout: '40s' })
    await twins.settle('sick')
    await expectEqual('sick')
  })

  it('prunes what is gone, keeps what says so, and forgets with prune off', async () => {
    const kept = configMap('prune-kept', {}).replace(
      '"name"',
      '"annotations":{"kustomize.toolkit.fluxcd.io/prune":"disabled"},"name"',
    )
    await twins.commit({
      'prune/a.yaml': configMap('prune-a', {}),
      'prune/b.yaml': configMap('prune-b', {}),
      'prune/c.yaml': kept,
    })
    await twins.put('prune', {})
    await twins.settle('prune')
    await twins.commit({ 'prune/b.yaml': null, 'prune/c.yaml': null })
    await twins.settle('prune')
    await expectEqual('prune')
    expect(await twins.bothOf('v1', 'ConfigMap', 'prune-b')).toEqual([null, null])
    const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', 'prune-kept')
    expect(mine).toEqual(theirs)
    await twins.put('prune', { prune: false })
    await twins.commit({ 'prune/a.yaml': configMap('prune-d', {}) })
    await twins.settle('prune')
    await expectEqual('prune')
    expect((await twins.get('v1', 'ConfigMap', ours, 'prune-a'))?.metadata.name).toBe('prune-a')
  })

  it('recreates by force, and says what cannot be changed without', async () => {
    const fixed = (a: string): string => configMap('force', { a }).replace('"data"', '"immutable":true,"data"')
    await twins.commit({ 'force/a.yaml': fixed('1') })
    await twins.put('force', {})
    await twins.settle('force')
    await twins.commit({ 'force/a.yaml': fixed('2') })
    await twins.settle('force')
    await expectEqual('force')
    await twins.put('force', { force: true })
    await twins.settle('force')
    await expectEqual('force')
    const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', 'force')
    expect(mine).toEqual(theirs)
  })

  it('applies as the service account, or says that it may not', async () => {
    await twins.commit({ 'tenant/a.yaml': configMap('tenant', {}) })
    await twins.put('tenant', { serviceAccountName: 'nobody' })
    await twins.settle('tenant')
    await expectEqual('tenant')
  })

  it('applies to the cluster of a kubeconfig, or says that there is none', async () => {
    await twins.commit({ 'remote/a.yaml': configMap('remote', {}) })
    await twins.put('remote', { kubeConfig: { secretRef: { name: 'remote' } } })
    await twins.settle('remote')
    await expectEqual('remote')
    const stringData = { value: await readFile(twins.cluster.kubeconfigPath, 'utf8') }
    for (const namespace of [real, ours])
      await twins.cluster.applyObjects([
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'remote', namespace }, stringData },
      ])
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await twins.settle('remote')
    await expectEqual('remote')
    const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', 'remote')
    expect(mine).toEqual(theirs)
  })

  it('is deleted by each policy', async () => {
    const policies = { mirror: 'MirrorPrune', kept: 'Orphan', waited: 'WaitForTermination', gone: 'Delete' }
    const files = Object.keys(policies).map((name) => [`${name}/a.yaml`, configMap(name, {})] as const)
    await twins.commit(Object.fromEntries(files))
    for (const [name, deletionPolicy] of Object.entries(policies)) {
      await twins.put(name, { deletionPolicy, prune: name !== 'gone' })
      await twins.settle(name)
      await twins.remove(name)
      await twins.run(name)
      const kind = ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization'] as const
      expect(await twins.get(...kind, ours, name), name).toBeNull()
      await waitUntil(async () => (await twins.get(...kind, real, name)) === null, 60_000)
      const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', name)
      expect(mine, name).toEqual(theirs)
      const [told, said] = await twins.events(name)
      expect(said, name).toEqual(told)
    }
  })
})
