/** The filter language (shared/lib/filter) as the lists use it: texts of conditions in, one predicate over rows out. */
import { compileFilter } from '../../../shared/lib/filter/compile.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { RowScene } from '../../stores/row-scene.ts'

/** One predicate for a filter text; null where it filters nothing. */
export function makeMatcher(text: string, contexts: RowScene['contexts']): ((row: FluxRow) => boolean) | null {
  const filter = parseFilter(text)
  if (filter.tokens.every((token) => token.error !== null)) return null
  const test = compileFilter(filter)
  const names = new Map([...contexts].map(([cluster, ways]) => [cluster, ways.map((context) => context.name)]))
  const none: readonly string[] = []
  return (row) => test(row, names.get(row.ref.cluster) ?? none)
}
