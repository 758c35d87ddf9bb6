/** All kubeconfigs of this machine as one set of contexts: which files count, how they merge, what is wrong with each. */
import { createHash } from 'node:crypto'
import { delimiter, join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KubeConfigSet, KubeContextInfo, KubeFileInfo } from '../../engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { createMaterialReader, readSmallFile, resolveContext, sayFileError, codeOf } from './context-settings.ts'
import type { ContextSettings, Located, ResolvedContext } from './context-settings.ts'
import { parseKubeconfig } from './kubeconfig-text.ts'
import type { ClusterEntry, ContextEntry, KubeconfigEntries, UserEntry } from './kubeconfig-text.ts'
import { labelPath } from './plain-text.ts'

/** Files that are read as one: kubectl's KUBECONFIG list, or a single added file. */
export interface FileGroup {
  readonly role: 'default' | 'added' | 'playground'
  readonly files: readonly string[]
}

export interface LoadedFile {
  readonly entries: KubeconfigEntries | null
  readonly problem: SluiceError | null
}

export interface LoadedContext {
  readonly info: KubeContextInfo
  readonly settings: ContextSettings | null
  readonly problem: SluiceError | null
}

export interface LoadedSet {
  readonly set: KubeConfigSet
  readonly contexts: ReadonlyMap<string, LoadedContext>
  /** Kubeconfigs and the files that they name. */
  readonly watchedFiles: readonly string[]
}

const maxFileBytes = 32 * 1024 * 1024
const maxPlainIdLength = 200
const contextsPerTurn = 50

/** KUBECONFIG's files, else ~/.kube/config; each once, in order. An empty variable counts as none, as for kubectl. */
export function defaultFiles(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  separator = delimiter,
): readonly string[] {
  const list = env['KUBECONFIG'] ?? ''
  if (list === '') return home === '' ? [] : [join(home, '.kube', 'config')]
  const files = list.split(separator).filter((part) => part !== '')
  return [...new Set(files.map((file) => resolve(file)))]
}

/** Reads and parses one file; what is wrong with it is in the result. */
export async function loadFile(path: string, home: string): Promise<LoadedFile> {
  const label = labelPath(path, home)
  let bytes: Buffer
  try {
    bytes = await readSmallFile(path, maxFileBytes)
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
    return bad(
      new SluiceError(
        isMissing ? 'KubeconfigMissing' : 'KubeconfigUnreadable',
        `Kubeconfig ${label} ${sayFileError(error)}`,
        {
          remedy: isMissing ? 'Put a kubeconfig there, or open another file.' : 'Check the permissions of the file.',
          cause: error,
        },
      ),
    )
  }
  try {
    const entries = parseKubeconfig(decodeUtf8(bytes, label), label)
    if (entries.clusters.size + entries.users.size + entries.contexts.size === 0)
      return bad(
        new SluiceError('KubeconfigEmpty', `Kubeconfig ${label} holds no context`, {
          remedy: 'Add a context with kubectl config set-context, or open another file.',
        }),
      )
    return { entries, problem: null }
  } catch (error) {
    if (error instanceof SluiceError) return bad(error)
    throw error
  }
}

function bad(problem: SluiceError): LoadedFile {
  return { entries: null, problem }
}

function decodeUtf8(bytes: Buffer, label: string): string {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  try {
    if (!isWide) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Said below.
  }
  throw new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} is not UTF-8 text${isWide ? ' but UTF-16' : ''}`, {
    remedy: 'Save it as UTF-8.',
  })
}

/** Merges each group (first entry of a name wins, as in kubectl), resolves every context, gives each its id. */
export async function composeSet(
  groups: readonly FileGroup[],
  files: ReadonlyMap<string, LoadedFile>,
  home: string,
): Promise<LoadedSet> {
  const read = createMaterialReader()
  const contexts = new Map<string, LoadedContext>()
  const watched = new Set<string>()
  const fileInfos: KubeFileInfo[] = []
  let current: string | null = null
  for (const group of groups) {
    for (const path of group.files) {
      watched.add(path)
      if (group.role === 'playground') continue
      const problem = files.get(path)?.problem ?? null
      fileInfos.push({
        id: fileId(path),
        label: labelPath(path, home),
        isAdded: group.role === 'added',
        problem: problem?.toData() ?? null,
      })
    }
    const merged = mergeGroup(group, files)
    const resolved: { readonly located: Located<ContextEntry>; readonly result: ResolvedContext }[] = []
    const all = [...merged.contexts.values()]
    for (let at = 0; at < all.length; at += contextsPerTurn) {
      // Certificates are checked here: a thousand contexts in one turn would hold the thread for a tenth of a second.
      if (at > 0) await nextTurn()
      const slice = all.slice(at, at + contextsPerTurn).map(async (located) => ({
        located,
        result: await resolveContext(located, merged.clusters, merged.users, read, home),
      }))
      resolved.push(...(await Promise.all(slice)))
    }
    for (const { located, result } of resolved) {
      const { entry, file } = located
      const id = uniqueId(entry.name, file, contexts)
      for (const path of result.files) watched.add(path)
      if (group.role === 'default' && merged.currentContext === entry.name) current = id
      const info: KubeContextInfo = {
        id,
        name: entry.name,
        cluster: entry.cluster ?? '',
        server: result.server,
        user: entry.user ?? '',
        namespace: entry.namespace ?? 'default',
        file: labelPath(file, home),
        isPlayground: group.role === 'playground',
        endpointHash: result.endpointHash,
        configHash: result.configHash,
        warnings: result.warnings,
        problem: result.problem?.toData() ?? null,
      }
      contexts.set(id, { info, settings: result.settings, problem: result.problem })
    }
  }
  const set = { contexts: [...contexts.values()].map(({ info }) => info), files: fileInfos, current }
  return { set, contexts, watchedFiles: [...watched] }
}

interface MergedGroup {
  readonly clusters: Map<string, Located<ClusterEntry>>
  readonly users: Map<string, Located<UserEntry>>
  readonly contexts: Map<string, Located<ContextEntry>>
  readonly currentContext: string | null
}

function mergeGroup(group: FileGroup, files: ReadonlyMap<string, LoadedFile>): MergedGroup {
  const merged = {
    clusters: new Map<string, Located<ClusterEntry>>(),
    users: new Map<string, Located<UserEntry>>(),
    contexts: new Map<string, Located<ContextEntry>>(),
    currentContext: null as string | null,
  }
  for (const file of group.files) {
    const entries = files.get(file)?.entries
    if (entries == null) continue
    addMissing(merged.clusters, entries.clusters, file)
    addMissing(merged.users, entries.users, file)
    addMissing(merged.contexts, entries.contexts, file)
    merged.currentContext ??= entries.currentContext
  }
  return merged
}

function addMissing<T>(into: Map<string, Located<T>>, from: ReadonlyMap<string, T>, file: string): void {
  for (const [name, entry] of from) if (!into.has(name)) into.set(name, { entry, file })
}

export function fileId(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}

/** The name where it is short and free, else with a hash: stable as long as file and name are. */
function uniqueId(name: string, file: string, taken: ReadonlyMap<string, unknown>): string {
  const isShort = name.length <= maxPlainIdLength
  const base = isShort ? name : `${name.slice(0, maxPlainIdLength)}#${fileId(name)}`
  if (!taken.has(base)) return base
  let id = `${base}@${fileId(file).slice(0, 8)}`
  while (taken.has(id)) id += "'"
  return id
}
