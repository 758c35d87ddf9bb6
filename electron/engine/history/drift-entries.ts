/** What the comparison with Git finds and no longer finds, as entries. Pure but for what it remembers. */
import { countsAsDrift } from '../../../shared/model/drift.ts'
import type { DriftObject } from '../../../shared/model/drift.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { entryOf } from './row-changes.ts'

interface Found {
  readonly object: DriftObject
  readonly text: string
}

/** Drift is told once for as long as it says the same, also over restarts: the comparison remembers since when it has seen it. */
export class DriftEntries {
  readonly #found = new Map<string, Found>()

  /** `now` for what went: nobody says when it did. */
  takeObjects(upsert: readonly DriftObject[], remove: readonly string[], now: number): readonly NewHistoryEntry[] {
    const entries: NewHistoryEntry[] = []
    for (const object of upsert) {
      const before = this.#found.get(object.key)
      // Not known is not gone.
      if (object.problem !== null || object.action === 'refused' || object.action === 'moving') continue
      if (!countsAsDrift(object)) {
        if (before !== undefined) entries.push(this.#gone(before, now))
        continue
      }
      const text = `${object.action}|${object.summary}`
      if (before?.text === text) continue
      this.#found.set(object.key, { object, text })
      entries.push(
        entryOf(object.ref, { owner: object.owner, isBackfilled: false })({
          type: 'drift',
          reason: 'DriftFound',
          at: before === undefined ? (object.firstSeenAt ?? object.checkedAt) : object.checkedAt,
          message: object.summary,
          by: object.managers[0] ?? '',
          identity: `drift|${object.key}|${object.firstSeenAt ?? object.checkedAt}|${text}`,
          facts: { action: object.action, managers: object.managers, fields: object.driftCount },
        }),
      )
    }
    for (const key of remove) {
      const before = this.#found.get(key)
      if (before !== undefined) entries.push(this.#gone(before, now))
    }
    return entries
  }

  /** What is open, once more: for a file that was begun anew. */
  retell(now: number): readonly NewHistoryEntry[] {
    const objects = [...this.#found.values()].map(({ object }) => object)
    this.#found.clear()
    return this.takeObjects(objects, [], now)
  }

  #gone({ object }: Found, now: number): NewHistoryEntry {
    this.#found.delete(object.key)
    return entryOf(object.ref, { owner: object.owner, isBackfilled: false })({
      type: 'drift',
      reason: 'DriftGone',
      at: now,
      message: object.summary,
      tone: 'good',
      facts: { action: object.action, managers: object.managers, since: object.firstSeenAt },
    })
  }
}
