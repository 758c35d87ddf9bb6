/** The graph as a ranked list: for keyboards and screen readers, and for graphs too large to draw. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { KindBadge } from '../ui/kind-badge/kind-badge.tsx'
import { StatusMark, StatusText } from '../ui/status-mark/status-mark.tsx'
import type { GraphModel } from './model.ts'
import { rankNodes } from './rank.ts'
import type { RankedNode } from './rank.ts'
import styles from './graph.module.css'

const rowHeightPx = 26

/** What a node comes after, as a sentence part. */
export function afterText({ after, isInCycle }: RankedNode): string {
  const named = after
    .slice(0, 3)
    .map(({ title, relation }) =>
      relation === 'source' ? `source ${title}` : relation === 'includes' ? `part of ${title}` : title,
    )
  const more = after.length > named.length ? ` and ${after.length - named.length} more` : ''
  const lead = after.every(({ relation }) => relation === 'includes') ? '' : 'after '
  const text = named.length === 0 ? 'first' : `${lead}${named.join(', ')}${more}`
  return isInCycle ? `${text} · in a cycle: none of these can start` : text
}

export function GraphList({
  model,
  current,
  onOpen,
}: {
  readonly model: GraphModel
  readonly current: string
  readonly onOpen: (ref: ObjectRef) => void
}): ReactElement {
  const ranked = useMemo(() => rankNodes(model), [model])
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: ranked.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const step =
      event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    event.stopPropagation()
    const at = Number(document.activeElement?.getAttribute('data-index') ?? -step)
    const next = Math.max(0, Math.min(ranked.length - 1, at + step))
    virtualizer.scrollToIndex(next)
    scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus()
  }
  return (
    <div ref={scroller} className={styles.listScroller}>
      <ul
        aria-label="In order"
        className={styles.list}
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const entry = ranked[item.index]
          if (entry === undefined) return null
          const { node } = entry
          return (
            <li
              key={node.id}
              aria-setsize={ranked.length}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <button
                type="button"
                className={styles.listRow}
                data-index={item.index}
                aria-label={`${node.kind} ${node.title}, ${node.note ?? node.word}, ${afterText(entry)}`}
                aria-current={node.id === current || undefined}
                onClick={() => onOpen(node.ref)}
              >
                <span className={styles.rank}>{entry.rank + 1}</span>
                <span className={styles.badge}>
                  <KindBadge kind={node.kind} group={node.ref.group} />
                </span>
                <span className={styles.title}>{node.title}</span>
                <span className={styles.word}>
                  <StatusMark word={node.word} />
                  {node.note === undefined ? (
                    <StatusText word={node.word} />
                  ) : (
                    <span className={styles.sub}>{node.note}</span>
                  )}
                </span>
                <span className={styles.after}>{afterText(entry)}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
