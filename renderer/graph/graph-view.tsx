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
  label = 'Graph of dependsOn and sources',
  legend = ['dependsOn', 'source', 'blocked'],
  lonely = 'Depends on nothing, and nothing depends on it',
  noun = 'objects',
}: {
  readonly model: GraphModel
  /** Id of the object whose graph this is. */
  readonly current: string
  readonly onOpen: (ref: ObjectRef) => void
  readonly label?: string
  readonly legend?: readonly (keyof typeof legendClasses)[]
  /** What is said of a graph of one node. */
  readonly lonely?: string
  /** What the nodes are, several of them. */
  readonly noun?: string
}): ReactElement {
  const [mode, setMode] = useState<'diagram' | 'list'>('diagram')
  const [hasFailed, setFailed] = useState(false)
  const fail = useCallback(() => setFailed(true), [])
  const isHuge = model.nodes.length > maxDrawnNodes
  const isListed = isHuge || hasFailed || mode === 'list'
  const cycles = cyclesOf(model)
  const titles = new Map(model.nodes.map((node) => [node.id, node.title]))
  return (
    <section className={styles.view} aria-label={label}>
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
        <span className={styles.sub}>{summaryOf(model, lonely, noun)}</span>
        <span className={styles.legend} aria-hidden="true">
          {legend.map((word) => (
            <span key={word} className={styles[legendClasses[word]]}>
              {word}
            </span>
          ))}
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

const legendClasses = {
  dependsOn: 'keyDepends',
  source: 'keySource',
  blocked: 'keyBlocked',
  includes: 'keyIncludes',
} as const

function summaryOf(model: GraphModel, lonely: string, noun: string): string {
  const count = model.nodes.length
  if (count <= 1) return lonely
  return `${count.toLocaleString()} ${noun}, ${model.edges.length.toLocaleString()} links`
}
