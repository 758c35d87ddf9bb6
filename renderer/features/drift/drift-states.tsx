/** What the Drift view says when it has no row: nothing drifts, nothing is known yet, nothing may be read. Never mixed up. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ContextRow, KindRow } from '../../../shared/model/rows.ts'
import { retryContext } from '../../stores/actions.ts'
import { contextsStore, selectSelectedContexts } from '../../stores/contexts.ts'
import { driftStore, useDriftTotals } from '../../stores/drift.ts'
import { kindsStore } from '../../stores/kinds.ts'
import { openView } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { StaleBanner } from '../../ui/stale-banner/stale-banner.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { useTimeText } from '../../ui/time/clock.ts'
import { formatAge } from '../../ui/time/format-time.ts'
import { Banner, NoContext, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import styles from './drift.module.css'

/** `212 Kustomizations and 96 HelmReleases`. */
export function ownersText(owners: Iterable<DriftOwner>): string {
  const counts = new Map<string, number>()
  for (const { owner, checkedAt } of owners)
    if (checkedAt !== null) counts.set(owner.kind, (counts.get(owner.kind) ?? 0) + 1)
  const parts = [...counts]
    .sort()
    .map(([kind, count]) => `${count.toLocaleString()} ${count === 1 ? kind : `${kind}s`}`)
    .reverse()
  return new Intl.ListFormat('en').format(parts)
}

/** Kinds that drift is looked for in and that may not be listed, by context. */
function forbiddenKinds(
  contexts: readonly ContextRow[],
  kinds: Iterable<KindRow>,
): readonly { readonly context: ContextRow; readonly kind: KindRow }[] {
  const byKey = new Map(contexts.map((context) => [context.key, context]))
  return [...kinds].flatMap((kind) => {
    const context = byKey.get(kind.context)
    if (context === undefined || kind.state !== 'forbidden') return []
    return kind.kind === 'Kustomization' || kind.kind === 'HelmRelease' ? [{ context, kind }] : []
  })
}

export function DriftState({
  error,
  isLoading,
}: {
  readonly error: SluiceErrorData | null
  readonly isLoading: boolean
}): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const kinds = useStore(kindsStore, (state) => state.items)
  const owners = useStore(driftStore, (state) => state.items)
  const totals = useDriftTotals()
  const oldest = useTimeText((now) =>
    totals.oldestAt === null ? '' : `, the oldest ${formatAge(now - totals.oldestAt)} ago`,
  )
  if (error !== null)
    return (
      <ViewState
        shape={error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title="Could not tell what drifts"
        detail={manyLines([error.detail, error.remedy].filter((text) => text !== '').join('\n'), 2000)}
      >
        {manyLines(error.message, 1000)}
      </ViewState>
    )
  if (contexts.length === 0)
    return <NoContext actions={<Button onClick={() => openView('settings')}>Contexts in Settings</Button>} />
  const silent = contexts.filter(
    ({ connection }) => connection !== 'connected' && connection !== 'connecting' && connection !== 'idle',
  )
  const [first] = silent
  if (totals.owners === 0 && silent.length === contexts.length && first !== undefined)
    return (
      <ViewState
        shape={first.connection === 'unreachable' ? 'unreachable' : 'forbidden'}
        title={
          silent.length === 1
            ? `${oneLine(first.name, 120)} is ${first.connection === 'unreachable' ? 'unreachable' : 'not connected'}`
            : `None of ${silent.length} contexts is connected`
        }
        detail={manyLines(first.error?.message ?? '', 600)}
        actions={<Button onClick={() => silent.forEach((context) => void retryContext(context.key))}>Try now</Button>}
      >
        Drift is found by asking the cluster.
      </ViewState>
    )
  if (isLoading) return <SkeletonRows label="Loading drift" />
  const forbidden = forbiddenKinds(contexts, kinds.values())
  const [refused] = forbidden
  if (totals.owners === 0 && refused !== undefined)
    return (
      <ViewState
        shape="forbidden"
        title={`You may not list ${refused.kind.kind}s in ${oneLine(refused.context.name, 120)}`}
        detail={manyLines(refused.kind.message, 1000)}
      >
        Without them it is not known what should be in the cluster.
      </ViewState>
    )
  if (totals.owners === 0)
    return (
      <ViewState shape="empty" title="Nothing to compare">
        {contexts.length === 1 ? `${oneLine(contexts[0]?.name ?? '', 120)} has` : `${contexts.length} contexts have`} no
        Kustomization and no HelmRelease.
      </ViewState>
    )
  const what = ownersText(owners.values())
  const isWhole = totals.compared === totals.owners && totals.failed === 0
  if (isWhole && totals.approximate === 0)
    return (
      <ViewState shape="ready" title="Nothing drifts">
        {what} compared{oldest}.
      </ViewState>
    )
  if (totals.compared === 0)
    return totals.failed >= totals.owners ? (
      <ViewState shape="failed" title="Nothing could be compared">
        All {totals.failed.toLocaleString()} comparisons failed: the line above lists why.
      </ViewState>
    ) : (
      <ViewState shape="progressing" title="Being compared">
        None of {totals.owners.toLocaleString()} has been compared yet.
      </ViewState>
    )
  const rest = totals.owners - totals.compared
  return (
    <ViewState shape="unknown" title="No drift in what was compared">
      {what} compared{oldest}
      {totals.approximate > 0 ? `, ${totals.approximate.toLocaleString()} of them approximately` : ''}.
      {rest > 0
        ? ` Not known of ${rest.toLocaleString()} more.`
        : totals.failed > 0
          ? ` The last comparison of ${totals.failed.toLocaleString()} failed.`
          : ''}
    </ViewState>
  )
}

/** Contexts whose results are old because they do not answer, and kinds that may not be listed. */
export function DriftBanners(): ReactElement | null {
  const contexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const kinds = useStore(kindsStore, (state) => state.items)
  const owners = useStore(driftStore, (state) => state.items)
  const clusters = new Set([...owners.values()].map(({ owner }) => owner.cluster))
  const silent = contexts.filter(
    ({ connection, cluster }) =>
      (connection === 'unreachable' || connection === 'unauthorized' || connection === 'invalid') &&
      cluster !== null &&
      clusters.has(cluster),
  )
  const forbidden = owners.size === 0 ? [] : forbiddenKinds(contexts, kinds.values())
  if (silent.length === 0 && forbidden.length === 0) return null
  return (
    <div className={styles.banners}>
      {silent.slice(0, 3).map((context) => (
        <StaleBanner
          key={context.key}
          context={context}
          about="What is shown of it is from before."
          onRetry={() => void retryContext(context.key)}
        />
      ))}
      {forbidden.slice(0, 3).map(({ context, kind }) => (
        <Banner key={kind.key} tone="unknown" shape="forbidden">
          <span className="medium">
            You may not list {kind.kind}s in {oneLine(context.name, 120)}:
          </span>{' '}
          <span className="muted">what drifts below them is not known. {oneLine(kind.message, 300)}</span>
        </Banner>
      ))}
    </div>
  )
}
