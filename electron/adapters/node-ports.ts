/** Composes the Node adapters into the engine's ports: for the engine thread, the command line and the tests alike. */
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { SluiceError } from '../../shared/model/errors.ts'
import type { BlobStore, Logger, Ports, Shell } from '../engine/ports.ts'
import type { Renderer } from '../engine/repositories/renderer-port.ts'
import { createEditors } from './editors/editors.ts'
import { createFolders } from './folders/folders.ts'
import { createKubeConfigs } from './kube/kube-configs.ts'
import { createLoginPath } from './kube/login-path.ts'
import { createCodec } from './node/codec.ts'
import { createRandom, createSystemClock } from './node/system-clock.ts'
import { createPlayground } from './playground/playground.ts'

export interface NodePortsOptions {
  readonly version: string
  readonly electron: string
  readonly dataDir: string
  readonly cacheDir: string
  readonly assetsDir: string
  /** Folder of the control plane's Go modules. */
  readonly modulesDir: string
  readonly isLaunchedFromDesktop: boolean
  readonly store: BlobStore
  readonly logger: Logger
  readonly shell: Shell
  readonly env: Readonly<Record<string, string | undefined>>
}

/** `dispose` stops children (playground) and closes connections; call it after the engine's own dispose. */
export function createNodePorts(options: NodePortsOptions): {
  readonly ports: Ports
  readonly dispose: () => Promise<void>
} {
  const clock = createSystemClock()
  const { logger, store } = options
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
      kubeConfigs,
      shell: options.shell,
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
        path: options.isLaunchedFromDesktop
          ? createLoginPath({ env: options.env })
          : () => Promise.resolve(options.env['PATH'] ?? ''),
      }),
      renderer: noRenderer,
    },
    async dispose() {
      stopFollowing()
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

/** Until the worker pool renders. */
const noRenderer: Renderer = {
  open: () => ({
    scan: () => Promise.reject(new SluiceError('Unsupported', 'Rendering is not part of this build')),
    render: () => Promise.reject(new SluiceError('Unsupported', 'Rendering is not part of this build')),
    changed: () => Promise.resolve({ isScanStale: true, keys: [] }),
    dispose: () => undefined,
  }),
}
