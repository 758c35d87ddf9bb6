import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { EventRow } from '../../../shared/model/rows.ts'
import type { KeyedStream } from '../../stores/keyed-stream.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { formatAbsolute, formatTimeOfDay } from '../../ui/time/format-time.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './overview.module.css'

const maxEvents = 60

/** The newest events of Flux objects in all selected clusters; those of what they made (pods and the like) are in the Events view. */
export function EventsPanel({
  events,
  scene,
}: {
  readonly events: KeyedStream<EventRow>
  readonly scene: RowScene
}): ReactElement {
  const own = useMemo(
    () => [...events.items.values()].filter(isAboutFlux).sort((a, b) => b.lastAt - a.lastAt),
    [events.items],
  )
  const newest = own.slice(0, maxEvents)
  const now = Date.now()
  return (
    <section className={classNames('panel', styles.events)} aria-label="Recent events">
      <div className="panel-head">
        Recent events <span className="sub num">{own.length > 0 ? own.length.toLocaleString() : ''}</span>
        <div className="end">
          <Button variant="quiet" size="small" icon="events" onClick={() => openView('events')}>
            Events
          </Button>
        </div>
      </div>
      <ul className={styles.list} tabIndex={newest.length > 8 ? 0 : undefined}>
        {newest.length === 0 ? (
          <li className={styles.calm}>
            {events.error !== null
              ? oneLine(events.error.message, 300)
              : events.isReady
                ? 'No events of Flux objects. Kubernetes keeps events for about an hour.'
                : 'Loading events…'}
          </li>
        ) : null}
        {newest.map((event) => (
          <li key={event.key} className={styles.event}>
            <time {...tooltip(formatAbsolute(event.lastAt))}>{formatTimeOfDay(event.lastAt, now).slice(-5)}</time>
            <StatusMark shape={shapeOf(event)} />
            <div className="clip">
              <div className="clip">
                <button
                  type="button"
                  className={classNames(styles.objectLink, 'medium')}
                  onClick={() => openObject(event.involved)}
                >
                  {oneLine(event.involved.name, 120)}
                </button>{' '}
                <span className="faint">{scene.contexts.get(event.involved.cluster)?.[0]?.name}</span>
              </div>
              <div className="clip muted" {...tooltip(oneLine(event.message, 600))}>
                {event.type === 'Warning' ? `${oneLine(event.reason, 80)}: ` : ''}
                {oneLine(event.message, 300)}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function isAboutFlux({ involved }: EventRow): boolean {
  return fluxKind(involved.group, involved.kind) !== null
}

function shapeOf(event: EventRow): StatusShape {
  if (event.type === 'Warning') return event.reason === 'DependencyNotReady' ? 'waiting' : 'failed'
  return event.reason === 'Progressing' ? 'progressing' : 'ready'
}
