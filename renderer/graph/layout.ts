/** Coordinates for a graph. elkjs computes them in a Web Worker of the window; this file only speaks its wire format. */
import type { ElkNode, ELK as ElkInstance } from 'elkjs/lib/elk-api.js'
import type { GraphModel } from './model.ts'

/** More visible nodes than this become a ranked list: layered layout takes 0.8 s at 500 and grows faster than linearly. */
export const maxDrawnNodes = 500
export const nodeWidthPx = 232
export const nodeHeightPx = 52

export interface Placed {
  readonly positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>
  /** Points of each edge from start to end, so that no edge runs behind a node. */
  readonly routes: ReadonlyMap<string, readonly Point[]>
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export type LayOut = (model: GraphModel, signal: AbortSignal) => Promise<Placed>

/** The graph as elk reads it: left to right, layered. */
export function elkGraphOf(model: GraphModel): ElkNode {
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.spacing.nodeNodeBetweenLayers': '64',
      'elk.layered.spacing.edgeNodeBetweenLayers': '20',
      'elk.spacing.edgeNode': '14',
      'elk.spacing.nodeNode': '14',
      'elk.spacing.componentComponent': '32',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
    children: model.nodes.map((node) => ({ id: node.id, width: nodeWidthPx, height: nodeHeightPx })),
    edges: model.edges
      .filter((edge) => edge.from !== edge.to)
      .map((edge) => ({ id: edge.id, sources: [edge.from], targets: [edge.to] })),
  }
}

/** elk's answer as positions by node id. */
export function placedOf(answer: ElkNode): Placed {
  return {
    positions: new Map((answer.children ?? []).map((child) => [child.id, { x: child.x ?? 0, y: child.y ?? 0 }])),
    routes: new Map(
      (answer.edges ?? []).flatMap((edge) => {
        const [section] = edge.sections ?? []
        return section === undefined
          ? []
          : [[edge.id, [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]] as const]
      }),
    ),
    width: answer.width ?? 0,
    height: answer.height ?? 0,
  }
}

/** An SVG path through points with corners of at most `radius`; '' for fewer than two points. */
export function roundedPath(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points
  const last = rest.at(-1)
  if (first === undefined || last === undefined) return ''
  const parts = [`M ${first.x} ${first.y}`]
  for (let index = 1; index < points.length - 1; index += 1) {
    const before = points[index - 1] ?? first
    const corner = points[index] ?? first
    const after = points[index + 1] ?? last
    const enter = towards(corner, before, radius)
    const leave = towards(corner, after, radius)
    parts.push(`L ${enter.x} ${enter.y} Q ${corner.x} ${corner.y} ${leave.x} ${leave.y}`)
  }
  return `${parts.join(' ')} L ${last.x} ${last.y}`
}

/** The point `distance` from `from` towards `to`, at most half the way. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const part = length === 0 ? 0 : Math.min(distance, length / 2) / length
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

/** Lays out in a worker that lives for this one graph; aborting ends it. */
export const layOutInWorker: LayOut = async (model, signal) => {
  const [{ default: ElkApi }, { default: ElkWorker }] = await Promise.all([
    import('elkjs/lib/elk-api.js'),
    import('elkjs/lib/elk-worker.min.js?worker'),
  ])
  signal.throwIfAborted()
  const Elk = ElkApi as unknown as new (options: { workerFactory: () => Worker }) => ElkInstance
  const elk = new Elk({ workerFactory: () => new ElkWorker() })
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      elk.terminateWorker()
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    elk
      .layout(elkGraphOf(model))
      .then((answer) => resolve(placedOf(answer)), reject)
      .finally(() => {
        signal.removeEventListener('abort', stop)
        elk.terminateWorker()
      })
  })
}
