/** A parsed filter as a predicate over hosted mode's queue: the same language, read for the Hosted view. */
import type { HostedRow } from '../../model/hosting.ts'
import { refTitle } from '../../model/identity.ts'
import type { ObjectRef } from '../../model/identity.ts'
import { compilerOf, ownerWords } from './compile-tokens.ts'
import type { Predicate } from './compile-tokens.ts'
import type { Filter } from './parse.ts'

/** The words of `status:`: the state, and `failed` for what failed last. */
function hostedWords(row: HostedRow): readonly string[] {
  return row.lastResult === 'failed' ? [row.state, 'failed'] : [row.state]
}

function waitsForAny(
  { waitsFor }: { readonly waitsFor: readonly ObjectRef[] },
  matches: (text: string) => boolean,
): boolean {
  return waitsFor.some((ref) => ownerWords(ref).some(matches))
}

/** What the queue does not know (`manager:`, `risk:`) matches none. */
export const compileHostedFilter: (filter: Filter) => Predicate<HostedRow> = compilerOf<HostedRow>({
  properties: {
    failed: ({ lastResult }) => lastResult === 'failed',
    waiting: ({ state }) => state === 'waiting',
    progressing: ({ state }) => state === 'running' || state === 'queued',
    held: ({ state }) => state === 'held' || state === 'needs-approval',
    suspended: ({ state }) => state === 'suspended' || state === 'manual' || state === 'held',
    ready: ({ lastResult }) => lastResult === 'succeeded',
    blocked: ({ waitsFor }) => waitsFor.length > 0,
  },
  fields: {
    status: (row, matches) => hostedWords(row).some(matches),
    source: waitsForAny,
    owner: waitsForAny,
  },
  textOf: ({ ref, state, message, waitsFor }) => [refTitle(ref), state, message, ...waitsFor.map(refTitle)].join('\n'),
})
