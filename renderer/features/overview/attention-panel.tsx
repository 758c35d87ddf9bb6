import type { ReactElement } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { copyText, retryContext } from '../../stores/actions.ts'
import { connectionShape, connectionText } from '../../stores/connection.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import type { Counts } from '../../stores/row-counts.ts'
import { contextOfRow, suspendNote } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { formatTimeOfDay } from '../../ui/time/format-time.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { reportOf } from './overview-model.ts'
import type { AttentionItem } from './overview-model.ts'
import styles from './overview.module.css'

const maxItems = 60
const maxBlocked = 6

/** What asks for a person, with its cause; the rest is one press away. */
export function AttentionPanel({
  items,
  scene,
  counts,
}: {
  readonly items: readonly AttentionItem[]
  readonly scene: RowScene
  readonly counts: Counts
}): ReactElement {
  const contextName = (cluster: ClusterId): string => scene.contexts.get(cluster)?.[0]?.name ?? ''
  const objects = items.filter((item) => item.kind === 'object').length
  const silent = items.filter((item) => item.kind === 'context').length
  const expired = items.filter((item) => item.kind === 'expired').length
  const summary = [
    objects > 0 ? `${objects.toLocaleString()} failed` : '',
    silent > 0 ? `${silent} unreachable` : '',
    expired > 0 ? `${expired} past ${expired === 1 ? 'its' : 'their'} date` : '',
  ].filter((part) => part !== '')
  const suspended = (counts.words.Suspended ?? 0) - expired
  return (
    <section className={classNames('panel', styles.attention)} aria-label="Needs attention">
      <div className="panel-head">
        Needs attention <span className="sub num">{summary.join(', ')}</span>
        <div className="end">
          <Button
            variant="quiet"
            size="small"
            icon="copy"
            offReason={items.length === 0 ? 'There is nothing to report' : ''}
            onClick={() => void copyText(reportOf(items, contextName), 'Report')}
          >
            Copy report
          </Button>
        </div>
      </div>
      <ul className={styles.list} tabIndex={items.length > 8 ? 0 : undefined}>
        {items.length === 0 ? (
          <li className={styles.calm}>
            <StatusMark word="Ready" />
            Nothing needs attention.
          </li>
        ) : null}
        {items.slice(0, maxItems).map((item) => (
          <Item key={keyOf(item)} item={item} scene={scene} />
        ))}
        {items.length > maxItems || suspended > 0 ? (
          <li className={styles.more}>
            {items.length > maxItems ? <span>{(items.length - maxItems).toLocaleString()} more</span> : null}
            {suspended > 0 ? (
              <button
                type="button"
                className={styles.plainLink}
                onClick={() => openView('kustomizations', 'is:suspended')}
              >
                {suspended.toLocaleString()} {expired > 0 ? 'more ' : ''}suspended
              </button>
            ) : null}
          </li>
        ) : null}
      </ul>
    </section>
  )
}

function keyOf(item: AttentionItem): string {
  switch (item.kind) {
    case 'object':
      return item.row.key
    case 'expired':
      return `expired ${item.row.key}`
    case 'context':
      return `context ${item.context.key}`
    case 'controller':
      return `controller ${item.controller.key}`
  }
}

function Item({ item, scene }: { readonly item: AttentionItem; readonly scene: RowScene }): ReactElement {
  switch (item.kind) {
    case 'object':
      return <ObjectItem row={item.row} blocks={item.blocks} scene={scene} />
    case 'expired': {
      const until = item.row.suspend?.resumeAt ?? null
      return (
        <li className={styles.one}>
          <StatusMark word="Suspended" />
          <Head row={item.row} scene={scene}>
            <span className="muted clip">
              {oneLine(suspendNote(item.row), 200)} · past its date
              {until === null ? '' : ` of ${formatTimeOfDay(until, Date.now())}`}
            </span>
          </Head>
          <span className={styles.when}>
            <Age at={item.row.suspend?.at ?? null} />
          </span>
        </li>
      )
    }
    case 'context': {
      const { context } = item
      return (
        <li>
          <StatusMark shape={connectionShape(context)} />
          <div className={styles.first}>
            <KindBadge kind="Context" short="context" />
            <span className={styles.object}>{oneLine(context.name, 120)}</span>
            <span className={styles.where}>
              {context.snapshotAt === null
                ? connectionText(context)
                : `shown from the snapshot of ${formatTimeOfDay(context.snapshotAt, Date.now())}`}
            </span>
            <Button variant="link" size="small" onClick={() => void retryContext(context.key)}>
              Try now
            </Button>
          </div>
          <span className={styles.when}>{context.lastSeenAt === null ? '' : <Age at={context.lastSeenAt} />}</span>
          <div className={styles.second} {...tooltip(oneLine(context.error?.detail ?? '', 600))}>
            {oneLine(context.error?.message ?? '', 400)} {oneLine(context.error?.remedy ?? '', 300)}
          </div>
        </li>
      )
    }
    case 'controller': {
      const { controller } = item
      return (
        <li>
          <StatusMark word={controller.readyReplicas === 0 ? 'Failed' : 'Progressing'} />
          <div className={styles.first}>
            <KindBadge kind="Deployment" short="deploy" />
            <span className={styles.object}>{oneLine(refTitle(controller), 160)}</span>
            <span className={styles.where}>{scene.contexts.get(controller.cluster)?.[0]?.name}</span>
          </div>
          <span className={styles.when} />
          <div className={styles.second}>
            {controller.readyReplicas} of {controller.replicas} ready
            {controller.message === '' ? '' : `: ${oneLine(controller.message, 400)}`}
          </div>
        </li>
      )
    }
  }
}

function ObjectItem({
  row,
  blocks,
  scene,
}: {
  readonly row: FluxRow
  readonly blocks: readonly FluxRow[]
  readonly scene: RowScene
}): ReactElement {
  const isOnlyOverdue = row.status.isOverdue && row.status.word !== 'Failed' && row.status.word !== 'Stalled'
  const names = blocks.slice(0, maxBlocked).map((blocked) => refTitle(blocked.ref))
  if (blocks.length > maxBlocked) names.push(`${blocks.length - maxBlocked} more`)
  const message = oneLine(row.status.message, 600)
  return (
    <>
      <li>
        <StatusMark word={row.status.word} />
        <Head row={row} scene={scene}>
          {isOnlyOverdue ? <span className={styles.overdue}>overdue</span> : null}
        </Head>
        <span className={styles.when}>
          <Age at={isOnlyOverdue ? (row.lastAppliedAt ?? row.status.since) : row.status.since} />
        </span>
        <div className={styles.second} {...tooltip(message)}>
          {message === '' ? oneLine(row.status.reason) : message}
        </div>
      </li>
      {blocks.length === 0 ? null : (
        <li className={styles.blocked}>
          <StatusMark word="Waiting" />
          <span className="clip">
            Blocks {blocks.length.toLocaleString()}: {oneLine(names.join(', '), 400)}
          </span>
          <span className="faint">Waiting</span>
        </li>
      )}
    </>
  )
}

function Head({
  row,
  scene,
  children,
}: {
  readonly row: FluxRow
  readonly scene: RowScene
  readonly children?: React.ReactNode
}): ReactElement {
  return (
    <div className={styles.first}>
      <KindBadge group={row.ref.group} kind={row.ref.kind} />
      <button
        type="button"
        className={classNames(styles.object, styles.objectLink)}
        onClick={() => openObject(row.ref)}
      >
        {oneLine(refTitle(row.ref), 200)}
      </button>
      <span className={styles.where}>{oneLine(contextOfRow(row, scene)?.name ?? '', 80)}</span>
      {children}
    </div>
  )
}
