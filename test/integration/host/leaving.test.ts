/** What docs/hosted.md says of leaving: what is deleted afterwards waits for a finalizer, and the real `flux uninstall` takes all of Flux away and no workload. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { runSluice } from '../run-sluice.ts'

const assets = fluxAssets()
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const ofFlux = `${definitions}?labelSelector=app.kubernetes.io/part-of=flux`
const source = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet'
const workload = '/api/v1/namespaces/default/configmaps/app'

describe.skipIf(assets === null)('leaving hosted mode (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let git: GitServer
  let flux: RunningFlux
  let home = ''

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sluice-leave-'))
    cluster = await startTestCluster()
    git = await startGitServer()
    // The command alone.
    flux = await startFluxControllers(cluster, { assets: assets ?? '', controllers: [], isInstalled: true })
  }, 120_000)

  afterAll(async () => {
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
    await rm(home, { recursive: true, force: true })
  })

  it('flux uninstall takes away what hosted mode has made, with its finalizers, and leaves what was applied', async () => {
    const app = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: default}\ndata: {color: red}\n'
    const repository = await git.createRepository('fleet', { 'app/all.yaml': app })
    const host = async (): Promise<void> => {
      const allowed = new URL(repository.url).host
      const { code, words } = await runSluice(['host', '--context', 'test', '--once', '--allow-host', allowed], {
        home,
        kubeconfig: cluster.kubeconfigPath,
      })
      expect(code, words).toBe(0)
    }
    await host()
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: default}
spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: fleet}}
`)
    await host()
    const applied = await cluster.requestOk('GET', workload)
    await cluster.request('DELETE', source)
    expect((await cluster.requestOk('GET', source)).metadata).toMatchObject({
      deletionTimestamp: expect.any(String) as unknown,
      finalizers: ['finalizers.fluxcd.io'],
    })

    const { code, stdout, stderr } = await flux.fluxCli(['uninstall', '--silent', '--keep-namespace'])
    expect(code, stdout + stderr).toBe(0)
    await waitUntil(async () => {
      const { items } = await cluster.requestOk<{ items: readonly unknown[] }>('GET', ofFlux)
      return items.length === 0
    })
    expect((await cluster.request('GET', source)).status).toBe(404)
    expect(await cluster.requestOk('GET', workload)).toEqual(applied)
  }, 120_000)
})
