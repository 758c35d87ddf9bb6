/** An engine on real adapters and a real API server, with its streams gathered into maps: what a window would hold. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createNodePorts } from '../../../electron/adapters/node-ports.ts'
import { createEngine } from '../../../electron/engine/index.ts'
import type { Engine } from '../../../electron/engine/index.ts'
import type { HostingOptions } from '../../../electron/engine/reconcile/hosting.ts'
import type { Logger } from '../../../electron/engine/ports.ts'
import type { CallContext, StreamSink } from '../../../shared/contract/index.ts'
import type { ContextRow, ControllerRow, FluxRow, KindRow } from '../../../shared/model/rows.ts'

export interface RunningEngine {
  readonly engine: Engine
  readonly call: CallContext
  readonly rows: Map<string, FluxRow>
  readonly kinds: Map<string, KindRow>
  readonly contexts: Map<string, ContextRow>
  readonly controllers: Map<string, ControllerRow>
  /** Every change of a row as it came, `+key` or `-key`: doubled and flickering rows show here. */
  readonly rowLog: string[]
  readonly logs: string[]
  kind(kind: string, context?: string): KindRow | undefined
  named(kind: string): readonly string[]
  /** Saves snapshots, closes everything; the data folder stays until `remove`. */
  dispose(): Promise<void>
  readonly dataDir: string
}

export interface EngineOptions {
  readonly kubeconfigs: readonly string[]
  readonly dataDir?: string
  /** Its user agent is `sluice/VERSION`. */
  readonly version?: string
  readonly hosting?: HostingOptions
}

const folders: string[] = []

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-engine-'))
  folders.push(folder)
  return folder
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
}

export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const dataDir = options.dataDir ?? (await makeFolder())
  const logs: string[] = []
  const logger: Logger = {
    log: (level, message, fields) => {
      logs.push(`${new Date().toISOString().slice(14, 23)} ${level} ${message} ${JSON.stringify(fields ?? {})}`)
    },
  }
  const adapters = createNodePorts({
    version: options.version ?? '0.0.0-test',
    electron: '',
    dataDir,
    cacheDir: path.join(dataDir, 'cache'),
    assetsDir: path.join(dataDir, 'assets'),
    modulesDir: path.join(dataDir, 'modules'),
    isLaunchedFromDesktop: false,
    store: createBlobStore(dataDir),
    logger,
    shell: {
      pickFiles: () => Promise.resolve([]),
      confirmFolder: () => Promise.resolve(false),
      openExternal: () => Promise.resolve(false),
      copyText: () => Promise.resolve(),
      notify: () => undefined,
      watchLinks: () => () => undefined,
    },
    env: { ...process.env, HOME: dataDir, KUBECONFIG: options.kubeconfigs.join(path.delimiter) },
  })
  const engine = createEngine(adapters.ports, {
    isWindowExpected: false,
    ...(options.hosting === undefined ? {} : { hosting: options.hosting }),
  })
  const abort = new AbortController()
  const call: CallContext = { signal: abort.signal, client: 'test' }
  const rowLog: string[] = []
  const rows = new Map<string, FluxRow>()
  const kinds = new Map<string, KindRow>()
  const contexts = new Map<string, ContextRow>()
  const controllers = new Map<string, ControllerRow>()
  const { handlers } = engine
  handlers['rows.watch']({}, gather(rows, rowLog), call)
  handlers['kinds.watch']({}, gather(kinds), call)
  handlers['contexts.watch']({}, gather(contexts), call)
  handlers['controllers.watch']({}, gather(controllers), call)
  return {
    engine,
    call,
    rows,
    kinds,
    contexts,
    controllers,
    rowLog,
    logs,
    dataDir,
    kind: (kind, context) =>
      [...kinds.values()].find((row) => row.kind === kind && (context === undefined || row.context === context)),
    named: (kind) =>
      [...rows.values()]
        .filter((row) => row.ref.kind === kind)
        .map((row) => `${row.ref.namespace}/${row.ref.name}`)
        .sort(),
    async dispose() {
      await engine.dispose()
      await adapters.dispose()
    },
  }
}

function gather<T extends { readonly key: string }>(into: Map<string, T>, log?: string[]): StreamSink<T> {
  return {
    isClosed: false,
    push(upsert, remove = []) {
      for (const item of upsert) {
        into.set(item.key, item)
        log?.push(`+${item.key}`)
      }
      for (const key of remove) {
        into.delete(key)
        log?.push(`-${key}`)
      }
    },
    ready: () => undefined,
    end: (error) => {
      if (error !== undefined) throw new Error('a stream ended', { cause: error })
    },
  }
}
