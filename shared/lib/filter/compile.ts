/** A parsed filter as a predicate over rows: everything that can be decided once is decided here. */
import { fluxKind } from '../../flux/kinds.ts'
import type { DriftObject, DriftOwner } from '../../model/drift.ts'
import type { FluxRow } from '../../model/rows.ts'
import { compilerOf, ownerWords } from './compile-tokens.ts'
import type { Predicate } from './compile-tokens.ts'
import type { Filter } from './parse.ts'

/** What has been compared of a row's objects, where it owns any; the row itself does not carry it. */
export interface RowDrift {
  readonly owner: DriftOwner
  /** Its drifting objects, as far as they are known here; asked for only by `manager:` and `risk:`. */
  readonly objects: readonly DriftObject[]
}

/** Asked with what the row's comparison found, nothing where it was not compared. */
export const compileFilter: (filter: Filter) => Predicate<FluxRow, RowDrift> = compilerOf<FluxRow, RowDrift>({
  properties: {
    ready: ({ status }) => status.word === 'Ready',
    failed: ({ status }) => status.word === 'Failed' || status.word === 'Stalled',
    stalled: ({ status }) => status.word === 'Stalled',
    unreachable: ({ status }) => status.word === 'Unreachable',
    waiting: ({ status }) => status.word === 'Waiting',
    progressing: ({ status }) => status.word === 'Progressing',
    held: ({ status }) => status.word === 'Held',
    suspended: (row) => row.isSuspended === true,
    drifted: ({ status }, drift) => status.word === 'Drifted' || (drift !== undefined && drift.owner.driftedCount > 0),
    unknown: ({ status }) => status.word === 'Unknown',
    stale: ({ status }) => status.word === 'Stale',
    overdue: ({ status }) => status.isOverdue,
    blocked: ({ blockedBy }) => blockedBy.length > 0,
    terminating: (row) => row.isTerminating,
    missing: (_row, drift) => drift !== undefined && drift.owner.missingCount > 0,
    pruned: (_row, drift) => drift !== undefined && drift.owner.prunableCount > 0,
    refused: (_row, drift) => drift !== undefined && drift.owner.refusedCount > 0,
    skipped: (_row, drift) => drift !== undefined && drift.owner.skippedCount > 0,
    approximate: (_row, drift) => drift?.owner.isApproximate === true,
  },
  fields: {
    status: ({ status }, matches) => matches(status.word),
    source: ({ source }, matches) =>
      source !== null &&
      (matches(source.name) ||
        matches(`${source.namespace}/${source.name}`) ||
        matches(`${source.kind}/${source.name}`)),
    owner: ({ parent }, matches) => parent !== null && ownerWords(parent).some(matches),
    manager: (_row, matches, drift) => drift?.objects.some(({ managers }) => managers.some(matches)) === true,
    risk: (_row, matches, drift) => drift?.objects.some(({ risk }) => matches(risk.level)) === true,
  },
  kindWords(group, kind) {
    const known = fluxKind(group, kind)
    return known === null ? [kind] : [kind, known.plural, ...known.shortNames]
  },
  textOf: ({ ref, status }) => `${ref.namespace}/${ref.name}\n${status.message}`,
})
