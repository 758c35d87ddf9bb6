/** Drift looked for all the time, on a real API server with the real controllers: what is edited shows at once, what is not does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DriftObject } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { Operation } from '../../../shared/model/actions.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { DriftEngine } from '../../cluster/drift/drift-engine.ts'
import { startDriftEngine } from '../../cluster/drift/drift-engine.ts'
import { countDryRuns } from '../../cluster/dry-run-count.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'

const assets = fluxAssets()
const count = 12
const names = Array.from({ length: count }, (_each, index) => `app-${String(index)}`)

const files = (name: string, replicas = 2): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: default}
data: {color: "\${color}", replicas: "${String(replicas)}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  replicas: ${String(replicas)}
  selector: {matchLabels: {app: ${name}}}
  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: web, image: "web:1"}]}}
`

describe.skipIf(assets === null)('with the real controllers', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let repository: GitRepository
  let sluice: DriftEngine
  const owner = (name: string): Promise<ObjectRef> => sluice.ref('Kustomization', 'default', name)
  const checked = (): number => [...sluice.owners.values()].filter(({ state }) => state === 'checked').length
  const drifted = (): readonly DriftObject[] => [...sluice.objects.values()].filter(({ action }) => isDrift(action))
  const suspend = (name: string, isSuspended: boolean): Promise<unknown> =>
    cluster.requestOk(
      'PATCH',
      `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/${name}`,
      { spec: { suspend: isSuspended } },
      'application/merge-patch+json',
    )
  const edit = (name: string, replicas: number): Promise<unknown> =>
    cluster.requestOk(
      'PATCH',
      `/apis/apps/v1/namespaces/default/deployments/${name}?fieldManager=editor`,
      { spec: { replicas } },
      'application/merge-patch+json',
    )
  const dryRuns = (): Promise<number> => countDryRuns(cluster)
  const revisionOf = async (name: string): Promise<string> => {
    const { status } = await cluster.requestOk<{ status?: { lastAppliedRevision?: string } }>(
      'GET',
      `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/${name}`,
    )
    return status?.lastAppliedRevision ?? ''
  }

  /** Its newest spec was applied. */
  const isObserved = async (name: string): Promise<boolean> => {
    const { metadata, status } = await cluster.requestOk<{
      metadata: { generation: number }
      status?: { observedGeneration?: number; conditions?: readonly { type: string; status: string }[] }
    }>('GET', `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/${name}`)
    const isReady = status?.conditions?.some(({ type, status: word }) => type === 'Ready' && word === 'True') === true
    return isReady && status.observedGeneration === metadata.generation
  }

  beforeAll(async () => {
    if (assets === null) return
    cluster = await startTestCluster()
    git = await startGitServer()
    flux = await startFluxControllers(cluster, {
      assets,
      controllers: ['source-controller', 'kustomize-controller'],
      deployments: true,
    })
    repository = await git.createRepository(
      'fleet',
      Object.fromEntries(names.map((name) => [`${name}/all.yaml`, files(name)])),
    )
    await cluster.applyYaml(`
apiVersion: v1
kind: ConfigMap
metadata: {name: variables, namespace: default}
data: {color: red}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
`)
    for (const name of names)
      await cluster.applyYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default}
spec:
  {interval: 1h, prune: true, path: ./${name}, sourceRef: {kind: GitRepository, name: fleet}, postBuild: {substituteFrom: [{kind: ConfigMap, name: variables}]}}
`)
    await waitUntil(
      async () => ((await Promise.all(names.map(revisionOf))).every((text) => text !== '') ? true : null),
      180_000,
    )
    sluice = await startDriftEngine({ kubeconfig: cluster.kubeconfigPath, isWatched: true, isBudgeted: true })
    await waitUntil(() => (checked() === count ? true : null), 120_000)
  })

  afterAll(async () => {
    await sluice?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  it('finds nothing in a cluster that is as Git says, and everything verified', () => {
    expect(drifted()).toEqual([])
    expect(new Set([...sluice.owners.values()].map(({ fidelity }) => fidelity?.word))).toEqual(new Set(['verified']))
  })

  it('shows an edit, says who made it, and its end', async () => {
    const tookMs: number[] = []
    for (const name of names.slice(0, 8)) {
      const startedAt = performance.now()
      await edit(name, 5)
      const found = await waitUntil(() => drifted().find(({ ref }) => ref.name === name) ?? null, 10_000)
      tookMs.push(performance.now() - startedAt)
      expect(found).toMatchObject({ action: 'configured', summary: 'spec.replicas 2 → 5', managers: ['editor'] })
    }
    tookMs.sort((a, b) => a - b)
    expect(tookMs.at(-1), `${tookMs.map(Math.round).join(' ')} ms`).toBeLessThan(5000)
    for (const name of names.slice(0, 8)) await edit(name, 2)
    await waitUntil(() => (drifted().length === 0 ? true : null), 10_000)
  })

  it('tells no drift while a new revision is brought in', async () => {
    const told: string[] = []
    sluice.onObject((key, object) => {
      if (object !== null && isDrift(object.action)) told.push(`${key} ${object.summary}`)
    })
    await repository.commit(Object.fromEntries(names.map((name) => [`${name}/all.yaml`, files(name, 3)])))
    await flux.fluxCli(['reconcile', 'source', 'git', 'fleet', '-n', 'default'])
    const before = await revisionOf('app-0')
    const { status } = await cluster.requestOk<{ status: { artifact: { revision: string } } }>(
      'GET',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet',
    )
    const { revision } = status.artifact
    expect(revision).not.toBe(before === revision ? '' : before)
    await waitUntil(
      async () => ((await Promise.all(names.map(revisionOf))).every((text) => text === revision) ? true : null),
      120_000,
    )
    await waitUntil(
      () =>
        [...sluice.owners.values()].every(
          ({ fidelity, state }) => state === 'checked' && fidelity?.revision === revision,
        )
          ? true
          : null,
      60_000,
    )
    expect(told).toEqual([])
    expect(drifted()).toEqual([])
  })

  it('asks for nothing while nothing changes, reconciling included', async () => {
    const before = await dryRuns()
    const checkedAt = (): number | null | undefined =>
      [...sluice.owners.values()].find(({ owner: { name } }) => name === 'app-4')?.checkedAt
    const earlier = checkedAt()
    for (const name of names.slice(0, 3)) await flux.fluxCli(['reconcile', 'kustomization', name, '-n', 'default'])
    // A change that does count, heard on the same watch after theirs: when it was looked at, theirs were.
    await cluster.requestOk(
      'PATCH',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/app-4',
      { spec: { retryInterval: '7m' } },
      'application/merge-patch+json',
    )
    await waitUntil(async () => ((await isObserved('app-4')) ? true : null), 30_000)
    await waitUntil(() => (checkedAt() !== earlier && checked() === count ? true : null), 30_000)
    // The controller's own: one for each object of the four.
    expect((await dryRuns()) - before).toBe(8)
    expect(drifted()).toEqual([])
  })

  it('gives no false result when the API server is killed in the middle, and goes on', async () => {
    for (const name of names.slice(0, 4)) await edit(name, 7)
    const told: string[] = []
    sluice.onObject((_key, object) => {
      if (object !== null && object.action !== 'configured') told.push(`${object.action} ${object.summary}`)
    })
    const checks = Promise.allSettled(
      (await Promise.all(names.map(owner))).map((ref) => sluice.engine.handlers['drift.check']({ ref }, sluice.call)),
    )
    await cluster.apiServer.kill()
    const results = await checks
    for (const result of results) if (result.status === 'fulfilled') expect(result.value.owner.refusedCount).toBe(0)
    await cluster.apiServer.restart()
    await waitUntil(() => (drifted().length === 4 && checked() === count ? true : null), 60_000)
    expect([...sluice.owners.values()].filter(({ error }) => error !== null)).toEqual([])
    expect(told).toEqual([])
    for (const name of names.slice(0, 4)) await edit(name, 3)
    await waitUntil(() => (drifted().length === 0 ? true : null), 30_000)
  })

  it('opens a closed gate by one click where nothing but what is known to be harmless follows', async () => {
    const ref = await owner('app-2')
    await suspend('app-2', true)
    await waitUntil(() => (sluice.rows.get(keyOf(ref))?.isSuspended === true ? true : null), 10_000)
    await edit('app-2', 9)
    await waitUntil(() => drifted().find(({ ref }) => ref.name === 'app-2') ?? null, 10_000)
    const { handlers } = sluice.engine
    await expect(handlers['gate.open']({ ref }, sluice.call)).rejects.toMatchObject({ code: 'PreviewNeeded' })
    const preview = await handlers['drift.preview']({ ref }, sluice.call)
    expect(preview).toMatchObject({ configuredCount: 1, isHarmless: false })
    await edit('app-2', 3)
    await waitUntil(() => (drifted().length === 0 ? true : null), 10_000)
    const { operation } = await handlers['gate.open']({ ref }, sluice.call)
    const ended = await waitUntil(() => operations(sluice).find(({ key }) => key === operation) ?? null, 10_000)
    expect(ended.title).toContain('Resume')
    await waitUntil(() => (sluice.rows.get(keyOf(ref))?.isSuspended === false ? true : null), 10_000)
  })

  it('compares approximately where dry-runs are off, and says so', async () => {
    const context = [...sluice.contexts.keys()][0] ?? ''
    await sluice.engine.handlers['contexts.setDryRuns']({ context, isOn: false }, sluice.call)
    await waitUntil(
      () => ([...sluice.owners.values()].every(({ isApproximate }) => isApproximate) ? true : null),
      60_000,
    )
    await edit('app-3', 9)
    await waitUntil(
      () =>
        drifted().find(({ ref, summary }) => ref.name === 'app-3' && summary.includes('spec.replicas 3 → 9')) ?? null,
      10_000,
    )
    await sluice.engine.handlers['contexts.setDryRuns']({ context, isOn: true }, sluice.call)
    await waitUntil(() => ([...sluice.owners.values()].every((row) => !row.isApproximate) ? true : null), 60_000)
    await edit('app-3', 3)
    await waitUntil(() => (drifted().length === 0 ? true : null), 10_000)
  })
})

function keyOf({ cluster, group, kind, namespace, name }: ObjectRef): string {
  return `${cluster}|${group}/${kind}|${namespace}/${name}`
}

function operations({ engine, call }: DriftEngine): readonly Operation[] {
  const found: Operation[] = []
  engine.handlers['operations.watch'](
    {},
    { isClosed: false, push: (items) => void found.push(...items), ready: () => undefined, end: () => undefined },
    call,
  )()
  return found
}
