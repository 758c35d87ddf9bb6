/** The flow line: Fetched, gate, Built, Applied, Healthy, with pipes that say where the water stands. */
import { Fragment } from 'react'
import type { ReactElement } from 'react'
import type { FlowStage, ObjectDetail } from '../../../shared/model/detail.ts'
import { pressGate } from '../../stores/actions.ts'
import { usePendingApproval } from '../../stores/hosting.ts'
import { gateOfRow, titleOfRow, useRowScene } from '../../stores/row-scene.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Gate } from '../../ui/gate/gate.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { suspendText } from '../../ui/suspend-note/suspend-text.ts'
import { oneLine } from '../../ui/text/plain-text.ts'
import { useNow } from '../../ui/time/clock.ts'
import { formatAge, formatMoment } from '../../../shared/lib/format/time.ts'
import { formatDuration, formatRevision } from '../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './flow-line.module.css'

const failedWords = {
  Fetched: 'Fetch failed',
  Built: 'Build failed',
  Applied: 'Apply failed',
  Healthy: 'Health check failed',
}
const runningWords = { Fetched: 'Fetching', Built: 'Building', Applied: 'Applying', Healthy: 'Checking health' }
const shapes: Readonly<Record<FlowStage['state'], StatusShape>> = {
  done: 'ready',
  running: 'progressing',
  failed: 'failed',
  waiting: 'waiting',
  unknown: 'unknown',
}

export type Pipe = 'wet' | 'dry' | 'broken' | 'empty'

/** What the pipe before a stage looks like; behind a closed gate everything is dry. */
export function pipeBefore(stage: FlowStage, isBehindClosedGate: boolean): Pipe {
  if (isBehindClosedGate) return 'dry'
  if (stage.state === 'failed') return 'broken'
  return stage.state === 'done' || stage.state === 'running' ? 'wet' : 'empty'
}

function stageTitle(stage: FlowStage, now: number): string {
  const age = stage.at === null ? '' : ` ${formatAge(now - stage.at)} ago`
  switch (stage.state) {
    case 'done':
      return `${stage.name}${age}`
    case 'failed':
      return `${failedWords[stage.name]}${age}`
    case 'running':
      return runningWords[stage.name]
    case 'waiting':
      return `${stage.name}: waiting`
    case 'unknown':
      return `${stage.name}: unknown`
  }
}

/** `in 58 s, every 2m`. */
export function nextRunText(nextRunAt: number | null, intervalMs: number | null, now: number): string {
  const every = intervalMs === null ? '' : `every ${formatDuration(intervalMs)}`
  if (nextRunAt === null) return every
  const when = nextRunAt <= now ? 'due' : `in ${formatDuration(nextRunAt - now)}`
  return every === '' ? when : `${when}, ${every}`
}

export function FlowLine({ detail }: { readonly detail: ObjectDetail }): ReactElement | null {
  const now = useNow()
  const { row, flow } = detail
  if (row === null || (flow.length === 0 && row.isSuspended === null)) return null
  const isClosed = row.isSuspended === true
  const hasGate = row.isSuspended !== null
  // The gate of a source stands before its fetch, every other gate behind it.
  const gateAt = flow.length > 1 ? 1 : 0
  const next = nextRunText(detail.nextRunAt, row.intervalMs, now)
  return (
    <div className={styles.flow} role="group" aria-label="From source to cluster">
      {flow.map((stage, index) => (
        <Fragment key={stage.name}>
          {hasGate && index === gateAt && (
            <>
              <i
                className={classNames(
                  styles.pipe,
                  styles.toGate,
                  index === 0 || flow[0]?.state === 'done' || flow[0]?.state === 'running' ? styles.wet : styles.empty,
                )}
              />
              <FlowGate detail={detail} />
              {isClosed ? <GateNote detail={detail} now={now} /> : null}
              <i
                className={classNames(styles.pipe, styles.fromGate, styles[pipeBefore(stage, isClosed)])}
                data-pipe={pipeBefore(stage, isClosed)}
              />
            </>
          )}
          {index > 0 && !(hasGate && index === gateAt) && (
            <i
              className={classNames(
                styles.pipe,
                styles.between,
                styles[pipeBefore(stage, hasGate && isClosed && index > gateAt)],
              )}
              data-pipe={pipeBefore(stage, hasGate && isClosed && index > gateAt)}
            />
          )}
          <div className={classNames(styles.stage, styles[stage.name], stage.note !== '' && styles.worded)}>
            <span className={styles.caption} {...tooltip(stage.at === null ? null : formatMoment(stage.at))}>
              <StatusMark shape={shapes[stage.state]} size={12} />
              {stageTitle(stage, now)}
            </span>
            <span className={styles.value} {...clippedTooltip(`${stage.value} ${stage.note}`.trim())}>
              {stage.value !== '' && <span className={styles.sha}>{oneLine(formatRevision(stage.value), 80)}</span>}
              {stage.note !== '' && <span className={styles.note}>{oneLine(stage.note, 120)}</span>}
            </span>
          </div>
        </Fragment>
      ))}
      {flow.length === 0 && hasGate && (
        <>
          <FlowGate detail={detail} />
          {isClosed ? <GateNote detail={detail} now={now} /> : null}
        </>
      )}
      {(next !== '' || isClosed) && (
        <div className={classNames(styles.stage, styles.next)}>
          <span className={styles.caption}>
            <Icon name="clock" size={12} />
            Next run
          </span>
          <span
            className={styles.value}
            {...tooltip(detail.nextRunAt === null ? null : formatMoment(detail.nextRunAt))}
          >
            {isClosed ? 'none while suspended' : next}
          </span>
        </div>
      )}
    </div>
  )
}

function FlowGate({ detail }: { readonly detail: ObjectDetail }): ReactElement | null {
  const scene = useRowScene()
  const { row } = detail
  if (row === null) return null
  const facts = gateOfRow(row, scene)
  if (facts === null) return null
  const access = row.isSuspended === true ? detail.access.resume : detail.access.suspend
  const locked =
    facts.lockedReason !== ''
      ? facts.lockedReason
      : access.isAllowed
        ? ''
        : access.reason || 'You may not patch this object'
  return (
    <span className={styles.atGate}>
      <Gate
        title={titleOfRow(row, scene)}
        state={facts.state}
        isOpen={facts.isOpen}
        size="large"
        lockedReason={locked}
        note={facts.note}
        onPress={(how) => pressGate(row.ref, facts.isOpen, how)}
      />
    </span>
  )
}

/** Who closed the gate, why and until when; and where Git sets it, that it will not stay so. */
function GateNote({ detail, now }: { readonly detail: ObjectDetail; readonly now: number }): ReactElement {
  const text = suspendText(detail.row?.suspend ?? null, now)
  const mode = detail.row?.mode
  const isAsked = usePendingApproval(detail.ref) !== null
  const who = mode === undefined ? text.who : text.who.replace(/^Suspended/, mode === 'held' ? 'Held' : 'Manual, set')
  const until = mode === undefined ? text.until : ''
  const fallback =
    mode === undefined
      ? 'No reason recorded'
      : isAsked
        ? 'A plan waits for your approval'
        : mode === 'held'
          ? 'Each revision waits for approval'
          : 'Applied when you say so'
  const whole = [who, until, text.why, detail.gateNote].filter((part) => part !== '').join('. ')
  return (
    <div className={classNames(styles.stage, styles.gateNote)} {...tooltip(whole)}>
      <span className={classNames(styles.caption, text.isExpired && styles.expired)}>
        {text.isExpired && <Icon name="alert" size={12} />}
        <span className={styles.clip}>{[who, until].filter((part) => part !== '').join(', ')}</span>
      </span>
      <span className={classNames(styles.value, styles.why)}>
        <span className={styles.clip}>
          {detail.gateNote !== '' ? oneLine(detail.gateNote) : text.why !== '' ? text.why : fallback}
        </span>
      </span>
    </div>
  )
}
