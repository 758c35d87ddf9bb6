/** Rows of live clusters as signs: what fails, what is ready again, which until-times have passed. Keeps what is bad or will be, never the rest. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { Clusters, ClusterView } from '../clusters/view.ts'
import type { Clock, Dispose } from '../ports.ts'
import type { Delivery } from './delivery.ts'
import type { Episodes } from './episodes.ts'
import { maxItemText } from './notify-item.ts'
import type { NotifyItem } from './notify-item.ts'
import type { RuleFilter } from './rule-filter.ts'
import type { Told } from './told.ts'

export interface WatchObjectsOptions {
  readonly clusters: Clusters
  readonly clock: Clock
  readonly filter: RuleFilter
  readonly episodes: Episodes
  readonly told: Told
  readonly delivery: Pick<Delivery, 'tell' | 'withdraw'>
  /** Something is to be looked at: now, or at a time that only `look` knows. */
  readonly changed: () => void
}

export interface ObjectsWatch {
  /** Tells what is due; answers when to look again, Infinity for never. */
  look(now: number): number
  dispose(): void
}

const bad: ReadonlySet<StatusWord> = new Set(['Failed', 'Stalled'])
const good: ReadonlySet<StatusWord> = new Set(['Ready', 'Drifted'])
/** Nobody expects these to become ready: what failed is left as it is, on purpose. */
const atRest: ReadonlySet<StatusWord> = new Set(['Suspended', 'Held'])

export function watchObjects(options: WatchObjectsOptions): ObjectsWatch {
  const { clusters, clock, filter, episodes, told, delivery, changed } = options
  const watched = new Map<string, { readonly view: ClusterView; readonly stop: Dispose }>()
  /** Until-times of closed gates, by row. */
  const due = new Map<string, { readonly ref: ObjectRef; readonly at: number }>()

  function take(view: ClusterView, row: FluxRow): boolean {
    return takeStatus(view, row) || takeGate(row)
  }

  function takeStatus(view: ClusterView, row: FluxRow): boolean {
    const { word, since } = row.status
    if (bad.has(word)) return episodes.begin('failing', row.key, since)
    if (!episodes.has('failing', row.key)) return false
    if (good.has(word)) tellRecovered(view, row)
    else if (atRest.has(word)) endFailing(row.key)
    else episodes.pause('failing', row.key)
    return true
  }

  function takeGate(row: FluxRow): boolean {
    const at = row.suspend?.isTrusted === true ? row.suspend.resumeAt : null
    if (at === null) {
      if (!due.delete(row.key)) return false
      delivery.withdraw('gate', row.key)
      return true
    }
    if (due.get(row.key)?.at === at) return false
    due.set(row.key, { ref: row.ref, at })
    return true
  }

  function endFailing(key: string): void {
    episodes.end('failing', key)
    delivery.withdraw('failing', key)
  }

  function tellRecovered(view: ClusterView, row: FluxRow): void {
    const episode = episodes.end('failing', row.key)
    delivery.withdraw('failing', row.key)
    if (episode === null) return
    const lasted = clock.now() - episode.since
    const rule = filter
      .of('recovered')
      .find(({ afterMs, ...rest }) => lasted >= afterMs && filter.concerns({ afterMs, ...rest }, view, row))
    if (rule !== undefined) delivery.tell(rule, itemOf('recovered', view, row, episode.since, ''))
  }

  function forget(key: string): boolean {
    const isGateGone = due.delete(key)
    const isGone = episodes.has('failing', key)
    if (isGone) endFailing(key)
    return isGone || isGateGone
  }

  function follow(): void {
    const present = new Set(clusters.views())
    for (const [id, { view, stop }] of watched)
      if (!present.has(view)) {
        stop()
        watched.delete(id)
        // What it was told of stays told: the context may be chosen again.
        for (const [key, entry] of due) if (entry.ref.cluster === view.id) due.delete(key)
      }
    for (const view of present) {
      if (watched.has(view.id)) continue
      const stop = view.watchRows(({ upsert, remove }) => {
        let isChanged = false
        for (const row of upsert) isChanged = take(view, row) || isChanged
        for (const key of remove) isChanged = forget(key) || isChanged
        if (isChanged) changed()
      })
      watched.set(view.id, { view, stop })
      for (const row of view.rows()) take(view, row)
    }
    changed()
  }

  function lookFailing(now: number): number {
    let next = Infinity
    const rules = filter.of('failing')
    if (rules.length === 0) return next
    for (const episode of episodes.untold('failing')) {
      const found = rowOf(episode.subject)
      if (found === null) continue
      const mine = rules.filter((rule) => filter.concerns(rule, found.view, found.row))
      const rule = mine.find(({ afterMs }) => episode.since + afterMs <= now)
      if (rule !== undefined) {
        episodes.markTold(episode)
        delivery.tell(rule, itemOf('failing', found.view, found.row, episode.since, found.row.status.message))
      } else next = Math.min(next, ...mine.map(({ afterMs }) => episode.since + afterMs))
    }
    return next
  }

  function lookGates(now: number): number {
    let next = Infinity
    for (const [key, { at }] of due) {
      if (at > now) {
        next = Math.min(next, at)
        continue
      }
      const found = rowOf(key)
      const rule =
        found === null ? undefined : filter.of('gate').find((each) => filter.concerns(each, found.view, found.row))
      if (found === null || rule === undefined || !told.add(`${key}@${String(at)}`)) continue
      delivery.tell(rule, itemOf('gate', found.view, found.row, at, ''))
    }
    return next
  }

  /** A row's key begins with its cluster. */
  function rowOf(key: string): { readonly view: ClusterView; readonly row: FluxRow } | null {
    const view = clusters.view(key.slice(0, key.indexOf('|')))
    const row = view?.row(key) ?? null
    return view === null || row === null ? null : { view, row }
  }

  const stopClusters = clusters.watch(follow)
  follow()
  return {
    look: (now) => Math.min(lookFailing(now), lookGates(now)),
    dispose() {
      stopClusters()
      for (const { stop } of watched.values()) stop()
    },
  }
}

/** What is told of an object. */
export function itemOf(
  event: NotifyItem['event'],
  view: ClusterView,
  { key, ref, category }: FluxRow,
  at: number,
  text: string,
): NotifyItem {
  const context = view.contexts()[0]
  return {
    event,
    subject: key,
    ref,
    category,
    context: context?.key ?? null,
    contextName: context?.name ?? '',
    at,
    text: text.slice(0, maxItemText),
  }
}
