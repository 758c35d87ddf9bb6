/**
 * Flux moves into a cluster that Sluice serves: the real controllers take over, started as processes when the pods of their Deployments run (which kwok
 * plays) and ended with them, as a kubelet would. No workload is touched; what is held stays as it is; what fails is undone.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import { createFluxManifests } from '../../../electron/adapters/flux-manifests/flux-manifests.ts'
import type { KeptSecret, SecretBox } from '../../../electron/engine/secret-box.ts'
import type { BootstrapTarget } from '../../../shared/model/bootstrap.ts'
import type { HandOverState, ManifestsChoice } from '../../../shared/model/hand-over.ts'
import { handOverStages } from '../../../shared/model/hand-over.ts'
import { waitUntil as waitFor } from '../../adapters/control-plane/processes-under-test.ts'
import type { FluxProgram } from '../../cluster/flux-program.ts'
import { makeFluxProgram } from '../../cluster/flux-program.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import type { SshGitServer } from '../../adapters/git/ssh-server.ts'
import { startSshGitServer } from '../../adapters/git/ssh-server.ts'
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

const token = { username: 'ada', password: 'a-token-that-is-kept' }

/** Of a machine that has one: on the clipboard is always the same token. */
function keychain(): SecretBox {
  const kept = new Map<string, KeptSecret>()
  return {
    state: () => Promise.resolve({ isAvailable: true, reason: '' }),
    names: () => Promise.resolve([...kept.keys()]),
    keepFromClipboard(name) {
      kept.set(name, { username: token.username, secret: token.password })
      return Promise.resolve('kept')
    },
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    forget: (name) => Promise.resolve(void kept.delete(name)),
  }
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
  readonly status?: {
    readonly artifact?: { readonly url: string; readonly revision: string }
    readonly lastAppliedRevision?: string
  }
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
  let platform: GitRepository
  let ssh: SshGitServer
  let tlsGit: GitServer
  let program: FluxProgram
  /** Publishes `printed`, what the program prints, as the one release that there is. */
  let releases: Server
  let printed = ''
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
  const deployKeyFile = (): string => path.join(program.folder, 'deploy-key')
  const platformUrl = (): string => `ssh://git@127.0.0.1:${ssh.port}/platform.git`
  const target = (): BootstrapTarget => ({
    source: {
      cluster: [...engine.contexts.values()][0]?.cluster ?? '',
      group: 'source.toolkit.fluxcd.io',
      kind: 'GitRepository',
      namespace: 'default',
      name: 'platform',
    },
    url: '',
    branch: 'main',
    path: 'clusters/home',
    author: { name: 'Ada', email: 'ada@example.invalid' },
    secret: 'source',
    key: '',
  })
  const plan = (bootstrap?: BootstrapTarget, manifests: ManifestsChoice = { kind: 'program' }) =>
    engine.engine.handlers['handOver.plan'](
      { context: context(), manifests, ...(bootstrap === undefined ? {} : { bootstrap }) },
      engine.call,
    )
  const pickedFolder = (): string => path.join(program.folder, 'picked')
  const pickFolder = async (): Promise<ManifestsChoice> => {
    const { picked } = await engine.engine.handlers['handOver.pick']({ what: 'folder' }, engine.call)
    expect(picked?.label).toBe(pickedFolder())
    return { kind: 'picked', id: picked?.id ?? '' }
  }
  const begin = async (bootstrap?: BootstrapTarget, manifests?: ManifestsChoice): Promise<void> => {
    const { digest, refusal } = await plan(bootstrap, manifests)
    expect(refusal).toBe(null)
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
    platform = await git.createRepository('platform', { 'README.md': 'The platform\n' })
    ssh = await startSshGitServer({ '/platform.git': await platform.git('rev-parse', '--absolute-git-dir') })
    const authority = createAuthority('Git of the tests')
    const trustedCertificates = path.join(program.folder, 'trusted.pem')
    await writeFile(trustedCertificates, authority.certPem)
    setDefaultCACertificates([...getCACertificates('default'), authority.certPem])
    tlsGit = await startGitServer({
      credentials: token,
      certificate: issueLeaf(authority, { commonName: 'git', usage: 'server', hosts: ['127.0.0.1'] }),
    })
    releases = createServer(({ url }, answer) => {
      if (url === '/v2.9.5/install.yaml') answer.end(printed)
      else answer.writeHead(404).end()
    })
    await new Promise<void>((resolve) => releases.listen(0, '127.0.0.1', resolve))
    const fluxManifests = createFluxManifests({
      env: {
        HOME: program.folder,
        SLUICE_FLUX_RELEASES: `http://127.0.0.1:${String((releases.address() as AddressInfo).port)}`,
      },
      path: () => Promise.resolve(`${program.folder}:/usr/bin:/bin`),
      transport: createArtifactTransport({ userAgent: 'test', followsOtherHosts: true }),
    })
    const { signal } = new AbortController()
    printed = await fluxManifests.exportFrom(path.join(program.folder, 'flux'), 'flux-system', signal)
    // As people keep them: definitions in one file, the rest in another.
    const documents = printed.split(/^---$/m)
    const isDefinition = (text: string): boolean => /^kind: CustomResourceDefinition$/m.test(text)
    await mkdir(pickedFolder())
    await writeFile(path.join(pickedFolder(), 'crds.yaml'), documents.filter(isDefinition).join('\n---\n'))
    await writeFile(
      path.join(pickedFolder(), 'flux.yml'),
      documents.filter((each) => !isDefinition(each)).join('\n---\n'),
    )
    await writeFile(path.join(pickedFolder(), 'README.md'), 'Flux of this cluster\n')
    pods = runControllersOfPods(cluster, { assets, timings: quickTimings, trustedCertificates })
    engine = await startHostedEngine({
      kubeconfig: cluster.kubeconfigPath,
      hosting: { timings: quickTimings },
      handOverTimes: { stepMs: 100 },
      wrapPorts: (ports) => ({
        ...ports,
        shell: {
          ...ports.shell,
          pickFiles: (what) => Promise.resolve([what === 'manifestsFolder' ? pickedFolder() : deployKeyFile()]),
          confirmRepository: () => Promise.resolve(true),
        },
        secrets: keychain(),
        fluxManifests,
      }),
    })
    await engine.switchOn()
    await waitUntil(() => engine.state()?.state === 'active')
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: v1
kind: Secret
metadata: {name: platform-key, namespace: default}
stringData: ${JSON.stringify({ identity: ssh.clientKey, known_hosts: ssh.knownHosts })}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: platform, namespace: default}
spec: {interval: 1h, url: "${platformUrl()}", ref: {branch: main}, secretRef: {name: platform-key}}
---${kustomization('app', ', wait: true, timeout: 1m')}${kustomization('asleep', ', suspend: true')}${kustomization('by-hand', ', suspend: true', 'sluice.dev/mode: manual')}${kustomization('held', ', suspend: true', 'sluice.dev/mode: held')}
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: release, namespace: default}
spec: {interval: 1h, suspend: true, chart: {spec: {chart: x, sourceRef: {kind: HelmRepository, name: x}}}}
`)
    const hosts = [new URL(repository.url).host, `127.0.0.1:${ssh.port}`]
    const id = [...engine.contexts.values()][0]?.cluster ?? ''
    for (const host of hosts)
      await waitUntil(() =>
        engine.engine.handlers['hosts.allow']({ cluster: id, host, isAllowed: true }, engine.call).then(
          () => true,
          () => false,
        ),
      )
    await waitUntil(async () => (await get(`${fluxKinds.git}/platform`)).status?.artifact?.url)
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
  })

  afterAll(async () => {
    await engine?.dispose()
    await pods?.stop()
    await cluster?.stop()
    await ssh?.stop()
    await tlsGit?.stop()
    await git?.stop()
    releases?.close()
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
    expect(shown.sources.map(({ name }) => name).sort()).toEqual(['fleet', 'platform'])
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

  it('shows the same for a folder that was picked and for a release of its checksum, and refuses any other file', async () => {
    const ofProgram = await plan()
    const sorted = (objects: readonly object[]): readonly string[] => objects.map((each) => JSON.stringify(each)).sort()
    const checksum = createHash('sha256').update(printed).digest('hex')
    const ways: readonly (readonly [ManifestsChoice, string])[] = [
      [await pickFolder(), pickedFolder()],
      [{ kind: 'release', version: 'v2.9.5', checksum }, 'http://127.0.0.1:'],
    ]
    for (const [choice, label] of ways) {
      const shown = await plan(undefined, choice)
      expect(shown).toMatchObject({ refusal: null, manifests: { origin: choice.kind, version: 'v2.9.5' } })
      expect(shown.manifests.label).toContain(label)
      expect(sorted(shown.objects)).toEqual(sorted(ofProgram.objects))
      expect([shown.components, shown.clusterAdmins]).toEqual([ofProgram.components, ofProgram.clusterAdmins])
      // It may be begun by its digest, and by that of no other.
      expect(shown.digest).not.toBe(ofProgram.digest)
    }
    await expect(
      plan(undefined, { kind: 'release', version: 'v2.9.5', checksum: '0'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'ArtifactRefused', detail: expect.stringContaining(checksum) as string })
    await expect(plan(undefined, { kind: 'release', version: 'v9.9.9', checksum })).rejects.toMatchObject({
      code: 'ArtifactMissing',
    })
    await expect(plan(undefined, { kind: 'picked', id: 'none' })).rejects.toMatchObject({ code: 'NotFound' })
  }, 60_000)

  it('is undone when it is canceled while source-controller has not fetched, and Sluice goes on hosting', async () => {
    pods.hold('source-controller')
    const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
    const [given, theirs] = [`${bindings}/cluster-reconciler-flux-system`, `${bindings}/crd-controller-flux-system`]
    // Of somebody who prepared the cluster.
    const { metadata: prepared } = await cluster.requestOk<Live>('POST', bindings, {
      metadata: { name: 'crd-controller-flux-system' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'crd-controller-flux-system' },
    })
    await begin(undefined, await pickFolder())
    await waitUntil(async () => (await cluster.request('GET', given)).status === 200)
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
    // Nor are there rights that were given to them; what was there before is.
    expect((await cluster.request('GET', given)).status).toBe(404)
    expect((await get(theirs)).metadata.uid).toBe(prepared.uid)
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

    // A bootstrap with it: what is shown, and nothing while the branch is another than the plan saw.
    const shown = await plan(target())
    expect(shown.refusal).toBe(null)
    const begun = await platform.git('rev-parse', 'main')
    expect(shown.bootstrap).toMatchObject({
      head: begun,
      pushesWith: 'secret',
      commits: ['Add Flux v2.9.5 component manifests', 'Add Flux sync manifests'],
      secretKeys: ['identity', 'known_hosts'],
      applied: [],
    })
    expect(shown.bootstrap?.files.map(({ path: of, action }) => `${action} ${of}`)).toEqual([
      'created clusters/home/flux-system/gotk-components.yaml',
      'created clusters/home/flux-system/gotk-sync.yaml',
      'created clusters/home/flux-system/kustomization.yaml',
    ])
    expect(shown.bootstrap?.objects.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      'created Secret',
      'created GitRepository',
      'created Kustomization',
    ])
    expect(JSON.stringify(shown)).not.toContain('PRIVATE KEY')
    const diff = await engine.engine.handlers['handOver.diff'](
      { context: context(), digest: shown.digest, path: 'clusters/home/flux-system/gotk-sync.yaml' },
      engine.call,
    )
    expect(diff.text).toContain('+  path: ./clusters/home')
    const moved = await platform.commit({ 'README.md': 'Somebody was quicker\n' })
    await expect(
      engine.engine.handlers['handOver.start']({ context: context(), digest: shown.digest }, engine.call),
    ).rejects.toMatchObject({ code: 'PlanMoved', message: expect.stringContaining('Branch main of') as string })
    expect(await platform.git('rev-parse', 'main')).toBe(moved)

    await begin(target())
    await waitUntil(() => state()?.endedAt)
    expect(state()?.error).toBe(null)
    expect(state()?.state).toBe('done')
    expect(state()).toMatchObject({ watched: 3, moved: [] })
    expect([...new Set(log.slice(log.lastIndexOf('running commit')))].filter((line) => line !== 'running ')).toEqual([
      ...handOverStages.map((name) => `running ${name}`),
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
    // As `flux install` writes it, and then the controller itself, from Git.
    const deployment = await get('/apis/apps/v1/namespaces/flux-system/deployments/helm-controller')
    expect(
      deployment.metadata.managedFields
        .filter(({ subresource }) => subresource === undefined)
        .map(({ manager }) => manager),
    ).toEqual(['flux', 'kustomize-controller'])
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

  it('is under Git as the real flux bootstrap has it: read from there, and nothing is left to commit or to apply', async () => {
    const own = {
      git: '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system',
      ks: '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system',
      secret: '/api/v1/namespaces/flux-system/secrets/flux-system',
    }
    const head = await platform.git('rev-parse', 'main')
    expect((await get(own.ks)).status?.lastAppliedRevision).toBe(`main@sha1:${head}`)
    expect(await platform.git('log', '-2', '--format=%an <%ae> %s')).toBe(
      'Ada <ada@example.invalid> Add Flux sync manifests\nAda <ada@example.invalid> Add Flux v2.9.5 component manifests',
    )
    const specs = () => Promise.all([own.git, own.ks].map(async (at) => (await get(at)).spec))
    const generations = () => Promise.all(Object.values(own).map(async (at) => (await get(at)).metadata.generation))
    const before = [await specs(), await generations()]

    // Once more, where Flux runs already: there is nothing to do, and nothing is done.
    const again = await plan(target())
    expect(again).toMatchObject({ isInstalled: true, refusal: null, bootstrap: { head, commits: [] } })
    expect(again.bootstrap?.files.map(({ action }) => action)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    await begin(target())
    await waitUntil(() => state()?.endedAt)
    expect(state()).toMatchObject({ state: 'done', error: null, moved: [] })
    expect(await platform.git('rev-parse', 'main')).toBe(head)

    // The real program, over what Sluice made.
    const key = path.join(program.folder, 'key')
    await writeFile(key, ssh.clientKey, { mode: 0o600 })
    const args = [`--url=${platformUrl()}`, '--path=clusters/home', '--branch=main', `--private-key-file=${key}`]
    const said = await fluxBootstrap([...args, `--manifests=${program.manifests}`], cluster.kubeconfigPath)
    expect(said).toContain('component manifests are up to date')
    expect(said).toContain('sync manifests are up to date')
    expect(said).toContain('Kustomization reconciled successfully')
    expect(await platform.git('rev-parse', 'main')).toBe(head)
    expect([await specs(), await generations()]).toEqual(before)
    expect(Object.keys((await get(own.secret)).data ?? {})).toEqual(
      expect.arrayContaining(['identity', 'known_hosts']) as string[],
    )
  }, 300_000)

  it('gives the cluster the key that was picked for it, and source-controller reads with that', async () => {
    const key = ssh.changeKey()
    await writeFile(deployKeyFile(), key, { mode: 0o600 })
    const { picked } = await engine.engine.handlers['bootstrap.pickKey']({}, engine.call)
    // A push needs a key that may write: the source's own is changed as its owner would.
    await cluster.requestOk(
      'PATCH',
      `${core}/secrets/platform-key`,
      { stringData: { identity: key } },
      'application/merge-patch+json',
    )
    const withKey: BootstrapTarget = { ...target(), secret: 'key', key: picked?.id ?? '' }
    expect((await plan(withKey)).refusal).toMatchObject({
      code: 'GitAuthFailed',
      remedy: expect.stringContaining('~/.ssh/known_hosts') as string,
    })
    // HOME of the engine is its data folder.
    await mkdir(path.join(engine.dataDir, '.ssh'))
    await writeFile(path.join(engine.dataDir, '.ssh', 'known_hosts'), ssh.knownHosts)
    const shown = await plan(withKey)
    expect(shown).toMatchObject({
      refusal: null,
      bootstrap: { secretKeys: ['identity', 'identity.pub', 'known_hosts'] },
    })
    expect(JSON.stringify(shown)).not.toContain('PRIVATE KEY')
    await engine.engine.handlers['handOver.start']({ context: context(), digest: shown.digest }, engine.call)
    await waitUntil(() => state()?.endedAt)
    expect(state()).toMatchObject({ state: 'done', error: null, moved: [] })

    const secret = await get('/api/v1/namespaces/flux-system/secrets/flux-system')
    expect(Buffer.from(secret.data?.['identity'] ?? '', 'base64').toString('utf8')).toBe(key)
    // With the key it had before it could not read this commit.
    const commit = await platform.commit({ 'README.md': 'Read with another key\n' })
    const own = '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system'
    await cluster.requestOk(
      'PATCH',
      own,
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': commit } } },
      'application/merge-patch+json',
    )
    await waitUntil(async () => (await get(own)).status?.artifact?.revision === `main@sha1:${commit}`)
  }, 300_000)

  it('gives the cluster the token that is kept for a repository, and source-controller reads with that', async () => {
    const own = await tlsGit.createRepository('own', { 'README.md': 'Mine\n' })
    const { handlers } = engine.engine
    const { repository: named } = await handlers['bootstrap.addRepository'](
      { context: context(), url: own.url },
      engine.call,
    )
    const { cluster: id = '', host = '', repository: shownAs = '' } = named ?? {}
    await handlers['hosts.allow']({ cluster: id, host, isAllowed: true }, engine.call)
    const ofOwn: BootstrapTarget = { ...target(), source: null, url: own.url, secret: 'token' }
    // Nobody keeps one yet.
    expect((await plan(ofOwn)).refusal).not.toBe(null)
    expect(await handlers['credentials.keepToken']({ cluster: id, url: shownAs ?? '' }, engine.call)).toEqual({
      outcome: 'kept',
    })
    const shown = await plan(ofOwn)
    expect(shown).toMatchObject({
      refusal: null,
      bootstrap: { pushesWith: 'own', secretKeys: ['password', 'username'] },
    })
    expect(JSON.stringify(shown)).not.toContain(token.password)
    await handlers['handOver.start']({ context: context(), digest: shown.digest }, engine.call)
    await waitUntil(() => state()?.endedAt)
    // Flux reads itself from another repository now: nothing else moved.
    expect(state()).toMatchObject({ state: 'done', error: null })
    expect(state()?.moved.map(({ kind, name }) => `${kind}/${name}`)).toEqual(['GitRepository/flux-system'])
    const source = await get('/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system')
    expect(source.status?.artifact?.revision).toBe(`main@sha1:${await own.git('rev-parse', 'main')}`)
    const secret = await get('/api/v1/namespaces/flux-system/secrets/flux-system')
    expect(Buffer.from(secret.data?.['password'] ?? '', 'base64').toString('utf8')).toBe(token.password)
  }, 300_000)

  /** What the real program says, until it looks at pods: it would wait for components that are not in these manifests. */
  function fluxBootstrap(args: readonly string[], kubeconfig: string): Promise<string> {
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: program.folder, KUBECONFIG: kubeconfig }
      const child = spawn(program.program, ['bootstrap', 'git', ...args, '--silent'], { env })
      let said = ''
      const read = (data: Buffer): void => {
        said += data.toString('utf8')
        if (said.includes('confirming components')) child.kill('SIGKILL')
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.on('close', () => resolve(said))
    })
  }
})
