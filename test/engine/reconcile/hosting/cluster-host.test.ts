import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../../electron/engine/audit/audit-log.ts'
import type { KubeClient, KubeRequest, KubeResponse } from '../../../../electron/engine/ports.ts'
import { createApprovals } from '../../../../electron/engine/reconcile/hosting/approvals.ts'
import { ClusterHost } from '../../../../electron/engine/reconcile/hosting/cluster-host.ts'
import { passThrough } from '../../../../electron/engine/reconcile/lease/fence.ts'
import type { ApiBudgetLimits } from '../../../../electron/engine/reconcile/queue/api-budget.ts'
import type { Reconciler, RunContext, RunOutcome } from '../../../../electron/engine/reconcile/reconciler.ts'
import type { HostedController, HostedRow } from '../../../../shared/model/hosting.ts'
import { answer } from '../../cache/scripted-client.ts'
import { createMemoryStore } from '../../drift/memory-store.ts'
import { MemoryCluster, silentLogger } from '../../memory-cluster.ts'
import { memoryCodec } from '../../memory-codec.ts'
import { MemoryLease } from '../lease/memory-lease.ts'

let versions = 0
const version = (): string => `resourceVersion: "${String((versions += 1))}"`
const source = (revision: string, generation = 1): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: apps, uid: s1, ${version()}, generation: ${String(generation)}}
spec: {interval: 1h}
status: {artifact: {revision: "${revision}"}}
`
const app = (name: string, generation = 1): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: apps, uid: ${name}, ${version()}, generation: ${String(generation)}}
spec: {interval: 1h, sourceRef: {kind: GitRepository, name: fleet}}
`
const manual = (name: string, mode = 'manual'): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: apps, uid: ${name}, ${version()}, generation: 1, annotations: {sluice.dev/mode: ${mode}}}
spec: {interval: 1h, suspend: true, sourceRef: {kind: GitRepository, name: fleet}}
`
const plan = { digest: 'd1', revision: 'r1' }
const ready: RunOutcome = { result: 'succeeded', state: 'sleeping', message: '', waitsFor: [], requeueAfterMs: null }

interface Run {
  readonly name: string
  readonly context: RunContext
  end(outcome?: RunOutcome): void
}

/** Runs end when the test says so; sources set off every Kustomization when their revision changes. */
function reconcilerOf(kind: string, group: string, controller: HostedController, runs: Run[]): Reconciler {
  return {
    group,
    kind,
    controller,
    reconcile: (ref, context) =>
      new Promise((resolve, reject) => {
        runs.push({ name: `${kind}/${ref.name}`, context, end: (outcome = ready) => resolve(outcome) })
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error))
      }),
    isTriggeredBy: (before, after) => before?.metadata.generation !== after.metadata.generation,
    dependents(view, before, changed) {
      if (kind !== 'Kustomization') return []
      if (changed.kind === 'ConfigMap') return [...view.objects(group, kind)].map((each) => refTo(each.metadata.name))
      if (changed.kind !== 'GitRepository' || JSON.stringify(before?.['status']) === JSON.stringify(changed['status']))
        return []
      return [...view.objects(group, kind)].map((each) => refTo(each.metadata.name))
    },
  }
}

const refTo = (name: string) => ({
  cluster: 'c1',
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace: 'apps',
  name,
})

interface Options {
  readonly budget?: ApiBudgetLimits
  /** Null: the leases answer. */
  readonly respond?: (request: KubeRequest) => Promise<KubeResponse> | null
}

function open({ budget, respond = () => null }: Options = {}) {
  const cluster = new MemoryCluster()
  const leases = { source: new MemoryLease(), kustomize: new MemoryLease() }
  const requests: KubeRequest[] = []
  let isCut = false
  const request = async (given: KubeRequest): Promise<KubeResponse> => {
    requests.push(given)
    if (isCut) throw new Error('cut')
    const responded = respond(given)
    if (responded !== null) return responded
    return (
      given.path.includes('kustomize-controller') || JSON.stringify(given.body ?? '').includes('kustomize-controller')
        ? leases.kustomize
        : leases.source
    )
      .client()
      .request(given)
  }
  cluster.kubeClient = { ...passThrough({ context: 'x' } as never), request, identity: () => Promise.resolve('me') }
  const { clock } = cluster
  const runs: Run[] = []
  const rows = new Map<string, HostedRow>()
  const lines: AuditEntry[] = []
  const random = { unit: () => 0, uuid: () => 'u' }
  const ports = { clock, random, logger: silentLogger, codec: memoryCodec, store: createMemoryStore() }
  const host = new ClusterHost({
    ports,
    view: cluster,
    context: 'x',
    namespace: 'flux-system',
    identity: 'sluice-desk_1',
    reconcilers: [
      reconcilerOf('GitRepository', 'source.toolkit.fluxcd.io', 'source-controller', runs),
      reconcilerOf('Kustomization', 'kustomize.toolkit.fluxcd.io', 'kustomize-controller', runs),
    ],
    approvals: createApprovals(ports),
    audit: {
      record: (entry) => {
        lines.push(entry)
        return Promise.resolve()
      },
    },
    auditClient: 'test',
    isPruneGuarded: true,
    ...(budget === undefined ? {} : { budget }),
    onState: () => undefined,
    onRows: (upsert, remove) => {
      for (const key of remove) rows.delete(key)
      for (const row of upsert) rows.set(row.ref.name, row)
    },
  })
  const started = (): string[] => runs.splice(0).map(({ name }) => name)
  return {
    host,
    cluster,
    clock,
    leases,
    runs,
    rows,
    lines,
    started,
    cut: (now: boolean) => {
      isCut = now
    },
  }
}

/** A Kustomization in mode manual whose plan is known. */
async function openManual() {
  const opened = open()
  const { host, cluster, clock, runs } = opened
  cluster.apply(source('r1'), manual('a'))
  await clock.advance(100)
  /** Ends the run of it that is under way; null: there is none. */
  const end = async (more: Partial<RunOutcome>): Promise<RunContext['applyOnce'] | undefined> => {
    const at = runs.findIndex(({ name }) => name === 'Kustomization/a')
    const [run] = at === -1 ? [] : runs.splice(at, 1)
    run?.end({ ...ready, mode: 'manual', plan, ...more })
    await clock.advance(100)
    return run?.context.applyOnce
  }
  expect(await end({ result: 'idle', state: 'manual' })).toBeNull()
  const stop = async (): Promise<void> => {
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  }
  return { ...opened, end, stop }
}

describe('mode manual', () => {
  const ref = refTo('a')
  const failed = { result: 'failed', state: 'sleeping' } as const

  it('is applied when somebody says so, again where that failed, and only what they looked at', async () => {
    const { host, clock, rows, end, stop } = await openManual()
    expect(rows.get('a')).toMatchObject({ state: 'manual', mode: 'manual', plan })
    host.applyOnce(ref, 'd1')
    await clock.advance(100)
    expect(await end(failed)).toEqual({ plan })
    expect(rows.get('a')).toMatchObject({ state: 'sleeping', mode: 'manual', plan })
    host.applyOnce(ref, 'd1')
    await clock.advance(100)
    const next = { digest: 'd2', revision: 'r2' }
    expect(await end({ state: 'manual', plan: next })).toEqual({ plan })
    for (const digest of ['d1', null])
      expect(() => host.applyOnce(ref, digest)).toThrow(expect.objectContaining({ code: 'PlanMoved' }))
    host.applyOnce(ref, 'd2')
    await clock.advance(100)
    expect(await end({ result: 'idle', state: 'manual', plan: null })).toEqual({ plan: next })
    // Moved meanwhile, and no plan is known: whatever there is may be asked for.
    expect(() => host.applyOnce(ref, 'd2')).toThrow(expect.objectContaining({ code: 'PlanMoved' }))
    host.applyOnce(ref, null)
    await clock.advance(100)
    expect(await end({ state: 'manual' })).toEqual({ plan: null })
    host.requeue(ref)
    await clock.advance(100)
    expect(await end({ state: 'manual' })).toBeNull()
    await stop()
  })

  it('is judged by the object, not by what its row says', async () => {
    const { host, cluster, clock, end, stop } = await openManual()
    cluster.apply(manual('a', 'held'))
    await clock.advance(100)
    expect(() => host.applyOnce(ref, 'd1')).toThrow(expect.objectContaining({ code: 'NotHosted' }))
    await end({ state: 'held', mode: 'held', plan: null })
    await stop()
  })

  it('keeps what was said over a dependency that is not ready and a lease that was lost', async () => {
    const { host, clock, leases, end, stop } = await openManual()
    host.applyOnce(ref, 'd1')
    await clock.advance(100)
    expect(await end({ result: 'waiting', state: 'waiting' })).toEqual({ plan })
    host.requeue(ref)
    await clock.advance(100)
    leases.kustomize.set({ holderIdentity: 'pod_1', renewTime: 'x' })
    await clock.advance(22_000)
    leases.kustomize.set({ holderIdentity: '', renewTime: 'y' })
    // That run broke with the lease.
    expect(await end({})).toEqual({ plan })
    await clock.advance(30_000)
    expect(host.state(true).state).toBe('active')
    expect(await end({ state: 'manual' })).toEqual({ plan })
    host.requeue(ref)
    await clock.advance(100)
    expect(await end({ state: 'manual' })).toBeNull()
    await stop()
  })

  it('goes on when the prune that was held is approved, and does nothing before', async () => {
    const { host, clock, end, stop } = await openManual()
    host.applyOnce(ref, 'd1')
    await clock.advance(100)
    expect(await end({ result: 'failed', state: 'needs-approval' })).toEqual({ plan })
    host.approved(ref)
    await clock.advance(100)
    expect(await end({ result: 'failed', state: 'needs-approval' })).toEqual({ plan })
    // Another commit: the plan is another one, and the question with it.
    host.requeue(ref)
    await clock.advance(100)
    expect(await end({ result: 'idle', state: 'manual' })).toBeNull()
    host.approved(ref)
    await clock.advance(100)
    expect(await end({ result: 'idle', state: 'manual' })).toBeNull()
    await stop()
  })

  it('forgets what was said when the object is in another mode by then', async () => {
    const { host, clock, end, stop } = await openManual()
    host.applyOnce(ref, 'd1')
    await clock.advance(100)
    await end({ result: 'waiting', state: 'waiting', mode: 'automatic', plan: null })
    host.requeue(ref)
    await clock.advance(100)
    expect(await end({ state: 'manual' })).toBeNull()
    await stop()
  })
})

describe('hosted mode of one cluster', () => {
  it('runs everything once it holds both leases, then what changes, and what that sets off', async () => {
    const { host, cluster, clock, runs, started } = open()
    cluster.apply(source('r1'), app('a'), app('b'))
    await clock.advance(100)
    expect(host.state(true).state).toBe('active')
    expect(host.isListed()).toBe(true)
    const first = [...runs]
    expect(started().sort()).toEqual(['GitRepository/fleet', 'Kustomization/a', 'Kustomization/b'])
    for (const run of first) run.end()
    await clock.advance(100)
    // A status of our own sets nothing off but what depends on it.
    cluster.apply(source('r2'))
    await clock.advance(100)
    const second = [...runs]
    expect(started().sort()).toEqual(['Kustomization/a', 'Kustomization/b'])
    for (const run of second) run.end()
    cluster.apply(app('a', 2))
    await clock.advance(100)
    expect(started()).toEqual(['Kustomization/a'])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })

  it('ends runs when a lease is stolen, writes nothing meanwhile, and makes up for it afterwards', async () => {
    const { host, cluster, clock, leases, runs, started } = open()
    cluster.apply(source('r1'), app('a'))
    await clock.advance(100)
    const stolen = runs.find(({ name }) => name === 'Kustomization/a') as Run
    started()
    leases.kustomize.set({ holderIdentity: 'pod_1', renewTime: 'x' })
    await clock.advance(6000)
    expect(stolen.context.signal.aborted).toBe(true)
    expect(host.state(true)).toMatchObject({ state: 'waiting', found: [{ by: 'lease', name: 'kustomize-controller' }] })
    await expect(
      stolen.context.client.request({ method: 'PATCH', path: '/api/v1/namespaces/apps/configmaps/x' }),
    ).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(started()).toEqual([])
    // One without the other helps nobody.
    await clock.advance(16_000)
    expect(leases.source.object?.spec.holderIdentity).toBe('')
    leases.kustomize.set({ holderIdentity: '', renewTime: 'y' })
    await clock.advance(30_000)
    expect(host.state(true).state).toBe('active')
    expect(started().sort()).toEqual(['GitRepository/fleet', 'Kustomization/a'])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
    expect(leases.kustomize.object?.spec.holderIdentity).toBe('')
  })

  it('survives the loss of the network: runs end with the lease, and go on with it', async () => {
    const { host, cluster, clock, runs, started, cut } = open()
    cluster.apply(source('r1'), app('a'))
    await clock.advance(100)
    const [run] = [...runs]
    started()
    cut(true)
    await clock.advance(29_000)
    expect(run?.context.signal.aborted).toBe(false)
    await clock.advance(2000)
    expect(run?.context.signal.aborted).toBe(true)
    await clock.advance(600_000)
    expect(host.state(true).state).not.toBe('active')
    cut(false)
    await clock.advance(12_000)
    expect(host.state(true).state).toBe('active')
    expect(started().sort()).toEqual(['GitRepository/fleet', 'Kustomization/a'])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })

  it('gives the leases back before the machine sleeps and when a controller appears', async () => {
    const { host, cluster, clock, leases, runs } = open()
    cluster.apply(app('a'))
    await clock.advance(100)
    const sleeping = host.suspend()
    await clock.advance(4000)
    await sleeping
    expect([leases.source, leases.kustomize].map(({ object }) => object?.spec.holderIdentity)).toEqual(['', ''])
    expect(runs.every(({ context }) => context.signal.aborted)).toBe(true)
    host.resume()
    await clock.advance(100)
    expect(host.state(true).state).toBe('active')
    cluster.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: kustomize-controller, namespace: elsewhere, uid: d1}
spec: {replicas: 1}
`)
    await clock.advance(4000)
    expect(host.state(true)).toMatchObject({ state: 'stepped-back', leases: [] })
    expect([leases.source, leases.kustomize].map(({ object }) => object?.spec.holderIdentity)).toEqual(['', ''])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })

  it('has a line in the audit log for each write, to this cluster and to one of a spec.kubeConfig, and none without the lease', async () => {
    const { host, cluster, clock, leases, runs, lines } = open()
    cluster.apply(app('a'))
    await clock.advance(100)
    const { context } = runs[0] as Run
    const sent: string[] = []
    const far: KubeClient = {
      ...passThrough({ context: 'Secret apps/far' } as never),
      identity: () => Promise.resolve('deployer'),
      request: ({ method, path }) => {
        sent.push(`${method} ${path}`)
        return Promise.resolve(answer(path.includes('forbidden') ? 403 : 200, {}))
      },
    }
    const remote = context.fence(far, 'far.example:6443')
    const maps = '/api/v1/namespaces/apps/configmaps'
    const contentType = 'application/apply-patch+yaml'
    await context.client.request({ method: 'PATCH', path: `${maps}/near`, contentType, body: {} })
    await context.client.request({ method: 'PATCH', path: `${maps}/near?dryRun=All`, contentType, body: {} })
    await remote.request({
      method: 'PATCH',
      path: `${maps}/far?force=true`,
      contentType,
      body: { data: { a: 'secret' } },
    })
    await remote.request({ method: 'DELETE', path: `${maps}/old` })
    await remote.request({ method: 'POST', path: maps, body: { metadata: { name: 'forbidden-not' } } })
    await remote.request({ method: 'PATCH', path: `${maps}/forbidden`, contentType, body: {} })
    await remote.request({ method: 'PATCH', path: `${maps}/far?dryRun=All`, contentType, body: {} })
    await remote.request({ method: 'GET', path: `${maps}/far` })
    await clock.advance(1)
    const told = lines.map(({ cluster: where, identity, verb, object, action, result, patch }) =>
      [where, identity, verb, object.kind, object.name, action, result, patch === null].join(' '),
    )
    expect(told).toEqual([
      'c1 me apply ConfigMap near hosted ok true',
      'c1>far.example:6443 deployer apply ConfigMap far hosted ok true',
      'c1>far.example:6443 deployer delete ConfigMap old hosted ok true',
      'c1>far.example:6443 deployer create ConfigMap forbidden-not hosted ok true',
      'c1>far.example:6443 deployer apply ConfigMap forbidden hosted 403 true',
    ])
    expect(new Set(lines.map((line) => line.context))).toEqual(new Set(['x']))
    leases.kustomize.set({ holderIdentity: 'pod_1', renewTime: 'x' })
    await clock.advance(6000)
    sent.splice(0)
    await expect(remote.request({ method: 'DELETE', path: `${maps}/late` })).rejects.toMatchObject({
      code: 'LeaseLost',
    })
    expect([sent, lines.length]).toEqual([[], 5])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })

  it('reads with the rights of its own context, whatever others lead to the cluster', async () => {
    const path = '/api/v1/namespaces/apps/secrets/vars'
    const asked: string[] = []
    const { host, cluster, clock, runs } = open({
      respond(request) {
        if (!request.path.startsWith('/api/v1/')) return null
        asked.push(request.path)
        return Promise.resolve(answer(403, { kind: 'Status', message: 'not for you' }))
      },
    })
    const own = cluster.kubeClient
    Object.assign(cluster, { clientOf: (context: string) => (context === 'x' ? own : null) })
    cluster.kubeClient = null
    // Others may: the cluster's own view would answer.
    cluster.apply(app('a'), 'apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: apps, uid: v1}\n')
    await clock.advance(100)
    const { context } = runs[0] as Run
    const secret = { cluster: 'c1', group: '', kind: 'Secret', namespace: 'apps', name: 'vars' }
    await expect(context.view.fetch(secret)).rejects.toMatchObject({ code: 'Forbidden' })
    expect(asked).toEqual([path])
    expect(cluster.fetched).toEqual([])
    await context.view.client().request({ method: 'GET', path })
    expect(asked).toEqual([path, path])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })

  it('reads within the budget of the cluster, and no longer than the run', async () => {
    const waiting: ((response: KubeResponse) => void)[] = []
    const { host, cluster, clock, leases, runs } = open({
      budget: { perSecond: 1000, burst: 1000, atOnce: 2 },
      respond: ({ path, signal }) =>
        path.startsWith('/api/v1/')
          ? new Promise((resolve, reject) => {
              waiting.push(resolve)
              signal?.addEventListener('abort', () => reject(new Error('ended')))
            })
          : null,
    })
    cluster.apply(app('a'))
    await clock.advance(100)
    const { context } = runs[0] as Run
    const ref = { cluster: 'c1', group: '', kind: 'ConfigMap', namespace: 'apps' }
    const reads = ['a', 'b', 'c'].map((name) => context.view.fetch({ ...ref, name }))
    await clock.advance(100)
    expect(waiting).toHaveLength(2)
    waiting[0]?.(answer(200, { kind: 'ConfigMap' }))
    expect(await reads[0]).toEqual({ kind: 'ConfigMap' })
    await clock.advance(100)
    expect(waiting).toHaveLength(3)
    const ended = Promise.allSettled(reads.slice(1))
    leases.kustomize.set({ holderIdentity: 'pod_1', renewTime: 'x' })
    await clock.advance(6000)
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const stopping = host.stop()
    await clock.advance(5000)
    await stopping
  })
})
