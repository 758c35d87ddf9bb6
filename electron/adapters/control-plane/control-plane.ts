/**
 * Owns a real Kubernetes control plane on this machine, without containers: API server, etcd and on request controller
 * manager, scheduler and kwok. Serves the Playground and the tests. Knows nothing of Flux, samples or the window.
 * Semantics: the flags and sources of the components' own documentation; everything stays on 127.0.0.1.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import { createAdminClient, pollUntil, type AdminClient } from './admin-client.ts'
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  kwokFlags,
  schedulerFlags,
  type Ports,
} from './component-flags.ts'
import type { Component } from './components.ts'
import { tryLock, type FolderLock } from './folder-lock.ts'
import { findFreePorts, isPortFree } from './free-port.ts'
import { readLogTail, spawnGuarded, type GuardedProcess } from './guarded-process.ts'
import { moveKubeconfigs, userFileName, writeKubeconfig } from './kubeconfig-file.ts'
import { appendPodLog, areNodesReady, ensureNodes, writeKwokConfig, type PodLog, type PodPort } from './kwok-nodes.ts'
import { openPkiFolder, type PkiFolder } from './pki-folder.ts'
import { throwIfCanceled, type OnProgress } from './progress.ts'
import type { Binaries } from './resolve-binaries.ts'

export interface ControlPlaneOptions {
  readonly binaries: Binaries
  /** Created if missing; a folder of an earlier run is started again with its content. */
  readonly dataDir: string
  readonly components: { readonly controllerManager: boolean; readonly scheduler: boolean; readonly kwok: boolean }
  /** Name of the cluster and of the admin's context; "local" if not given. */
  readonly name?: string | undefined
  /** Nodes played by kwok; 3 if not given. */
  readonly nodes?: number | undefined
  /** What pods show as their logs, see PodLog. */
  readonly podLogs?: readonly PodLog[] | undefined
  /** Where port-forwards to pods lead. */
  readonly podPorts?: readonly PodPort[] | undefined
  readonly extraApiServerArgs?: readonly string[] | undefined
  /** False is for tests: a crash of the machine may lose data. True if not given. */
  readonly fsync?: boolean | undefined
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
  /** Called when a component ends that nobody stopped; `detail` is the tail of its log. */
  readonly onUnexpectedExit?: ((component: Component, detail: string) => void) | undefined
}

export interface ControlPlane {
  readonly url: string
  readonly caPem: string
  readonly dataDir: string
  /** Client certificate of group system:masters. */
  readonly kubeconfigPath: string
  /** Live: the process ids of the running components. */
  readonly pids: Readonly<Partial<Record<Component, number>>>
  readonly admin: AdminClient
  /** A kubeconfig with a client certificate for `name` in `groups` (what it may do is RBAC's matter); returns its path. */
  makeUserKubeconfig(user: { name: string; groups?: readonly string[] }): Promise<string>
  /** Adds lines to the log that every pod without an entry in `podLogs` shows. */
  appendPodLog(lines: readonly string[]): Promise<void>
  readonly apiServer: {
    pause(): void
    resume(): void
    kill(): Promise<void>
    /** Kills it if it runs, starts it on the same port and waits until it is ready. */
    restart(): Promise<void>
  }
  stop(): Promise<void>
}

const readyTimeoutMs = 90_000
const startAttempts = 3

/** Starts and waits until everything asked for is ready. Rejects with SluiceError StartFailed, ToolMissing or Canceled. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  if (process.platform === 'win32') {
    throw new SluiceError('Unsupported', 'A local control plane runs on Linux and macOS only.', {
      remedy: 'Use a kubeconfig of another cluster, or start Sluice inside WSL.',
    })
  }
  const dataDir = path.resolve(options.dataDir)
  await mkdir(path.join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  await mkdir(path.join(dataDir, 'users'), { recursive: true, mode: 0o700 })
  const lock = await tryLock(path.join(dataDir, 'lock'))
  if (!lock) {
    throw new SluiceError('StartFailed', `Another process runs a control plane in ${dataDir}.`, {
      remedy: 'Stop it there first, or use another data folder.',
    })
  }
  const run = new Run(options, dataDir, lock)
  try {
    await run.start()
    run.isStarted = true
    return run.toControlPlane()
  } catch (error) {
    await run.stop()
    throwIfCanceled(options.signal, 'start of the control plane')
    throw error
  }
}

/** One running control plane: the processes and what is needed to start each again. */
class Run {
  /** From here on, an exit is news; before, it is a failed start. */
  isStarted = false
  private readonly options: ControlPlaneOptions
  private readonly dataDir: string
  private readonly lock: FolderLock
  private readonly processes = new Map<Component, GuardedProcess>()
  private readonly startedAt = performance.now()
  private readonly steps: readonly string[]
  private pki!: PkiFolder
  private ports!: Ports
  private admin!: AdminClient
  private podLogFile = ''

  constructor(options: ControlPlaneOptions, dataDir: string, lock: FolderLock) {
    this.options = options
    this.dataDir = dataDir
    this.lock = lock
    const { controllerManager, scheduler, kwok } = options.components
    this.steps = [
      'start etcd and kube-apiserver',
      ...(controllerManager ? ['start kube-controller-manager'] : []),
      ...(scheduler ? ['start kube-scheduler'] : []),
      ...(kwok ? ['start kwok'] : []),
    ]
  }

  private get url(): string {
    return `https://127.0.0.1:${this.ports.apiServer}`
  }

  private get kubeconfigPath(): string {
    return path.join(this.dataDir, 'kubeconfig')
  }

  async start(): Promise<void> {
    this.pki = await openPkiFolder(path.join(this.dataDir, 'pki'))
    this.report('start etcd and kube-apiserver')
    await this.startStore()
    await this.writeAdminKubeconfig()
    await moveKubeconfigs(path.join(this.dataDir, 'users'), this.url)
    await this.startWorkloads()
  }

  /** etcd and the API server; once more on other ports where somebody took one of ours in between. */
  private async startStore(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.ports = await choosePorts(await this.readLastPort())
      const etcd = await this.spawn('etcd', this.etcdArgs())
      const apiServer = await this.spawn('kube-apiserver', this.apiServerArgs())
      this.admin = createAdminClient(this.url, this.pki.caPem, this.pki.admin)
      const early = await this.waitUntilServed([etcd, apiServer])
      if (early === null) break
      const failure = await this.startFailure(early)
      await this.stopProcesses()
      // Ours are free by now: what is not free was taken by somebody else.
      const isTaken = !(await arePortsFree([this.ports.apiServer, this.ports.etcdClient, this.ports.etcdPeer]))
      this.admin.close()
      throwIfCanceled(this.options.signal, 'start of the control plane')
      if (!isTaken || attempt === startAttempts) throw failure
    }
    await writeFile(path.join(this.dataDir, 'port'), String(this.ports.apiServer))
  }

  private async startWorkloads(): Promise<void> {
    const { controllerManager, scheduler, kwok } = this.options.components
    const started: { component: Component; port: number; process: GuardedProcess }[] = []
    const begin = async (component: Component, port: number, args: readonly string[]): Promise<void> => {
      this.report(`start ${component}`)
      started.push({ component, port, process: await this.spawn(component, args) })
    }
    if (controllerManager) {
      const args = controllerManagerFlags(this.pki, this.ports, this.kubeconfigPath)
      await begin('kube-controller-manager', this.ports.controllerManager, args)
    }
    if (scheduler) {
      const args = schedulerFlags(this.pki, this.ports, this.kubeconfigPath)
      await begin('kube-scheduler', this.ports.scheduler, args)
    }
    const nodes = kwok ? (this.options.nodes ?? 3) : 0
    const { podLogs = [], podPorts = [] } = this.options
    const logs = await writeKwokConfig(path.join(this.dataDir, 'pod-logs'), podLogs, podPorts)
    this.podLogFile = logs.podLogFile
    if (kwok) {
      await ensureNodes(this.admin, nodes, this.ports.kwok)
      await begin('kwok', this.ports.kwok, kwokFlags(this.pki, this.ports, this.kubeconfigPath, logs.config))
    }
    for (const { component, port, process } of started) {
      const client = createAdminClient(`https://127.0.0.1:${port}`, this.pki.caPem, this.pki.admin)
      const isReady = async (): Promise<boolean> => {
        const { status } = await client.request('GET', '/healthz', undefined, undefined, 2000)
        return status === 200 && (component !== 'kwok' || (await areNodesReady(this.admin, nodes)))
      }
      const isUp = await this.waitFor(isReady, [process])
      client.close()
      if (isUp !== null) throw await this.startFailure(component)
    }
  }

  private etcdArgs(): readonly string[] {
    return etcdFlags(this.pki, this.ports, path.join(this.dataDir, 'etcd'), this.options.fsync ?? true)
  }

  private apiServerArgs(): readonly string[] {
    return apiServerFlags(this.pki, this.ports, this.options.extraApiServerArgs ?? [])
  }

  private async spawn(component: Component, args: readonly string[]): Promise<GuardedProcess> {
    throwIfCanceled(this.options.signal, 'start of the control plane')
    const program = this.options.binaries[component]
    if (program === undefined) throw new SluiceError('ToolMissing', `${component} was not resolved.`)
    const child = await spawnGuarded(program, args, { logFile: this.logFile(component), cwd: this.dataDir })
    this.processes.set(component, child)
    void child.exited.then(async () => {
      if (this.processes.get(component) !== child) return
      this.processes.delete(component)
      if (!this.isStarted) return
      this.options.onUnexpectedExit?.(component, await readLogTail(this.logFile(component)))
    })
    return child
  }

  /** Null when the API server is ready and has its first namespaces, else the component that did not make it. */
  private async waitUntilServed(children: readonly GuardedProcess[]): Promise<Component | null> {
    const isServed = async (): Promise<boolean> => {
      const ready = await this.admin.request('GET', '/readyz', undefined, undefined, 2000)
      if (ready.status !== 200) return false
      for (const name of ['default', 'kube-system']) {
        if ((await this.admin.request('GET', `/api/v1/namespaces/${name}`)).status !== 200) return false
      }
      return true
    }
    const ended = await this.waitFor(isServed, children)
    return ended === null ? null : ended === children[0] ? 'etcd' : 'kube-apiserver'
  }

  /** Null when `isReady` became true; else the child that ended first, or 'late'. */
  private async waitFor(
    isReady: () => Promise<boolean>,
    children: readonly GuardedProcess[],
  ): Promise<GuardedProcess | 'late' | null> {
    let ended: GuardedProcess | null = null
    for (const child of children) void child.exited.then(() => (ended ??= child))
    const poll = async (): Promise<boolean> => ended !== null || (await isReady())
    const isDone = await pollUntil(poll, { timeoutMs: readyTimeoutMs, signal: this.options.signal })
    return ended ?? (isDone ? null : 'late')
  }

  private async startFailure(component: Component): Promise<SluiceError> {
    const file = this.logFile(component)
    const how = this.processes.has(component) ? `was not ready after ${readyTimeoutMs / 1000} s` : 'ended at its start'
    const detail = await readLogTail(file)
    return new SluiceError('StartFailed', `${component} ${how}. Its log is ${file} and ends:\n${detail}`, {
      detail,
      remedy: 'Read the log; if the data folder is damaged, remove it and start afresh.',
      retry: 'transient',
    })
  }

  private logFile(component: Component): string {
    return path.join(this.dataDir, 'logs', `${component}.log`)
  }

  private report(step: string): void {
    const index = this.steps.indexOf(step) + 1
    const elapsedMs = performance.now() - this.startedAt
    this.options.onProgress?.({ step, index, of: this.steps.length, detail: '', elapsedMs })
  }

  private async writeAdminKubeconfig(): Promise<void> {
    const name = this.options.name ?? 'local'
    await writeKubeconfig(this.kubeconfigPath, {
      cluster: name,
      context: name,
      user: `${name}-admin`,
      server: this.url,
      caPem: this.pki.caPem,
      client: this.pki.admin,
    })
  }

  private async makeUserKubeconfig(user: { name: string; groups?: readonly string[] }): Promise<string> {
    const cluster = this.options.name ?? 'local'
    const file = path.join(this.dataDir, 'users', userFileName(user.name))
    await writeKubeconfig(file, {
      cluster,
      context: `${user.name}@${cluster}`,
      user: user.name,
      server: this.url,
      caPem: this.pki.caPem,
      client: this.pki.issueClient(user.name, user.groups ?? []),
    })
    return file
  }

  private async killApiServer(): Promise<void> {
    const child = this.processes.get('kube-apiserver')
    this.processes.delete('kube-apiserver')
    await child?.stop(0)
  }

  private async restartApiServer(): Promise<void> {
    await this.killApiServer()
    const etcd = this.processes.get('etcd')
    const child = await this.spawn('kube-apiserver', this.apiServerArgs())
    const early = await this.waitUntilServed([...(etcd ? [etcd] : []), child])
    if (early !== null) throw await this.startFailure('kube-apiserver')
  }

  private async readLastPort(): Promise<number | null> {
    const text = await readFile(path.join(this.dataDir, 'port'), 'utf8').catch(() => '')
    return /^\d+$/.test(text) ? Number(text) : null
  }

  private async stopProcesses(): Promise<void> {
    const children = [...this.processes]
    this.processes.clear()
    // Only etcd holds anything; the API server would wait for its watches to end.
    await Promise.all(children.filter(([name]) => name !== 'etcd').map(([, child]) => child.stop(0)))
    await Promise.all(children.filter(([name]) => name === 'etcd').map(([, child]) => child.stop(5000)))
  }

  async stop(): Promise<void> {
    await this.stopProcesses()
    this.admin?.close()
    await this.lock.release()
  }

  toControlPlane(): ControlPlane {
    const { processes } = this
    return {
      url: this.url,
      caPem: this.pki.caPem,
      dataDir: this.dataDir,
      kubeconfigPath: this.kubeconfigPath,
      admin: this.admin,
      get pids() {
        return Object.fromEntries([...processes].map(([name, child]) => [name, child.pid]))
      },
      makeUserKubeconfig: (user) => this.makeUserKubeconfig(user),
      appendPodLog: (lines) => appendPodLog(this.podLogFile, lines),
      apiServer: {
        pause: () => void processes.get('kube-apiserver')?.signal('SIGSTOP'),
        resume: () => void processes.get('kube-apiserver')?.signal('SIGCONT'),
        kill: () => this.killApiServer(),
        restart: () => this.restartApiServer(),
      },
      stop: () => this.stop(),
    }
  }
}

/** Six different free ports; the API server keeps its last one where that is free. */
async function choosePorts(lastApiServerPort: number | null): Promise<Ports> {
  const free = await findFreePorts(6)
  const [apiServer, etcdClient, etcdPeer, controllerManager, scheduler, kwok] = free as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const canKeep =
    lastApiServerPort !== null && !free.includes(lastApiServerPort) && (await isPortFree(lastApiServerPort))
  return {
    apiServer: canKeep ? lastApiServerPort : apiServer,
    etcdClient,
    etcdPeer,
    controllerManager,
    scheduler,
    kwok,
  }
}

async function arePortsFree(ports: readonly number[]): Promise<boolean> {
  return (await Promise.all(ports.map(isPortFree))).every(Boolean)
}
