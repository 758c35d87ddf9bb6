/** One object of a set: asked for by dry-run until the answer belongs to the object that was compared, or worked out by structure. */
import type { DriftAction, DriftField } from '../../../shared/model/drift.ts'
import { fromErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import { isSecret } from '../detail/present-object.ts'
import type { CompareInput } from '../diff/compare-objects.ts'
import { areCalledSame, compareObjects } from '../diff/compare-objects.ts'
import { heldFields } from '../diff/held-fields.ts'
import type { CompiledRules, IgnoredPaths } from '../diff/ignore-rules.ts'
import type { FieldManager, FieldNode } from '../diff/managed-fields.ts'
import { riskOf } from '../diff/risk.ts'
import type { Sealer } from '../diff/sealed-values.ts'
import { sealObject } from '../diff/sealed-values.ts'
import type { DesiredObject, DesiredSet } from '../drift/desired-set.ts'
import type { Cleanup } from './cleanup.ts'
import { cleanupOf, isTakenOver, withoutReclaimed } from './cleanup.ts'
import type { ComparedObject, CompareOptions } from './compare-set.ts'
import { isForced, skipRule } from './controls.ts'
import type { DryRunOutcome, DryRunTarget } from './dry-run.ts'
import { dryRunApply, dryRunSet, isEndingProblem, titleOf } from './dry-run.ts'
import { differsBeyond, payloadFor } from './ignored-payload.ts'
import { applyStructurally } from './structural.ts'
import { belongsTo, isSameToComparison } from './validity.ts'

export interface Comparison {
  readonly set: DesiredSet
  readonly options: CompareOptions
  readonly rules: CompiledRules
  readonly sealer: Sealer
  /** Counts dry-runs sent. */
  readonly onDryRun: () => void
}

export type LiveRead = Awaited<ReturnType<CompareOptions['live']['read']>>

/** So often an object may move under a comparison before it is left as `moving`. */
const maxReads = 3

/** Compares one object whose kind is served and whose namespace is there. Rejects only for what ends the whole comparison. */
export async function compareOne(
  comparison: Comparison,
  desired: DesiredObject,
  target: DryRunTarget,
  read: LiveRead,
): Promise<ComparedObject> {
  const { set, options } = comparison
  let sent = 0
  const ask = (): Promise<DryRunOutcome> => {
    sent += 1
    comparison.onDryRun()
    return dryRunApply(desired.object, target, options)
  }
  const counted: Comparison = {
    ...comparison,
    onDryRun: () => {
      sent += 1
      comparison.onDryRun()
    },
  }
  const earlierAnswer = options.mayDryRun ? (options.repeat?.(desired) ?? null) : null
  let asked: DryRunOutcome | null = null
  if (earlierAnswer !== null) {
    asked = await ask()
    if (asked.kind === 'answer' && answerKeyOf(asked, options) === earlierAnswer.answerKey) return earlierAnswer.object
    read = await earlierAnswer.readLive()
  }
  for (let attempt = 1; ; attempt += 1) {
    if ('problem' in read) return unknownObject(desired, null, orEnd(read.problem))
    const live = read.object
    const earlier = options.reuse(desired, live)
    if (earlier !== null) return earlier
    const rule = ruleThatSkips(comparison, desired, live)
    if (rule !== '') return { ...plain(desired, hidden(comparison, desired, live), 'skipped'), rule }
    if (desired.unknown !== '') {
      const problem: SluiceErrorData = {
        code: 'Unsupported',
        message: `${titleOf(desired.object)}: ${desired.unknown}`,
        remedy: '',
        detail: '',
        retry: 'terminal',
      }
      return live === null
        ? { ...plain(desired, live, 'created'), problem }
        : unknownObject(desired, hidden(comparison, desired, live), problem)
    }
    if (!options.mayDryRun) return byStructure(comparison, desired, live, null)

    if (asked === null) sent = 0
    const outcome: DryRunOutcome = asked ?? (await ask())
    asked = null
    if (outcome.kind === 'forbidden') return byStructure(comparison, desired, live, outcome.problem)
    if (outcome.kind !== 'answer') {
      const isRecreated = outcome.kind === 'immutable' && live !== null && isForced(set, desired.object, live)
      return refusedObject(comparison, desired, live, isRecreated ? null : outcome.problem)
    }

    const wouldBe = outcome.object
    const isNew = wouldBe.metadata.resourceVersion === undefined || wouldBe.metadata.resourceVersion === ''
    const moved = await hasMoved(comparison, desired, live, isNew ? null : wouldBe)
    if (moved !== null) {
      if (attempt >= maxReads) return plain(desired, hidden(comparison, desired, live), 'moving')
      read = moved
      continue
    }
    if (live === null) return { ...plain(desired, null, 'created'), wouldBe: sealed(comparison, desired, wouldBe) }
    const result = await byAnswer(counted, desired, target, live, wouldBe)
    if (result !== 'moved') {
      const isRepeatable =
        sent === 1 &&
        result.action === 'unchanged' &&
        !result.isApproximate &&
        !result.isSecret &&
        live.metadata.resourceVersion === wouldBe.metadata.resourceVersion
      return isRepeatable ? { ...result, answerKey: answerKeyOf(outcome, options) } : result
    }
    if (attempt >= maxReads) return plain(desired, hidden(comparison, desired, live), 'moving')
    read = await options.live.readFresh(keyOf(desired.object))
  }
}

function answerKeyOf(
  { bytes }: Extract<DryRunOutcome, { readonly kind: 'answer' }>,
  { codec }: Pick<CompareOptions, 'codec'>,
): string {
  return codec.sha256Hex(bytes).slice(0, 32)
}

/** What a fresh read says, if the answer may belong to another state of the object than the one read; null if it does not. */
async function hasMoved(
  comparison: Comparison,
  desired: DesiredObject,
  live: KubeObject | null,
  answer: KubeObject | null,
): Promise<LiveRead | null> {
  if (live === null && answer === null) return null
  if (live !== null && answer !== null && live.metadata.uid === answer.metadata.uid) {
    // Where only the status moved, what is compared must be equal as well.
    const isOlder = live.metadata.resourceVersion !== answer.metadata.resourceVersion
    if (belongsTo(answer, live) && (!isOlder || areCalledSame(live, answer))) return null
  }
  const fresh = await comparison.options.live.readFresh(keyOf(desired.object))
  if ('problem' in fresh) return fresh
  // The same before and after: so it was in between.
  return answer !== null && live !== null && isSameToComparison(live, fresh.object) ? null : fresh
}

async function byAnswer(
  comparison: Comparison,
  desired: DesiredObject,
  target: DryRunTarget,
  live: KubeObject,
  wouldBe: KubeObject,
): Promise<ComparedObject | 'moved'> {
  const { set, options } = comparison
  const cleanup = cleanupOf(set, desired.object, live)
  let isApproximate = false
  const answerTo = async (outcome: DryRunOutcome): Promise<KubeObject | ComparedObject | 'moved' | null> => {
    if (outcome.kind === 'forbidden') {
      isApproximate = true
      return null
    }
    if (outcome.kind !== 'answer') return refusedObject(comparison, desired, live, outcome.problem)
    if (outcome.object.metadata.resourceVersion !== wouldBe.metadata.resourceVersion) {
      const fresh = await options.live.readFresh(keyOf(desired.object))
      if ('problem' in fresh || !isSameToComparison(live, fresh.object)) return 'moved'
    }
    return outcome.object
  }

  // What is really sent, where rules leave fields of an object out that is applied for another reason.
  const ignored = set.controller === 'helm-controller' ? [] : ignoredPaths(comparison, desired, wouldBe)
  const pointers = ignored.flatMap((each) => each.pointers)
  let applied = wouldBe
  let isSettled = false
  if (pointers.length > 0 && (cleanup !== null || differsBeyond(live, wouldBe, pointers, areCalledSame))) {
    const isForeign = (entry: FieldManager): boolean => entry.manager !== set.controller && !isTakenOver(set, entry)
    const sent = payloadFor(desired.object, live, wouldBe, pointers, isForeign)
    if ('message' in sent) return refusedObject(comparison, desired, live, ruleProblem(desired.object, sent.message))
    isSettled = true
    if (sent.payload !== desired.object) {
      comparison.onDryRun()
      const answer = await answerTo(await dryRunApply(sent.payload, target, options))
      if (answer === 'moved' || (answer !== null && 'action' in answer)) return answer as ComparedObject | 'moved'
      if (answer !== null) applied = answer
    }
  }

  let after: KubeObject | null = applied === wouldBe ? null : applied
  if (cleanup !== null) {
    const pruned = withoutReclaimed(set, cleanup, desired.object, live, applied)
    if (pruned !== applied) after = pruned
    // Labels and annotations have no defaults to come back.
    if (pruned !== applied && hasOtherBody(pruned, applied)) {
      comparison.onDryRun()
      const answer = await answerTo(await dryRunSet(live, pruned, target, options))
      if (answer === 'moved' || (answer !== null && 'action' in answer)) return answer as ComparedObject | 'moved'
      if (answer !== null) after = answer
    }
  }
  return judged(comparison, desired, live, wouldBe, after, cleanup, null, isApproximate, isSettled)
}

function ruleProblem(object: KubeObject, message: string): SluiceErrorData {
  return {
    code: 'Invalid',
    message: `${titleOf(object)}: the controller cannot apply it beside its ignore rules`,
    remedy: 'Let the rules name fields that the manifest has.',
    detail: message,
    retry: 'terminal',
  }
}

function judged(
  comparison: Comparison,
  desired: DesiredObject,
  live: KubeObject,
  wouldBe: KubeObject,
  after: KubeObject | null,
  cleanup: Cleanup | null,
  owned: CompareInput['owned'],
  isApproximate: boolean,
  isSettled: boolean,
): ComparedObject {
  const { set } = comparison
  const isHelm = set.controller === 'helm-controller'
  const sealedLive = sealed(comparison, desired, live)
  const sealedWouldBe = sealed(comparison, desired, withLiveCounter(desired, live, wouldBe))
  const sealedAfter = after === null ? null : sealed(comparison, desired, withLiveCounter(desired, live, after))
  const fields: DriftField[] = [
    ...compareObjects({
      live: sealedLive,
      wouldBe: sealedWouldBe,
      afterCleanup: sealedAfter,
      controller: set.controller,
      owned,
      isReclaimed: (entry) => cleanup !== null && isTakenOver(set, entry),
      ignored: ignoredPaths(comparison, desired, wouldBe),
      keepsRemovedMetadata: isHelm,
      isReclaimAboveRules: !isHelm,
      isSettled,
    }),
  ]
  const isDrifting = fields.some((field) => field.verdict === 'drift' || field.verdict === 'reclaimed')
  // The controller patches the bookkeeping and applies, whatever the fields say.
  if (!isDrifting && !isHelm && cleanup !== null) fields.unshift(...recordFields(cleanup, sealedLive))
  const action: DriftAction = isDrifting || (!isHelm && cleanup !== null) ? 'configured' : 'unchanged'
  return {
    ...plain(desired, sealedLive, action),
    fields,
    risk: riskOf(action, desired.object.kind, live, fields),
    isApproximate,
    wouldBe: sealedAfter ?? sealedWouldBe,
  }
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** The API server counts changes of a DaemonSet's pods in an annotation: that an apply would count one more is no difference of its own. */
function withLiveCounter(desired: DesiredObject, live: KubeObject, object: KubeObject): KubeObject {
  if (object.kind !== 'DaemonSet' || desired.object.metadata.annotations?.[templateGeneration] !== undefined)
    return object
  const count = live.metadata.annotations?.[templateGeneration]
  if (count === undefined || object.metadata.annotations?.[templateGeneration] === count) return object
  const annotations = { ...object.metadata.annotations, [templateGeneration]: count }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

const maxHeld = 40

/** Ownership that is taken back although no field changes: one field per manager. */
function recordFields(cleanup: Cleanup, sealedLive: KubeObject): DriftField[] {
  return cleanup.managers.map(({ manager, operation, subresource, at, fields }) => ({
    key: `/metadata/managedFields#${manager} ${operation}`,
    path: `metadata.managedFields[${manager}]`,
    pointer: '/metadata/managedFields',
    change: 'added',
    gitValue: null,
    liveValue: heldText(sealedLive, fields),
    isSecret: false,
    blame: { manager, operation, subresource, at },
    verdict: 'record',
    rule: '',
  }))
}

function heldText(sealedLive: KubeObject, fields: FieldNode): string {
  const paths = heldFields(sealedLive, fields, maxHeld + 1).map(({ path }) => path)
  if (paths.length === 0) return 'nothing that is there'
  return paths.length > maxHeld ? `${paths.slice(0, maxHeld).join(', ')} and more` : paths.join(', ')
}

/** Without asking the API server. `problem` says why, null where dry-runs are off. */
export function byStructure(
  comparison: Comparison,
  desired: DesiredObject,
  live: KubeObject | null,
  problem: SluiceErrorData | null,
): ComparedObject {
  if (live === null) return { ...plain(desired, null, 'created'), problem, isApproximate: true }
  const { set } = comparison
  const { wouldBe, owned } = applyStructurally(desired.object, live, set)
  const cleanup = cleanupOf(set, desired.object, live)
  // The approximation's own entry stands for the answer's.
  const answer = withOwnEntry(wouldBe, set.controller, owned)
  const pruned = cleanup === null ? answer : withoutReclaimed(set, cleanup, desired.object, live, answer)
  const after = pruned === answer ? null : pruned
  return { ...judged(comparison, desired, live, answer, after, cleanup, owned, true, false), problem }
}

function withOwnEntry(object: KubeObject, controller: string, fieldsV1: unknown): KubeObject {
  const isOwn = (entry: unknown): boolean => {
    const { manager, operation, subresource } = entry as Readonly<Record<string, unknown>>
    return manager === controller && operation === 'Apply' && (subresource ?? '') === ''
  }
  const others = (object.metadata.managedFields ?? []).filter((entry) => !isOwn(entry))
  const own = {
    manager: controller,
    operation: 'Apply',
    apiVersion: object.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1,
  }
  return { ...object, metadata: { ...object.metadata, managedFields: [...others, own] } }
}

/** Refused, or to be recreated where `problem` is null: what differs is worked out by structure. */
function refusedObject(
  comparison: Comparison,
  desired: DesiredObject,
  live: KubeObject | null,
  problem: SluiceErrorData | null,
): ComparedObject {
  const action: DriftAction = problem === null ? 'recreated' : 'refused'
  if (live === null) return { ...plain(desired, null, action), problem }
  const structural = byStructure(comparison, desired, live, problem)
  const fields = structural.fields.filter((field) => !field.key.startsWith('/metadata/managedFields#'))
  const risk = riskOf(action, desired.object.kind, live, fields)
  // What was refused is not known, which is told of the object itself: its owner's other objects were compared as exactly as ever.
  return { ...structural, action, fields, risk, isApproximate: structural.isApproximate && action !== 'refused' }
}

/** Not known: neither drift nor none. */
export function unknownObject(
  desired: DesiredObject,
  live: KubeObject | null,
  problem: SluiceErrorData,
): ComparedObject {
  return { ...plain(desired, live, 'refused'), problem }
}

export function plain(desired: DesiredObject, live: KubeObject | null, action: DriftAction): ComparedObject {
  const { apiVersion, kind, metadata } = desired.object
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    action,
    fields: [],
    risk: { level: 'low', text: '' },
    rule: '',
    problem: null,
    isSecret: isSecret(desired.object) || desired.sensitive.length > 0,
    isApproximate: false,
    desired,
    live,
    wouldBe: null,
  }
}

function ruleThatSkips({ set, rules }: Comparison, desired: DesiredObject, live: KubeObject | null): string {
  const rule = skipRule(set.controller, desired.object, live)
  if (rule !== '' || set.controller === 'kustomize-controller') return rule
  // helm-controller leaves an object out that a rule ignores whole.
  return rules.matching(desired.object).find(({ pointers }) => pointers.includes(''))?.rule ?? ''
}

/** kustomize-controller's targets are matched with the answer, helm-controller's with the manifest. */
function ignoredPaths(
  { set, rules }: Comparison,
  desired: DesiredObject,
  wouldBe: KubeObject,
): readonly IgnoredPaths[] {
  return rules.matching(set.controller === 'helm-controller' ? desired.object : wouldBe)
}

function sealed({ sealer }: Comparison, desired: DesiredObject, object: KubeObject): KubeObject {
  return sealObject(object, desired.sensitive, sealer)
}

/** SECURITY: item 9: live objects leave this file sealed. */
function hidden(comparison: Comparison, desired: DesiredObject, live: KubeObject | null): KubeObject | null {
  return live === null ? null : sealed(comparison, desired, live)
}

function hasOtherBody(a: KubeObject, b: KubeObject): boolean {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    if (key !== 'metadata' && a[key] !== b[key]) return true
  return false
}

function orEnd(problem: SluiceErrorData): SluiceErrorData {
  if (isEndingProblem(problem)) throw fromErrorData(problem)
  return problem
}

export function keyOf(object: KubeObject): Parameters<CompareOptions['live']['read']>[0] {
  const { apiVersion, kind, metadata } = object
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name }
}
