/** The drawn graph: React Flow over coordinates that a worker computed. Loaded only when a graph is shown. */
import { Background, BaseEdge, Controls, Handle, MarkerType, Position, ReactFlow } from '@xyflow/react'
import type { Edge, EdgeProps, Node, NodeProps, ReactFlowInstance } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { classNames } from '../ui/class-names/class-names.ts'
import { KindBadge } from '../ui/kind-badge/kind-badge.tsx'
import { StatusMark, StatusText } from '../ui/status-mark/status-mark.tsx'
import { tooltip } from '../ui/tooltip/tooltip.tsx'
import { layOutInWorker, nodeHeightPx, nodeWidthPx, roundedPath } from './layout.ts'
import type { LayOut, Placed, Point } from './layout.ts'
import type { GraphModel, GraphNode } from './model.ts'
import styles from './graph.module.css'

interface NodeData extends Record<string, unknown> {
  readonly node: GraphNode
  readonly isCurrent: boolean
  readonly onOpen: (ref: ObjectRef) => void
}

function ObjectNode({ data }: NodeProps<Node<NodeData>>): ReactElement {
  const { node, isCurrent, onOpen } = data
  return (
    <>
      <Handle type="target" position={Position.Left} className={styles.port} isConnectable={false} />
      <button
        type="button"
        className={classNames(styles.node, 'nopan')}
        style={{ width: nodeWidthPx, height: nodeHeightPx }}
        aria-label={`${node.kind} ${node.title}, ${node.note ?? node.word}`}
        aria-current={isCurrent || undefined}
        onClick={() => onOpen(node.ref)}
        {...tooltip(node.message)}
      >
        <span className={styles.nodeTop}>
          <KindBadge kind={node.kind} group={node.ref.group} />
          <span className={styles.title}>{node.title}</span>
        </span>
        <span className={styles.word}>
          <StatusMark word={node.word} />
          {node.note === undefined ? <StatusText word={node.word} /> : <span className={styles.sub}>{node.note}</span>}
          {node.isSuspended && node.word !== 'Suspended' && <StatusText word="Suspended" />}
        </span>
      </button>
      <Handle type="source" position={Position.Right} className={styles.port} isConnectable={false} />
    </>
  )
}

interface EdgeData extends Record<string, unknown> {
  readonly points: readonly Point[]
}

/** An edge on the way that the layout found for it. */
function RoutedEdge({
  id,
  data,
  markerEnd,
  sourceX,
  sourceY,
  targetX,
  targetY,
}: EdgeProps<Edge<EdgeData>>): ReactElement {
  const points =
    data === undefined || data.points.length < 2
      ? [
          { x: sourceX, y: sourceY },
          { x: targetX, y: targetY },
        ]
      : data.points
  return <BaseEdge id={id} path={roundedPath(points)} {...(markerEnd === undefined ? {} : { markerEnd })} />
}

/** A graph that fits only below this zoom cannot be read: it opens around the current node. */
const legibleZoom = 0.45
const openingZoom = 0.8
const fitOptions = { maxZoom: 1, padding: 0.12 } as const

const nodeTypes = { object: ObjectNode }
const edgeTypes = { routed: RoutedEdge }

/** Nodes where the worker put them; a model without a layout yet keeps the places it had. */
export function GraphDiagram({
  model,
  current,
  onOpen,
  layOut = layOutInWorker,
  onFailure,
}: {
  readonly model: GraphModel
  readonly current: string
  readonly onOpen: (ref: ObjectRef) => void
  readonly layOut?: LayOut
  readonly onFailure: () => void
}): ReactElement {
  const [placed, setPlaced] = useState<Placed | null>(null)
  // Only the shape moves nodes: a changed status must not.
  const shape = `${model.nodes.map((node) => node.id).join('\n')}\n\n${model.edges.map((edge) => edge.id).join('\n')}`
  useEffect(() => {
    const controller = new AbortController()
    layOut(model, controller.signal).then(setPlaced, () => {
      if (!controller.signal.aborted) onFailure()
    })
    return () => controller.abort()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `shape` stands for the model
  }, [shape, layOut])

  const nodes = useMemo(
    (): Node<NodeData>[] =>
      placed === null
        ? []
        : model.nodes.flatMap((node) => {
            const position = placed.positions.get(node.id)
            if (position === undefined) return []
            return [
              {
                id: node.id,
                type: 'object',
                position: { ...position },
                width: nodeWidthPx,
                height: nodeHeightPx,
                data: { node, isCurrent: node.id === current, onOpen },
              },
            ]
          }),
    [model, placed, current, onOpen],
  )
  const edges = useMemo(
    (): Edge<EdgeData>[] =>
      model.edges.map((edge) => ({
        id: edge.id,
        source: edge.from,
        target: edge.to,
        type: 'routed',
        data: { points: placed?.routes.get(edge.id) ?? [] },
        className: classNames(styles.edge, styles[edge.relation], edge.isBlocked && styles.blocked) ?? '',
        ...(edge.relation === 'dependsOn'
          ? { markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 } }
          : {}),
      })),
    [model, placed],
  )

  const showLegibly = useCallback(
    (flow: ReactFlowInstance<Node<NodeData>, Edge<EdgeData>>) => {
      const at = placed?.positions.get(current) ?? placed?.positions.values().next().value
      void flow.fitView(fitOptions).then(() => {
        if (at === undefined || flow.getZoom() >= legibleZoom) return
        return flow.setCenter(at.x + nodeWidthPx / 2, at.y + nodeHeightPx / 2, { zoom: openingZoom })
      })
    },
    [placed, current],
  )

  // A window that becomes narrower shows the graph as if it had been opened so, unless somebody moved it.
  const flow = useRef<ReactFlowInstance<Node<NodeData>, Edge<EdgeData>> | null>(null)
  const isMoved = useRef(false)
  const [ground, setGround] = useState<HTMLDivElement | null>(null)
  useEffect(() => {
    if (ground === null || typeof ResizeObserver !== 'function') return
    const observer = new ResizeObserver(() => {
      if (flow.current !== null && !isMoved.current) showLegibly(flow.current)
    })
    observer.observe(ground)
    return () => observer.disconnect()
  }, [ground, showLegibly])

  if (placed === null)
    return (
      <div className={styles.loading} role="status">
        Laying out {model.nodes.length.toLocaleString()} objects…
      </div>
    )
  return (
    <ReactFlow
      ref={setGround}
      className={styles.flow}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onInit={(opened) => {
        flow.current = opened
        showLegibly(opened)
      }}
      onMoveStart={(event) => {
        // Null: moved by us.
        if (event !== null) isMoved.current = true
      }}
      fitViewOptions={fitOptions}
      minZoom={0.1}
      maxZoom={1.5}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      onlyRenderVisibleElements={model.nodes.length > 150}
      deleteKeyCode={null}
      disableKeyboardA11y
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={24} size={1} className={styles.ground ?? ''} />
      <Controls showInteractive={false} className={styles.controls ?? ''} />
    </ReactFlow>
  )
}
