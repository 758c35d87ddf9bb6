/** What the benches of hosted mode are measured on: a repository of 3,000 files, Kustomizations of it, and who reconciles them. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cpuMsOf } from '../app/processes.ts'
import type { GitRepository, GitServer } from '../cluster/git-server.ts'
import { startFluxControllers } from '../cluster/flux.ts'
import type { TestCluster } from '../cluster/start.ts'
import { fluxAssets } from '../cluster/start.ts'
import { benchName, benchNamespaces, benchObjects } from './drift-fleet.ts'

export const fileCount = 3000
/** Of each Kustomization: its two objects, and the file that lists them. */
const filesEach = 3
const appCount = fileCount / filesEach

/** The path of a Kustomization's folder. */
export const appFolder = (index: number): string => `apps/${benchName(index)}`

/** A repository of `fileCount` files, whoever is built from it. */
export function createFleetRepository(git: GitServer, name: string): Promise<GitRepository> {
  const files: Record<string, string> = {}
  for (let index = 0; index < appCount; index += 1) {
    const [deployment, configMap] = benchObjects(index)
    files[`${appFolder(index)}/deployment.yaml`] = JSON.stringify(deployment, null, 2)
    files[`${appFolder(index)}/config.yaml`] = JSON.stringify(configMap, null, 2)
    files[`${appFolder(index)}/kustomization.yaml`] = 'resources: [deployment.yaml, config.yaml]\n'
  }
  return git.createRepository(name, files)
}

export async function createNamespaces(cluster: TestCluster): Promise<void> {
  const names = ['flux-system', ...benchNamespaces]
  await cluster.applyObjects(names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })))
}

/** Who reconciles. */
export interface Side {
  /** As a table has it. */
  readonly name: string
  /** Processor time so far of kustomize-controller alone, or of the whole `sluice host`. */
  cpuMs(): Promise<number>
  /** Process ids of all that this side consists of. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

/** With the arguments that Flux's own manifests give them, as far as speed goes. */
export async function startControllers(cluster: TestCluster): Promise<Side> {
  const flux = await startFluxControllers(cluster, {
    assets: fluxAssets() ?? '',
    controllers: ['source-controller', 'kustomize-controller'],
    extraArgs: {
      'source-controller': ['--max-retry-delay=15m', '--min-retry-delay=750ms'],
      'kustomize-controller': [
        '--concurrent=4',
        '--requeue-dependency=30s',
        '--max-retry-delay=15m',
        '--min-retry-delay=750ms',
      ],
    },
  })
  const kustomize = flux.pidOf('kustomize-controller')
  return {
    name: 'controllers',
    cpuMs: () => cpuMsOf(kustomize),
    pids: [kustomize, flux.pidOf('source-controller')],
    stop: () => flux.stop(),
  }
}

const program = path.resolve(import.meta.dirname, '../../bin/sluice.mjs')
const startMs = 60_000

export interface HostOptions {
  readonly allowHost: string
  /** Before the program. */
  readonly nodeArgs?: readonly string[]
  readonly onWords?: (text: string) => void
}

/** `sluice host` as a person starts it; resolves when it has its leases. */
export async function startHost(cluster: TestCluster, options: HostOptions): Promise<Side> {
  const home = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'))
  const words = ['host', '--context', 'test', '--yes', '--allow-host', options.allowHost]
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), program, ...words], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      KUBECONFIG: cluster.kubeconfigPath,
      SLUICE_DATA_DIR: path.join(home, 'data'),
      SLUICE_CACHE_DIR: path.join(home, 'cache'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGINT')
    await exited
    await rm(home, { recursive: true, force: true })
  }
  let said = ''
  const active = new Promise<void>((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`sluice host took no leases: ${said}`)), startMs)
    child.once('exit', () => reject(new Error(`sluice host ended: ${said}`)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      options.onWords?.(text)
      if (!/^active$/m.test(said)) return
      clearTimeout(deadline)
      resolve()
    })
  })
  try {
    await active
  } catch (error) {
    await stop()
    throw error
  }
  const pid = child.pid ?? 0
  return { name: 'sluice host', cpuMs: () => cpuMsOf(pid), pids: [pid], stop }
}
