/**
 * Counts what a conformance suite matches and holds it: a case listed as failing (with a reason) may fail, every other one must match, and a
 * listed case that matches must leave the list. The aim is an empty list.
 */
export interface CaseResult {
  readonly id: string
  readonly tags: readonly string[]
  /** null where the case matches, else what differs. */
  readonly failure: string | null
}

/** Known failing ids, each with its reason. */
export type KnownFailures = Readonly<Record<string, string>>

export interface RatchetVerdict {
  /** `matched / total` for all and per tag, one line each. */
  readonly table: string
  /** Failures that the list does not know, with what differs. */
  readonly broken: readonly string[]
  /** Listed ids that match now or do not exist: take them off the list. */
  readonly stale: readonly string[]
}

export function judgeCases(title: string, results: readonly CaseResult[], known: KnownFailures): RatchetVerdict {
  const counts = new Map<string, { matched: number; total: number }>()
  const broken: string[] = []
  const stale = new Set(Object.keys(known))
  for (const { id, tags, failure } of results) {
    for (const tag of ['(all)', ...tags]) {
      const count = counts.get(tag) ?? { matched: 0, total: 0 }
      count.total += 1
      if (failure === null) count.matched += 1
      counts.set(tag, count)
    }
    if (failure === null) continue
    if (id in known) stale.delete(id)
    else broken.push(`${id}: ${failure}`)
  }
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, { matched, total }]) => `  ${matched} / ${total}  ${tag}`)
  return { table: [title, ...lines].join('\n'), broken, stale: [...stale] }
}

/** The first line where two texts part, for a failure that can be read at a glance. */
export function firstDifference(expected: string, actual: string): string {
  const want = expected.split('\n')
  const got = actual.split('\n')
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    if (want[i] !== got[i]) return `line ${i + 1}: expected ${JSON.stringify(want[i])}, got ${JSON.stringify(got[i])}`
  }
  return 'equal'
}
