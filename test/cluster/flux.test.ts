/** The real controllers on the test cluster: the ground that every comparison with Flux stands on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'
import type { KubeObject } from './apply-manifests.ts'
import { startFluxControllers, type RunningFlux } from './flux.ts'
import { startGitServer, type GitRepository, type GitServer } from './git-server.ts'
import { fluxAssets, startTestCluster, type TestCluster } from './start.ts'

const assets = fluxAssets()

const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: default }\ndata: { value: ${value} }\n`

describe.skipIf(assets === null)('real Flux controllers (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let repository: GitRepository

  beforeAll(async () => {
    cluster = await startTestCluster({ components: { controllerManager: true } })
    flux = await startFluxControllers(cluster, { assets: assets ?? '' })
    git = await startGitServer()
    repository = await git.createRepository('fleet', { 'apps/settings.yaml': configMap('one') })
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
  })
  afterAll(async () => {
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  interface Status {
    readonly lastAppliedRevision?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[]
  }
  const apps = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps'
  const statusOf = async (at: string): Promise<Status> =>
    (await cluster.requestOk<KubeObject & { status?: Status }>('GET', at)).status ?? {}
  const readyOf = async (at: string): Promise<string> =>
    (await statusOf(at)).conditions?.find(({ type }) => type === 'Ready')?.status ?? ''
  const settings = async (): Promise<unknown> => {
    const { body } = await cluster.request('GET', '/api/v1/namespaces/default/configmaps/settings')
    return (body as { data?: { value?: string } }).data?.value
  }

  it('reconcile a Kustomization from the loopback Git server to Ready', async () => {
    await waitUntil(async () => (await readyOf(apps)) === 'True', 60_000)
    await waitUntil(
      async () => /^main@sha1:[0-9a-f]{40}$/.test((await statusOf(apps)).lastAppliedRevision ?? ''),
      30_000,
    )
    expect(await settings()).toBe('one')
  })

  it('follow a new commit when the flux CLI asks for it, and fail on one that does not build', async () => {
    const hash = await repository.commit({ 'apps/settings.yaml': configMap('two') })
    const result = await flux.fluxCli(['reconcile', 'kustomization', 'apps', '--with-source'])
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining(`main@sha1:${hash}`) as unknown })
    expect(await settings()).toBe('two')

    await repository.commit({ 'apps/settings.yaml': 'not: [a manifest' })
    // The CLI waits for success until its time-out: only the source is asked of it here.
    expect((await flux.fluxCli(['reconcile', 'source', 'git', 'fleet'])).code).toBe(0)
    const ready = await waitUntil(async () => {
      const condition = (await statusOf(apps)).conditions?.find(({ type }) => type === 'Ready')
      return condition?.status === 'False' ? condition : null
    })
    expect(ready.reason).toBe('BuildFailed')
  })

  it('stay away while one is killed, and catch up after its restart', async () => {
    await flux.kill('kustomize-controller')
    await repository.commit({ 'apps/settings.yaml': configMap('three') })
    expect((await flux.fluxCli(['reconcile', 'source', 'git', 'fleet'])).code).toBe(0)
    expect(await settings()).toBe('two')
    await flux.restart('kustomize-controller')
    await waitUntil(async () => (await settings()) === 'three', 60_000)
    await waitUntil(async () => (await readyOf(apps)) === 'True', 60_000)
  })
})
