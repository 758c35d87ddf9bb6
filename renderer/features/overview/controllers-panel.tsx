import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { HostingState } from '../../../shared/model/hosting.ts'
import type { ContextRow, ControllerRow } from '../../../shared/model/rows.ts'
import { controllersStore } from '../../stores/controllers.ts'
import { openHostingDialog } from '../../stores/hosting-actions.ts'
import { hostingOf, hostingShape, hostingStore, hostingWord } from '../../stores/hosting.ts'
import { kindsStore } from '../../stores/kinds.ts'
import { openView } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
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
  contexts,
  scene,
}: {
  readonly controllers: ReadonlyMap<string, ControllerRow>
  /** The selected ones. */
  readonly contexts: readonly ContextRow[]
  readonly scene: RowScene
}): ReactElement | null {
  const hostings = useStore(hostingStore, (state) => state.items)
  const hosted = contexts.flatMap((context) => hostingOf(hostings, context.key) ?? [])
  const own = new Set(hosted.map(({ cluster }) => cluster))
  // Leases that hosted mode holds are no controllers: this machine's have a row of their own.
  const all = [...controllers.values()]
  const others = new Map(
    all.filter((row) => isHostedElsewhere(row) && !own.has(row.cluster)).map((row) => [row.cluster, row]),
  )
  const rows = all
    .filter((row) => !isHostedElsewhere(row))
    .sort((a, b) => (a.cluster !== b.cluster ? (a.cluster < b.cluster ? -1 : 1) : a.name < b.name ? -1 : 1))
  const unattended = useUnattended(controllers, contexts)
  if (rows.length + unattended.length + hosted.length + others.size === 0) return null
  const ready = rows.filter((row) => row.readyReplicas >= row.replicas && row.replicas > 0).length
  return (
    <section className={classNames('panel', styles.controllers)} aria-label="Controllers">
      <div className="panel-head">
        Controllers{' '}
        <span className="sub num">
          {rows.length === 0 ? '' : ready === rows.length ? `${ready} ready` : `${ready} of ${rows.length} ready`}
        </span>
      </div>
      <div role="table" aria-label="Controllers" className={styles.controllerList}>
        {rows.map((row) => (
          <Controller
            key={row.key}
            row={row}
            context={scene.isSeveral ? (scene.contexts.get(row.cluster)?.[0]?.name ?? '') : ''}
            isStale={scene.contexts.get(row.cluster)?.[0]?.connection !== 'connected'}
          />
        ))}
        {hosted.map((hosting) => (
          <ThisMachine
            key={hosting.key}
            hosting={hosting}
            context={contexts.find(({ key }) => key === hosting.context)?.name ?? ''}
          />
        ))}
        {[...others.values()].map((row) => (
          <Elsewhere key={row.key} row={row} context={scene.contexts.get(row.cluster)?.[0]?.name ?? ''} />
        ))}
        {unattended
          .filter(({ key }) => hostingOf(hostings, key) === null)
          .map((context) => (
            <Nobody key={context.key} context={context} />
          ))}
      </div>
    </section>
  )
}

/** Contexts in which nobody reconciles: connected, everything read, and no controller found. */
function useUnattended(
  controllers: ReadonlyMap<string, ControllerRow>,
  contexts: readonly ContextRow[],
): readonly ContextRow[] {
  const isKnown = useStore(controllersStore, (state) => state.isReady)
  const kinds = useStore(kindsStore, (state) => state.items)
  if (!isKnown) return []
  const attended = new Set([...controllers.values()].map(({ cluster }) => cluster))
  const loading = new Set([...kinds.values()].flatMap((kind) => (kind.state === 'loading' ? [kind.context] : [])))
  return contexts.filter(
    ({ key, cluster, connection }) =>
      connection === 'connected' && cluster !== null && !attended.has(cluster) && !loading.has(key),
  )
}

/** Hosted mode in place of controllers. */
function ThisMachine({ hosting, context }: { readonly hosting: HostingState; readonly context: string }): ReactElement {
  const held = hosting.leases.filter(({ state }) => state === 'held').length
  return (
    <div role="row" aria-label={`Sluice (this machine) in ${context}`} className={styles.controller}>
      <span role="cell">
        <StatusMark shape={hostingShape(hosting)} />
      </span>
      <span role="cell" className="clip">
        <span className="medium">Sluice (this machine)</span> <span className="faint">{oneLine(context, 120)}</span>
      </span>
      <span role="cell" className="muted">
        {hostingWord(hosting)}
      </span>
      <span role="cell">
        <Button size="small" onClick={() => openView('hosting')}>
          Show
        </Button>
      </span>
      <span role="cell" className={classNames('clip', 'faint', styles.lease)}>
        {hosting.message !== '' ? oneLine(hosting.message, 300) : `${held} of ${hosting.leases.length} leases held`}
      </span>
    </div>
  )
}

/** A lease that a Sluice holds, without a Deployment. */
function isHostedElsewhere({ replicas, leaseHolder }: ControllerRow): boolean {
  return replicas === 0 && leaseHolder?.startsWith('sluice-') === true
}

/** Hosted mode of a Sluice that is not, or not any more, this one. */
function Elsewhere({ row, context }: { readonly row: ControllerRow; readonly context: string }): ReactElement {
  return (
    <div role="row" aria-label={`Sluice in ${context}`} className={styles.controller}>
      <span role="cell">
        <StatusMark shape="unknown" />
      </span>
      <span role="cell" className="clip">
        <span className="medium">Sluice</span> <span className="faint">{oneLine(context, 120)}</span>
      </span>
      <span role="cell" className="muted">
        hosted mode
      </span>
      <span role="cell" />
      <span role="cell" className={classNames('clip', 'faint', styles.lease)}>
        lease {oneLine(row.leaseHolder ?? '', 120)}
        {row.leaseRenewedAt === null ? null : (
          <>
            , <Age at={row.leaseRenewedAt} />
          </>
        )}
      </span>
    </div>
  )
}

/** No controller: what can be done about it. */
function Nobody({ context }: { readonly context: ContextRow }): ReactElement {
  const name = oneLine(context.name, 120)
  return (
    <div role="row" aria-label={`No controllers in ${name}`} className={styles.controller}>
      <span role="cell">
        <StatusMark shape="not-installed" />
      </span>
      <span role="cell" className="clip">
        No controllers <span className="faint">{name}</span>
      </span>
      <span role="cell" />
      <span role="cell">
        <Button size="small" onClick={() => openHostingDialog(context.key, true)}>
          Host from this machine…
        </Button>
      </span>
      <span role="cell" className={classNames('clip', 'faint', styles.lease)}>
        Nothing is reconciled there.
      </span>
    </div>
  )
}

function Controller({
  row,
  context,
  isStale,
}: {
  readonly row: ControllerRow
  readonly context: string
  /** As it was last seen. */
  readonly isStale: boolean
}): ReactElement {
  const isReady = row.replicas > 0 && row.readyReplicas >= row.replicas
  const word = isStale ? 'Stale' : isReady ? 'Ready' : row.readyReplicas === 0 ? 'Failed' : 'Progressing'
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
      aria-description={context === '' ? word : `${context}, ${word}`}
      className={styles.controller}
      {...tooltip(
        details
          .filter((part) => part !== '')
          .map((part) => oneLine(part, 500))
          .join('\n'),
      )}
    >
      <span role="cell">
        <StatusMark word={word} />
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
