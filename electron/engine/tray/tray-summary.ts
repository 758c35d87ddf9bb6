/**
 * tray/: what stands in the system's tray while the window is closed: counts, the worst things, hosted mode. Reads the engine's own streams; knows
 * nothing of menus or icons.
 */
import type { TrayEntry, TraySummary } from '../../../shared/contract/engine-thread.ts'
import type { Handlers, StreamSink } from '../../../shared/contract/index.ts'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import type { HostingState } from '../../../shared/model/hosting.ts'
import type { NotifyState } from '../../../shared/model/notify.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
import { localSink } from '../local-sink.ts'
import { objectPath, viewPath } from '../notify/object-path.ts'
import type { Clock, Dispose } from '../ports.ts'

/** A menu is short: more are counted only. */
const maxEntries = 5
/** Changes within so much are told at once. */
const tellMs = 500

interface TraySources {
  readonly contexts: Iterable<ContextRow>
  readonly rows: Iterable<FluxRow>
  readonly owners: Iterable<DriftOwner>
  readonly hostings: Iterable<HostingState>
  readonly notify?: NotifyState | undefined
}

/** Failures first, then clusters that do not answer, then what drifts most. Paths are those of `sluice://` links. */
export function summariseForTray({ contexts, rows, owners, hostings, notify }: TraySources): TraySummary {
  const byId = new Map([...contexts].map((context) => [context.key, context]))
  const byCluster = new Map<string, ContextRow>()
  for (const context of byId.values())
    if (context.cluster !== null && context.isSelected && !byCluster.has(context.cluster))
      byCluster.set(context.cluster, context)
  const entryOf = (ref: ObjectRef, text: string, tab: string): TrayEntry | null => {
    const context = byCluster.get(ref.cluster)
    if (context === undefined) return null
    const title = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
    return {
      text: `${text}: ${title}${byCluster.size > 1 ? ` in ${context.name}` : ''}`,
      path: objectPath(context.key, ref, tab),
    }
  }
  const failing: FluxRow[] = []
  for (const row of rows) if (row.status.word === 'Failed' || row.status.word === 'Stalled') failing.push(row)
  const drifting = [...owners].filter(({ driftedCount }) => driftedCount > 0)
  drifting.sort((a, b) => b.driftedCount - a.driftedCount)
  const unreachable = [...byId.values()].filter(
    ({ isSelected, connection }) => isSelected && connection === 'unreachable',
  )
  const worst = [
    ...failing.slice(0, maxEntries).map(({ ref, status }) => entryOf(ref, status.word, 'tree')),
    ...unreachable
      .slice(0, maxEntries)
      .map(({ name }): TrayEntry => ({ text: `Unreachable: ${name}`, path: viewPath('settings') })),
    ...drifting
      .slice(0, maxEntries)
      .map(({ owner, driftedCount }) => entryOf(owner, `${driftedCount.toLocaleString()} drifted`, 'drift')),
  ]
  return {
    drifted: drifting.reduce((sum, { driftedCount }) => sum + driftedCount, 0),
    failing: failing.length,
    unreachable: unreachable.length,
    snoozedUntil: notify?.snoozedUntil ?? null,
    hosting: [...hostings]
      .filter(({ isOn }) => isOn)
      .map(({ context, state }) => ({
        text: `${byId.get(context)?.name ?? context}: ${state}`,
        isActive: state === 'active',
      })),
    worst: worst.filter((entry) => entry !== null).slice(0, maxEntries),
  }
}

/**
 * Tells main what the tray shows: hosted mode always, because closing the window would end it; the rest while `isKept`. `isKept` is the
 * user's choice, as the settings stream has it.
 */
export function watchTray(
  handlers: Pick<
    Handlers,
    'settings.watch' | 'hosting.watch' | 'contexts.watch' | 'rows.watch' | 'drift.owners' | 'notify.watch'
  >,
  clock: Clock,
  tell: (isKept: boolean, summary: TraySummary) => void,
): Dispose {
  const tables = {
    'contexts.watch': new Map<string, ContextRow>(),
    'rows.watch': new Map<string, FluxRow>(),
    'drift.owners': new Map<string, DriftOwner>(),
    'hosting.watch': new Map<string, HostingState>(),
    'notify.watch': new Map<string, NotifyState>(),
  }
  const controller = new AbortController()
  const call = { signal: controller.signal, client: 'window' } as const
  const stops: Dispose[] = []
  let watched: Dispose[] = []
  let isKept = false
  let timer: Dispose | null = null
  const tellNow = (): void => {
    timer = null
    tell(
      isKept,
      summariseForTray({
        contexts: tables['contexts.watch'].values(),
        rows: tables['rows.watch'].values(),
        owners: tables['drift.owners'].values(),
        hostings: tables['hosting.watch'].values(),
        notify: tables['notify.watch'].get('notify'),
      }),
    )
  }
  const tellSoon = (): void => {
    timer ??= clock.after(tellMs, tellNow)
  }
  const sinkOf = <T extends { readonly key: string }>(table: Map<string, T>): StreamSink<T> =>
    localSink((upsert, remove) => {
      for (const key of remove) table.delete(key)
      for (const item of upsert) table.set(item.key, item)
      tellSoon()
    })
  const keep = (isWanted: boolean): void => {
    if (isKept === isWanted) return
    isKept = isWanted
    for (const stop of watched) stop()
    watched = isWanted
      ? [
          handlers['contexts.watch']({}, sinkOf(tables['contexts.watch']), call),
          handlers['rows.watch']({}, sinkOf(tables['rows.watch']), call),
          handlers['drift.owners']({}, sinkOf(tables['drift.owners']), call),
          handlers['notify.watch']({}, sinkOf(tables['notify.watch']), call),
        ]
      : []
    if (!isWanted) for (const name of ['rows.watch', 'drift.owners'] as const) tables[name].clear()
    tellSoon()
  }
  stops.push(
    handlers['settings.watch'](
      {},
      localSink((settings) => keep(settings.at(-1)?.keepsRunning === true)),
      call,
    ),
    handlers['hosting.watch']({}, sinkOf(tables['hosting.watch']), call),
  )
  return () => {
    controller.abort()
    timer?.()
    for (const stop of [...stops, ...watched]) stop()
  }
}
