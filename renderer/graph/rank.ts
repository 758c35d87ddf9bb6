/** Order of a graph without coordinates: ranks by longest path, cycles found and named. Pure. */
import type { GraphEdge, GraphModel, GraphNode } from './model.ts'

export interface RankedNode {
  readonly node: GraphNode
  /** 0: nothing comes before it. */
  readonly rank: number
  /** Titles of what it comes directly after, in edge order. */
  readonly after: readonly { readonly title: string; readonly relation: GraphEdge['relation'] }[]
  readonly isInCycle: boolean
}

/** Strongly connected components of more than one node (or a loop onto itself), as sets of node ids; iterative Tarjan. */
export function cyclesOf(model: GraphModel): readonly (readonly string[])[] {
  const next = new Map<string, string[]>(model.nodes.map((node) => [node.id, []]))
  for (const edge of model.edges) next.get(edge.from)?.push(edge.to)
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const onStack = new Set<string>()
  const stack: string[] = []
  const cycles: string[][] = []
  for (const { id: root } of model.nodes) {
    if (index.has(root)) continue
    const work: { id: string; at: number }[] = [{ id: root, at: 0 }]
    while (work.length > 0) {
      const frame = work.at(-1)
      if (frame === undefined) break
      const { id } = frame
      if (frame.at === 0) {
        index.set(id, index.size)
        low.set(id, index.get(id) ?? 0)
        stack.push(id)
        onStack.add(id)
      }
      const successors = next.get(id) ?? []
      const child = successors[frame.at]
      frame.at += 1
      if (child !== undefined) {
        if (!index.has(child)) work.push({ id: child, at: 0 })
        else if (onStack.has(child)) low.set(id, Math.min(low.get(id) ?? 0, index.get(child) ?? 0))
        continue
      }
      work.pop()
      const parent = work.at(-1)
      if (parent !== undefined) low.set(parent.id, Math.min(low.get(parent.id) ?? 0, low.get(id) ?? 0))
      if (low.get(id) !== index.get(id)) continue
      const component: string[] = []
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack.delete(member)
        component.push(member)
        if (member === id) break
      }
      if (component.length > 1 || successors.includes(id)) cycles.push(component.reverse())
    }
  }
  return cycles
}

/** Nodes by rank, then failures first, then title. Edges inside a cycle count for nothing, so that every graph has ranks. */
export function rankNodes(model: GraphModel): readonly RankedNode[] {
  const cycles = cyclesOf(model)
  const cycleOf = new Map<string, number>()
  cycles.forEach((cycle, index) => cycle.forEach((id) => cycleOf.set(id, index)))
  const isFree = (edge: GraphEdge): boolean =>
    edge.from !== edge.to && (cycleOf.get(edge.from) === undefined || cycleOf.get(edge.from) !== cycleOf.get(edge.to))
  const edges = model.edges.filter(isFree)

  const rank = new Map<string, number>(model.nodes.map((node) => [node.id, 0]))
  const incoming = new Map<string, number>(model.nodes.map((node) => [node.id, 0]))
  const next = new Map<string, string[]>()
  for (const edge of edges) {
    incoming.set(edge.to, (incoming.get(edge.to) ?? 0) + 1)
    next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to])
  }
  const queue = model.nodes.filter((node) => incoming.get(node.id) === 0).map((node) => node.id)
  for (let head = 0; head < queue.length; head += 1) {
    const id = queue[head] ?? ''
    for (const to of next.get(id) ?? []) {
      rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(id) ?? 0) + 1))
      const left = (incoming.get(to) ?? 0) - 1
      incoming.set(to, left)
      if (left === 0) queue.push(to)
    }
  }

  const titles = new Map(model.nodes.map((node) => [node.id, node.title]))
  const after = new Map<string, { title: string; relation: GraphEdge['relation'] }[]>()
  for (const edge of model.edges) {
    const list = after.get(edge.to) ?? []
    list.push({ title: titles.get(edge.from) ?? '', relation: edge.relation })
    after.set(edge.to, list)
  }
  const isLoud = (node: GraphNode): number =>
    node.word === 'Failed' || node.word === 'Stalled' || node.word === 'NotFound' ? 0 : 1
  return model.nodes
    .map((node) => ({
      node,
      rank: rank.get(node.id) ?? 0,
      after: after.get(node.id) ?? [],
      isInCycle: cycleOf.has(node.id),
    }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        isLoud(a.node) - isLoud(b.node) ||
        (a.node.title < b.node.title ? -1 : a.node.title > b.node.title ? 1 : 0),
    )
}
