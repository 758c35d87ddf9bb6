/** Coordinates for a graph. elkjs computes them in a Web Worker of the window; this file only speaks its wire format. */
import type { ElkNode, ELK as ElkInstance } from 'elkjs/lib/elk-api.js'
import type { GraphModel } from './model.ts'

/** More visible nodes than this become a ranked list: layered layout takes 0.8 s at 500 and grows faster than linearly. */
export const maxDrawnNodes = 500
export const nodeWidthPx = 232
export const nodeHeightPx = 52

export interface Placed {
  readonly positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>
  readonly width: number
  readonly height: number
}

export type LayOut = (model: GraphModel, signal: AbortSignal) => Promise<Placed>

/** The graph as elk reads it: left to right, layered. */
export function elkGraphOf(model: GraphModel): ElkNode {
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.layered.spacing.nodeNodeBetweenLayers': '64',
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
    width: answer.width ?? 0,
    height: answer.height ?? 0,
  }
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
