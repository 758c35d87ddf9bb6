/** Contexts as signs: a cluster that does not answer, credentials that end. */
import type { ContextId } from '../../../shared/model/identity.ts'
import type { NotifyRule } from '../../../shared/model/notify.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { CredentialEnd, KubeConfigs, Logger } from '../ports.ts'
import type { Delivery } from './delivery.ts'
import type { Episodes } from './episodes.ts'
import { maxItemText } from './notify-item.ts'
import type { NotifyItem } from './notify-item.ts'
import type { RuleFilter } from './rule-filter.ts'
import type { Told } from './told.ts'

export interface WatchContextsOptions {
  readonly kubeConfigs: Pick<KubeConfigs, 'watch' | 'credentialEnd'>
  readonly logger: Logger
  readonly filter: RuleFilter
  readonly episodes: Episodes
  readonly told: Told
  readonly delivery: Pick<Delivery, 'tell' | 'withdraw'>
  readonly changed: () => void
}

export interface ContextsWatch {
  /** Of the stream of contexts. */
  take(upsert: readonly ContextRow[], remove: readonly string[]): void
  look(now: number): number
  dispose(): void
}

/** Token files are written anew by others: read so often. */
const rereadMs = 60 * 60_000
/** A token of an hour does not end "within 7 days" all the time: at most in this part of its life. */
const lastPart = 0.1

export function watchContexts(options: WatchContextsOptions): ContextsWatch {
  const { kubeConfigs, logger, filter, episodes, told, delivery, changed } = options
  const selected = new Map<ContextId, ContextRow>()
  const ends = new Map<ContextId, CredentialEnd>()
  let readAt = -Infinity
  let isDisposed = false
  const stopConfigs = kubeConfigs.watch(() => {
    readAt = -Infinity
    changed()
  })

  function takeConnection(row: ContextRow): void {
    if (row.connection === 'unreachable') episodes.begin('unreachable', row.key, row.lastSeenAt)
    else if (row.connection === 'connecting') episodes.pause('unreachable', row.key)
    else reach(row.key)
  }

  function reach(context: ContextId): void {
    if (episodes.end('unreachable', context) !== null) delivery.withdraw('unreachable', context)
  }

  /** What each context's credentials say of their end; told of by the next look. */
  async function read(): Promise<void> {
    const { credentialEnd } = kubeConfigs
    if (credentialEnd === undefined) return
    for (const context of selected.keys())
      try {
        const end = await credentialEnd(context)
        if (end === null) ends.delete(context)
        else ends.set(context, end)
      } catch (error) {
        ends.delete(context)
        logger.log('debug', 'the end of credentials is not known', { context, error: String(error) })
      }
    if (!isDisposed) changed()
  }

  function lookUnreachable(now: number): number {
    let next = Infinity
    for (const episode of episodes.untold('unreachable')) {
      const row = selected.get(episode.subject)
      if (row === undefined) continue
      const mine = filter.of('unreachable').filter((rule) => isMeant(rule, row))
      const rule = mine.find(({ afterMs }) => episode.since + afterMs <= now)
      if (rule !== undefined) {
        episodes.markTold(episode)
        delivery.tell(rule, itemOf('unreachable', row, episode.since, row.error?.message ?? ''))
      } else next = Math.min(next, ...mine.map(({ afterMs }) => episode.since + afterMs))
    }
    return next
  }

  function lookCredentials(now: number): number {
    const rules = filter.of('credentials')
    if (rules.length === 0 || selected.size === 0) return Infinity
    if (now - readAt >= rereadMs || now < readAt) {
      readAt = now
      void read()
    }
    let next = readAt + rereadMs
    for (const [context, { what, at, from }] of ends) {
      const row = selected.get(context)
      const mine = row === undefined ? [] : rules.filter((rule) => isMeant(rule, row))
      for (const rule of mine) {
        const lead = Math.min(rule.afterMs, from === null ? Infinity : (at - from) * lastPart)
        if (at - lead > now) next = Math.min(next, at - lead)
        else if (row !== undefined && told.add(`credentials ${context}@${String(at)}`))
          delivery.tell(rule, itemOf('credentials', row, at, what))
      }
    }
    return next
  }

  return {
    take(upsert, remove) {
      let isSelectionChanged = false
      for (const key of remove) isSelectionChanged = leave(key) || isSelectionChanged
      for (const row of upsert) {
        if (!row.isSelected) {
          isSelectionChanged = leave(row.key) || isSelectionChanged
          continue
        }
        isSelectionChanged ||= !selected.has(row.key)
        selected.set(row.key, row)
        takeConnection(row)
      }
      if (isSelectionChanged) readAt = -Infinity
      changed()
    },
    look: (now) => Math.min(lookUnreachable(now), lookCredentials(now)),
    dispose() {
      isDisposed = true
      stopConfigs()
    },
  }

  function leave(context: ContextId): boolean {
    ends.delete(context)
    reach(context)
    return selected.delete(context)
  }
}

/** Filters are about objects; of contexts the rule names one or means all. */
function isMeant(rule: NotifyRule, row: ContextRow): boolean {
  return rule.context === null || rule.context === row.key
}

function itemOf(event: NotifyItem['event'], row: ContextRow, at: number, text: string): NotifyItem {
  return {
    event,
    subject: row.key,
    ref: null,
    category: null,
    context: row.key,
    contextName: row.name,
    at,
    text: text.slice(0, maxItemText),
  }
}
