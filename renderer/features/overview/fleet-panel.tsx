import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { formatMoment } from '../../../shared/lib/format/time.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { statusWords } from '../../../shared/model/status.ts'
import type { ContextRow, EventRow } from '../../../shared/model/rows.ts'
import { retryContext } from '../../stores/actions.ts'
import { connectionShape, connectionText, formatLag } from '../../stores/connection.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { noCounts } from '../../stores/row-counts.ts'
import type { Counts } from '../../stores/row-counts.ts'
import { allRows } from '../../stores/rows.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { StatusMark, statusShape } from '../../ui/status-mark/status-mark.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { oneLine } from '../../ui/text/plain-text.ts'
import { useTimeText } from '../../ui/time/clock.ts'
import { formatAge, formatTimeOfDay } from '../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { axisTicks, laneOf, silentClusters } from './overview-model.ts'
import type { AxisTick, Lane } from './overview-model.ts'
import styles from './overview.module.css'

/** A row per selected context: objects by status, a day on a shared axis, connection. */
export function FleetPanel({
  contexts,
  counts,
  events,
  rangeMs,
  version,
  now,
}: {
  readonly contexts: readonly ContextRow[]
  readonly counts: ReadonlyMap<ClusterId, Counts>
  readonly events: ReadonlyMap<string, EventRow>
  readonly rangeMs: number
  /** Stands for the rows, which change in place. */
  readonly version: number
  readonly now: number
}): ReactElement {
  // The axis moves by whole minutes: a lane that crept with every second would never stand still.
  const end = Math.ceil(now / 60_000) * 60_000
  const from = end - rangeMs
  const ticks = useMemo(() => axisTicks(from, end), [from, end])
  // The lane of a narrow window is a third as wide: a time needs more room before "now".
  const isNarrow = useIsNarrow()
  const isLabelled = ({ position }: AxisTick): boolean => !isNarrow || position < 0.78
  const identity = contexts
    .map((context) => `${context.key} ${context.cluster} ${context.connection} ${context.lastSeenAt === null}`)
    .join('\n')
  const lanes = useMemo(
    () =>
      new Map(
        contexts.map((context) => [
          context.key,
          laneOf(context.cluster, allRows().values(), events.values(), context, from, end),
        ]),
      ),
    // `identity` is what of the contexts matters here; lag and last-seen do not redraw lanes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [identity, events, version, from, end],
  )
  return (
    <section className={classNames('panel', styles.fleet)} role="table" aria-label="Contexts">
      <div className={classNames(styles.fleetRow, styles.fleetHead)} role="row">
        <span role="columnheader" className={styles.fleetTitle}>
          Contexts
        </span>
        <span role="columnheader">Objects by status</span>
        <div role="columnheader" className={styles.axis} aria-label="Last applied">
          {ticks.filter(isLabelled).map((tick) => (
            <span key={tick.at} style={{ left: `${tick.position * 100}%` }}>
              {formatTimeOfDay(tick.at, rangeMs > 86_400_000 ? 0 : tick.at)}
            </span>
          ))}
          <span style={{ left: '100%' }}>now</span>
        </div>
        <span role="columnheader">Connection</span>
      </div>
      <div className={styles.fleetBody} role="rowgroup">
        {contexts.map((context) => (
          <FleetRow
            key={context.key}
            context={context}
            counts={context.cluster === null ? noCounts : (counts.get(context.cluster) ?? noCounts)}
            lane={lanes.get(context.key) ?? { marks: [], spans: [] }}
            ticks={ticks}
            from={from}
            to={end}
          />
        ))}
      </div>
      <div className={styles.laneKey} aria-hidden="true">
        <span>
          <i className={classNames(styles.tick, styles.changed)} />
          applied a change
        </span>
        <span>
          <i className={styles.tick} />
          applied, unchanged
        </span>
        <span>
          <i className={styles.fail} />
          failed
        </span>
        <span>
          <i className={classNames(styles.span, styles.failing)} />
          failing
        </span>
        <span>
          <i className={classNames(styles.span, styles.suspended)} />
          suspended
        </span>
        <span>
          <i className={classNames(styles.span, styles.nodata)} />
          no data
        </span>
      </div>
    </section>
  )
}

function FleetRow({
  context,
  counts,
  lane,
  ticks,
  from,
  to,
}: {
  readonly context: ContextRow
  readonly counts: Counts
  readonly lane: Lane
  readonly ticks: readonly AxisTick[]
  readonly from: number
  readonly to: number
}): ReactElement {
  const name = oneLine(context.name, 120)
  const meta = [
    context.fluxVersion === '' ? '' : `Flux ${context.fluxVersion}`,
    context.kubernetesVersion === '' ? '' : `Kubernetes ${context.kubernetesVersion}`,
  ].filter((part) => part !== '')
  const metaText = meta.length > 0 ? oneLine(meta.join(' · ')) : oneLine(context.server, 200)
  const words = statusWords.filter((word) => (counts.words[word] ?? 0) > 0)
  const isSilent = silentClusters([context]).size > 0 && counts.total > 0
  const isUnknown = counts.total === 0 || isSilent
  return (
    <div className={styles.fleetRow} role="row" aria-label={name}>
      <div className={styles.context} role="cell">
        <StatusMark shape={connectionShape(context)} />
        <span className={styles.contextName}>
          <span className="clip" {...clippedTooltip(name)}>
            {name}
          </span>
          {context.isReadOnly ? (
            <span {...tooltip('Read only')}>
              <Icon name="lock" size={12} className="faint" />
            </span>
          ) : null}
          {context.warnings.length > 0 ? (
            <span {...tooltip(context.warnings.map((text) => oneLine(text, 300)).join('\n'))}>
              <Icon name="alert" size={12} className={styles.warning} />
            </span>
          ) : null}
        </span>
        {context.recreatedAt === null ? (
          <span className={styles.contextMeta} {...clippedTooltip(metaText)}>
            {metaText}
          </span>
        ) : (
          <span
            className={styles.contextMeta}
            {...tooltip(`Another cluster answers here than before ${formatMoment(context.recreatedAt)}.\n${metaText}`)}
          >
            <span className={styles.recreated}>Recreated, started fresh</span> · {metaText}
          </span>
        )}
      </div>
      <div role="cell">
        <div className={styles.bar} aria-hidden="true">
          {isUnknown ? (
            <i className={classNames(styles.hatch, styles['bar-unknown'])} style={{ flex: 1 }} />
          ) : (
            words.map((word) => (
              <i
                key={word}
                className={classNames(
                  styles[`bar-${statusShape(word)}`],
                  (word === 'Suspended' || word === 'Stale' || word === 'Unknown') && styles.hatch,
                )}
                style={{ flex: counts.words[word] }}
              />
            ))
          )}
        </div>
        <div className={styles.barLegend}>
          {isSilent ? (
            <>
              <span>
                <StatusMark word="Unknown" size={11} />
                <span className="visually-hidden">Unknown </span>
                {counts.total.toLocaleString()}
              </span>
              <span className="clip">
                were{' '}
                {words
                  .filter((word) => word === 'Ready' || word === 'Failed')
                  .map((word) => `${counts.words[word]?.toLocaleString() ?? 0} ${word}`)
                  .reverse()
                  .join(', ')}
              </span>
            </>
          ) : isUnknown ? (
            <span>{context.connection === 'connected' ? 'no Flux objects' : 'not known'}</span>
          ) : null}
          {(isSilent ? [] : words).map((word) => (
            <span key={word} {...tooltip(word)}>
              <StatusMark word={word} size={11} />
              <span className="visually-hidden">{word} </span>
              {counts.words[word]?.toLocaleString()}
            </span>
          ))}
        </div>
      </div>
      <div
        role="cell"
        className={styles.lane}
        aria-label={`${lane.marks.filter((mark) => mark.kind === 'failed').length} failures, ${lane.marks.length} marks`}
      >
        {ticks.map((tick) => (
          <i key={tick.at} className={styles.gridLine} style={{ left: `${tick.position * 100}%` }} />
        ))}
        {lane.spans.map((span) => (
          <i
            key={`${span.kind} ${span.from}`}
            className={classNames(styles.span, styles[span.kind])}
            style={{ left: percent(span.from, from, to), width: widthOf(span.from, span.to, from, to) }}
          />
        ))}
        {lane.marks.map((mark) => (
          <i
            key={`${mark.kind} ${mark.at}`}
            className={
              mark.kind === 'failed' ? styles.fail : classNames(styles.tick, mark.kind === 'changed' && styles.changed)
            }
            style={{ left: percent(mark.at, from, to) }}
          />
        ))}
      </div>
      <div role="cell" className={styles.connection}>
        <Connection context={context} />
      </div>
    </div>
  )
}

function percent(at: number, from: number, to: number): string {
  return `${(Math.max(0, Math.min(1, (at - from) / (to - from))) * 100).toFixed(2)}%`
}

function widthOf(start: number, end: number, from: number, to: number): string {
  return `max(2px, ${(((Math.min(end, to) - Math.max(start, from)) / (to - from)) * 100).toFixed(2)}%)`
}

function Connection({ context }: { readonly context: ContextRow }): ReactElement {
  const second = useTimeText((now) => {
    if (context.connection === 'connected')
      return context.watchLagMs === null ? '' : `watch lag ${formatLag(context.watchLagMs)}`
    if (context.nextTryAt !== null) return `next try in ${Math.max(0, Math.ceil((context.nextTryAt - now) / 1000))} s`
    return ''
  })
  const age = useTimeText((now) =>
    context.connection === 'connected' || context.lastSeenAt === null ? '' : formatAge(now - context.lastSeenAt),
  )
  const text = connectionText(context)
  const isBad =
    context.connection !== 'connected' && context.connection !== 'connecting' && context.connection !== 'idle'
  return (
    <>
      <span className={isBad ? styles.bad : undefined} {...tooltip(oneLine(context.error?.message ?? '', 400))}>
        {text.charAt(0).toUpperCase() + text.slice(1)}
      </span>{' '}
      <span className="faint">{age}</span>
      <br />
      {context.connection === 'needs-approval' ? (
        <Button variant="link" size="small" onClick={() => openDialog({ kind: 'exec', context: context.key })}>
          Review…
        </Button>
      ) : isBad ? (
        <button
          type="button"
          className={styles.plainLink}
          onClick={() => void retryContext(context.key)}
          {...tooltip('Try now')}
        >
          {second === '' ? 'Try now' : second}
        </button>
      ) : (
        <span className="faint">{second}</span>
      )}
    </>
  )
}
