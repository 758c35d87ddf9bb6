import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { openObject } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { EventList } from '../../ui/event-list/event-list.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import styles from './object-page.module.css'

export const objectEventLimit = 500

/** Events of the object and of all that it owns, live, newest first. */
export function EventsTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const stream = useStream('events.watch', { ref: reference, limit: objectEventLimit })
  const [type, setType] = useState<'all' | 'Warning'>('all')
  const events = useMemo(
    () =>
      [...stream.items.values()]
        .filter((event) => type === 'all' || event.type === type)
        .sort((a, b) => b.lastAt - a.lastAt),
    [stream.items, type],
  )
  if (stream.error !== null)
    return (
      <ViewState
        shape={stream.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title="The events could not be read"
        detail={manyLines(stream.error.detail, 2000)}
      >
        {manyLines(stream.error.message, 2000)}
      </ViewState>
    )
  if (!stream.isReady && stream.items.size === 0) return <SkeletonRows label="Loading events" />
  if (stream.items.size === 0)
    return (
      <ViewState shape="empty" title="No events">
        The cluster keeps events for about an hour. New ones appear here as they happen.
      </ViewState>
    )
  return (
    <>
      <div className={styles.tools}>
        <Segmented
          label="Type"
          value={type}
          options={[
            { value: 'all', label: 'All' },
            { value: 'Warning', label: 'Warnings' },
          ]}
          onChange={setType}
        />
        <span className={styles.faint}>
          {events.length.toLocaleString()} of the object and of what it owns
          {stream.items.size >= objectEventLimit ? `, the newest ${objectEventLimit}` : ''}
        </span>
      </div>
      {events.length === 0 ? (
        <ViewState shape="empty" title="No warnings" />
      ) : (
        <EventList label="Events" events={events} onOpen={(ref) => openObject(ref)} />
      )}
    </>
  )
}
