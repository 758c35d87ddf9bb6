/**
 * Who wrote an object's spec before it was first seen, by managedFields: each manager with the time of its last change, not what it changed. Pure.
 * Source: Kubernetes' server-side apply, `metadata.managedFields[].time`.
 */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { fieldOwners, ownsMoreThan } from '../status/managed-fields.ts'
import { entryOf, specIdentity } from './row-changes.ts'
import type { Seen } from './row-changes.ts'

/** Of one object, the latest: Kubernetes itself keeps no more than ten that only update. */
const maxWriters = 5

/** The manager that made it, '' where managedFields do not say: its last change is later where it made one. */
export function creatorOf(row: FluxRow, object: unknown): string {
  const makers = fieldOwners(object, ['spec']).filter(({ at }) => at !== null && at === row.createdAt)
  return makers.length === 1 ? (makers[0]?.manager ?? '') : ''
}

/** Oldest first; nothing of an object that is as it was made. Whoever turned its gate and nothing else opened it, unless it is closed. */
export function describeWriters(row: FluxRow, object: unknown, past: Seen): readonly NewHistoryEntry[] {
  const { createdAt } = row
  if (row.generation <= 1 || createdAt === null) return []
  const entry = entryOf(row.ref, past)
  const hasGateInSpec = fluxKind(row.ref.group, row.ref.kind)?.gate.type === 'spec'
  const writers = fieldOwners(object, ['spec'])
    .flatMap((writer) =>
      writer.manager === '' || writer.at === null || writer.at <= createdAt ? [] : [{ ...writer, at: writer.at }],
    )
    .sort((a, b) => a.at - b.at)
    .slice(-maxWriters)
  return writers.flatMap((writer, index) => {
    const { manager, operation, at } = writer
    const { suspend } = row
    // That it was closed then, and by whom, is told as its gate.
    if (suspend !== null && suspend.at === at && suspend.manager === manager) return []
    if (hasGateInSpec && !ownsMoreThan(object, writer, 'suspend'))
      return suspend === null ? [openedBy(manager, at)] : []
    const isLatest = index === writers.length - 1
    return [
      entry({
        type: 'object',
        reason: 'SpecChanged',
        at,
        by: manager,
        message: `Last change of ${manager} (${operation})`,
        identity: isLatest ? specIdentity(row) : `spec|${row.uid}|${manager}|${operation}|${at}`,
        facts: { operation, ...(isLatest && { generation: row.generation, before: row.generation - 1 }) },
      }),
    ]
  })

  function openedBy(manager: string, at: number): NewHistoryEntry {
    return entry({
      type: 'gate',
      reason: 'Resumed',
      at,
      by: manager,
      message: '',
      tone: 'open',
      revision: row.revision,
      identity: `gate|${row.uid}|${at}`,
      facts: { manager },
    })
  }
}
