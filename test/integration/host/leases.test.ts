/**
 * Two Sluices, or Sluice and a controller, never both act: judged by the API server's own audit log, in which every write is set beside the lease's
 * holder at that moment.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { controllerDeployments } from '../../cluster/controller-deployments.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import type { AuditedCluster } from './audited-cluster.ts'
import { leaseRule, startAuditedCluster } from './audited-cluster.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { leaderFlags, quickTimings, startHostedEngine } from './hosted-engine.ts'

const assets = fluxAssets()
const rules = `${leaseRule}
  - level: Metadata
    verbs: [create, update, patch]
    resources:
      - {group: kustomize.toolkit.fluxcd.io, resources: [kustomizations, kustomizations/status]}
      - {group: source.toolkit.fluxcd.io, resources: [gitrepositories, gitrepositories/status]}`

describe.skipIf(assets === null)('leader election with the real controller', () => {
  let audited: AuditedCluster
  let cluster: TestCluster
  let flux: RunningFlux | null = null
  let token = 0
  let bumping: Promise<void> = Promise.resolve()
  let isOver = false
  const engines: HostedEngine[] = []
  const ks = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/app'

  const start = async (version: string, dataDir?: string): Promise<HostedEngine> => {
    const engine = await startHostedEngine({
      kubeconfig: cluster.kubeconfigPath,
      version,
      hosting: { timings: quickTimings },
      ...(dataDir === undefined ? {} : { dataDir }),
    })
    engines.push(engine)
    return engine
  }
  const holder = async (controller: string): Promise<string> => {
    const at = `/apis/coordination.k8s.io/v1/namespaces/flux-system/leases/${controller}-leader-election`
    const { body } = await cluster.request('GET', at)
    return (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? ''
  }
  const writersSince = async (at: number): Promise<ReadonlySet<string>> =>
    new Set(
      (await audited.audit())
        .filter(({ objectRef, requestReceivedTimestamp }) => {
          return objectRef?.resource !== 'leases' && Date.parse(requestReceivedTimestamp) > at
        })
        .map(({ userAgent = '' }) => userAgent.split(' ')[0] ?? '')
        .filter((agent) => agent.startsWith('sluice/') || agent.startsWith('kustomize-controller')),
    )

  beforeAll(async () => {
    if (assets === null) return
    audited = await startAuditedCluster(rules)
    cluster = audited.cluster
    await cluster.applyYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: default}
spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: fleet}}
`)
    // Work for whoever may act, several times a second.
    const bump = async (): Promise<void> => {
      while (!isOver) {
        token += 1
        const annotations = { 'reconcile.fluxcd.io/requestedAt': String(token) }
        await cluster.request('PATCH', ks, { metadata: { annotations } }, 'application/merge-patch+json')
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    }
    bumping = bump()
  })

  afterAll(async () => {
    isOver = true
    await bumping
    await flux?.stop()
    for (const engine of engines) await engine.dispose()
    await audited?.stop()
    await removeFolders()
  })

  it('passes from one to the other and back, and at no time two of them write', async () => {
    const first = await start('1.0.0-first')
    await first.switchOn()
    await waitUntil(() => first.state()?.state === 'active')
    const second = await start('2.0.0-second')
    await second.switchOn()
    await waitUntil(() => second.state()?.state === 'waiting')
    expect(second.state()?.message).toContain(await holder('kustomize-controller'))
    expect(second.state()?.leases.every(({ isOurs }) => !isOurs)).toBe(true)

    // Each of the two takes its turn.
    const acting = async (engine: HostedEngine, agent: string): Promise<void> => {
      await waitUntil(() => engine.state()?.state === 'active')
      const since = Date.now()
      await waitUntil(async () => (await writersSince(since)).has(agent))
      expect([...(await writersSince(since))]).toEqual([agent])
    }
    await acting(first, 'sluice/1.0.0-first')
    await first.switchOff()
    await acting(second, 'sluice/2.0.0-second')
    await first.switchOn()
    await waitUntil(() => first.state()?.state === 'waiting')
    await acting(second, 'sluice/2.0.0-second')
    await second.switchOff()
    await acting(first, 'sluice/1.0.0-first')
    await second.switchOn()
    await waitUntil(() => second.state()?.state === 'waiting')

    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      controllers: ['kustomize-controller'],
      isElected: true,
      extraArgs: { 'kustomize-controller': leaderFlags(quickTimings) },
    })
    let at = Date.now()
    await waitUntil(async () => (await writersSince(at)).size > 0)
    expect([...(await writersSince(at))]).toEqual(['sluice/1.0.0-first'])

    // The second goes first, so that the controller gets the lease that the first gives back.
    await second.dispose()
    await first.switchOff()
    expect(await holder('source-controller')).toBe('')
    const controller = await waitUntil(async () => (await holder('kustomize-controller')) || null, 10_000)
    expect(controller).not.toMatch(/^sluice-/)
    at = Date.now()
    await waitUntil(async () => (await writersSince(at)).size > 0)

    await first.switchOn()
    await waitUntil(() => first.state()?.found.some(({ by }) => by === 'lease'))
    expect(first.state()?.state).toBe('waiting')
    // Neither is the other lease taken from a controller that may come.
    await waitUntil(async () => (await holder('source-controller')) === '', 10_000)
    expect(await holder('kustomize-controller')).toBe(controller)

    // It dies without giving the lease back.
    await flux.kill('kustomize-controller')
    await waitUntil(() => first.state()?.state === 'active', 20_000)
    at = Date.now()
    await waitUntil(async () => (await writersSince(at)).has('sluice/1.0.0-first'))

    // Its lease is stolen while it acts: at the next renewal it knows.
    const lease = '/apis/coordination.k8s.io/v1/namespaces/flux-system/leases/kustomize-controller-leader-election'
    const stolen = { spec: { holderIdentity: 'thief', renewTime: new Date().toISOString().replace('Z', '000Z') } }
    await cluster.requestOk('PATCH', lease, stolen, 'application/merge-patch+json')
    await waitUntil(() => first.state()?.state === 'waiting')
    await waitUntil(() => first.state()?.state === 'active', 20_000)
    await first.dispose()

    const lines = await audited.audit()
    const byResource = { kustomizations: 'kustomize-controller', gitrepositories: 'source-controller' } as const
    const holders = new Map<string, string>()
    const agents = new Map<string, string>()
    const wrong: string[] = []
    let writes = 0
    for (const line of [...lines].sort((a, b) => (a.stageTimestamp < b.stageTimestamp ? -1 : 1))) {
      const { resource = '', name = '' } = line.objectRef ?? {}
      const agent = (line.userAgent ?? '').split(' ')[0] ?? ''
      if ((line.responseStatus?.code ?? 0) >= 300) continue
      if (resource === 'leases') {
        const now = line.responseObject?.spec?.holderIdentity ?? ''
        holders.set(name, now)
        if (now !== '' && now !== 'thief') agents.set(now, agent)
        continue
      }
      if (!agent.startsWith('sluice/') && !agent.startsWith('kustomize-controller')) continue
      writes += 1
      const owner = holders.get(`${byResource[resource as keyof typeof byResource]}-leader-election`) ?? ''
      // A thief takes it at any moment: what is under way until the next renewal is what no election prevents.
      if (owner !== 'thief' && agents.get(owner) !== agent)
        wrong.push(`${line.stageTimestamp} ${agent} wrote ${resource} while ${owner || 'nobody'} held the lease`)
    }
    expect(wrong).toEqual([])
    expect(writes).toBeGreaterThan(10)
    expect(
      [...new Set(agents.values())].map((agent) => agent.replace(/^(kustomize-controller).*/, '$1')).sort(),
    ).toEqual(['kustomize-controller', 'sluice/1.0.0-first', 'sluice/2.0.0-second'])
  }, 180_000)

  it('begins by the plan that was seen, and by no other', async () => {
    const engine = await start('2.5.0-planned')
    const { handlers } = engine.engine
    const context = [...engine.contexts.values()][0]?.key ?? ''
    const plan = await handlers['hosting.plan']({ context }, engine.call)
    expect(plan).toMatchObject({
      namespace: 'flux-system',
      isNamespaceCreated: false,
      missingDefinitions: [],
      definitions: 'present',
      found: [],
      hosted: 1,
      suspended: 0,
      isProduction: false,
      refusal: null,
    })
    expect(plan.leases.map(({ name, holder }) => [name, holder])).toEqual([
      ['source-controller-leader-election', ''],
      ['kustomize-controller-leader-election', ''],
    ])
    const begin = (digest: string): Promise<unknown> => handlers['hosting.start']({ context, digest }, engine.call)
    await expect(begin('0'.repeat(64))).rejects.toMatchObject({ code: 'PlanUnknown' })
    const [deployment] = controllerDeployments(['kustomize-controller'])
    await cluster.applyObjects([deployment as never])
    await expect(begin(plan.digest)).rejects.toMatchObject({ code: 'PlanMoved' })
    await cluster.requestOk('DELETE', '/apis/apps/v1/namespaces/flux-system/deployments/kustomize-controller')
    const again = await handlers['hosting.plan']({ context }, engine.call)
    expect(again.digest).toBe(plan.digest)
    await handlers['contexts.setReadOnly']({ context, isReadOnly: true }, engine.call)
    const refused = await handlers['hosting.plan']({ context }, engine.call)
    expect(refused.refusal?.code).toBe('ReadOnlyContext')
    await expect(begin(refused.digest)).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    expect(engine.states.size).toBe(0)
    await engine.dispose()
  }, 60_000)

  it('steps back from a Deployment and from status writes of others, and comes back', async () => {
    const engine = await start('3.0.0-third')
    await engine.switchOn()
    await waitUntil(() => engine.state()?.state === 'active', 20_000)
    const [deployment] = controllerDeployments(['source-controller'])
    await cluster.applyObjects([deployment as never])
    await waitUntil(() => engine.state()?.state === 'stepped-back', 5_000)
    expect(engine.state()?.found[0]?.text).toBe('Deployment flux-system/source-controller, 0 of 1 ready')
    await waitUntil(async () => (await holder('kustomize-controller')) === '')
    const at = Date.now()
    const seen = token
    await waitUntil(() => token > seen + 5)
    expect([...(await writersSince(at))]).toEqual([])
    await cluster.requestOk('DELETE', '/apis/apps/v1/namespaces/flux-system/deployments/source-controller')
    await waitUntil(() => engine.state()?.state === 'active', 20_000)

    // A controller that knows no leases, with nothing in the cluster that stands for it.
    const alone = await startFluxControllers(cluster, { assets: assets ?? '', controllers: ['kustomize-controller'] })
    try {
      await waitUntil(() => engine.state()?.found.some(({ by }) => by === 'status'), 20_000)
      expect(engine.state()?.state).toBe('stepped-back')
    } finally {
      await alone.stop()
    }
    await engine.dispose()
  }, 120_000)
})
