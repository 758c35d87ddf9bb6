/** Composes the Node adapters into the engine's ports: for the engine thread, the command line and the tests alike. */
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { SluiceError } from '../../shared/model/errors.ts'
import type { BlobStore, Logger, Ports, Shell } from '../engine/ports.ts'
import type { SecretBox } from '../engine/secret-box.ts'
import { createArtifactCache } from './artifacts/artifact-cache.ts'
import { createArtifactStorage } from './artifacts/artifact-storage.ts'
import { createArtifactTransport } from './artifacts/artifact-transport.ts'
import { findKeyPlaces } from './decrypt/user-keys.ts'
import { createEditors } from './editors/editors.ts'
import { createFluxManifests } from './flux-manifests/flux-manifests.ts'
import { createFolders } from './folders/folders.ts'
import { createGitRemote } from './git/git-remote.ts'
import { createWorkingCopies } from './git/working-copy.ts'
import { createKubeConfigs } from './kube/kube-configs.ts'
import { createLoginPath } from './kube/login-path.ts'
import { createCodec } from './node/codec.ts'
import { createProcessLocks } from './node/process-locks.ts'
import { createRandom, createSystemClock } from './node/system-clock.ts'
import { createPlayground } from './playground/playground.ts'
import { createClusterRenderer } from './worker-pool/cluster-renderer.ts'
import { createReleaseReader, readReleaseHere } from './worker-pool/release-reader.ts'
import { createSnapshotFiles } from './snapshot/snapshot-files.ts'
import type { RenderPool } from './worker-pool/render-pool.ts'
import { createRenderPool } from './worker-pool/render-pool.ts'
import { createSameThreadRenders } from './worker-pool/same-thread.ts'

export interface NodePortsOptions {
  readonly version: string
  readonly electron: string
  readonly dataDir: string
  readonly cacheDir: string
  readonly assetsDir: string
  /** Folder of the control plane's Go modules. */
  readonly modulesDir: string
  readonly isLaunchedFromDesktop: boolean
  /** File of the render worker; without one, no folders are rendered. */
  readonly renderEntry?: string
  /** File of the Git worker; without one, repositories are fetched in the host's own thread. */
  readonly gitEntry?: string
  /** File of the history worker; without one, history is written in the host's own thread. */
  readonly historyEntry?: string
  /** After so long without work workers end: for whoever runs for days and has no folders open. */
  readonly workerIdleMs?: number
  readonly store: BlobStore
  readonly logger: Logger
  readonly shell: Shell
  readonly secrets?: SecretBox
  readonly env: Readonly<Record<string, string | undefined>>
}

/** `dispose` stops children (playground) and closes connections; call it after the engine's own dispose. */
export function createNodePorts(options: NodePortsOptions): {
  readonly ports: Ports
  readonly dispose: () => Promise<void>
} {
  const clock = createSystemClock()
  const { logger, store } = options
  const keyPlaces = findKeyPlaces(options.env, process.platform)
  const idle = options.workerIdleMs === undefined ? {} : { idleMs: options.workerIdleMs }
  const renderer: Omit<RenderPool, 'print'> & Partial<Pick<RenderPool, 'print'>> =
    options.renderEntry === undefined
      ? { ...noRenderer, renderForCluster: createSameThreadRenders(keyPlaces), readRelease: readReleaseHere }
      : createRenderPool({ entry: options.renderEntry, logger, keyPlaces, ...idle })
  // Git and mapped folders keep their trees here too.
  const artifacts = createArtifactCache({ folder: join(options.cacheDir, 'artifacts'), now: () => clock.now() })
  const playground = createPlayground({
    folder: join(options.dataDir, 'playground'),
    cacheDir: options.cacheDir,
    samplesDir: join(options.assetsDir, 'samples'),
    modulesDir: options.modulesDir,
    env: options.env,
    logger,
    now: () => clock.now(),
  })
  const kubeConfigs = createKubeConfigs({
    env: options.env,
    dataDir: options.dataDir,
    logger,
    playgroundKubeconfig: () => playground.kubeconfigPath(),
    transport: { userAgent: `sluice/${options.version}` },
  })
  const git = createGitRemote({
    entry: options.gitEntry ?? null,
    cacheDir: options.cacheDir,
    treeFolder: join(options.cacheDir, 'artifacts'),
    userAgent: `sluice/${options.version}`,
    access: {
      home: options.env['HOME'] ?? homedir(),
      sshAgent: options.env['SSH_AUTH_SOCK'] ?? null,
      path: options.env['PATH'] ?? null,
    },
    onCrash: (reason) => logger.log('warn', 'the Git worker ended', { reason }),
    ...idle,
  })
  const programPath = options.isLaunchedFromDesktop
    ? createLoginPath({ env: options.env })
    : (): Promise<string> => Promise.resolve(options.env['PATH'] ?? '')
  const stopFollowing = playground.port.watch(({ state }) => {
    if (state === 'running' || state === 'absent' || state === 'failed') kubeConfigs.refresh().catch(() => undefined)
  })
  return {
    ports: {
      clock,
      random: createRandom(),
      logger,
      codec: createCodec(),
      store,
      locks: createProcessLocks(options.dataDir),
      kubeConfigs,
      shell: options.shell,
      ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
      playground: playground.port,
      environment: {
        version: options.version,
        electron: options.electron,
        node: process.versions.node,
        platform: process.platform,
        dataDir: options.dataDir,
        cacheDir: options.cacheDir,
        userName: userName(options.env),
      },
      folders: createFolders(),
      editors: createEditors({
        env: options.env,
        path: programPath,
      }),
      fluxManifests: createFluxManifests({
        env: options.env,
        path: programPath,
        transport: createArtifactTransport({ userAgent: `sluice/${options.version}`, followsOtherHosts: true }),
      }),
      renderer,
      artifacts,
      artifactStorage: createArtifactStorage({
        folder: join(options.dataDir, 'hosted-artifacts'),
        cache: artifacts,
        now: () => clock.now(),
      }),
      artifactTransport: createArtifactTransport({ userAgent: `sluice/${options.version}` }),
      git,
      gitWriter: git,
      workingCopies: createWorkingCopies({ env: options.env, path: programPath }),
      clusterRenderer: createClusterRenderer({
        ...(renderer.print === undefined ? {} : { print: renderer.print }),
        send: (request, signal) => renderer.renderForCluster(request, signal),
      }),
      releases: createReleaseReader((request, signal) => renderer.readRelease(request, signal)),
      snapshots: createSnapshotFiles({
        folder: join(options.dataDir, 'last-seen'),
        now: () => clock.now(),
      }),
      openHistory: async () => {
        const { createEventStore, historyFiles } = await import('./event-store/event-store.ts')
        return createEventStore({
          ...historyFiles(options.dataDir),
          entry: options.historyEntry ?? null,
          onCrash: (reason) => {
            if (reason !== '') logger.log('warn', 'a history worker ended', { reason })
          },
          ...idle,
        })
      },
    },
    async dispose() {
      stopFollowing()
      git.dispose()
      renderer.dispose()
      await playground.dispose()
      kubeConfigs.dispose()
    },
  }
}

function userName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username
  } catch {
    return env['USER'] ?? ''
  }
}

/** Where the host brings no worker: the command line renders folders and Kustomizations in its own thread. */
const noRenderer: Omit<RenderPool, 'renderForCluster' | 'readRelease' | 'print'> = {
  open: () => ({
    scan: () => Promise.reject(new SluiceError('Unsupported', 'Folders are rendered by `sluice render` here')),
    render: () => Promise.reject(new SluiceError('Unsupported', 'Folders are rendered by `sluice render` here')),
    changed: () => Promise.resolve({ isScanStale: true, keys: [] }),
    dispose: () => undefined,
  }),
  useOwnKeys: () => undefined,
  dispose: () => undefined,
}
