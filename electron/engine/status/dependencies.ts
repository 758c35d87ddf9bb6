/** What an object that waits is waiting for. Pure over a look-up; cycles in dependsOn end the walk. Semantics: flux-semantics §2.1. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { isFailure } from '../../../shared/lib/row-order.ts'

export interface Blocker {
  readonly ref: ObjectRef
  /** null: dependsOn names an object that is not there. */
  readonly row: FluxRow | null
}

/** Longer chains than this are cut: nobody reads them, and cycles through thousands of objects stay cheap. */
const maxBlockers = 200

/**
 * Everything not ready behind `row`, nearest first, each object once. The row itself is never among them, except through a cycle,
 * where it closes the chain. Empty unless the row waits.
 */
export function blockingChain(row: FluxRow, lookup: (ref: ObjectRef) => FluxRow | null): readonly Blocker[] {
  if (row.status.word !== 'Waiting') return []
  const result: Blocker[] = []
  const seen = new Set<string>()
  let level: readonly FluxRow[] = [row]
  while (level.length > 0 && result.length < maxBlockers) {
    const next: FluxRow[] = []
    for (const waiting of level) {
      for (const ref of waiting.dependsOn) {
        const key = refKey(ref)
        if (seen.has(key) || result.length >= maxBlockers) continue
        seen.add(key)
        const dependency = lookup(ref)
        if (dependency?.status.word === 'Ready') continue
        result.push({ ref, row: dependency })
        if (dependency?.status.word === 'Waiting' && key !== row.key) next.push(dependency)
      }
    }
    level = next
  }
  return result
}

/**
 * The objects at the root of the wait: failed, stalled, overdue or missing ones, nearest first; where none failed, what is suspended or
 * still moving; in a pure cycle, its members. This is FluxRow.blockedBy.
 */
export function findBlockers(row: FluxRow, lookup: (ref: ObjectRef) => FluxRow | null): readonly ObjectRef[] {
  const chain = blockingChain(row, lookup)
  const failed = chain.filter((blocker) => blocker.row === null || isFailure(blocker.row.status))
  if (failed.length > 0) return failed.map((blocker) => blocker.ref)
  const roots = chain.filter((blocker) => blocker.row?.status.word !== 'Waiting')
  return (roots.length > 0 ? roots : chain).map((blocker) => blocker.ref)
}

/** Objects of `rows` whose dependsOn names `ref`, in the rows' order. */
export function findDependents(ref: ObjectRef, rows: Iterable<FluxRow>): readonly FluxRow[] {
  const key = refKey(ref)
  const result: FluxRow[] = []
  for (const row of rows) if (row.dependsOn.some((dependency) => refKey(dependency) === key)) result.push(row)
  return result
}
