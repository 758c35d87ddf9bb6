/**
 * Kubernetes for the engine: kubeconfig files, credentials and the transport (ports KubeConfigs and KubeClient). Owns what is read
 * from disk and what goes over the network; knows no kinds, no lists, no Flux. Semantics: kubectl's clientcmd for files,
 * client-go's credential plugins, RFC 9113 for sessions; security.md 10 and 12. Files are read and watched, never written.
 * docs/decisions/kubernetes-client.md says why this is not @kubernetes/client-node.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { KubeClient, KubeConfigs, KubeConfigSet, Logger } from '../../engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import type { ContextSettings } from './context-settings.ts'
import { readCredentialEnd } from './credential-end.ts'
import { createExecApprovals, writePrivateJson } from './exec-approvals.ts'
import { createExecCredentials } from './exec-credentials.ts'
import { watchFiles } from './file-watch.ts'
import type { FileWatch } from './file-watch.ts'
import { readForeignContext } from './foreign-context.ts'
import { createKubeClient } from './kube-client.ts'
import type { TransportOptions } from './kube-client.ts'
import { composeSet, defaultFiles, fileId, loadFile } from './kubeconfig-load.ts'
import type { FileGroup, LoadedFile, LoadedSet } from './kubeconfig-load.ts'
import { createLoginPath } from './login-path.ts'
import { createNameLookup } from './name-lookup.ts'
import type { NameLookup } from './name-lookup.ts'
import { quoteName } from './plain-text.ts'

export interface KubeConfigsOptions {
  /** KUBECONFIG, HOME, PATH, SHELL and what plugins are given. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of ours for the list of added files and the approvals of plugins. */
  readonly dataDir: string
  readonly logger: Logger
  /** Kubeconfig of the running playground, null while there is none; asked on every look at the files. */
  readonly playgroundKubeconfig: () => string | null
  /** In place of asking the login shell for its PATH. */
  readonly loginShellPath?: () => Promise<string>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly monotonicMs?: () => number
  /** Default 30,000. */
  readonly execTimeoutMs?: number
  /** How often files are looked at besides events; default 2,000. */
  readonly pollIntervalMs?: number
  /** Default 100. */
  readonly debounceMs?: number
  readonly transport?: TransportOptions
  readonly lookup?: NameLookup
}

export interface NodeKubeConfigs extends KubeConfigs {
  /** Reads all files now; resolves when listeners have heard. */
  refresh(): Promise<void>
  /** Stops watching and closes every client. */
  dispose(): void
}

/** A file that was good and is not any more is looked at twice: editors and tools truncate first and write later. */
const secondLookMs = 400

export function createKubeConfigs(options: KubeConfigsOptions): NodeKubeConfigs {
  const { env, logger } = options
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir()
  const addedFile = join(options.dataDir, 'kubeconfig-files.json')
  const lookup = options.lookup ?? createNameLookup()
  const monotonicMs = options.monotonicMs ?? (() => performance.now())
  const exec = createExecCredentials({
    approvals: createExecApprovals(join(options.dataDir, 'exec-approvals.json')),
    env,
    loginPath: createLoginPath({
      env,
      ...(options.loginShellPath === undefined ? {} : { loginShellPath: options.loginShellPath }),
    }),
    timeoutMs: options.execTimeoutMs ?? 30_000,
    now: options.now ?? Date.now,
  })
  const listeners = new Set<(set: KubeConfigSet) => void>()
  const clients = new Set<KubeClient>()
  let added: string[] | null = null
  let loaded: LoadedSet | null = null
  let shown = ''
  let good = new Map<string, LoadedFile>()
  const doubted = new Set<string>()
  let playground: string | null = null
  let fileWatch: FileWatch | null = null
  let running: Promise<void> | null = null
  let isAgain = false

  const load = async (): Promise<void> => {
    added ??= await readAdded(addedFile)
    playground = options.playgroundKubeconfig()
    const groups = groupsOf(defaultFiles(env, home), added, playground)
    const paths = [...new Set(groups.flatMap((group) => group.files))]
    const files = new Map<string, LoadedFile>()
    let hasDoubt = false
    for (const path of paths) {
      let file = await loadFile(path, home)
      const before = good.get(path)
      if (file.problem === null) doubted.delete(path)
      else if (before !== undefined && !doubted.has(path)) {
        doubted.add(path)
        hasDoubt = true
        file = before
      }
      files.set(path, file)
    }
    good = new Map([...files].filter(([, file]) => file.problem === null))
    loaded = await composeSet(groups, files, home)
    fileWatch?.setFiles(loaded.watchedFiles)
    if (hasDoubt) setTimeout(() => void refresh(), secondLookMs).unref()
    const now = JSON.stringify(loaded.set)
    if (now === shown) return
    shown = now
    for (const listener of listeners) tell(listener, loaded.set)
  }
  const tell = (listener: (set: KubeConfigSet) => void, set: KubeConfigSet): void => {
    try {
      listener(set)
    } catch (error) {
      logger.log('error', 'kubeconfig listener failed', { error: String(error) })
    }
  }

  const loadUntilSettled = async (): Promise<void> => {
    try {
      do {
        isAgain = false
        await load()
      } while (isAgain)
    } catch (error) {
      logger.log('error', 'reading kubeconfigs failed', { error: String(error) })
    } finally {
      running = null
    }
  }
  /** One load at a time; a call during one is answered by another that starts after it. */
  const refresh = (): Promise<void> => {
    if (running !== null) {
      isAgain = true
      return running
    }
    running = loadUntilSettled()
    return running
  }

  const startWatching = (): void => {
    if (fileWatch !== null) return
    fileWatch = watchFiles({
      onChange: () => void refresh(),
      onLook: () => {
        if (options.playgroundKubeconfig() !== playground) void refresh()
      },
      pollIntervalMs: options.pollIntervalMs ?? 2000,
      debounceMs: options.debounceMs ?? 100,
    })
    if (loaded !== null) fileWatch.setFiles(loaded.watchedFiles)
    void refresh()
  }
  const stopWatching = (): void => {
    fileWatch?.stop()
    fileWatch = null
  }

  const contextOf = (id: string) => {
    const context = loaded?.contexts.get(id)
    if (context === undefined)
      throw new SluiceError('NotFound', `Context ${quoteName(id)} is in no kubeconfig`, {
        remedy: 'It was removed or renamed; choose another one.',
      })
    if (context.problem !== null) throw context.problem
    if (context.settings === null) throw new SluiceError('Internal', `Context ${quoteName(id)} has no settings`)
    return context.settings
  }

  const openClient = (context: ContextId, settings: ContextSettings): KubeClient => {
    const client = createKubeClient({
      context,
      settings,
      exec,
      lookup,
      logger,
      monotonicMs,
      transport: options.transport ?? {},
      onClose: () => clients.delete(client),
    })
    clients.add(client)
    return client
  }

  return {
    openForeign(text, label, { isWritable = false } = {}) {
      const foreign = readForeignContext(text, label)
      const client = openClient(`foreign:${foreign.host}`, foreign.settings)
      if (isWritable) return { client, host: foreign.host }
      // SECURITY: items 10 and 12: what a cluster hands out is looked at and tried out, written to by hosted mode alone.
      client.setReadOnly(true)
      return { client: { ...client, setReadOnly: () => undefined }, host: foreign.host }
    },
    watch(listener) {
      const mine = (set: KubeConfigSet): void => listener(set)
      listeners.add(mine)
      if (loaded !== null) tell(mine, loaded.set)
      startWatching()
      return () => {
        listeners.delete(mine)
        if (listeners.size === 0) stopWatching()
      }
    },
    async addFiles(paths) {
      await refresh()
      const list = added ?? []
      const known = new Set([...defaultFiles(env, home), ...list])
      const fresh = [...new Set(paths.map((path) => resolve(path)))].filter((path) => !known.has(path))
      if (fresh.length === 0) return { added: 0 }
      added = [...list, ...fresh]
      await writePrivateJson(addedFile, { version: 1, files: added })
      await refresh()
      const counts = await Promise.all(
        fresh.map(async (path) => (await loadFile(path, home)).entries?.contexts.size ?? 0),
      )
      return { added: counts.reduce((sum, count) => sum + count, 0) }
    },
    async forgetFile(id) {
      await refresh()
      const list = added ?? []
      const left = list.filter((path) => fileId(path) !== id)
      if (left.length === list.length)
        throw new SluiceError('NotFound', 'This kubeconfig is not one that you added', {
          remedy: 'Files of KUBECONFIG and ~/.kube/config are left out by changing KUBECONFIG.',
        })
      added = left
      await writePrivateJson(addedFile, { version: 1, files: left })
      await refresh()
    },
    open: (context) => openClient(context, contextOf(context)),
    credentialEnd: async (context) => readCredentialEnd(contextOf(context)),
    approveExec: async (context, digest) => exec.approve(contextOf(context), digest),
    refresh,
    dispose() {
      stopWatching()
      listeners.clear()
      for (const client of [...clients]) client.close()
    },
  }
}

function groupsOf(defaults: readonly string[], added: readonly string[], playground: string | null): FileGroup[] {
  const groups: FileGroup[] = [{ role: 'default', files: defaults }]
  for (const file of added) if (!defaults.includes(file)) groups.push({ role: 'added', files: [file] })
  if (playground !== null && !defaults.includes(playground) && !added.includes(playground))
    groups.push({ role: 'playground', files: [playground] })
  return groups
}

async function readAdded(file: string): Promise<string[]> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { files?: unknown }
    return Array.isArray(content.files) ? content.files.filter((path): path is string => typeof path === 'string') : []
  } catch {
    return []
  }
}
