/** The store as plain arrays: what it must answer. */
import type { HistoryEntry, HistoryQuery, NewHistoryEntry } from '../../../shared/model/history.ts'
import { isSameRef } from '../../../shared/model/identity.ts'

interface Kept {
  entry: NewHistoryEntry
  /** Order of arrival at its time. */
  arrived: number
}

const word = /[\p{L}\p{N}\p{M}]+/gu
const wordsIn = (text: string): string[] => [...text.toLowerCase().matchAll(word)].map(([match]) => match)

const lower = (texts: readonly string[] | undefined): readonly string[] | undefined =>
  texts?.map((text) => text.toLowerCase())
const because = (facts: NewHistoryEntry['facts']): string => {
  const value = facts?.['because']
  return typeof value === 'string' ? value.toLowerCase() : ''
}

/** Newest first, as the store must have them. */
export class ModelStore {
  readonly #kept: Kept[] = []
  #arrived = 0

  append(entries: readonly NewHistoryEntry[]): void {
    for (const entry of entries) {
      const known =
        entry.identity === ''
          ? undefined
          : this.#kept.find(({ entry: other }) => other.identity === entry.identity && other.cluster === entry.cluster)
      this.#arrived += 1
      if (known === undefined) this.#kept.push({ entry, arrived: this.#arrived })
      else {
        const { at, message, count, facts } = entry
        if (at !== known.entry.at || message !== known.entry.message || because(facts) !== because(known.entry.facts))
          known.arrived = this.#arrived
        known.entry = { ...known.entry, at, message, count, facts }
      }
    }
  }

  query(query: HistoryQuery): readonly NewHistoryEntry[] {
    return this.#kept
      .filter(({ entry }) => isAsked(entry, query))
      .toSorted((a, b) => b.entry.at - a.entry.at || b.arrived - a.arrived)
      .map(({ entry }) => entry)
  }
}

function isAsked(entry: NewHistoryEntry, query: HistoryQuery): boolean {
  const { ref, owner } = entry
  const within = <T>(asked: readonly T[] | undefined, value: T): boolean =>
    asked === undefined || asked.length === 0 || asked.includes(value)
  const hash = /[@:]?sha(?:1|256):([0-9a-f]+)$/.exec(entry.revision)?.[1]
  const part = /\+([0-9a-f]{12})(?:\.\d+)?$/.exec(entry.revision)?.[1]
  const words = wordsIn(`${ref?.name ?? ''} ${entry.reason} ${entry.message}`)
  const same = (a: NewHistoryEntry['ref'], b: HistoryQuery['ref']): boolean =>
    a !== null && b !== undefined && isSameRef(a, b)
  return (
    within(query.clusters, entry.cluster) &&
    (query.ref === undefined || same(ref, query.ref)) &&
    (query.owner === undefined || same(ref, query.owner) || same(owner, query.owner)) &&
    within(query.types, entry.type) &&
    within(query.tones, entry.tone) &&
    (within(lower(query.reasons), entry.reason.toLowerCase()) ||
      (entry.type !== 'event' && because(entry.facts) !== '' && within(lower(query.reasons), because(entry.facts)))) &&
    (query.by === undefined ||
      query.by.length === 0 ||
      query.by.some((by) => (by === '' ? entry.by === '' : entry.by.toLowerCase().startsWith(by.toLowerCase())))) &&
    within(lower(query.kinds), (ref?.kind ?? '(none)').toLowerCase()) &&
    within(query.namespaces, ref?.namespace ?? '(none)') &&
    (query.commits === undefined ||
      query.commits.length === 0 ||
      query.commits.some(
        (commit) =>
          commit === entry.revision ||
          hash?.startsWith(commit) === true ||
          (part !== undefined && (part.startsWith(commit) || commit.startsWith(part))),
      )) &&
    (query.words ?? []).flatMap(wordsIn).every((asked) => words.some((one) => one.startsWith(asked))) &&
    entry.message.toLowerCase().includes((query.text ?? '').toLowerCase()) &&
    entry.at >= (query.from ?? 0) &&
    entry.at < (query.until ?? Infinity)
  )
}

/** What was handed over, of what came back. */
export function asNew(entry: HistoryEntry): NewHistoryEntry {
  const { key: _key, recordedAt: _recordedAt, ...rest } = entry
  return rest
}
