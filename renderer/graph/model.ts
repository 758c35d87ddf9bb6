/**
 * The dependency graph of one object as data: rows -> model -> filter -> rank -> layout. Pure; knows neither React nor the bridge.
 * Edges run from what comes first (a dependency, a source) to what comes after it. Semantics: flux-semantics.md, dependsOn and
 * sourceRef.
 */
import { refKey, refTitle } from '../../shared/model/identity.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import type { FluxRow } from '../../shared/model/rows.ts'
import type { StatusWord } from '../../shared/model/status.ts'

export interface GraphNode {
  readonly id: string
  readonly ref: ObjectRef
  readonly title: string
  readonly kind: string
  /** NotFound: something names this object and no list has it. */
  readonly word: StatusWord | 'NotFound'
  readonly message: string
  readonly isSuspended: boolean
  /** In place of the status word, where what is drawn is no object of a cluster. */
  readonly note?: string
}

export interface GraphEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  /** `includes`: what comes first is made of what comes after it. */
  readonly relation: 'dependsOn' | 'source' | 'includes'
  /** What comes after waits for what comes first, or stands behind a closed gate. */
  readonly isBlocked: boolean
}

export interface GraphModel {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

function nodeOfRow(row: FluxRow): GraphNode {
  return {
    id: row.key,
    ref: row.ref,
    title: refTitle(row.ref),
    kind: row.ref.kind,
    word: row.status.word,
    message: row.status.message,
    isSuspended: row.isSuspended === true,
  }
}

function missingNode(ref: ObjectRef): GraphNode {
  return {
    id: refKey(ref),
    ref,
    title: refTitle(ref),
    kind: ref.kind,
    word: 'NotFound',
    message: `${ref.kind} ${refTitle(ref)} is named and not found`,
    isSuspended: false,
  }
}

/** The source of a row as a reference, null where it has none. */
export function sourceRefOf(row: FluxRow): ObjectRef | null {
  const { source } = row
  if (source === null) return null
  return {
    cluster: row.ref.cluster,
    group: source.group,
    kind: source.kind,
    namespace: source.namespace,
    name: source.name,
  }
}

/** Every row of one cluster as a graph; what is named and missing becomes a NotFound node. Order follows `rows`. */
export function graphOfRows(rows: Iterable<FluxRow>, cluster: string): GraphModel {
  const nodes = new Map<string, GraphNode>()
  const own: FluxRow[] = []
  for (const row of rows) {
    if (row.ref.cluster !== cluster) continue
    own.push(row)
    nodes.set(refKey(row.ref), { ...nodeOfRow(row), id: refKey(row.ref) })
  }
  const edges = new Map<string, GraphEdge>()
  const link = (first: ObjectRef, row: FluxRow, relation: GraphEdge['relation']): void => {
    const from = refKey(first)
    const to = refKey(row.ref)
    if (from === to && relation === 'source') return
    if (!nodes.has(from)) nodes.set(from, missingNode(first))
    const id = `${relation}:${from}>${to}`
    const before = nodes.get(from)
    const isBlocked =
      relation === 'dependsOn'
        ? row.status.word === 'Waiting' && before?.word !== 'Ready'
        : row.isSuspended === true || before?.isSuspended === true
    edges.set(id, { id, from, to, relation, isBlocked })
  }
  for (const row of own) {
    const source = sourceRefOf(row)
    if (source !== null) link(source, row, 'source')
    for (const dependency of row.dependsOn) link(dependency, row, 'dependsOn')
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] }
}

/** Edges by one of their ends. */
function edgesBy(edges: readonly GraphEdge[], end: 'from' | 'to'): ReadonlyMap<string, readonly GraphEdge[]> {
  const map = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const list = map.get(edge[end])
    if (list === undefined) map.set(edge[end], [edge])
    else list.push(edge)
  }
  return map
}

/**
 * What concerns one object: all that comes before it (its dependencies and sources, theirs, and so on) and all that comes after it.
 * Neighbours that only share a source with it are left out.
 */
export function neighbourhoodOf(model: GraphModel, id: string): GraphModel {
  const before = edgesBy(model.edges, 'to')
  const after = edgesBy(model.edges, 'from')
  const kept = new Set<string>([id])
  const walk = (map: ReadonlyMap<string, readonly GraphEdge[]>, end: 'from' | 'to'): void => {
    const queue = [id]
    const seen = new Set(queue)
    for (let at = queue.shift(); at !== undefined; at = queue.shift())
      for (const edge of map.get(at) ?? []) {
        const next = edge[end]
        if (seen.has(next)) continue
        seen.add(next)
        kept.add(next)
        queue.push(next)
      }
  }
  walk(before, 'from')
  walk(after, 'to')
  // What comes after needs its own sources to be read: a dependent on another source is shown with it.
  for (const edge of model.edges)
    if (edge.relation === 'source' && kept.has(edge.to) && !kept.has(edge.from)) kept.add(edge.from)
  return {
    nodes: model.nodes.filter((node) => kept.has(node.id)),
    edges: model.edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to)),
  }
}

/** Removes the nodes that `isKept` refuses, with their edges. */
export function filterGraph(model: GraphModel, isKept: (node: GraphNode) => boolean): GraphModel {
  const nodes = model.nodes.filter(isKept)
  const ids = new Set(nodes.map((node) => node.id))
  return { nodes, edges: model.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)) }
}
