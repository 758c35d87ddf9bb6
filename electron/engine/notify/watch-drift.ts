/** Results of the comparison with Git as signs: owners that drift, and no longer. */
import type { DriftOwner } from '../../../shared/model/drift.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Delivery } from './delivery.ts'
import type { Episodes } from './episodes.ts'
import type { RuleFilter } from './rule-filter.ts'
import { itemOf } from './watch-objects.ts'

export interface WatchDriftOptions {
  readonly clusters: Clusters
  readonly filter: RuleFilter
  readonly episodes: Episodes
  readonly delivery: Pick<Delivery, 'tell' | 'withdraw'>
}

export interface DriftWatch {
  /** Of the stream of owners. */
  take(upsert: readonly DriftOwner[], remove: readonly string[]): void
  look(now: number): number
}

export function watchDrift({ clusters, filter, episodes, delivery }: WatchDriftOptions): DriftWatch {
  /** Those that drift. */
  const drifting = new Map<string, DriftOwner>()

  function settle(key: string): void {
    drifting.delete(key)
    if (episodes.end('drift', key) !== null) delivery.withdraw('drift', key)
  }

  return {
    take(upsert, remove) {
      for (const owner of upsert)
        if (owner.driftedCount > 0) {
          drifting.set(owner.key, owner)
          episodes.begin('drift', owner.key, null)
        } else if (owner.state === 'checked') settle(owner.key)
        else episodes.pause('drift', owner.key)
      for (const key of remove) settle(key)
    },
    look(now) {
      let next = Infinity
      const rules = filter.of('drift')
      if (rules.length === 0) return next
      for (const episode of episodes.untold('drift')) {
        const owner = drifting.get(episode.subject)
        const view = owner === undefined ? null : clusters.view(owner.owner.cluster)
        const row = view?.row(episode.subject) ?? null
        if (owner === undefined || view === null || row === null) continue
        const mine = rules.filter((rule) => filter.concerns(rule, view, row, owner))
        const rule = mine.find(({ afterMs }) => episode.since + afterMs <= now)
        if (rule !== undefined) {
          episodes.markTold(episode)
          const count = owner.driftedCount
          const text = `${count.toLocaleString('en')} of its objects ${count === 1 ? 'differs' : 'differ'} from Git`
          delivery.tell(rule, itemOf('drift', view, row, episode.since, text))
        } else next = Math.min(next, ...mine.map(({ afterMs }) => episode.since + afterMs))
      }
      return next
    },
  }
}
