/** Artifacts of the real source-controller, fetched as a laptop would: through the real API server's port-forward, and directly. */
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import { findFreePorts } from '../../../electron/adapters/control-plane/free-port.ts'
import { createTarFiles } from '../../../electron/adapters/files/tar-files.ts'
import { createGitRemote } from '../../../electron/adapters/git/git-remote.ts'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createSystemClock } from '../../../electron/adapters/node/system-clock.ts'
import type { ClusterView, KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { GitRemote } from '../../../electron/engine/source/artifact-port.ts'
import { createArtifactResolver } from '../../../electron/engine/source/resolve-artifact.ts'
import type { ResolvedArtifact } from '../../../electron/engine/source/resolved-artifact.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { makeArchive } from '../../adapters/artifacts/make-archive.ts'
import { contentType, startRegistry } from './oci-registry.ts'
import { connectEngine } from '../object/sample-engine.ts'
import type { ConnectedEngine } from '../object/sample-engine.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { controllerDeployments } from '../../cluster/controller-deployments.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import type { TestCluster } from '../../cluster/start.ts'

const assets = fluxAssets()
const inCluster = 'source-controller.flux-system.svc.cluster.local.'
const signal = new AbortController().signal

const noGit: GitRemote = {
  resolve: () => Promise.reject(new SluiceError('GitFailed', 'no Git here')),
  tree: () => Promise.reject(new SluiceError('GitFailed', 'no Git here')),
  commit: () => Promise.resolve(null),
  log: () => Promise.resolve([]),
  verify: () => Promise.reject(new Error('not asked for')),
}

const roles = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: looks }
rules:
  - { apiGroups: ['*'], resources: ['*'], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: looks-at-objects }
rules:
  - apiGroups: [apps, kustomize.toolkit.fluxcd.io, source.toolkit.fluxcd.io]
    resources: ['*']
    verbs: [get, list, watch]
  - { apiGroups: [''], resources: [namespaces, pods, services], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: looks-at-objects }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: looks-at-objects }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer }]
`

describe.skipIf(assets === null)('artifacts of the real source-controller (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let repository: GitRepository
  let admin: ConnectedEngine
  let folder: string
  let storagePort: number

  beforeAll(async () => {
    const [port = 0] = await findFreePorts(1)
    storagePort = port
    cluster = await startTestCluster({
      components: { kwok: true },
      podPorts: [{ namespace: 'flux-system', port: 9090, localPort: port }],
    })
    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      controllers: ['source-controller'],
      extraArgs: { 'source-controller': [`--storage-addr=127.0.0.1:${port}`, `--storage-adv-addr=${inCluster}`] },
    })
    const [deployment] = controllerDeployments(['source-controller'])
    const labels = { app: 'source-controller' }
    const containers = [{ name: 'manager', image: 'x', ports: [{ name: 'http', containerPort: 9090 }] }]
    await cluster.applyObjects([
      deployment as never,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'source-controller-abc', namespace: 'flux-system', labels },
        spec: { nodeName: 'node-1', containers },
      },
    ])
    await cluster.applyYaml(roles)
    git = await startGitServer()
    repository = await git.createRepository('fleet', { 'apps/a.yaml': 'a: 1\n', 'README.md': '# x\n', 'x.png': 'x' })
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system }
spec: { interval: 10m, url: "${repository.url}", ref: { branch: ${repository.branch} } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system }
spec: { interval: 10m, path: ./apps, prune: true, sourceRef: { kind: GitRepository, name: fleet } }
`)
    await waitUntil(async () => (await revisionOf()) !== '', 60_000)
    await waitUntil(async () => (await podPhase()) === 'Running', 60_000)
    admin = await connectEngine(cluster.kubeconfigPath)
  })
  afterAll(async () => {
    await admin?.close()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-source-'))
    return () => rm(folder, { recursive: true, force: true })
  })

  const sources = '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/fleet'
  interface Source extends KubeObject {
    readonly status?: { readonly artifact?: { readonly revision: string; readonly url: string } }
  }
  const revisionOf = async (): Promise<string> =>
    (await cluster.requestOk<Source>('GET', sources)).status?.artifact?.revision ?? ''
  const podPhase = async (): Promise<string> =>
    (
      await cluster.requestOk<{ status: { phase: string } }>(
        'GET',
        '/api/v1/namespaces/flux-system/pods/source-controller-abc',
      )
    ).status.phase

  function resolver(allowed: readonly string[] = [], git: GitRemote = noGit) {
    const named: string[] = []
    const clock = createSystemClock()
    const artifacts = createArtifactResolver({
      ports: {
        artifacts: createArtifactCache({ folder: join(folder, 'artifacts'), now: () => clock.now() }),
        artifactTransport: createArtifactTransport({ userAgent: 'sluice/test' }),
        git,
        clock,
        store: createBlobStore(folder),
        logger: { log: () => undefined },
      },
      hosts: { isAllowed: (_cluster, host) => allowed.includes(host), noteNamed: (_c, host) => void named.push(host) },
      folders: { folderOf: () => null },
    })
    return { artifacts, named }
  }
  const viewOf = (engine: ConnectedEngine): ClusterView => engine.clusters.views()[0]!
  async function resolve(engine: ConnectedEngine, allowed?: readonly string[]): Promise<ResolvedArtifact> {
    const view = viewOf(engine)
    const ref = engine.kustomization('flux-system', 'apps')
    const consumer = await view.fetch(ref)
    return resolver(allowed).artifacts.resolve({ view, consumer, revision: 'latest' }, signal)
  }

  it('come through the API server, byte for byte', async () => {
    const found = await resolve(admin)
    expect(found).toMatchObject({ origin: 'storageThroughApi', revision: await revisionOf(), reasons: [] })
    expect(found.digest).toMatch(/^sha256:/)
    const files = createTarFiles(found.tree.path)
    expect(files.list('/artifact')).toEqual(['README.md', 'apps'])
    expect(Buffer.from(files.read('/artifact/apps/a.yaml')).toString()).toBe('a: 1\n')
    files.close()
  })

  it('come in a read-only context, too', async () => {
    const view = viewOf(admin)
    view.client().setReadOnly(true)
    try {
      expect((await resolve(admin)).origin).toBe('storageThroughApi')
    } finally {
      view.client().setReadOnly(false)
    }
  })

  it('do not come without the right to forward ports, and the message names it', async () => {
    const viewer = await connectEngine(await cluster.makeUserKubeconfig({ name: 'viewer' }))
    try {
      const error = await resolve(viewer).catch((error: unknown) => error)
      expect(error).toMatchObject({
        code: 'HostNotAllowed',
        detail: expect.stringContaining('port-forward is forbidden') as string,
      })
    } finally {
      await viewer.close()
    }
  })

  it('follow the source, are downloaded once, and are found again when the storage is gone', async () => {
    const view = viewOf(admin)
    const consumer = await view.fetch(admin.kustomization('flux-system', 'apps'))
    const { artifacts } = resolver()
    const before = await artifacts.resolve({ view, consumer, revision: 'latest' }, signal)
    const hash = await repository.commit({ 'apps/a.yaml': 'a: 2\n' })
    expect((await flux.fluxCli(['reconcile', 'source', 'git', 'fleet'])).code).toBe(0)
    await waitUntil(() => Promise.resolve(artifacts.peek({ view, consumer, revision: 'latest' }) !== before.revision))
    const all = await Promise.all(
      Array.from({ length: 20 }, () => artifacts.resolve({ view, consumer, revision: 'latest' }, signal)),
    )
    expect(new Set(all.map(({ revision }) => revision))).toEqual(new Set([`main@sha1:${hash}`]))
    expect(new Set(all.map(({ tree }) => tree.path)).size).toBe(1)
    await flux.kill('source-controller')
    try {
      const again = await artifacts.resolve({ view, consumer, revision: 'latest' }, signal)
      expect(again.tree.contentKey).toBe(all[0]?.tree.contentKey)
      const applied = { ...consumer, status: { lastAppliedRevision: before.revision } }
      const old = await artifacts.resolve({ view, consumer: applied, revision: 'applied' }, signal)
      expect(old).toMatchObject({ revision: before.revision, reasons: [] })
      // Nobody listens behind the port-forward now.
      await expect(resolver().artifacts.resolve({ view, consumer, revision: 'latest' }, signal)).resolves.toBeDefined()
      await rm(join(folder, 'artifacts'), { recursive: true })
      const error = await resolver()
        .artifacts.resolve({ view, consumer, revision: 'latest' }, signal)
        .catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SluiceError)
      expect((error as SluiceError).detail).toContain('source-controller-abc')
    } finally {
      await flux.restart('source-controller')
    }
  })

  it('are what Git gives at the same commit, ignore rules and includes applied', async () => {
    const library = await git.createRepository('library', {
      'charts/one.yaml': 'one: 1\n',
      'charts/skipped.yaml': 'skipped: 1\n',
      'README.md': 'x',
    })
    const whole = await git.createRepository('whole', {
      'apps/a.yaml': 'a: 1\n',
      'apps/logo.png': 'x',
      'apps/inner/.sourceignore': '*.txt\n!keep.txt\n',
      'apps/inner/drop.txt': 'x',
      'apps/inner/keep.txt': 'x',
      'docs/deep/index.md': 'x',
      'docs/deep/kept.md': 'x',
      '.github/workflow.yml': 'x',
      '.gitattributes': '* text=auto\n',
      '.gitignore': 'nothing\n',
      'ünï cödé.yaml': 'u: 1\n',
    })
    await symlink('apps/a.yaml', join(whole.workFolder, 'link.yaml'))
    await writeFile(join(whole.workFolder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
    await whole.commitAll('more')
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: library, namespace: flux-system }
spec: { interval: 10m, url: "${library.url}", ref: { branch: ${library.branch} } }
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: whole, namespace: flux-system }
spec:
  interval: 10m
  url: "${whole.url}"
  ref: { branch: ${whole.branch} }
  ignore: |
    /docs
    !/docs/deep/kept.md
    vendor/skipped.yaml
  include:
    - { repository: { name: library }, fromPath: charts, toPath: vendor }
    - { repository: { name: library } }
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: plain, namespace: flux-system }
spec: { interval: 10m, url: "${whole.url}", ref: { branch: ${whole.branch} } }
`)
    const view = viewOf(admin)
    const apps = await view.fetch(admin.kustomization('flux-system', 'apps'))
    const clone = createGitRemote({
      entry: null,
      cacheDir: folder,
      treeFolder: join(folder, 'artifacts'),
      userAgent: 'sluice/test',
      access: { home: folder, sshAgent: null, path: process.env['PATH'] ?? null },
      onCrash: () => undefined,
    })
    try {
      for (const name of ['plain', 'whole']) {
        const consumer = { ...apps, spec: { sourceRef: { kind: 'GitRepository', name } } }
        const wish = { view, consumer, revision: 'latest' as const }
        const storage = resolver()
        await waitUntil(() => Promise.resolve(storage.artifacts.peek(wish) !== null), 60_000)
        const fromStorage = await storage.artifacts.resolve(wish, signal)
        expect(fromStorage.origin).toBe('storageThroughApi')
        // Nobody answers on that port: the way to the storage is closed.
        const closed: ClusterView = { ...bind(view), controllers: () => [], list: () => Promise.resolve([]) }
        await rm(join(folder, 'artifacts-seen.json'), { force: true })
        await rename(fromStorage.tree.path, join(folder, `${name}.tar`))
        const fromGit = await resolver([new URL(git.url).host], clone).artifacts.resolve(
          { ...wish, view: closed },
          signal,
        )
        expect(fromGit.origin).toBe('git')
        expect(listFiles(fromGit.tree.path)).toEqual(listFiles(join(folder, `${name}.tar`)))
      }
    } finally {
      clone.dispose()
    }
  })

  it('of OCI repositories come the same way, extracted and as they were pushed', async () => {
    const registry = await startRegistry(
      (
        await makeArchive([
          { name: 'apps', type: 'directory' },
          { name: 'apps/oci.yaml', text: 'from: oci\n' },
          { name: 'logo.png', text: 'x' },
        ])
      ).bytes,
    )
    try {
      const spec = `interval: 10m, insecure: true, url: "oci://127.0.0.1:${registry.port}/fleet", ref: { tag: latest }`
      await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: extracted, namespace: flux-system }
spec: { ${spec} }
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: copied, namespace: flux-system }
spec: { ${spec}, layerSelector: { mediaType: "${contentType}", operation: copy } }
`)
      const view = viewOf(admin)
      const apps = await view.fetch(admin.kustomization('flux-system', 'apps'))
      const wishFor = (name: string) => ({
        view,
        consumer: { ...apps, spec: { sourceRef: { kind: 'OCIRepository', name } } },
        revision: 'latest' as const,
      })
      const { artifacts } = resolver()
      for (const [name, files] of [
        ['extracted', ['apps']],
        ['copied', ['apps', 'logo.png']],
      ] as const) {
        await waitUntil(() => Promise.resolve(artifacts.peek(wishFor(name)) !== null), 60_000)
        const found = await artifacts.resolve(wishFor(name), signal)
        expect(found).toMatchObject({ origin: 'storageThroughApi', reasons: [] })
        expect(found.revision).toMatch(/^latest@sha256:[0-9a-f]{64}$/)
        const tree = createTarFiles(found.tree.path)
        expect(tree.list('/artifact')).toEqual(files)
        expect(Buffer.from(tree.read('/artifact/apps/oci.yaml')).toString()).toBe('from: oci\n')
        tree.close()
      }
    } finally {
      await registry.stop()
    }
  })

  it('come directly where the user allowed the host', async () => {
    // As where the storage has an address of its own on the network.
    const path = new URL((await cluster.requestOk<Source>('GET', sources)).status?.artifact?.url ?? '').pathname
    const view = viewOf(admin)
    const consumer = await view.fetch(admin.kustomization('flux-system', 'apps'))
    const source = await view.fetch(admin.ref('source.toolkit.fluxcd.io', 'GitRepository', 'flux-system', 'fleet'))
    const artifact = { ...(source as Source).status?.artifact, url: `http://127.0.0.1:${storagePort}${path}` }
    const moved = { ...source, status: { artifact } }
    const direct: ClusterView = { ...bind(view), cached: () => moved }
    const { artifacts, named } = resolver([`127.0.0.1:${storagePort}`])
    const found = await artifacts.resolve({ view: direct, consumer, revision: 'latest' }, signal)
    expect(found.origin).toBe('storage')
    expect(named).toEqual([])
    await rm(join(folder, 'artifacts'), { recursive: true })
    // Not allowed: noted, and the other way is taken.
    const other = resolver()
    expect((await other.artifacts.resolve({ view: direct, consumer, revision: 'latest' }, signal)).origin).toBe(
      'storageThroughApi',
    )
    expect(other.named).toEqual([`127.0.0.1:${storagePort}`])
  })
})

/** Path and fingerprint of each file. */
function listFiles(path: string): readonly string[] {
  const files = createTarFiles(path)
  const found: string[] = []
  const visit = (directory: string): void => {
    for (const name of files.list(directory)) {
      const child = `${directory}/${name}`
      if (files.stat(child) === 'directory') visit(child)
      else found.push(`${child} ${files.fingerprint?.(child) ?? ''}`)
    }
  }
  visit('/artifact')
  files.close()
  return found
}

/** The view's methods, free of their object. */
function bind(view: ClusterView): ClusterView {
  return new Proxy({} as ClusterView, {
    get: (_target, name) => {
      const value: unknown = Reflect.get(view, name)
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(view) : value
    },
    ownKeys: () => [
      'id',
      'contexts',
      'client',
      'writeClient',
      'served',
      'servedAll',
      'row',
      'rows',
      'kinds',
      'controllers',
      'watchRows',
      'cached',
      'fetch',
      'list',
      'watchKind',
    ],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  })
}
