/**
 * What a repository's stream holds, as the view shows it: entries in trees and in a graph. Pure. Knows the words of the view, neither
 * components nor the bridge.
 */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type {
  RepositoryEntry,
  RepositoryItem,
  RepositoryProblem,
  RepositoryTree,
} from '../../../shared/model/repository.ts'
import type { GraphEdge, GraphModel, GraphNode } from '../../graph/model.ts'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import type { TreeItem } from '../../ui/tree/tree-rows.ts'

export interface RepositoryContent {
  readonly tree: RepositoryTree | null
  readonly kustomizations: readonly RepositoryEntry[]
  /** Kustomization files. */
  readonly files: readonly RepositoryEntry[]
  readonly problems: readonly RepositoryProblem[]
  readonly byKey: ReadonlyMap<string, RepositoryEntry>
}

export function contentOf(items: ReadonlyMap<string, RepositoryItem>): RepositoryContent {
  let tree: RepositoryTree | null = null
  const entries: RepositoryEntry[] = []
  const problems: RepositoryProblem[] = []
  for (const item of items.values())
    if (item.type === 'entry') entries.push(item)
    else if (item.type === 'problem') problems.push(item)
    else tree = item
  const places = placesOf(entries)
  entries.sort((a, b) => (places.get(a.key) ?? 0) - (places.get(b.key) ?? 0))
  return {
    tree,
    kustomizations: entries.filter(({ kind }) => kind === 'kustomization'),
    files: entries.filter(({ kind }) => kind !== 'kustomization'),
    problems,
    byKey: new Map(entries.map((entry) => [entry.key, entry])),
  }
}

const byNumber = new Intl.Collator('en', { numeric: true })

let lastPlaces: { readonly keys: string; readonly places: ReadonlyMap<string, number> } | null = null

/** Place of each entry by name. Names stand in the keys: while those are the same, so is the order, however often results come in. */
function placesOf(entries: readonly RepositoryEntry[]): ReadonlyMap<string, number> {
  const keys = entries.map(({ key }) => key).join('\n')
  if (lastPlaces?.keys === keys) return lastPlaces.places
  const sorted = [...entries].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.namespace, b.namespace) || compareText(a.key, b.key),
  )
  lastPlaces = { keys, places: new Map(sorted.map(({ key }, index) => [key, index])) }
  return lastPlaces.places
}

function compareText(a: string, b: string): number {
  return byNumber.compare(a, b)
}

/** `namespace/name`, or the directory of a kustomization file. */
export function entryTitle(entry: Pick<RepositoryEntry, 'namespace' | 'name'>): string {
  return entry.namespace === '' ? entry.name : `${entry.namespace}/${entry.name}`
}

export interface EntryRow extends TreeItem {
  readonly entry: RepositoryEntry
}

/** Entries below what includes them first; what nothing includes is a root. */
export function rowsOf(entries: readonly RepositoryEntry[], relations: readonly string[]): readonly EntryRow[] {
  const parents = new Map<string, string>()
  for (const entry of entries)
    for (const { to, relation } of entry.links)
      if (relations.includes(relation) && to !== entry.key && !parents.has(to)) parents.set(to, entry.key)
  return entries.map((entry) => ({ id: entry.key, parent: parents.get(entry.key) ?? null, entry }))
}

export const declaring = ['declares'] as const
export const including = ['resource', 'component'] as const

/** How an entry stands: its mark, and the word that goes with it. */
export function standOf(entry: RepositoryEntry): { readonly shape: StatusShape; readonly word: string } {
  switch (entry.state) {
    case 'failed':
      return { shape: 'failed', word: 'Failed' }
    case 'waiting':
      return { shape: 'progressing', word: 'Rendering' }
    case 'elsewhere':
      return entry.kind === 'component'
        ? { shape: 'empty', word: 'Component' }
        : { shape: 'not-installed', word: 'Not here' }
    case 'idle':
      return { shape: 'empty', word: 'Not rendered yet' }
    case 'ready':
      return entry.assumptionCount > 0
        ? { shape: 'unknown', word: 'Rendered, partly unknown' }
        : { shape: 'ready', word: 'Rendered' }
  }
}

/** What the word of a node says in the graph. */
function noteOf(entry: RepositoryEntry): string {
  if (entry.state === 'ready')
    return entry.objectCount === 1 ? '1 object' : `${entry.objectCount.toLocaleString()} objects`
  return standOf(entry).word
}

const words: Readonly<Record<RepositoryEntry['state'], GraphNode['word']>> = {
  failed: 'Failed',
  waiting: 'Progressing',
  elsewhere: 'NotFound',
  idle: 'Unknown',
  ready: 'Ready',
}

/** Nodes of the graph name their entry where objects of clusters have their name. */
export function refOfEntry(key: string, kind: string): ObjectRef {
  return { cluster: '', group: 'kustomize.toolkit.fluxcd.io', kind, namespace: '', name: key }
}

/** What includes what and waits for what. `hasFiles`: with the kustomization files that each builds. */
export function graphOfEntries(content: RepositoryContent, hasFiles: boolean): GraphModel {
  const entries = hasFiles ? [...content.kustomizations, ...content.files] : content.kustomizations
  const known = new Set(entries.map(({ key }) => key))
  const edges: GraphEdge[] = []
  for (const entry of entries)
    for (const { to, relation } of entry.links) {
      if (!known.has(to) || to === entry.key) continue
      if (relation === 'dependsOn')
        edges.push({ id: `${to}>${entry.key}`, from: to, to: entry.key, relation, isBlocked: false })
      else edges.push({ id: `${entry.key}>>${to}`, from: entry.key, to, relation: 'includes', isBlocked: false })
    }
  const unique = new Map(edges.map((edge) => [edge.id, edge]))
  return {
    nodes: entries.map((entry) => ({
      id: entry.key,
      ref: refOfEntry(entry.key, entry.kind === 'kustomization' ? 'Kustomization' : 'file'),
      title: entryTitle(entry),
      kind: entry.kind === 'kustomization' ? 'Kustomization' : 'file',
      word: words[entry.state],
      message: entry.error?.message ?? entry.note,
      isSuspended: entry.isSuspended,
      note: noteOf(entry),
    })),
    edges: [...unique.values()],
  }
}

/** `file:line`, without a line where none is known. */
export function placeText(file: string, line: number): string {
  return line > 0 ? `${file}:${line}` : file
}
