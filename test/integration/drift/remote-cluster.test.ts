/** A Kustomization whose objects live in another cluster: followed by the strict reader of its kubeconfig, once the user allowed the host. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pollUntil } from '../../../electron/adapters/control-plane/admin-client.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { runSluice } from '../run-sluice.ts'

const assets = fluxAssets()
const group = 'kustomize.toolkit.fluxcd.io'
const configText = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: far, namespace: default}\ndata: {where: far}\n'
const widgetText = 'apiVersion: far.sluice.test/v1\nkind: Widget\nmetadata: {name: far}\nspec: {size: 2}\n'
const kustomizationText = `apiVersion: ${group}/v1
kind: Kustomization
metadata: {name: far, namespace: default}
spec:
  interval: 1h
  prune: true
  path: ./far
  sourceRef: {kind: GitRepository, name: fleet}
  kubeConfig: {secretRef: {name: far}}
`
let cluster: TestCluster
let remote: TestCluster
let flux: RunningFlux
let git: GitServer
let home: string
let storage = ''
let server = ''

const drift = (...args: readonly string[]) =>
  runSluice(['drift', ...args], {
    home,
    kubeconfig: cluster.kubeconfigPath,
    env: { SLUICE_CACHE_DIR: path.join(home, 'cache') },
  })

describe.skipIf(assets === null)('sluice drift of objects in another cluster', () => {
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sluice-remote-'))
    ;[cluster, remote, git] = [
      await startTestCluster(),
      await startTestCluster({ name: 'far' }),
      await startGitServer(),
    ]
    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      controllers: ['source-controller', 'kustomize-controller'],
    })
    const { url } = await git.createRepository('fleet', {
      'far/config.yaml': configText,
      'far/widget.yaml': widgetText,
    })
    // A kind that only the far cluster serves.
    await remote.applyYaml(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.far.sluice.test}
spec:
  group: far.sluice.test
  scope: Cluster
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`)
    const kubeconfig = await readFile(remote.kubeconfigPath, 'utf8')
    server = new URL(/server: "?(https:[^"\s]+)/.exec(kubeconfig)?.[1] ?? '').host
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'far', namespace: 'default' } }
    await cluster.applyObjects([{ ...secret, stringData: { value: kubeconfig } }])
    await cluster.applyYaml(`apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${url}", ref: {branch: main}}
---
${kustomizationText}`)
    const isApplied = async (): Promise<boolean> => {
      const at = `/apis/${group}/v1/namespaces/default/kustomizations/far`
      const { status } = await cluster.requestOk<{ status?: { lastAppliedRevision?: string } }>('GET', at)
      return status?.lastAppliedRevision !== undefined
    }
    if (!(await pollUntil(isApplied, { timeoutMs: 60_000 }))) throw new Error('far was not applied')
    const source = await cluster.requestOk<{ status: { artifact: { url: string } } }>(
      'GET',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet',
    )
    storage = new URL(source.status.artifact.url).host
  })
  afterAll(async () => {
    await flux?.stop()
    await Promise.all([git?.stop(), cluster?.stop(), remote?.stop()])
    await rm(home, { recursive: true, force: true })
  })

  it('SECURITY 10: contacts nothing that the cluster names before the user allowed it', async () => {
    const { code, out, words } = await drift('--allow-host', storage)
    expect(words).toContain(`goes to the cluster at ${server}, which may not be contacted yet`)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })

  it('compares there', async () => {
    const hosts = ['--allow-host', storage, '--allow-host', server]
    expect(await drift(...hosts)).toEqual({ code: 0, out: '', words: '0 of 2 objects in 1 owner differ from Git.\n' })
    const at = '/api/v1/namespaces/default/configmaps/far?fieldManager=kubectl-edit'
    await remote.requestOk('PATCH', at, { data: { where: 'near' } }, 'application/merge-patch+json')
    const { code, out } = await drift(...hosts)
    expect(code).toBe(1)
    expect(out).toContain('far → near')
    expect(out).toContain('kubectl-edit')
    const widget = '/apis/far.sluice.test/v1/widgets/far?fieldManager=kubectl-edit'
    await remote.requestOk('PATCH', widget, { spec: { size: 3 } }, 'application/merge-patch+json')
    expect((await drift(...hosts)).out).toContain('2 → 3')
  })

  it('is where `sluice diff` compares a folder as well, by the kinds that are served there', async () => {
    const folder = path.join(home, 'tree')
    await mkdir(path.join(folder, 'far'), { recursive: true })
    const file = path.join(folder, 'ks.yaml')
    await writeFile(file, kustomizationText)
    await writeFile(path.join(folder, 'far/widget.yaml'), widgetText.replace('size: 2', 'size: 5'))
    await writeFile(path.join(folder, 'far/config.yaml'), configText)
    const { code, out, words } = await runSluice(['diff', '-f', file, '--root', folder, '--allow-host', server], {
      home,
      kubeconfig: cluster.kubeconfigPath,
    })
    expect(words).not.toContain('could not be compared')
    expect(out).toMatch(/Widget far +spec\.size .*5 → \d/)
    expect(code).toBe(1)
  })
})
