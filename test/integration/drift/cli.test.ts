/** `sluice drift` as a person or a script runs it: a process of its own on a real API server that real controllers keep in line with Git. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { pollUntil } from '../../../electron/adapters/control-plane/admin-client.ts'
import { fieldManagersOf } from '../../../electron/engine/diff/managed-fields.ts'
import type { DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import { controllerDeployments } from '../../cluster/controller-deployments.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import type { Ran } from '../run-sluice.ts'
import { runSluice } from '../run-sluice.ts'

const assets = fluxAssets()
const group = 'kustomize.toolkit.fluxcd.io'
let cluster: TestCluster
let flux: RunningFlux
let git: GitServer
let home: string
/** Folder of artifacts that were fetched before. */
let cache = 'cache'
/** Of source-controller's storage. */
let host = ''

const sluice = (...args: readonly string[]): Promise<Ran> =>
  runSluice(args, {
    home,
    kubeconfig: cluster.kubeconfigPath,
    env: { SLUICE_CACHE_DIR: path.join(home, cache) },
  })
const drift = (...args: readonly string[]): Promise<Ran> => sluice('drift', '--allow-host', host, ...args)
const cells = ({ out }: Ran): string[][] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))

async function untilApplied(name: string): Promise<void> {
  const isApplied = async (): Promise<boolean> => {
    const object = await cluster.requestOk<KubeObject & { status?: { lastAppliedRevision?: string } }>(
      'GET',
      `/apis/${group}/v1/namespaces/default/kustomizations/${name}`,
    )
    return object.status?.lastAppliedRevision !== undefined
  }
  if (!(await pollUntil(isApplied, { timeoutMs: 60_000 }))) throw new Error(`${name} was not applied`)
}

const edit = (pathOf: string, patch: object, manager: string): Promise<unknown> =>
  cluster.requestOk('PATCH', `${pathOf}?fieldManager=${manager}`, patch, 'application/merge-patch+json')

const web = '/apis/apps/v1/namespaces/shop/deployments/web'

describe.skipIf(assets === null)('sluice drift', () => {
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sluice-drift-'))
    cluster = await startTestCluster()
    git = await startGitServer()
    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      controllers: ['source-controller', 'kustomize-controller'],
    })
    const { url } = await git.createRepository('fleet', {
      'apps/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'apps/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.test/web:1
`,
      'infra/kustomization.yaml':
        'namespace: default\nresources: [config.yaml]\nconfigMapGenerator: [{name: env, literals: [a=b]}]\n',
      'infra/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: region}\ndata:\n  region: ${region}\n',
    })
    const kustomization = (name: string, more = '') => `apiVersion: ${group}/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default}
spec:
  interval: 1h
  prune: true
  path: ./${name}
  sourceRef: {kind: GitRepository, name: fleet}
${more}`
    await cluster.applyYaml(
      [
        `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: fleet, namespace: default}\nspec: {interval: 1h, url: "${url}", ref: {branch: main}}\n`,
        'apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: default}\nstringData: {region: eu}\n',
        kustomization('apps'),
        kustomization('infra', '  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n'),
      ].join('---\n'),
    )
    await untilApplied('apps')
    await untilApplied('infra')
    const source = await cluster.requestOk<KubeObject & { status: { artifact: { url: string } } }>(
      'GET',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet',
    )
    ;({ host } = new URL(source.status.artifact.url))
  })
  afterAll(async () => {
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
    await rm(home, { recursive: true, force: true })
  })

  it('does not call it "no drift" where nothing could be compared: exit code 2', async () => {
    const { code, out, words } = await sluice('drift')
    expect(out).toBe('')
    expect(words).toContain('Kustomization default/apps could not be compared:')
    expect(words).toContain(host)
    expect(words).toContain('2 not known')
    expect(code).toBe(2)
  })

  it('finds nothing on a cluster that nobody touched, and its renders are verified: exit code 0', async () => {
    const table = await drift()
    expect(table).toMatchObject({ code: 0, out: '' })
    expect(table.words).toBe('0 of 4 objects in 2 owners differ from Git.\n')
    const { owners } = JSON.parse((await drift('-o', 'json')).out) as { owners: { result: DriftOwner; error: null }[] }
    expect(owners.map(({ result }) => [result.owner.name, result.state, result.fidelity?.word])).toEqual([
      ['apps', 'checked', 'verified'],
      ['infra', 'checked', 'verified'],
    ])
  })

  it('builds from Git where the storage may not be contacted, to the same bytes', async () => {
    cache = 'empty-cache'
    const { out, code } = await sluice('drift', '--allow-host', new URL(git.url).host, '-o', 'json')
    cache = 'cache'
    const { owners } = JSON.parse(out) as { owners: { result: DriftOwner | null; error: unknown }[] }
    expect(owners.map(({ error }) => error)).toEqual([null, null])
    expect(owners.map(({ result }) => [result?.fidelity?.origin, result?.fidelity?.word])).toEqual([
      ['git', 'verified'],
      ['git', 'verified'],
    ])
    for (const { result } of owners)
      expect(result?.commit).toEqual({
        sha: result?.fidelity?.revision.split(':')[1],
        author: 'Sluice Test',
        at: expect.any(Number) as number,
        subject: expect.any(String) as string,
      })
    expect(code).toBe(0)
  })

  it('builds from Git where source-controller has no running pod, which is told where nothing is allowed', async () => {
    await cluster.applyObjects(controllerDeployments(['source-controller']))
    cache = 'cache-of-the-stopped'
    try {
      const alone = await sluice('drift')
      expect(alone.words).toContain(
        'source-controller does not answer: Deployment flux-system/source-controller has no',
      )
      expect(alone.words).toContain(new URL(git.url).host)
      expect([alone.code, alone.out]).toEqual([2, ''])
      const { out, code } = await sluice('drift', '--allow-host', new URL(git.url).host, '-o', 'json')
      const { owners } = JSON.parse(out) as { owners: { result: DriftOwner | null; error: unknown }[] }
      expect(owners.map(({ result, error }) => [error, result?.fidelity?.origin])).toEqual([
        [null, 'git'],
        [null, 'git'],
      ])
      expect(code).toBe(0)
    } finally {
      cache = 'cache'
      await cluster.requestOk('DELETE', '/apis/apps/v1/namespaces/flux-system/deployments/source-controller')
    }
  })

  it('finds what was edited and what was deleted, with field, manager and both values: exit code 1', async () => {
    await edit(web, { spec: { replicas: 5 } }, 'kubectl-edit')
    await edit(web, { metadata: { annotations: { 'example.test/note': 'mine' } } }, 'somebody')
    await cluster.requestOk('DELETE', '/api/v1/namespaces/default/configmaps/region')
    const result = await drift('-A')
    expect(cells(result)).toEqual([
      ['OWNER', 'OBJECT', 'FIELD', 'MANAGER', 'AGE', 'GIT → LIVE'],
      [
        'Kustomization default/apps',
        'Deployment shop/web',
        'spec.replicas',
        'kubectl-edit',
        expect.any(String),
        '2 → 5',
      ],
      ['Kustomization default/infra', 'ConfigMap default/region', 'missing'],
    ])
    expect(result.words).toBe('2 of 4 objects in 2 owners differ from Git.\n')
    expect(result.code).toBe(1)
  })

  it('looks at one owner, or one namespace', async () => {
    expect(
      cells(await drift('ks/infra', '-n', 'default'))
        .slice(1)
        .map(([owner]) => owner),
    ).toEqual(['Kustomization default/infra'])
    const elsewhere = await drift('-n', 'shop')
    expect(elsewhere).toMatchObject({ code: 0, out: '' })
    expect((await drift('gitrepo/fleet')).words).toContain('applies no objects')
    expect((await drift('ks/nowhere')).code).toBe(2)
  })

  it('prints what differs as a diff from Git to live', async () => {
    const { out, code } = await drift('ks/apps', '-o', 'diff')
    expect(code).toBe(1)
    expect(out).toContain(
      '# Kustomization default/apps: Deployment shop/web, apps/web.yaml:1\n--- Git/Deployment/shop/web\n',
    )
    expect(out).toMatch(/^- {2}replicas: 2$/m)
    expect(out).toMatch(/^\+ {2}replicas: 5$/m)
    const missing = await drift('ks/infra', '-o', 'diff')
    expect(missing.out).toContain('+++ /dev/null')
  })

  it('asks several contexts, and one that cannot be reached hides nothing of the others', async () => {
    const kubeconfig = path.join(home, 'two.yaml')
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    const { clusters, users, contexts } = parse(text) as Record<
      'clusters' | 'users' | 'contexts',
      Record<string, unknown>[]
    >
    const again = { ...contexts[0], name: 'again' }
    const gone = { name: 'gone', context: { cluster: 'gone', user: users[0]?.['name'] } }
    const nowhere = { name: 'gone', cluster: { server: 'https://127.0.0.1:1' } }
    const all = { clusters: [...clusters, nowhere], contexts: [...contexts, again, gone], users }
    await writeFile(kubeconfig, stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'test', ...all }))
    const asked = ['--kubeconfig', kubeconfig, '--context', 'test', '--context', 'gone', '--context', 'again']
    const { code, out, words } = await drift(...asked)
    expect(words).toContain('Context gone could not be compared:')
    expect(code).toBe(1)
    expect(cells({ code, out, words }).map(([context]) => context)).toEqual([
      'CONTEXT',
      'test',
      'test',
      'again',
      'again',
    ])
  })

  it('gives all of it as JSON', async () => {
    const { owners, problems } = JSON.parse((await drift('-o', 'json')).out) as {
      owners: { objects: (DriftObject & { fields: { path: string; verdict: string }[] })[] }[]
      problems: string[]
    }
    expect(problems).toEqual([])
    const fields = owners.flatMap(({ objects }) => objects).find(({ ref }) => ref.name === 'web')?.fields
    expect(fields?.map(({ path: at, verdict }) => [at, verdict])).toContainEqual(['spec.replicas', 'drift'])
    expect(fields?.some(({ verdict }) => verdict === 'notOwned')).toBe(true)
  })

  it('says of what was set back by hand that no value differs: exit code 0; the controller then writes the record alone', async () => {
    await edit(web, { spec: { replicas: 2 } }, 'kubectl-edit')
    const table = await drift('ks/apps')
    expect(cells(table)).toEqual([
      ['OWNER', 'OBJECT', 'FIELD', 'MANAGER', 'AGE', 'GIT → LIVE'],
      [
        'Kustomization default/apps',
        'Deployment shop/web',
        'metadata.managedFields[kubectl-edit]',
        'kubectl-edit',
        expect.any(String),
        'record only: holds spec.replicas; no value changes',
      ],
    ])
    expect(table.words).toBe(
      '0 of 2 objects in 1 owner differ from Git; 1 object differs only in who owns its fields.\n',
    )
    expect(table.code).toBe(0)
    const { owners } = JSON.parse((await drift('ks/apps', '-o', 'json')).out) as {
      owners: { result: DriftOwner; objects: (DriftObject & { isRecordOnly: boolean })[] }[]
    }
    expect(owners[0]?.result).toMatchObject({ driftedCount: 0, recordOnlyCount: 1 })
    expect(owners[0]?.objects.filter(({ isRecordOnly }) => isRecordOnly).map(({ ref }) => ref.name)).toEqual(['web'])

    const before = await cluster.requestOk<KubeObject>('GET', web)
    await edit(
      `/apis/${group}/v1/namespaces/default/kustomizations/apps`,
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } },
      'flux',
    )
    const isTakenOver = async (): Promise<boolean> => {
      const object = await cluster.requestOk<KubeObject>('GET', web)
      return fieldManagersOf(object).every(({ manager }) => manager !== 'kubectl-edit')
    }
    expect(await pollUntil(isTakenOver, { timeoutMs: 60_000 })).toBe(true)
    const after = await cluster.requestOk<KubeObject & { spec?: unknown }>('GET', web)
    expect([after.metadata.generation, after.spec]).toEqual([before.metadata.generation, before['spec']])
    expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion)
    expect(await drift('ks/apps')).toMatchObject({ code: 0, out: '' })
  })
})
