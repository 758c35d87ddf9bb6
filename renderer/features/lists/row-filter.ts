/** The filter language (shared/lib/filter) as the lists use it: texts of conditions in, one predicate over rows out. */
import { compileFilter } from '../../../shared/lib/filter/compile.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import type { DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { RowScene } from '../../stores/row-scene.ts'

export interface DriftFacts {
  readonly owners: ReadonlyMap<string, DriftOwner>
  /** By the owner's key; empty unless the filter asks for objects. */
  readonly objects: ReadonlyMap<string, readonly DriftObject[]>
}

/** What of drift a filter text asks for: nothing, what is known of owners, or their objects. */
export function driftAskedBy(text: string): 'nothing' | 'owners' | 'objects' {
  let asked: 'nothing' | 'owners' = 'nothing'
  for (const { key, values } of parseFilter(text).tokens) {
    if (key === 'manager' || key === 'risk') return 'objects'
    if (key === 'is' && values.some((value) => driftProperties.has(value.toLowerCase()))) asked = 'owners'
  }
  return asked
}

const driftProperties: ReadonlySet<string> = new Set([
  'drifted',
  'missing',
  'pruned',
  'refused',
  'skipped',
  'approximate',
])

/** One predicate for a filter text; null where it filters nothing. */
export function makeMatcher(
  text: string,
  contexts: RowScene['contexts'],
  drift: DriftFacts | null = null,
): ((row: FluxRow) => boolean) | null {
  const filter = parseFilter(text)
  if (filter.tokens.every((token) => token.error !== null)) return null
  const test = compileFilter(filter)
  const names = new Map([...contexts].map(([cluster, ways]) => [cluster, ways.map((context) => context.name)]))
  const none: readonly string[] = []
  if (drift === null) return (row) => test(row, names.get(row.ref.cluster) ?? none)
  return (row) => {
    const owner = drift.owners.get(row.key)
    const facts = owner === undefined ? undefined : { owner, objects: drift.objects.get(row.key) ?? [] }
    return test(row, names.get(row.ref.cluster) ?? none, facts)
  }
}
