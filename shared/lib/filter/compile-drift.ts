/** A parsed filter as a predicate over objects that were compared: the same language, read for the Drift view and the command line. */
import { countsAsDrift, isRecordOnly } from '../../model/drift.ts'
import type { DriftObject } from '../../model/drift.ts'
import { refTitle } from '../../model/identity.ts'
import { compilerOf, ownerWords } from './compile-tokens.ts'
import type { Predicate } from './compile-tokens.ts'
import type { Filter } from './parse.ts'

/** What an object that was compared cannot be (`is:suspended`, `source:`) matches none. */
export const compileDriftFilter: (filter: Filter) => Predicate<DriftObject> = compilerOf<DriftObject>({
  properties: {
    drifted: countsAsDrift,
    record: isRecordOnly,
    missing: ({ action }) => action === 'created',
    pruned: ({ action }) => action === 'pruned',
    refused: ({ action }) => action === 'refused',
    moving: ({ action }) => action === 'moving',
    skipped: ({ action }) => action === 'skipped',
  },
  fields: {
    status: ({ action }, matches) => matches(action),
    manager: ({ managers }, matches) => managers.some(matches),
    risk: ({ risk }, matches) => matches(risk.level),
    owner: ({ owner }, matches) => ownerWords(owner).some(matches),
  },
  textOf: ({ ref, owner, summary, managers }) => [refTitle(ref), refTitle(owner), summary, ...managers].join('\n'),
})
