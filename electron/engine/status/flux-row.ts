/** Summaries for lists: one object in, one row out. Never throws, whatever is missing or of the wrong type. */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { computeFluxStatus } from './flux-status.ts'
import { intervalMs } from './overdue.ts'
import { at, numberAt, textAt, timeMs } from './read.ts'
import {
  readDependsOn,
  readInventoryCount,
  readLastAppliedAt,
  readParent,
  readRevision,
  readSource,
  readTarget,
} from './row-facts.ts'
import { gateMode, isSuspended, readSuspendInfo } from './suspend-info.ts'

export interface RowContext {
  readonly cluster: ClusterId
  /** As discovery serves it: list items carry neither apiVersion nor kind. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The table's entry, null for generic kinds. */
  readonly fluxKind: FluxKind | null
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly columns?: Readonly<Record<string, string>>
  readonly blockedBy?: readonly ObjectRef[]
}

/** Rows are summaries: a message or URL beyond this is for the object page. */
const maxText = 4096

function cap(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText)}…` : text
}

/** The row of `object`; `status` depends on `now` only through isOverdue. */
export function toFluxRow(object: unknown, context: RowContext): FluxRow {
  const { fluxKind, now } = context
  const ref: ObjectRef = {
    cluster: context.cluster,
    group: context.group,
    kind: context.kind,
    namespace: textAt(object, 'metadata', 'namespace'),
    name: textAt(object, 'metadata', 'name'),
  }
  const status = computeFluxStatus(object, fluxKind, now)
  const deletedAt = at(object, 'metadata', 'deletionTimestamp')
  const mode = gateMode(object, fluxKind)
  return {
    key: refKey(ref),
    ref,
    version: context.version,
    category: fluxKind?.category ?? 'other',
    uid: textAt(object, 'metadata', 'uid'),
    generation: numberAt(object, 'metadata', 'generation') ?? 0,
    status: { ...status, message: cap(status.message) },
    isSuspended: isSuspended(object, fluxKind),
    suspend: readSuspendInfo(object, fluxKind),
    ...(mode === 'automatic' ? {} : { mode }),
    source: readSource(object, fluxKind),
    revision: cap(readRevision(object, fluxKind)),
    target: cap(readTarget(object, fluxKind)),
    lastAppliedAt: readLastAppliedAt(object, fluxKind),
    createdAt: timeMs(at(object, 'metadata', 'creationTimestamp')),
    intervalMs: intervalMs(object, fluxKind),
    dependsOn: readDependsOn(object, ref),
    blockedBy: context.blockedBy ?? [],
    inventoryCount: readInventoryCount(object, fluxKind),
    parent: readParent(object, ref),
    columns: context.columns ?? {},
    isTerminating: deletedAt !== undefined && deletedAt !== null,
  }
}
