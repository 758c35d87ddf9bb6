/**
 * cli/: the same engine behind a terminal. Knows adapters and the engine; must not know windows. This file composes both, with what a
 * command line is denied: dialogs, notifications, and the window's own memory (selection, snapshots, settings are read, never written).
 */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { resolveFolders } from '../../shared/lib/folders.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import { createBlobStore } from '../adapters/node/blob-store.ts'
import { collectWhenQuiet } from '../adapters/node/idle-collection.ts'
import { createStderrLogger } from '../adapters/node/logger.ts'
import { createNodePorts } from '../adapters/node-ports.ts'
import type { BudgetLimits } from '../engine/drift/budget.ts'
import type { Engine } from '../engine/index.ts'
import { createEngine } from '../engine/index.ts'
import type { HostingOptions } from '../engine/reconcile/hosting.ts'
import type { BlobStore, KubeConfigs, KubeConfigSet, KubeContextInfo, Ports, Shell } from '../engine/ports.ts'

export interface CliEngineOptions {
  /** In place of KUBECONFIG and the default path. */
  readonly kubeconfig: string | undefined
  /** Which context to connect to; null for none. Throws where there is no such one. */
  readonly choose: (set: KubeConfigSet) => KubeContextInfo | null
  readonly isVerbose: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hosting?: HostingOptions
}

export interface CliEngine {
  readonly engine: Engine
  readonly ports: Ports
  /** The kubeconfigs as first read. */
  readonly set: KubeConfigSet
  readonly chosen: KubeContextInfo | null
  dispose(): Promise<void>
}

/** Of dry-runs. Whoever calls a command waits for it: more than in the background. */
export const commandBudget: BudgetLimits = { perSecond: 50, atOnce: 8 }
/** Long enough for the runs that one change brings. */
const workerIdleMs = 10_000

/** Root of the checkout or package, from the sources and from wherever the build puts this file. */
const root = findRoot(new URL('.', import.meta.url))

function findRoot(folder: URL): URL {
  for (let above = folder; ; above = new URL('..', above)) {
    if (existsSync(new URL('package.json', above))) return above
    if (above.pathname === new URL('..', above).pathname) return folder
  }
}

/** The worker's file beside these sources, or of the build that this is part of; none where it was not built. */
function workerEntry(name: string): string | undefined {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(isSource ? `electron/workers/${name}.ts` : `dist/workers/${name}.js`, root)
  return existsSync(file) ? fileURLToPath(file) : undefined
}

export function cliVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
  return version
}

/** Starts an engine that connects to the chosen context alone. Rejects when no context fits. */
export async function startCliEngine(options: CliEngineOptions): Promise<CliEngine> {
  const env = options.kubeconfig === undefined ? options.env : { ...options.env, KUBECONFIG: options.kubeconfig }
  const { dataDir, cacheDir } = resolveFolders(env, process.platform, homedir())
  // What runs for hours renders and fetches beside its leases; whoever renders once has nothing else to do meanwhile.
  const isHosting = options.hosting !== undefined
  const renderEntry = isHosting ? workerEntry('render') : undefined
  const gitEntry = isHosting ? workerEntry('git') : undefined
  if (isHosting) collectWhenQuiet()
  const node = createNodePorts({
    version: cliVersion(),
    electron: '',
    dataDir,
    cacheDir,
    assetsDir: fileURLToPath(new URL('assets', root)),
    modulesDir: fileURLToPath(new URL('electron/adapters/control-plane/go', root)),
    isLaunchedFromDesktop: false,
    store: createReadingStore(createBlobStore(dataDir)),
    logger: createStderrLogger(options.isVerbose),
    shell: deniedShell,
    env,
    ...(renderEntry === undefined ? {} : { renderEntry }),
    ...(gitEntry === undefined ? {} : { gitEntry }),
    workerIdleMs,
  })
  try {
    const set = await firstSet(node.ports.kubeConfigs)
    const chosen = options.choose(set)
    const { snapshots: _snapshots, ...granted } = node.ports
    const ports = { ...granted, kubeConfigs: pointTo(node.ports.kubeConfigs, chosen) }
    const engine = createEngine(ports, {
      isWindowExpected: false,
      driftBudget: commandBudget,
      ...(options.hosting === undefined ? {} : { hosting: options.hosting }),
    })
    return {
      engine,
      ports,
      set,
      chosen,
      async dispose() {
        await engine.dispose()
        await node.dispose()
      },
    }
  } catch (error) {
    await node.dispose()
    throw error
  }
}

function firstSet(kubeConfigs: KubeConfigs): Promise<KubeConfigSet> {
  return new Promise((resolve) => {
    let stop: (() => void) | null = null
    let isHeard = false
    stop = kubeConfigs.watch((set) => {
      isHeard = true
      stop?.()
      resolve(set)
    })
    if (isHeard) stop()
  })
}

/** The same kubeconfigs with the chosen context alone, so that the engine connects there and nowhere else; null: it connects nowhere. */
function pointTo(kubeConfigs: KubeConfigs, chosen: KubeContextInfo | null): KubeConfigs {
  return {
    ...kubeConfigs,
    watch: (listener) =>
      kubeConfigs.watch((set) => {
        const contexts = chosen === null ? set.contexts : set.contexts.filter(({ id }) => id === chosen.id)
        listener({ ...set, contexts, current: chosen?.id ?? null })
      }),
  }
}

/** What the user decided in the window about switches, hosts and folders holds here as well. */
const readFiles = new Set(['settings.json', 'drift-hosts.json', 'drift-folders.json'])
/** The name under which this installation holds leases is one, and what is allowed of it is used up once. */
const isShared = (name: string): boolean => name.startsWith('hosting-identity-') || name === 'hosting-approvals.json'

/** The audit log is appended to, settings are read; whatever else the window remembers is neither read nor written. */
function createReadingStore(store: BlobStore): BlobStore {
  return {
    read: (name) => (readFiles.has(name) || isShared(name) ? store.read(name) : Promise.resolve(null)),
    write: (name, data) => (isShared(name) ? store.write(name, data) : Promise.resolve()),
    remove: () => Promise.resolve(),
    appendLine: (name, line, rotate) => store.appendLine(name, line, rotate),
  }
}

const deniedShell: Shell = {
  pickFiles: () => denied('File dialogs'),
  confirmFolder: () => denied('Dialogs'),
  confirmRepository: () => denied('Dialogs'),
  saveText: () => denied('File dialogs'),
  openExternal: () => denied('Opening a browser'),
  copyText: () => denied('The clipboard'),
  notify: () => Promise.resolve(false),
  watchLinks: () => () => undefined,
}

function denied(what: string): Promise<never> {
  return Promise.reject(new SluiceError('Unsupported', `${what}: not on the command line.`))
}
