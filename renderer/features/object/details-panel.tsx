/** What is known of one node of the tree: status, conditions, events, facts; and the ways on. */
import type { ReactElement } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import { copyText } from '../../stores/actions.ts'
import { openObject } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusChip, StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { conditionShape } from './conditions-tab.tsx'
import { FactsList } from './facts.tsx'
import styles from './details-panel.module.css'

const shownEvents = 20
const kindsWithLogs = new Set(['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])

export function DetailsPanel({
  node,
  onClose,
}: {
  readonly node: TreeNode
  readonly onClose: () => void
}): ReactElement {
  const { ref } = node
  const object = useStream('object.watch', { ref })
  const events = useStream('events.watch', { ref, limit: shownEvents })
  const detail = object.items.values().next().value
  const problem = node.problem ?? object.error ?? detail?.problem ?? null
  const newest = [...events.items.values()].sort((a, b) => b.lastAt - a.lastAt).slice(0, shownEvents)
  return (
    <aside className={styles.details} aria-label={`Details of ${ref.kind} ${refTitle(ref)}`}>
      <div className={styles.head}>
        <div className={styles.line}>
          <KindBadge kind={ref.kind} short={node.shortKind} />
          <span className={styles.name} {...clippedTooltip(refTitle(ref))}>
            {oneLine(ref.name, 253)}
          </span>
          <IconButton icon="close" label="Close details" size="small" onClick={onClose} />
        </div>
        <div className={styles.line}>
          <StatusChip word={node.status} />
          {node.cause !== '' && (
            <span className={styles.cause} {...clippedTooltip(manyLines(node.cause, 1000))}>
              <Icon name="alert" size={14} />
              <span className={styles.clip}>{oneLine(node.cause, 300)}</span>
            </span>
          )}
          {node.cause === '' && node.ready !== '' && <span className={styles.faint}>{node.ready} ready</span>}
        </div>
        <div className={styles.line}>
          {(kindsWithLogs.has(ref.kind) || node.isFlux) && (
            <Button size="small" icon="terminal" onClick={() => openObject(ref, 'logs')}>
              Logs
            </Button>
          )}
          <Button size="small" icon="file" onClick={() => openObject(ref, 'yaml')}>
            YAML
          </Button>
          <Button size="small" icon="copy" onClick={() => void copyText(`${ref.kind}/${refTitle(ref)}`, 'Reference')}>
            Copy reference
          </Button>
        </div>
      </div>
      <div className={styles.scroll}>
        {problem !== null && (
          <section aria-label="Problem">
            <p className={styles.problem}>{manyLines(problem.message, 2000)}</p>
          </section>
        )}
        {node.message !== '' && (
          <section aria-label="Message">
            <p className="selectable">{manyLines(node.message, 4000)}</p>
          </section>
        )}
        {detail !== undefined && detail.conditions.length > 0 && (
          <section aria-label="Conditions">
            <h2 className={styles.title}>Conditions</h2>
            {detail.conditions.map((condition) => {
              const shape = conditionShape(condition)
              return (
                <div key={condition.type} className={styles.condition}>
                  <StatusMark shape={shape} />
                  <span className={shape === 'failed' ? styles.medium : undefined}>{oneLine(condition.type, 100)}</span>
                  <span>{condition.status}</span>
                  <span className={styles.reason} {...clippedTooltip(condition.reason)}>
                    {oneLine(condition.reason, 100)}
                  </span>
                  <span className={styles.time}>
                    {condition.lastTransitionTime !== null && <Age at={condition.lastTransitionTime} />}
                  </span>
                  {condition.message !== '' && shape !== 'ready' && (
                    <span className={styles.message}>{manyLines(condition.message, 1500)}</span>
                  )}
                </div>
              )
            })}
          </section>
        )}
        <section aria-label="Events">
          <h2 className={styles.title}>
            Events{' '}
            <span className={styles.faint}>
              {events.isReady && newest.length === 0 ? 'none kept by the cluster' : ''}
            </span>
          </h2>
          {newest.map((event) => (
            <div key={event.key} className={styles.event}>
              <span className={styles.time}>
                <Age at={event.lastAt} isShort />
              </span>
              <Icon
                name={event.type === 'Warning' ? 'alert' : 'info'}
                size={14}
                className={event.type === 'Warning' ? styles.warning : styles.calm}
              />
              <div>
                <span className={styles.medium}>{oneLine(event.reason, 100)}</span>{' '}
                <span className={styles.faint}>
                  {event.count > 1 ? `×${event.count.toLocaleString()} ` : ''}
                  {oneLine(event.source, 80)}
                </span>
                <div className={styles.muted}>{manyLines(event.message, 800)}</div>
              </div>
            </div>
          ))}
        </section>
        {detail !== undefined && (detail.facts.length > 0 || detail.parent !== null) && (
          <section aria-label="Facts">
            <h2 className={styles.title}>Facts</h2>
            {detail.parent !== null && (
              <Button
                variant="link"
                size="small"
                icon="arrow-up"
                onClick={() => detail.parent !== null && openObject(detail.parent.ref)}
              >
                {`${detail.parent.ref.kind} ${refTitle(detail.parent.ref)}`}
              </Button>
            )}
            <FactsList facts={detail.facts} />
          </section>
        )}
      </div>
    </aside>
  )
}
