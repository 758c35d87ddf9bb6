/**
 * One comparison of one owner: desired objects against live ones, earlier answers used again where both sides still are what they were, and
 * the result reduced to what is kept. A fault of the way to the cluster is an error here, never a result.
 */
import type { IgnoreRule } from '../diff/ignore-rules.ts'
import type { DriftField, DriftTexts, Fidelity } from '../../../shared/model/drift.ts'
import { isDrift, isSettled } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode, SluiceErrorData } from '../../../shared/model/errors.ts'
import type { CompareOptions, CompareSet, ComparedObject, ComparedSet, LiveObjects } from '../apply/compare-set.ts'
import { transportCodes } from '../cache/api-answer.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Compared as ComparedSides } from '../diff/texts.ts'
import type { Clock, Codec, KubeClient } from '../ports.ts'
import { exactText } from '../exact-json.ts'
import { groupOf } from '../status/read.ts'
import type { DesiredObject, DesiredSet } from './desired-set.ts'
import type { LiveIndex } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'
import type { ComparedRecord } from './results/record.ts'
import { desiredKeyOf, recordDetails, recordRef, toDriftObject } from './results/record.ts'
import type { Validity } from './validity.ts'

/** What comparing and showing needs of apply/ and diff/. */
export interface Comparison {
  readonly compareSet: CompareSet
  readonly textsOf: (compared: ComparedSides) => Omit<DriftTexts, 'checkedAt'>
  readonly patchOf: (compared: ComparedSides) => string
  /** The addition that ignores `field`: YAML, where it goes, and what to know about it. */
  readonly ignoreRuleOf: (
    set: Pick<DesiredSet, 'owner' | 'controller' | 'ignoreRules'>,
    compared: Pick<ComparedObject, 'apiVersion' | 'kind' | 'namespace' | 'name'>,
    field: DriftField,
  ) => { readonly text: string; readonly path: string; readonly note: string; readonly rule: IgnoreRule }
}

export interface CompareOwnerOptions {
  readonly comparison: Comparison
  /** The kinds of the cluster that the objects live in. */
  readonly view: Pick<ClusterView, 'served'>
  readonly client: KubeClient
  readonly live: LiveIndex
  readonly codec: Codec
  /** Times dry-runs for the budget. */
  readonly clock?: Clock
  readonly secretKey: Uint8Array
  readonly takeDryRun: CompareOptions['takeDryRun']
  readonly mayDryRun: boolean
  readonly concurrency: number
  /** The earlier result; objects named in `isDirty` are compared again whatever it says. */
  readonly earlier: OwnerComparison | null
  readonly isDirty: (id: string) => boolean
  readonly checkedAt: number
  readonly signal: AbortSignal
}

export interface OwnerComparison {
  readonly records: readonly ComparedRecord[]
  readonly isApproximate: boolean
  readonly fidelity: Fidelity
  readonly inputsKey: string
  /** Digest of what the set as a whole asks for: an earlier answer holds under the same alone. */
  readonly setKey: string
  readonly checkedAt: number
  /** What would let an answer change by itself: refused, or moving while it was compared. */
  readonly isUnsettled: boolean
  /** Its objects are of another cluster: the watches of the owner's own know nothing of them, whatever there has the same names. */
  readonly isElsewhere: boolean
  /** Requests that it took. */
  readonly dryRunCount: number
  readonly reusedCount: number
}

/** Faults of the way to the cluster. They say nothing about an object. */
const wayFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...transportCodes,
  'NotConnected',
  'Unauthorized',
  'ExecNotApproved',
  'ExecFailed',
  'ExecTimeout',
  'Throttled',
  'Canceled',
])

export function isWayFault(code: ErrorCode): boolean {
  return wayFaults.has(code)
}

/** Rejects with what compareSet throws, and with the first fault of the way that an object met. */
export async function compareOwner(set: DesiredSet, options: CompareOwnerOptions): Promise<OwnerComparison> {
  const { codec, checkedAt } = options
  const found = await compare(set, options)
  const { compared, reused, setKey } = found
  const fault = compared.objects.find(({ problem }) => problem !== null && isWayFault(problem.code))?.problem
  if (fault) throw toError(fault)
  const records = compared.objects.map((object): ComparedRecord => {
    const earlier = reused.get(object)
    if (earlier !== undefined) {
      const origin = object.desired?.origin ?? null
      return { ...earlier, row: { ...earlier.row, origin, checkedAt } }
    }
    return toRecord(set, object, found, options.live, codec, checkedAt)
  })
  return {
    records,
    isApproximate: compared.isApproximate || compared.objects.some((object) => object.isApproximate),
    fidelity: set.fidelity,
    inputsKey: set.inputsKey,
    setKey,
    checkedAt,
    isUnsettled: records.some(({ row }) => !isSettled(row.action)),
    isElsewhere: set.target.remote !== null,
    dryRunCount: compared.dryRunCount,
    reusedCount: reused.size,
  }
}

/** One object of a set, compared afresh with all its details; null where the set does not hold it. */
export async function compareOne(
  set: DesiredSet,
  id: string,
  options: Omit<CompareOwnerOptions, 'earlier' | 'isDirty'>,
): Promise<ComparedObject | null> {
  const idOf = (object: { apiVersion: string; kind: string; namespace: string; name: string }): string =>
    liveId(groupOf(object.apiVersion), object.kind, object.namespace, object.name)
  const objects = set.objects.filter(({ object }) => idOf(nameParts(object)) === id)
  const stale = set.stale.filter(({ group, kind, namespace, name }) => liveId(group, kind, namespace, name) === id)
  if (objects.length === 0 && stale.length === 0) return null
  const { compared } = await compare({ ...set, objects, stale }, { ...options, earlier: null, isDirty: () => true })
  return compared.objects.find((object) => idOf(object) === id) ?? null
}

interface Compared {
  readonly compared: ComparedSet
  readonly reused: ReadonlyMap<ComparedObject, ComparedRecord>
  /** By id: live objects as they were read last, before anything in them was hidden. */
  readonly seen: ReadonlyMap<string, Validity>
  /** By id. */
  readonly desiredKeys: ReadonlyMap<string, string>
  readonly setKey: string
}

async function compare(set: DesiredSet, options: CompareOwnerOptions): Promise<Compared> {
  const { view, codec, earlier, live, mayDryRun, isDirty } = options
  const digest = (text: string): string => codec.sha256Hex(text)
  const idOf = (object: KubeObject): string => {
    const { apiVersion, kind, namespace, name } = nameParts(object)
    const group = groupOf(apiVersion)
    // A namespace on what has none means nothing to the API server.
    return liveId(group, kind, view.served(group, kind)?.isNamespaced === false ? '' : namespace, name)
  }
  const desiredKeys = new Map(set.objects.map((desired) => [idOf(desired.object), desiredKeyOf(desired, digest)]))
  const setKey = digest(
    JSON.stringify([
      set.ignoreRules,
      set.isForced,
      set.overrideManagers,
      set.customStageKinds,
      set.target.impersonate,
      set.target.remote === null,
      mayDryRun,
    ]),
  )
  const reusable = new Map<string, ComparedRecord>()
  /** Those that the API server is asked for again; the same answer needs no live object. */
  const repeatable = new Map<string, ComparedRecord>()
  // What the set brings itself may not be there any more, and objects of a kind that it changes are judged with what was read.
  const bringsKinds = set.objects.some(({ object }) => object.kind === 'CustomResourceDefinition')
  if (earlier?.setKey === setKey)
    for (const record of earlier.records) {
      const { id, seen, desiredKey, row, answerKey } = record
      if (!isSettled(row.action) || desiredKey === '' || desiredKeys.get(id) !== desiredKey) continue
      const judgement = live.judge(id, seen)
      if (!isDirty(id) && judgement === 'valid') reusable.set(id, record)
      else if (answerKey !== '' && judgement !== 'changed' && mayDryRun && !bringsKinds && row.ref.kind !== 'Namespace')
        repeatable.set(id, record)
    }
  const seen = new Map<string, Validity>()
  const reused = new Map<ComparedObject, ComparedRecord>()
  /** Stand for live objects whose earlier answer still holds, so that nobody reads them again. */
  const placeholders = new WeakMap<KubeObject, ComparedRecord>()
  const watched =
    (read: LiveObjects['read']): LiveObjects['read'] =>
    async (wanted) => {
      const answer = await read(wanted)
      const { apiVersion, kind, namespace, name } = wanted
      if ('object' in answer) seen.set(liveId(groupOf(apiVersion), kind, namespace, name), live.validity(answer.object))
      return answer
    }
  const readLive = watched((wanted) => live.read(wanted))
  const compared = await options.comparison.compareSet(set, {
    view,
    client: options.client,
    live: {
      read: (wanted) => {
        const { apiVersion, kind, namespace, name } = wanted
        const id = liveId(groupOf(apiVersion), kind, namespace, name)
        const asked = repeatable.get(id)
        if (asked !== undefined) return Promise.resolve({ object: placeholderOf(wanted, asked.seen) })
        const record = reusable.get(id)
        if (record === undefined) return readLive(wanted)
        if (record.seen.uid === '') return Promise.resolve({ object: null })
        const placeholder = placeholderOf(wanted, record.seen)
        placeholders.set(placeholder, record)
        return Promise.resolve({ object: placeholder })
      },
      readFresh: watched((wanted) => live.readFresh(wanted)),
    },
    codec,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    secretKey: options.secretKey,
    takeDryRun: options.takeDryRun,
    mayDryRun,
    concurrency: options.concurrency,
    signal: options.signal,
    reuse: (desired, object) => {
      const record = object === null ? reusable.get(idOf(desired.object)) : placeholders.get(object)
      if (record === undefined || (object === null && record.seen.uid !== '')) return null
      const answer = reusedObject(record, desired)
      reused.set(answer, record)
      return answer
    },
    repeat: (desired) => {
      const record = repeatable.get(idOf(desired.object))
      if (record === undefined) return null
      const object = reusedObject(record, desired)
      reused.set(object, record)
      return { answerKey: record.answerKey, object, readLive: () => readLive(nameParts(desired.object)) }
    },
  })
  for (const object of compared.objects) {
    // Judged by its desired side alone, which is what it was.
    const record = object.live === null ? undefined : placeholders.get(object.live)
    if (record !== undefined) reused.set(object, record)
  }
  return { compared, reused, seen, desiredKeys, setKey }
}

function placeholderOf(
  { apiVersion, kind, namespace, name }: Parameters<LiveObjects['read']>[0],
  { uid, resourceVersion }: Validity,
): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }), uid, resourceVersion } }
}

function reusedObject({ row, isApproximate }: ComparedRecord, desired: DesiredObject): ComparedObject {
  const { action, risk, rule, problem, isSecret } = row
  return {
    ...nameParts(desired.object),
    action,
    fields: [],
    risk,
    rule,
    problem,
    isSecret,
    isApproximate,
    desired,
    live: null,
    wouldBe: null,
  }
}

function toRecord(
  set: DesiredSet,
  object: ComparedObject,
  { seen, desiredKeys }: Compared,
  live: LiveIndex,
  codec: Codec,
  checkedAt: number,
): ComparedRecord {
  const ref = recordRef(set.owner, object)
  const id = liveId(ref.group, ref.kind, ref.namespace, ref.name)
  const details = isDrift(object.action) ? recordDetails(object) : null
  return {
    row: toDriftObject(set.owner, object, checkedAt),
    id,
    seen: seen.get(id) ?? live.validity(object.live),
    desiredKey: object.desired === null ? '' : (desiredKeys.get(id) ?? ''),
    isApproximate: object.isApproximate,
    answerKey: object.answerKey ?? '',
    details: details === null ? null : new Uint8Array(codec.deflate(exactText(details))),
  }
}

export function nameParts(object: KubeObject): { apiVersion: string; kind: string; namespace: string; name: string } {
  const { namespace = '', name } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, namespace, name }
}

function toError({ code, message, remedy, detail, retry }: SluiceErrorData): SluiceError {
  return new SluiceError(code, message, { remedy, detail, retry })
}
