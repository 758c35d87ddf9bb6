/** What is kept of one compared object: its row, what its result depends on, and its details, packed. */
import type { DriftField, DriftObject } from '../../../../shared/model/drift.ts'
import { isDrift } from '../../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { ComparedObject } from '../../apply/compare-set.ts'
import { cappedLine, changeLine, differenceLine } from '../../diff/field-lines.ts'
import type { Compared } from '../../diff/texts.ts'
import type { DesiredObject } from '../desired-set.ts'
import { groupOf, versionOf } from '../../status/read.ts'
import type { LiveId } from '../live/live-index.ts'
import type { Validity } from '../validity.ts'
import { isLargerThan } from './shown-texts.ts'

export interface ComparedRecord {
  readonly row: DriftObject
  readonly id: LiveId
  /** The live object as the comparison saw it. */
  readonly seen: Validity
  /** Digest of the desired body; '' for what would be pruned. */
  readonly desiredKey: string
  readonly isApproximate: boolean
  /** As in ComparedObject; '' where there is none. */
  readonly answerKey: string
  readonly details: Uint8Array | null
}

/** Kept of drifted objects, in this form. */
export interface RecordDetails {
  readonly fields: readonly DriftField[]
  /** What texts are made from when somebody looks; null where the object is compared afresh for that: large ones, and what holds secrets. */
  readonly sides: Omit<Compared, 'fields'> | null
}

/** Characters of both sides together that are kept. */
const maxKeptSides = 64 * 1024

/** SECURITY: item 9: the desired body of a Secret is not sealed: nothing of it is kept. */
export function recordDetails(object: ComparedObject): RecordDetails {
  const { action, fields, desired, live, wouldBe, isSecret } = object
  const isKept = !isSecret && (desired?.sensitive.length ?? 0) === 0 && !isLargerThan([live, wouldBe], maxKeptSides)
  return { fields, sides: isKept ? { action, desired, live, wouldBe } : null }
}

export function recordRef(
  owner: ObjectRef,
  compared: Pick<ComparedObject, 'apiVersion' | 'kind' | 'namespace' | 'name'>,
): ObjectRef {
  const { apiVersion, kind, namespace, name } = compared
  return { cluster: owner.cluster, group: groupOf(apiVersion), kind, namespace, name }
}

export function driftObjectKey(owner: ObjectRef, ref: ObjectRef): string {
  return `${refKey(owner)}#${refKey(ref)}`
}

/** The row of a compared object, without since when it has drifted. */
export function toDriftObject(owner: ObjectRef, compared: ComparedObject, checkedAt: number): DriftObject {
  const { action, fields, risk, rule, problem, isSecret, desired } = compared
  const ref = recordRef(owner, compared)
  const counted = countVerdicts(fields)
  const change = isDrift(action) ? changeLine(fields) : ''
  return {
    key: driftObjectKey(owner, ref),
    owner,
    ref,
    version: versionOf(compared.apiVersion),
    action,
    ...counted,
    managers: managersOf(fields),
    risk,
    summary: summaryOf(compared),
    ...(change === '' ? {} : { change }),
    rule,
    problem,
    isSecret,
    origin: desired?.origin ?? null,
    firstSeenAt: null,
    checkedAt,
  }
}

/** Identifies the body that was compared: equal text, equal request. */
export function desiredKeyOf(desired: DesiredObject, digest: (text: string) => string): string {
  const known = desiredKeys.get(desired)
  if (known !== undefined) return known
  const key = digest(JSON.stringify([desired.object, desired.unknown])).slice(0, 24)
  desiredKeys.set(desired, key)
  return key
}

/** Of sets that are kept. */
const desiredKeys = new WeakMap<DesiredObject, string>()

function countVerdicts(
  fields: readonly DriftField[],
): Pick<DriftObject, 'driftCount' | 'notOwnedCount' | 'ignoredCount'> {
  let driftCount = 0
  let notOwnedCount = 0
  let ignoredCount = 0
  for (const { verdict } of fields) {
    if (verdict === 'notOwned') notOwnedCount += 1
    else if (verdict === 'ignored') ignoredCount += 1
    else if (verdict !== 'record') driftCount += 1
  }
  return { driftCount, notOwnedCount, ignoredCount }
}

/** Most fields first, then by name. */
function managersOf(fields: readonly DriftField[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { verdict, blame } of fields)
    if (blame !== null && verdict !== 'notOwned' && verdict !== 'ignored')
      counts.set(blame.manager, (counts.get(blame.manager) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([manager]) => manager)
}

function summaryOf({ action, fields, rule, problem }: ComparedObject): string {
  if (action === 'created') return 'missing'
  if (action === 'pruned') return 'no longer in Git'
  if (action === 'skipped') return rule
  if (problem !== null) return cappedLine(problem.detail || problem.message)
  if (!isDrift(action)) return ''
  return differenceLine(fields) || (action === 'recreated' ? 'will be made anew' : recordText(fields))
}

/** The controller writes it, and no value changes. */
function recordText(fields: readonly DriftField[]): string {
  const [first, ...others] = fields.filter(({ verdict }) => verdict === 'record')
  // Nothing but a note of an old tool, which Git has as well: it is taken away and set again.
  if (first === undefined) return 'a note of an old tool is written anew'
  const also = others.length === 0 ? '' : ` (and ${String(others.length)} more)`
  return cappedLine(`only who owns it differs: ${first.blame?.manager ?? ''}${also} holds ${first.liveValue ?? ''}`)
}
