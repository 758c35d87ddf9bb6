/**
 * Starts a real API server (and on request controller manager, scheduler, kwok) for integration tests, e2e and benches, with
 * the product's own adapter. Everything lies in a temporary folder that goes with stop().
 *
 *   const cluster = await startTestCluster({ crds: 'flux' })
 *   await cluster.applyYaml(text); await cluster.request('GET', '/api/v1/namespaces'); await cluster.stop()
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApiResponse } from '../../electron/adapters/control-plane/admin-client.ts'
import type { Component } from '../../electron/adapters/control-plane/components.ts'
import { startControlPlane, type ControlPlane } from '../../electron/adapters/control-plane/control-plane.ts'
import type { PodLog, PodPort } from '../../electron/adapters/control-plane/kwok-nodes.ts'
import type { OnProgress } from '../../electron/adapters/control-plane/progress.ts'
import { resolveBinaries, type Binaries } from '../../electron/adapters/control-plane/resolve-binaries.ts'
import { createManifestApplier, parseManifests, type KubeObject } from './apply-manifests.ts'
import { absent } from '../in-ci.ts'
import { isSoak } from '../soak.ts'

export interface TestClusterOptions {
  /** All false if not given: API server and etcd alone, up in about four seconds. */
  readonly components?: { readonly controllerManager?: boolean; readonly scheduler?: boolean; readonly kwok?: boolean }
  /** 'flux' installs the CRDs of FLUX_ASSETS and throws without them (see fluxAssets()). */
  readonly crds?: 'flux' | 'none'
  /** Name of cluster and context; "test" if not given. */
  readonly name?: string
  readonly nodes?: number
  readonly podLogs?: readonly PodLog[]
  /** Where port-forwards to the pods that kwok plays lead. */
  readonly podPorts?: readonly PodPort[]
  readonly extraApiServerArgs?: readonly string[]
  /** A data folder that outlives stop(), to start the same cluster again. */
  readonly dataDir?: string
}

export interface TestCluster extends ControlPlane {
  /** As admin; never rejects on a status. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiResponse>
  /** As request, but throws on a status of 400 or more; answers the parsed body. */
  requestOk<T = KubeObject>(method: string, path: string, body?: unknown, contentType?: string): Promise<T>
  /** Server-side apply of every document; CRDs are waited for. Answers what the API server stored. */
  applyYaml(text: string, fieldManager?: string): Promise<readonly KubeObject[]>
  /** As applyYaml, from objects. */
  applyObjects(objects: readonly KubeObject[], fieldManager?: string): Promise<readonly KubeObject[]>
  installFluxCrds(): Promise<void>
}

/** Every component that tests may ask for; `npm test` builds them before the first suite that needs them. */
export const testComponents = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const satisfies readonly Component[]

/** Resolves or builds `components`, printing progress to stderr: the first build takes six minutes. */
export async function resolveTestBinaries(components: readonly Component[] = testComponents): Promise<Binaries> {
  return resolveBinaries({ components, onProgress: printProgress() })
}

/** Folder of the real Flux (FLUX_ASSETS), or null where none is named: suites then skip and say so. Throws where the one that is named is not it. */
export function fluxAssets(env: NodeJS.ProcessEnv = process.env): string | null {
  const folder = env['FLUX_ASSETS']
  if (!folder) return null
  if (existsSync(path.join(folder, 'crds'))) return path.resolve(folder)
  throw new Error(
    `FLUX_ASSETS names ${folder}, which has no folder crds: name the folder of Flux, or unset the variable.`,
  )
}

/** Archive of a real repository (owner_name) in the corpus beside the checkout, or null (in CI an error) where that is not. */
export function fleetArchive(name: string): string | null {
  const file = fileURLToPath(new URL(`../../../shared/corpus/fleets/${name}.tar.xz`, import.meta.url))
  return existsSync(file) ? file : absent(`The corpus with the repository ${name} is not beside this checkout`)
}

/** A soak may be the last that the machine works on: a test that does not wait ends for nothing of its own. */
const requestMs = isSoak ? 600_000 : 60_000

/** Starts a cluster and waits until it is ready, nodes included. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const wanted = {
    controllerManager: options.components?.controllerManager ?? false,
    scheduler: options.components?.scheduler ?? false,
    kwok: options.components?.kwok ?? false,
  }
  const binaries = await resolveTestBinaries([
    'etcd',
    'kube-apiserver',
    ...(wanted.controllerManager ? (['kube-controller-manager'] as const) : []),
    ...(wanted.scheduler ? (['kube-scheduler'] as const) : []),
    ...(wanted.kwok ? (['kwok'] as const) : []),
  ])
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'sluice-cluster-')))
  const controlPlane = await startControlPlane({
    binaries,
    dataDir,
    components: wanted,
    fsync: false,
    name: options.name ?? 'test',
    nodes: options.nodes,
    podLogs: options.podLogs,
    podPorts: options.podPorts,
    extraApiServerArgs: options.extraApiServerArgs,
  })
  const { admin } = controlPlane
  const request: TestCluster['request'] = (method, at, body, contentType) =>
    admin.request(method, at, body, contentType, requestMs)
  const applier = createManifestApplier(request)
  const cluster: TestCluster = {
    ...controlPlane,
    get pids() {
      return controlPlane.pids
    },
    request,
    async requestOk<T>(method: string, at: string, body?: unknown, contentType?: string) {
      let response = await request(method, at, body, contentType)
      // A server that has just started says 429 until its storage is filled: asked again, as any client would.
      for (const until = Date.now() + 15_000; response.status === 429 && Date.now() < until;) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        response = await request(method, at, body, contentType)
      }
      if (response.status >= 400) throw new Error(`${method} ${at}: ${response.status} ${response.text.slice(0, 500)}`)
      return response.body as T
    },
    applyYaml: (text, fieldManager) => applier.applyYaml(text, fieldManager),
    applyObjects: (objects, fieldManager) => applier.applyObjects(objects, fieldManager),
    async installFluxCrds() {
      const assets = fluxAssets()
      if (assets === null) throw new Error('FLUX_ASSETS does not point at the real Flux')
      const folder = path.join(assets, 'crds')
      for (const name of await readdir(folder)) {
        const crds = parseManifests(await readFile(path.join(folder, name), 'utf8'))
        await applier.applyObjects(crds.map(withFluxLabels))
      }
    },
    async stop() {
      await controlPlane.stop()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
  if (options.crds === 'flux') {
    await cluster.installFluxCrds().catch(async (error: unknown) => {
      await cluster.stop()
      throw error
    })
  }
  return cluster
}

/** As an installation labels them: `flux check` looks for these. */
function withFluxLabels(object: KubeObject): KubeObject {
  const labels = { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/instance': 'flux-system' }
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } }
}

/** One line per step, and at most one every five seconds within a step. */
function printProgress(): OnProgress {
  let lastStep = ''
  let lastMs = 0
  return ({ step, index, of, detail, elapsedMs }) => {
    if (step === lastStep && elapsedMs - lastMs < 5000) return
    lastStep = step
    lastMs = elapsedMs
    process.stderr.write(`[${index}/${of}] ${step} ${Math.round(elapsedMs / 1000)} s ${detail}\n`)
  }
}
