/**
 * Flux moves into a cluster that Sluice serves: the real controllers take over, started as processes when the pods of their Deployments run (which kwok
 * plays) and ended with them, as a kubelet would. No workload is touched; what is held stays as it is; what fails is undone.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFluxManifests } from '../../../electron/adapters/flux-manifests/flux-manifests.ts'
import type { HandOverState } from '../../../shared/model/hand-over.ts'
import { waitUntil as waitFor } from '../../adapters/control-plane/processes-under-test.ts'
import type { FluxProgram } from '../../cluster/flux-program.ts'
import { makeFluxProgram } from '../../cluster/flux-program.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { gatherItems } from '../../app/node-engine.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import type { ControllerPods } from './controller-pods.ts'
import { runControllersOfPods } from './controller-pods.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { quickTimings, startHostedEngine } from './hosted-engine.ts'

const assets = fluxAssets()
/** A cluster with all its components and two controllers beside it: on a busy machine everything takes its time. */
const patienceMs = 90_000
const waitUntil: typeof waitFor = (ask) => waitFor(ask, patienceMs)
const core = '/api/v1/namespaces/default'
const fluxKinds = {
  ks: '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations',
  git: '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories',
}

interface Live {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly generation?: number
    readonly resourceVersion: string
    readonly managedFields: readonly {
      readonly manager: string
      readonly subresource?: string
      readonly time: string
    }[]
  }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: { readonly holderIdentity?: string; readonly suspend?: boolean }
  readonly status?: { readonly artifact?: { readonly url: string }; readonly lastAppliedRevision?: string }
}

interface Rollout {
  readonly metadata: { readonly generation: number }
  readonly status: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[]
  }
}

/** Two pods of the last revision, none of an older one, and nothing left to say of it. */
function isRolledOut({ metadata: { generation }, status }: Rollout): boolean {
  return (
    status['observedGeneration'] === generation &&
    ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].every((name) => status[name] === 2) &&
    (status['terminatingReplicas'] ?? 0) === 0 &&
    (status.conditions ?? []).some(({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable')
  )
}

const workload = (color: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.invalid/web:1, env: [{name: COLOR, value: ${color}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: default}
data: {color: ${color}}
`
const configMap = (name: string, color: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {color: ${color}}\n`
const kustomization = (name: string, more = '', annotations = ''): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default${annotations === '' ? '' : `, annotations: {${annotations}}`}}
spec: {interval: 1h, prune: true, path: ./${name}, sourceRef: {kind: GitRepository, name: fleet}${more}}
---`

describe.skipIf(assets === null)('moving Flux into the cluster', () => {
  let cluster: TestCluster
  let git: GitServer
  let repository: GitRepository
  let program: FluxProgram
  let pods: ControllerPods
  let engine: HostedEngine
  const states = new Map<string, HandOverState>()
  const log: string[] = []

  const context = (): string => [...engine.contexts.values()][0]?.key ?? ''
  const state = (): HandOverState | undefined => states.get(context())
  const get = (at: string): Promise<Live> => cluster.requestOk<Live>('GET', at)
  const holder = async (controller: string): Promise<string> => {
    const { body } = await cluster.request(
      'GET',
      `/apis/coordination.k8s.io/v1/namespaces/flux-system/leases/${controller}-leader-election`,
    )
    return (body as Live).spec?.holderIdentity ?? ''
  }
  const plan = () =>
    engine.engine.handlers['handOver.plan']({ context: context(), manifests: { kind: 'program' } }, engine.call)
  const begin = async (): Promise<void> => {
    const { digest } = await plan()
    await engine.engine.handlers['handOver.start']({ context: context(), digest }, engine.call)
  }

  beforeAll(async () => {
    if (assets === null) return
    ;[cluster, git, program] = await Promise.all([
      startTestCluster({ components: { controllerManager: true, scheduler: true, kwok: true }, nodes: 1 }),
      startGitServer(),
      makeFluxProgram({ assets, components: ['source-controller', 'kustomize-controller', 'helm-controller'] }),
    ])
    repository = await git.createRepository('fleet', {
      'app/all.yaml': workload('red'),
      'held/all.yaml': configMap('held', 'red'),
      'by-hand/all.yaml': configMap('by-hand', 'red'),
      'asleep/all.yaml': configMap('asleep', 'red'),
    })
    pods = runControllersOfPods(cluster, { assets, timings: quickTimings })
    engine = await startHostedEngine({
      kubeconfig: cluster.kubeconfigPath,
      hosting: { timings: quickTimings },
      handOverTimes: { stepMs: 100 },
      wrapPorts: (ports) => ({
        ...ports,
        fluxManifests: createFluxManifests({
          env: { HOME: program.folder },
          path: () => Promise.resolve(`${program.folder}:/usr/bin:/bin`),
        }),
      }),
    })
    await engine.switchOn()
    await waitUntil(() => engine.state()?.state === 'active')
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---${kustomization('app', ', wait: true, timeout: 1m')}${kustomization('asleep', ', suspend: true')}${kustomization('by-hand', ', suspend: true', 'sluice.dev/mode: manual')}${kustomization('held', ', suspend: true', 'sluice.dev/mode: held')}
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: release, namespace: default}
spec: {interval: 1h, suspend: true, chart: {spec: {chart: x, sourceRef: {kind: HelmRepository, name: x}}}}
`)
    const host = new URL(repository.url).host
    const id = [...engine.contexts.values()][0]?.cluster ?? ''
    await waitUntil(() =>
      engine.engine.handlers['hosts.allow']({ cluster: id, host, isAllowed: true }, engine.call).then(
        () => true,
        () => false,
      ),
    )
    await waitUntil(async () => (await get(`${fluxKinds.ks}/app`)).status?.lastAppliedRevision !== undefined)
    await waitUntil(() =>
      [...engine.hosted.values()].some(({ ref, state }) => ref.name === 'app' && state === 'sleeping'),
    )
    engine.engine.handlers['handOver.watch'](
      {},
      gatherItems(states, (_key, item) => {
        if (item !== null) log.push(`${item.state} ${item.stages.find((each) => each.state === 'running')?.name ?? ''}`)
      }),
      engine.call,
    )
  }, 300_000)

  afterAll(async () => {
    await engine?.dispose()
    await pods?.stop()
    await cluster?.stop()
    await git?.stop()
    await program?.remove()
    await removeFolders()
  })

  it('shows what it would install, who is adopted, what stays suspended and what would begin to run', async () => {
    const shown = await plan()
    expect(shown.refusal).toBe(null)
    expect(shown.manifests).toMatchObject({ origin: 'program', version: 'v2.9.5' })
    expect(shown.manifests.label).toContain(program.folder)
    expect(shown.components.map(({ name, begins }) => `${name} ${begins}`)).toEqual([
      'source-controller waiting',
      'kustomize-controller waiting',
      'helm-controller last',
    ])
    expect(shown.clusterAdmins).toEqual(['kustomize-controller', 'helm-controller'])
    expect(shown.objects.find(({ kind, name }) => kind === 'Deployment' && name === 'helm-controller')?.action).toBe(
      'created',
    )
    expect(shown.objects.filter(({ kind }) => kind === 'Namespace').map(({ action }) => action)).toEqual(['changed'])
    // Hosted mode began with Flux's own, out of the same program.
    const definitions = shown.objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
    expect(definitions.map(({ action }) => action)).toEqual(definitions.map(() => 'unchanged'))
    expect(shown.sources.map(({ name }) => name)).toEqual(['fleet'])
    expect(shown.kustomizations.map(({ name }) => name)).toEqual(['app'])
    expect(shown.suspended.map(({ ref, mode }) => `${ref.name} ${mode}`).sort()).toEqual([
      'asleep automatic',
      'by-hand manual',
      'held held',
    ])
    expect(shown.begins.map(({ ref }) => `${ref.kind} ${ref.name}`)).toContain('HelmRelease release')
    // Nothing was written.
    expect(
      (await cluster.request('GET', '/apis/apps/v1/namespaces/flux-system/deployments/source-controller')).status,
    ).toBe(404)
    await expect(
      engine.engine.handlers['handOver.start']({ context: context(), digest: `sha256:${'0'.repeat(64)}` }, engine.call),
    ).rejects.toMatchObject({ code: 'PlanUnknown' })
  }, 60_000)

  it('is undone when it is canceled while source-controller has not fetched, and Sluice goes on hosting', async () => {
    pods.hold('source-controller')
    await begin()
    await waitUntil(() => state()?.pending.some(({ ref }) => ref.kind === 'GitRepository'))
    expect(state()?.stages.find(({ state: each }) => each === 'running')?.name).toBe('sources')
    expect(engine.state()?.message).toBe('Flux takes over in the cluster.')
    expect(await holder('source-controller')).toBe('')
    expect(await holder('kustomize-controller')).toMatch(/^sluice-/)
    await engine.engine.handlers['handOver.cancel']({ context: context() }, engine.call)
    await waitUntil(() => state()?.endedAt)
    expect(state()).toMatchObject({ state: 'canceled', error: null })
    await waitUntil(() => engine.state()?.state === 'active')
    expect(await holder('source-controller')).toMatch(/^sluice-/)
    expect(await holder('kustomize-controller')).toMatch(/^sluice-/)
    for (const name of ['source-controller', 'kustomize-controller'])
      expect((await cluster.request('GET', `/apis/apps/v1/namespaces/flux-system/deployments/${name}`)).status).toBe(
        404,
      )
    // It does what it did before.
    const commit = await repository.commit({ 'app/all.yaml': workload('green') })
    await cluster.requestOk(
      'PATCH',
      `${fluxKinds.git}/fleet`,
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': commit } } },
      'application/merge-patch+json',
    )
    await waitUntil(async () => (await get(`${core}/configmaps/web`)).data?.['color'] === 'green')
    await waitUntil(async () => (await get(`${fluxKinds.ks}/app`)).status?.lastAppliedRevision?.includes(commit))
    pods.release('source-controller')
  }, 300_000)

  it('hands over: every source the controller’s own first, no workload touched, nothing held applied', async () => {
    const paths = ['/apis/apps/v1/namespaces/default/deployments/web', `${core}/configmaps/web`, `${core}/services/web`]
    // Until the Deployment's own controller has said its last word: what it writes later would look like a write of the hand-over's.
    await waitUntil(async () => isRolledOut(await cluster.requestOk<Rollout>('GET', paths[0]!)))
    // What was approved of nothing waits: a new revision that nobody applies.
    await repository.commit({
      'held/all.yaml': configMap('held', 'blue'),
      'by-hand/all.yaml': configMap('by-hand', 'blue'),
    })
    const before = await Promise.all(paths.map(get))
    await begin()
    await waitUntil(() => state()?.endedAt)
    expect(state()?.error).toBe(null)
    expect(state()?.state).toBe('done')
    expect(state()).toMatchObject({ watched: 3, moved: [] })
    expect(
      [...new Set(log.slice(log.lastIndexOf('running definitions')))].filter((line) => line !== 'running '),
    ).toEqual([
      ...['definitions', 'controllers', 'ready', 'sources', 'kustomizations', 'rest'].map((name) => `running ${name}`),
      'done ',
    ])

    const after = await Promise.all(paths.map(get))
    expect(after.map(({ metadata }) => [metadata.uid, metadata.generation, metadata.resourceVersion])).toEqual(
      before.map(({ metadata }) => [metadata.uid, metadata.generation, metadata.resourceVersion]),
    )
    for (const name of ['held', 'by-hand', 'asleep']) {
      expect((await get(`${fluxKinds.ks}/${name}`)).spec?.suspend).toBe(true)
      expect((await cluster.request('GET', `${core}/configmaps/${name}`)).status).toBe(404)
    }
    expect((await get(`${fluxKinds.git}/fleet`)).status?.artifact?.url).toContain('http://127.0.0.1:')
    expect(await holder('source-controller')).not.toMatch(/^(sluice-|$)/)
    expect(await holder('kustomize-controller')).not.toMatch(/^(sluice-|$)/)
    // As `flux install` writes it.
    const deployment = await get('/apis/apps/v1/namespaces/flux-system/deployments/helm-controller')
    expect(
      deployment.metadata.managedFields
        .filter(({ subresource }) => subresource === undefined)
        .map(({ manager }) => manager),
    ).toEqual(['flux'])
    // Off, and it stays so.
    await waitUntil(() => engine.state() === undefined)

    // And Flux reconciles.
    const commit = await repository.commit({ 'app/all.yaml': workload('black') })
    await cluster.requestOk(
      'PATCH',
      `${fluxKinds.git}/fleet`,
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': commit } } },
      'application/merge-patch+json',
    )
    await waitUntil(async () => (await get(`${core}/configmaps/web`)).data?.['color'] === 'black')
  }, 300_000)
})
