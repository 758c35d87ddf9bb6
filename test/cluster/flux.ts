/**
 * The real Flux controllers as processes beside a test cluster, and the real flux CLI. The programs are those of FLUX_ASSETS,
 * unpacked once into the cache; nothing of them is part of the project.
 */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { pollUntil } from '../../electron/adapters/control-plane/admin-client.ts'
import { defaultCacheFolder } from '../../electron/adapters/control-plane/components.ts'
import { findFreePorts } from '../../electron/adapters/control-plane/free-port.ts'
import {
  readLogTail,
  spawnGuarded,
  type GuardedProcess,
} from '../../electron/adapters/control-plane/guarded-process.ts'
import { controllerDeployments } from './controller-deployments.ts'
import type { TestCluster } from './start.ts'

const fluxControllerNames = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
] as const
type FluxControllerName = (typeof fluxControllerNames)[number]

export interface FluxOptions {
  /** FLUX_ASSETS, see fluxAssets(). */
  readonly assets: string
  /** All four if not given; notification-controller is needed for events to reach it, not for the others to work. */
  readonly controllers?: readonly FluxControllerName[]
  /** Also creates their Deployments (kwok plays the pods), so that a client finds controllers in the cluster. */
  readonly deployments?: boolean
  /** Definitions and namespace are there already, and are left as they are. */
  readonly isInstalled?: boolean
  /** With --enable-leader-election, as Flux's manifests start them; one that ends, as it does when it has lost its lease, is started again. */
  readonly isElected?: boolean
  readonly extraArgs?: Readonly<Partial<Record<FluxControllerName, readonly string[]>>>
  /** A file of certificates in PEM, in place of the system's. */
  readonly trustedCertificates?: string
}

interface FluxResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunningFlux {
  /** SIGTERM first where it is given time to end: an elected controller then gives its lease back. */
  kill(name: FluxControllerName, graceMs?: number): Promise<void>
  /** On the same ports; resolves when it is ready. */
  restart(name: FluxControllerName): Promise<void>
  /** Runs the flux CLI as admin. */
  fluxCli(args: readonly string[]): Promise<FluxResult>
  logFile(name: FluxControllerName): string
  /** Of the program itself; 0 where it does not run. */
  pidOf(name: FluxControllerName): number
  stop(): Promise<void>
}

/** Installs the CRDs, creates namespace flux-system, starts the controllers and waits until each reports ready. */
export async function startFluxControllers(cluster: TestCluster, options: FluxOptions): Promise<RunningFlux> {
  const names = options.controllers ?? fluxControllerNames
  const programs = new Map<string, string>()
  for (const name of [...names, 'flux']) programs.set(name, await unpackProgram(options.assets, name))
  if (options.isInstalled !== true) {
    await cluster.installFluxCrds()
    await cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }])
  }
  if (options.deployments) await cluster.applyObjects(controllerDeployments(names))

  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-flux-'))
  const ports = await findFreePorts(2 + 2 * names.length + 1)
  const [storage = 0, events = 0, receiver = 0] = ports
  // Told nowhere where nobody listens: a controller tries each event for some fifteen seconds, and goes on only then.
  const eventsUrl = names.includes('notification-controller') ? `http://127.0.0.1:${events}/` : ''
  const logFile = (name: string): string => path.join(folder, `${name}.log`)
  const processes = new Map<FluxControllerName, GuardedProcess>()
  /** Those that ended by themselves, until they run again. */
  const returning = new Map<FluxControllerName, Promise<void>>()
  const portsOf = (name: FluxControllerName): { readonly metrics: number; readonly health: number } => {
    const position = names.indexOf(name)
    return { metrics: ports[3 + 2 * position] ?? 0, health: ports[4 + 2 * position] ?? 0 }
  }

  const launch = async (name: FluxControllerName): Promise<GuardedProcess> => {
    const { metrics, health } = portsOf(name)
    const home = path.join(folder, name)
    await mkdir(path.join(home, 'storage'), { recursive: true })
    const args = [
      `--metrics-addr=127.0.0.1:${metrics}`,
      `--health-addr=127.0.0.1:${health}`,
      '--watch-all-namespaces',
      ...ownFlags(name, { storage, events, receiver, eventsUrl, home }),
      ...(options.isElected ? ['--enable-leader-election'] : []),
      ...(options.extraArgs?.[name] ?? []),
    ]
    const program = programs.get(name) ?? name
    const [command, ...words] = options.isElected ? [...inPodOf('flux-system'), program, ...args] : [program, ...args]
    const child = await spawnGuarded(command, words, {
      logFile: logFile(name),
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: home,
        KUBECONFIG: cluster.kubeconfigPath,
        RUNTIME_NAMESPACE: 'flux-system',
        ...(options.trustedCertificates === undefined ? {} : { SSL_CERT_FILE: options.trustedCertificates }),
      },
    })
    processes.set(name, child)
    if (options.isElected)
      void child.exited.then(({ code }) => {
        if (processes.get(name) === child) returning.set(name, bringBack(name, child, code))
      })
    return child
  }
  /** What the kubelet does for a Deployment's pod. */
  const bringBack = async (name: FluxControllerName, ended: GuardedProcess, code: number): Promise<void> => {
    process.stderr.write(`${name} ended with ${String(code)}: ${await readLogTail(logFile(name), 1)}\n`)
    await delay(1000)
    if (processes.get(name) === ended) await launch(name)
  }
  const start = async (name: FluxControllerName): Promise<void> => {
    const { health } = portsOf(name)
    const child = await launch(name)
    let hasEnded = false
    // An elected one comes back.
    void child.exited.then(() => (hasEnded = options.isElected !== true))
    const isReady = async (): Promise<boolean> => {
      if (hasEnded) return true
      return (await fetch(`http://127.0.0.1:${health}/readyz`, { signal: AbortSignal.timeout(1000) })).ok
    }
    if (!(await pollUntil(isReady, { timeoutMs: 60_000 })) || hasEnded) {
      throw new Error(
        `${name} did not become ready; its log ${logFile(name)} ends:\n${await readLogTail(logFile(name))}`,
      )
    }
  }
  const kill = async (name: FluxControllerName, graceMs = 0): Promise<void> => {
    const child = processes.get(name)
    processes.delete(name)
    await child?.stop(graceMs)
    // One that was being started again just now.
    await returning.get(name)
    const late = processes.get(name)
    processes.delete(name)
    await late?.stop(graceMs)
  }
  const stop = async (): Promise<void> => {
    await Promise.all([...processes.keys()].map((name) => kill(name)))
    await rm(folder, { recursive: true, force: true })
  }
  // All settled first: a controller that comes up after the stop would be left over.
  const started = await Promise.allSettled(names.map(start))
  const failed = started.find((result) => result.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  return {
    kill,
    stop,
    logFile,
    pidOf: (name) => processes.get(name)?.pid ?? 0,
    async restart(name) {
      await kill(name)
      await start(name)
    },
    fluxCli: (args) => runFlux(programs.get('flux') ?? 'flux', args, cluster.kubeconfigPath, folder),
  }
}

/**
 * Leader election takes its namespace from the file that every pod has: the program sees one in a mount namespace of its own, nobody else does.
 */
function inPodOf(namespace: string): readonly [string, ...string[]] {
  const folder = '/run/secrets/kubernetes.io/serviceaccount'
  const script = `mount -t tmpfs tmpfs /run && mkdir -p ${folder} && printf ${namespace} > ${folder}/namespace && exec "$@"`
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'pod']
}

function ownFlags(
  name: FluxControllerName,
  at: { storage: number; events: number; receiver: number; eventsUrl: string; home: string },
): readonly string[] {
  // Dependants look again after 2 s, failures after at most 10 s: the defaults (30 s, 15 min) are for people who wait.
  const impatient = ['--requeue-dependency=2s', '--max-retry-delay=10s', '--min-retry-delay=500ms']
  switch (name) {
    case 'source-controller':
      return [
        `--storage-path=${path.join(at.home, 'storage')}`,
        `--storage-addr=127.0.0.1:${at.storage}`,
        `--storage-adv-addr=127.0.0.1:${at.storage}`,
        `--events-addr=${at.eventsUrl}`,
        ...impatient,
      ]
    case 'kustomize-controller':
    case 'helm-controller':
      return [`--events-addr=${at.eventsUrl}`, '--concurrent=8', ...impatient]
    case 'notification-controller':
      return [`--events-addr=127.0.0.1:${at.events}`, `--receiverAddr=127.0.0.1:${at.receiver}`]
  }
}

async function runFlux(
  program: string,
  args: readonly string[],
  kubeconfig: string,
  home: string,
): Promise<FluxResult> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, FLUX_SYSTEM_NAMESPACE: 'flux-system' }
    execFile(program, [...args], { env, maxBuffer: 64 << 20, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, stdout, stderr })
    })
  })
}

const unpacker = 'xz'

/** Path of the unpacked program in the cache; the name in the cache is the digest of the archive. */
export async function unpackProgram(assets: string, name: string): Promise<string> {
  const archive = path.join(assets, `${name}.xz`)
  const digest = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex')
    .slice(0, 12)
  const folder = path.join(defaultCacheFolder(), 'flux')
  const target = path.join(folder, `${name}-${digest}`)
  if (
    await access(target).then(
      () => true,
      () => false,
    )
  )
    return target
  await mkdir(folder, { recursive: true })
  const part = `${target}.${process.pid}.part`
  const xz = spawn(unpacker, ['-dc', archive], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<number>((resolve, reject) => {
    xz.once('error', () => reject(new Error(`unpacking ${archive} needs xz on PATH: install xz-utils`)))
    xz.once('close', (code) => resolve(code ?? -1))
  })
  await Promise.all([pipeline(xz.stdout, createWriteStream(part)), ended])
  const code = await ended
  if (code !== 0) throw new Error(`xz -dc ${archive} ended with ${code}`)
  await chmod(part, 0o755)
  await rename(part, target)
  return target
}
