/**
 * Graphs of Flux objects: the pure pipeline (model, rank, layout) and its two views, drawn and listed. Owns what a graph of dependsOn
 * and sources is; knows neither stores nor features. Up to 500 nodes are drawn, more become the ranked list, and it says so.
 */
import { lazy, Suspense, useCallback, useState } from 'react'
import type { ReactElement } from 'react'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { Segmented } from '../ui/button/button.tsx'
import { GraphList } from './graph-list.tsx'
import { maxDrawnNodes } from './layout.ts'
import type { GraphModel } from './model.ts'
import { cyclesOf } from './rank.ts'
import styles from './graph.module.css'

const GraphDiagram = lazy(async () => ({ default: (await import('./graph-diagram.tsx')).GraphDiagram }))

export function GraphView({
  model,
  current,
  onOpen,
}: {
  readonly model: GraphModel
  /** Id of the object whose graph this is. */
  readonly current: string
  readonly onOpen: (ref: ObjectRef) => void
}): ReactElement {
  const [mode, setMode] = useState<'diagram' | 'list'>('diagram')
  const [hasFailed, setFailed] = useState(false)
  const fail = useCallback(() => setFailed(true), [])
  const isHuge = model.nodes.length > maxDrawnNodes
  const isListed = isHuge || hasFailed || mode === 'list'
  const cycles = cyclesOf(model)
  const titles = new Map(model.nodes.map((node) => [node.id, node.title]))
  return (
    <section className={styles.view} aria-label="Graph of dependsOn and sources">
      <div className={styles.tools}>
        <Segmented
          label="Show the graph as"
          value={isListed ? 'list' : 'diagram'}
          options={[
            { value: 'diagram', label: 'Diagram' },
            { value: 'list', label: 'List' },
          ]}
          onChange={setMode}
        />
        <span className={styles.sub}>{summaryOf(model)}</span>
        <span className={styles.legend} aria-hidden="true">
          <span className={styles.keyDepends}>dependsOn</span>
          <span className={styles.keySource}>source</span>
          <span className={styles.keyBlocked}>blocked</span>
        </span>
      </div>
      {isHuge && (
        <p className={styles.note} role="note">
          {model.nodes.length.toLocaleString()} objects are too many to draw; up to {maxDrawnNodes} are. This is the
          same graph as a list, in the order in which its objects can start.
        </p>
      )}
      {hasFailed && !isHuge && (
        <p className={styles.note} role="note">
          The drawing could not be laid out. This is the same graph as a list.
        </p>
      )}
      {cycles.map((cycle) => (
        <p key={cycle.join()} className={styles.cycle} role="note">
          These wait for each other, so that none of them starts: {cycle.map((id) => titles.get(id) ?? id).join(' → ')}
        </p>
      ))}
      {isListed ? (
        <GraphList model={model} current={current} onOpen={onOpen} />
      ) : (
        <Suspense
          fallback={
            <div className={styles.loading} role="status">
              Loading the drawing…
            </div>
          }
        >
          <GraphDiagram model={model} current={current} onOpen={onOpen} onFailure={fail} />
        </Suspense>
      )}
    </section>
  )
}

function summaryOf(model: GraphModel): string {
  const count = model.nodes.length
  if (count <= 1) return 'Depends on nothing, and nothing depends on it'
  return `${count.toLocaleString()} objects, ${model.edges.length.toLocaleString()} links`
}
