/** An engine over Node's ports as every test has it that needs no window: no shell, data in a folder of its own, `contexts` from one KUBECONFIG. */
import { join } from 'node:path'
import { createBlobStore } from '../../electron/adapters/node/blob-store.ts'
import { createNodePorts } from '../../electron/adapters/node-ports.ts'
import { createEngine } from '../../electron/engine/index.ts'
import type { Engine } from '../../electron/engine/index.ts'
import type { Logger, Ports, Shell } from '../../electron/engine/ports.ts'
import type { CallContext, StreamSink } from '../../shared/contract/index.ts'

export interface NodeEngineOptions {
  readonly kubeconfig: string
  readonly dataDir: string
  /** Its user agent is `sluice/VERSION`. */
  readonly version?: string
  readonly assetsDir?: string
  readonly modulesDir?: string
  readonly log?: Logger['log']
  /** Between the adapters and the engine. */
  readonly wrapPorts?: (ports: Ports) => Ports
  readonly engine?: NonNullable<Parameters<typeof createEngine>[1]>
}

export interface NodeEngine {
  readonly engine: Engine
  readonly call: CallContext
  /** Ends all calls and streams, saves snapshots, closes everything; the data folder stays. */
  readonly dispose: () => Promise<void>
}

const silentShell: Shell = {
  pickFiles: () => Promise.resolve([]),
  confirmFolder: () => Promise.resolve(false),
  confirmRepository: () => Promise.resolve(false),
  saveText: () => Promise.resolve(null),
  openExternal: () => Promise.resolve(false),
  copyText: () => Promise.resolve(),
  notify: () => Promise.resolve(false),
  watchLinks: () => () => undefined,
}

export function startNodeEngine(options: NodeEngineOptions): NodeEngine {
  const { dataDir, kubeconfig, wrapPorts = (ports: Ports): Ports => ports } = options
  const adapters = createNodePorts({
    version: options.version ?? '0.0.0-test',
    electron: '',
    dataDir,
    cacheDir: join(dataDir, 'cache'),
    assetsDir: options.assetsDir ?? join(dataDir, 'assets'),
    modulesDir: options.modulesDir ?? join(dataDir, 'modules'),
    isLaunchedFromDesktop: false,
    store: createBlobStore(dataDir),
    logger: { log: options.log ?? (() => undefined) },
    shell: silentShell,
    // Nothing of the person who runs the tests: no known hosts, no credential helpers.
    env: { ...process.env, HOME: dataDir, KUBECONFIG: kubeconfig },
  })
  const engine = createEngine(wrapPorts(adapters.ports), { isWindowExpected: false, ...options.engine })
  const abort = new AbortController()
  return {
    engine,
    call: { signal: abort.signal, client: 'test' },
    async dispose() {
      abort.abort()
      await engine.dispose()
      await adapters.dispose()
    },
  }
}

/** A sink that keeps a stream's items in `into` and tells of each change: null for what went. */
export function gatherItems<T extends { readonly key: string }>(
  into: Map<string, T>,
  tell: (key: string, item: T | null) => void = () => undefined,
): StreamSink<T> {
  return {
    isClosed: false,
    push(upsert, remove = []) {
      for (const item of upsert) {
        into.set(item.key, item)
        tell(item.key, item)
      }
      for (const key of remove) {
        into.delete(key)
        tell(key, null)
      }
    },
    ready: () => undefined,
    end: (error) => {
      if (error !== undefined) throw new Error('a stream ended', { cause: error })
    },
  }
}
