/**
 * Feature events: what the selected clusters say now, newest first, live. Owns the filter of this view; what an event is comes from the
 * engine, which has removed repetitions already.
 */
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { contextOfCluster, contextsStore, contextsText, selectSelectedContexts } from '../../stores/contexts.ts'
import { useCommands } from '../../stores/commands.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, Segmented } from '../../ui/button/button.tsx'
import { EventList } from '../../ui/event-list/event-list.tsx'
import { FilterFrame } from '../../ui/filter-bar/filter-bar.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { NoContext, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { kindsOf, matchesEvent, sortEvents } from './event-filter.ts'
import type { EventFilter } from './event-filter.ts'
import styles from './events-view.module.css'

const maxEvents = 5000
const types: readonly { readonly value: EventFilter['type']; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'Warning', label: 'Warnings' },
  { value: 'Normal', label: 'Normal' },
]

export function EventsView(): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const selected = selectSelectedContexts(contexts)
  const stream = useStream('events.watch', { limit: maxEvents })
  const [text, setText] = useState('')
  const [type, setType] = useState<EventFilter['type']>('all')
  const [kind, setKind] = useState('')
  const words = useDeferredValue(text)
  const input = useRef<HTMLInputElement>(null)
  useCommands({ filter: () => input.current?.focus() })

  const sorted = useMemo(() => sortEvents(stream.items.values()), [stream.items])
  const kinds = useMemo(() => kindsOf(stream.items.values()), [stream.items])
  const shown = useMemo(
    () => sorted.filter((event) => matchesEvent(event, { text: words, type, kind })),
    [sorted, words, type, kind],
  )
  const where = contextsText(selected)
  const isFiltered = text !== '' || type !== 'all' || kind !== ''
  const clear = (): void => {
    setText('')
    setType('all')
    setKind('')
  }

  return (
    <>
      <header className={styles.bar}>
        <h1 className={styles.title}>Events</h1>
        <span className={styles.sub}>
          {sorted.length.toLocaleString()} in {where}
          {sorted.length >= maxEvents ? `, the newest ${maxEvents.toLocaleString()}` : ''}
        </span>
        <Segmented label="Type" value={type} options={types} onChange={setType} />
      </header>
      <FilterFrame
        count={isFiltered ? `${shown.length.toLocaleString()} of ${sorted.length.toLocaleString()}` : ''}
        onPress={() => input.current?.focus()}
        beside={
          <select
            aria-label="Kind"
            className={styles.select}
            value={kind}
            onChange={(event) => setKind(event.target.value)}
          >
            <option value="">Every kind</option>
            {kinds.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        }
      >
        <input
          ref={input}
          type="search"
          aria-label="Filter events"
          placeholder="ns: kind: reason: from: or any words, -word to leave out"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault()
            event.stopPropagation()
            if (text === '') input.current?.blur()
            else setText('')
          }}
        />
      </FilterFrame>
      {renderBody()}
    </>
  )

  function renderBody(): ReactElement {
    if (selected.length === 0) return <NoContext />
    if (stream.error !== null && sorted.length === 0)
      return (
        <ViewState
          shape={stream.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
          title={
            stream.error.code === 'Forbidden' ? `You may not list events in ${where}` : 'The events could not be read'
          }
          detail={manyLines(stream.error.detail, 2000)}
          actions={<Button onClick={() => openView('overview')}>Overview</Button>}
        >
          {manyLines(stream.error.message, 2000)}
        </ViewState>
      )
    if (sorted.length === 0)
      return stream.isReady ? (
        <ViewState shape="empty" title={`No events in ${where}`}>
          A cluster keeps events for about an hour. New ones appear here as they happen.
        </ViewState>
      ) : (
        <SkeletonRows label="Loading events" />
      )
    if (shown.length === 0)
      return (
        <ViewState
          icon="filter"
          title="No event matches"
          actions={
            <Button keys="Escape" onClick={clear}>
              Clear filter
            </Button>
          }
        >
          The filter hides {sorted.length.toLocaleString()} events.
        </ViewState>
      )
    return (
      <EventList
        label="Events"
        events={shown}
        contextOf={selected.length > 1 ? (cluster) => contextOfCluster(contexts, cluster)?.name ?? cluster : undefined}
        onOpen={(ref) => openObject(ref)}
      />
    )
  }
}
