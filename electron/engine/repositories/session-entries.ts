/** The entries of an open folder: what its scan says of each, and how each is shown by what has been rendered of it so far. */
import type { RepositoryEntry, RepositoryFault } from '../../../shared/model/repository.ts'
import type { RenderedEntry } from './rendered-entry.ts'
import type { ScannedKustomization, ScannedKustomizationFile, TreeScan } from './renderer-port.ts'

/** One that the scan has found, and what became of it. */
export interface SessionEntry {
  readonly facts: ScannedEntry
  isWanted: boolean
  shown: RenderedEntry | null
  /** Fault of the renderer itself, not of what it rendered. */
  fault: RepositoryFault | null
  running: AbortController | null
  isWaiting: boolean
  waiters: (() => void)[]
}

type ScannedEntry = Pick<
  RepositoryEntry,
  | 'key'
  | 'kind'
  | 'namespace'
  | 'name'
  | 'file'
  | 'line'
  | 'directory'
  | 'targetNamespace'
  | 'isSuspended'
  | 'sourceRef'
  | 'dependsOn'
  | 'isRoot'
  | 'links'
  | 'note'
>

/** Of everything that can be rendered, Kustomizations first, by key. */
export function factsOf(scan: TreeScan): ReadonlyMap<string, ScannedEntry> {
  const links = linksOf(scan)
  const facts = new Map<string, ScannedEntry>()
  for (const found of scan.kustomizations) facts.set(found.key, factsOfKustomization(found, links))
  for (const found of scan.files) facts.set(found.key, factsOfFile(found, links))
  return facts
}

/** What a build holds is known once it is rendered: which Kustomizations it declares is said then. */
export function entryItems(entries: ReadonlyMap<string, SessionEntry>): RepositoryEntry[] {
  const byTitle = new Map<string, string>()
  for (const [key, { facts }] of entries)
    if (facts.kind === 'kustomization') {
      byTitle.set(`${facts.namespace}/${facts.name}`, key)
      // Its namespace may be set by the build that holds it.
      if (facts.namespace === '') byTitle.set(`*/${facts.name}`, key)
    }
  return [...entries.values()].map((entry) => {
    const item = entryItem(entry)
    if (entry.shown === null || entry.shown.declares.length === 0 || entry.facts.kind !== 'kustomization') return item
    const known = new Set(item.links.flatMap(({ to, relation }) => (relation === 'declares' ? [to] : [])))
    const declared = entry.shown.declares.flatMap((title) => {
      const to = byTitle.get(title) ?? byTitle.get(`*/${title.slice(title.indexOf('/') + 1)}`)
      return to === undefined || to === item.key || known.has(to) ? [] : [{ to, relation: 'declares' as const }]
    })
    return declared.length === 0 ? item : { ...item, links: [...item.links, ...declared] }
  })
}

export function isPending(entry: SessionEntry): boolean {
  return entry.isWaiting || entry.running !== null
}

function entryItem(entry: SessionEntry): RepositoryEntry {
  const { facts, shown, fault } = entry
  const error = fault ?? shown?.render.error ?? null
  return {
    type: 'entry',
    ...facts,
    state:
      facts.note !== ''
        ? 'elsewhere'
        : error !== null
          ? 'failed'
          : shown !== null
            ? 'ready'
            : entry.isWanted
              ? 'waiting'
              : 'idle',
    revision: shown?.revision ?? 0,
    objectCount: shown?.objects.length ?? 0,
    durationMs: Math.round((shown?.render.durationMs ?? 0) * 10) / 10,
    assumptionCount: shown?.render.assumptions.length ?? 0,
    warningCount: shown?.render.warnings.length ?? 0,
    changedCount: shown?.changedCount ?? 0,
    error,
  }
}

type Links = ReadonlyMap<string, RepositoryEntry['links']>

function linksOf(scan: TreeScan): Links {
  const links = new Map<string, { to: string; relation: RepositoryEntry['links'][number]['relation'] }[]>()
  for (const { from, to, relation } of scan.edges) {
    const list = links.get(from)
    if (list === undefined) links.set(from, [{ to, relation }])
    else list.push({ to, relation })
  }
  return links
}

function factsOfKustomization(found: ScannedKustomization, links: Links): ScannedEntry {
  return {
    key: found.key,
    kind: 'kustomization',
    namespace: found.namespace,
    name: found.name,
    file: found.file,
    line: found.line,
    directory: found.path === '' ? '.' : found.path,
    targetNamespace: found.targetNamespace,
    isSuspended: found.isSuspended,
    sourceRef: found.sourceRef,
    dependsOn: found.dependsOn,
    isRoot: true,
    links: links.get(found.key) ?? [],
    note: found.elsewhere,
  }
}

function factsOfFile(found: ScannedKustomizationFile, links: Links): ScannedEntry {
  const directory = found.directory === '' ? '.' : found.directory
  return {
    key: found.key,
    kind: found.isComponent ? 'component' : 'build',
    namespace: '',
    name: directory,
    file: found.file,
    line: 1,
    directory,
    targetNamespace: '',
    isSuspended: false,
    sourceRef: '',
    dependsOn: [],
    isRoot: found.isRoot,
    links: links.get(found.key) ?? [],
    note: found.isComponent ? 'A component is built as part of what includes it' : '',
  }
}
