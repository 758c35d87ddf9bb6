import type { ReactElement } from 'react'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './overview.module.css'

/** The clusters' controllers: version, readiness, lease holder, shard; arguments in the tooltip. */
export function ControllersPanel({
  controllers,
  scene,
}: {
  readonly controllers: ReadonlyMap<string, ControllerRow>
  readonly scene: RowScene
}): ReactElement | null {
  const rows = [...controllers.values()].sort((a, b) =>
    a.cluster !== b.cluster ? (a.cluster < b.cluster ? -1 : 1) : a.name < b.name ? -1 : 1,
  )
  if (rows.length === 0) return null
  const ready = rows.filter((row) => row.readyReplicas >= row.replicas && row.replicas > 0).length
  return (
    <section className={classNames('panel', styles.controllers)} aria-label="Controllers">
      <div className="panel-head">
        Controllers{' '}
        <span className="sub num">{ready === rows.length ? `${ready} ready` : `${ready} of ${rows.length} ready`}</span>
      </div>
      <div role="table" aria-label="Controllers" className={styles.controllerList}>
        {rows.map((row) => (
          <Controller
            key={row.key}
            row={row}
            context={scene.isSeveral ? (scene.contexts.get(row.cluster)?.[0]?.name ?? '') : ''}
          />
        ))}
      </div>
    </section>
  )
}

function Controller({ row, context }: { readonly row: ControllerRow; readonly context: string }): ReactElement {
  const isReady = row.replicas > 0 && row.readyReplicas >= row.replicas
  const title = `${row.namespace}/${row.name}`
  const details = [
    row.image,
    row.args.length === 0 ? '' : row.args.join(' '),
    row.leaseHolder === null ? 'No lease' : `Lease: ${row.leaseHolder}`,
    row.message,
  ]
  return (
    <div
      role="row"
      aria-label={title}
      className={styles.controller}
      {...tooltip(
        details
          .filter((part) => part !== '')
          .map((part) => oneLine(part, 500))
          .join('\n'),
      )}
    >
      <span role="cell">
        <StatusMark word={isReady ? 'Ready' : row.readyReplicas === 0 ? 'Failed' : 'Progressing'} />
      </span>
      <span role="cell" className="clip">
        <span className="medium">{oneLine(row.name, 120)}</span> <span className="faint">{context}</span>
      </span>
      <span role="cell" className="num muted">
        {oneLine(row.version, 40)}
      </span>
      <span role="cell" className="num muted">
        {row.readyReplicas}/{row.replicas}
      </span>
      <span role="cell" className={classNames('clip', 'faint', styles.lease)}>
        {row.shard === null ? '' : `shard ${oneLine(row.shard, 80)} · `}
        {row.leaseHolder === null ? 'no lease' : `lease ${oneLine(row.leaseHolder, 120)}`}
        {row.leaseRenewedAt === null ? null : (
          <>
            {', '}
            <Age at={row.leaseRenewedAt} />
          </>
        )}
      </span>
    </div>
  )
}
