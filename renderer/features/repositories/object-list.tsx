/** Table of contents of an output: its objects in order, with what changed. One tab stop, arrows inside. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { RepositoryObject } from '../../../shared/model/repository.ts'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './repositories.module.css'

const rowPx = 26

export function ObjectList({
  objects,
  removed,
  current,
  onOpen,
}: {
  readonly objects: readonly RepositoryObject[]
  readonly removed: readonly string[]
  readonly current: string
  readonly onOpen: (object: RepositoryObject) => void
}): ReactElement {
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [text, setText] = useState('')
  const shown = useMemo(() => {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
    if (words.length === 0) return objects
    return objects.filter((object) => {
      const hay = `${object.kind} ${refTitle(object)}`.toLowerCase()
      return words.every((word) => hay.includes(word))
    })
  }, [objects, text])
  const at = shown.findIndex((object) => object.key === current)
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: useCallback((index: number) => shown[index]?.key ?? index, [shown]),
    overscan: 10,
    initialRect: { width: 270, height: 320 },
  })
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at, { align: 'auto' })
  }, [at, virtualizer])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = 12
    const to = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      Home: 0,
      End: shown.length - 1,
      PageDown: at + page,
      PageUp: at - page,
    }[event.key]
    const object = to === undefined ? undefined : shown[Math.max(0, Math.min(shown.length - 1, to))]
    if (object === undefined) return
    event.preventDefault()
    event.stopPropagation()
    onOpen(object)
  }
  return (
    <section className={styles.objects} aria-label="Objects">
      <div className={styles.paneHead}>
        <b>Objects</b>
        <span className={styles.faint}>{objects.length.toLocaleString()}</span>
        <input
          type="search"
          className={styles.paneFilter}
          aria-label="Filter objects"
          placeholder="Kind or name"
          value={text}
          maxLength={200}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || text === '') return
            event.stopPropagation()
            setText('')
          }}
        />
      </div>
      <div
        ref={scroller}
        role="listbox"
        aria-label="Objects of the output"
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        tabIndex={0}
        className={styles.objectScroller}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const object = shown[item.index]
            if (object === undefined) return null
            return (
              <div
                key={item.key}
                id={`${id}-${item.index}`}
                role="option"
                aria-selected={item.index === at}
                aria-label={`${object.kind} ${refTitle(object)}${object.change === null ? '' : `, ${object.change}`}`}
                aria-setsize={shown.length}
                aria-posinset={item.index + 1}
                className={styles.objectRow}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => onOpen(object)}
                {...tooltip(
                  [`${object.kind} ${refTitle(object)}`, object.origin?.file ?? '']
                    .filter((part) => part !== '')
                    .map((part) => oneLine(part, 250))
                    .join('\n'),
                )}
              >
                <span className={styles.objectKind}>
                  <KindBadge group={object.group} kind={object.kind} />
                </span>
                <span className="clip">{oneLine(object.name, 253)}</span>
                <span className={styles.objectSpace}>{oneLine(object.namespace, 120)}</span>
                <span className={styles.objectChange} data-change={object.change ?? undefined}>
                  {object.change === 'added' ? '+' : object.change === 'changed' ? '±' : ''}
                </span>
              </div>
            )
          })}
        </div>
        {shown.length === 0 && objects.length > 0 ? <p className={styles.none}>No object matches</p> : null}
      </div>
      {removed.length === 0 ? null : (
        <div className={styles.removed} role="note">
          <b>Removed by the last save</b>
          {removed.slice(0, 4).map((title) => (
            <span key={title} className="clip">
              − {oneLine(title, 200)}
            </span>
          ))}
          {removed.length > 4 ? <span>and {removed.length - 4} more</span> : null}
        </div>
      )}
    </section>
  )
}
