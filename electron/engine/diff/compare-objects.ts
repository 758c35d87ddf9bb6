/**
 * The fields in which a live object differs from what the controller's apply would make of it, each with who wrote it and what will come of it.
 */
import type { DriftField, FieldVerdict } from '../../../shared/model/drift.ts'
import { NormaliseError, normaliseDryRun } from '../apply/normalise/normalise-object.ts'
import type { KubeObject } from '../clusters/view.ts'
import { pointerParts } from '../gate/json-pointer.ts'
import { blameOf, blameOfRemoval, toBlame } from './blame.ts'
import type { Change } from './collect-changes.ts'
import { collectChanges } from './collect-changes.ts'
import { areEqual } from './equal-values.ts'
import { holdsSealed, valueText } from './field-value.ts'
import { collectForeignFields } from './foreign-fields.ts'
import type { IgnoredPaths } from './ignore-rules.ts'
import { isIgnoredBy } from './ignore-rules.ts'
import type { FieldManager, FieldNode } from './managed-fields.ts'
import { fieldManagersOf, isLeaf, noFields, ownsField } from './managed-fields.ts'
import { stripPointer } from './strip-pointer.ts'

/** More fields of one object than anybody reads: the rest is counted in the last one. */
export const maxFields = 2000

export interface CompareInput {
  readonly live: KubeObject
  /** What the apply answers; its managedFields tell what the controller would own. */
  readonly wouldBe: KubeObject
  /**
   * The same after the controller has taken over what cleaned-up managers own; null where there is nothing to take over. Differences between
   * the two are `reclaimed`.
   */
  readonly afterCleanup: KubeObject | null
  /** Field manager of the controller. */
  readonly controller: string
  /** The controller's own set after its apply; null: read from `wouldBe`. */
  readonly owned: FieldNode | null
  /** Managers that the clean-up takes over: what they own is not foreign. */
  readonly isReclaimed: (manager: FieldManager) => boolean
  readonly ignored: readonly IgnoredPaths[]
  /** helm-controller leaves labels and annotations alone that its apply would only remove. */
  readonly keepsRemovedMetadata: boolean
  /** kustomize-controller takes fields over whatever its ignore rules say. */
  readonly isReclaimAboveRules: boolean
  /** `afterCleanup`, or `wouldBe` without it, already has ignored fields as the controller leaves them: rules say no more about them. */
  readonly isSettled: boolean
}

/** Drift first, in the order of the text, then fields that others own. Both objects are expected sealed. */
export function compareObjects(input: CompareInput): readonly DriftField[] {
  const { live, wouldBe, controller } = input
  const target = normaliseForDiff(input.afterCleanup ?? wouldBe)
  const before = normaliseForDiff(live)
  const managers = fieldManagersOf(live)
  const fields: DriftField[] = []
  const drifting = new PlaceSet()

  const sets = [...managers, ...fieldManagersOf(wouldBe)].map((entry) => entry.fields)
  const plain = input.afterCleanup === null ? null : normaliseForDiff(wouldBe)
  const plainChanges = plain === null ? [] : collectChanges(before, plain, sets, maxFields * 5).changes
  const places = new Set<string>()
  if (!areSame(before, target)) {
    const { changes, total } = collectChanges(before, target, sets, maxFields)
    const own = plain === null ? null : new Set(plainChanges.map(placeOf))
    for (const change of changes) {
      const place = placeOf(change)
      fields.push(toField(change, own !== null && !own.has(place), input, managers))
      // The pointer of what is absent live is one of the other object.
      if (change.live !== undefined) drifting.add(change.pointer)
      places.add(place)
    }
    if (total > changes.length) fields.push(restField(total - changes.length))
  }
  // What the plain apply would set back and the controller leaves alone for a rule.
  if (input.isSettled)
    for (const change of plainChanges) {
      if (places.has(placeOf(change)) || (change.live !== undefined && drifting.touches(change.pointer))) continue
      const rule = ruleFor(change, input.ignored)
      if (rule === null) continue
      fields.push({ ...toField(change, false, input, managers), verdict: 'ignored', rule })
      if (change.live !== undefined) drifting.add(change.pointer)
    }

  const foreign = managers.filter((entry) => entry.manager !== controller && !input.isReclaimed(entry))
  const replicas = (before['spec'] as { readonly replicas?: unknown } | undefined)?.replicas
  const isScaled = typeof replicas === 'number' && replicas !== 1
  const owned = input.owned ?? ownSet(wouldBe, controller)
  // An answer that does not tell what the controller owns does not tell what it does not own.
  if (!isLeaf(owned) && (foreign.length > 0 || isScaled)) {
    const replicasPath = ['f:spec', 'f:replicas']
    // The API server does not record who scales what nobody owned before: it is no default either.
    if (
      isScaled &&
      !drifting.touches('/spec/replicas') &&
      [owned, ...managers.map((entry) => entry.fields)].every((set) => !ownsField(set, replicasPath))
    )
      fields.push({
        key: '/spec/replicas',
        path: 'spec.replicas',
        pointer: '/spec/replicas',
        change: 'added',
        gitValue: null,
        liveValue: String(replicas),
        isSecret: false,
        blame: null,
        verdict: 'notOwned',
        rule: '',
      })
    for (const field of collectForeignFields(before, owned, foreign, maxFields)) {
      if (drifting.touches(field.pointer)) continue
      fields.push({
        key: field.pointer,
        path: field.path,
        pointer: field.pointer,
        change: 'added',
        gitValue: null,
        liveValue: valueText(field.value),
        isSecret: holdsSealed(field.value),
        blame: toBlame(field.owner),
        verdict: 'notOwned',
        rule: '',
      })
    }
  }
  return fields
}

/** Pointers, asked whether one of them is equal to, above or below another one. */
class PlaceSet {
  private readonly pointers = new Set<string>()
  private readonly above = new Set<string>()

  add(pointer: string): void {
    this.pointers.add(pointer)
    for (let at = pointer.lastIndexOf('/'); at > 0; at = pointer.lastIndexOf('/', at - 1))
      this.above.add(pointer.slice(0, at))
  }

  touches(pointer: string): boolean {
    if (this.pointers.has(pointer) || this.above.has(pointer)) return true
    for (let at = pointer.lastIndexOf('/'); at > 0; at = pointer.lastIndexOf('/', at - 1))
      if (this.pointers.has(pointer.slice(0, at))) return true
    return false
  }
}

/** The fields of the controller's Apply entry on the main resource. */
export function ownSet(object: KubeObject, controller: string): FieldNode {
  const own = fieldManagersOf(object).find(
    (entry) => entry.manager === controller && entry.operation === 'Apply' && entry.subresource === '',
  )
  return own?.fields ?? noFields
}

function toField(
  change: Change,
  isReclaimed: boolean,
  input: CompareInput,
  managers: readonly FieldManager[],
): DriftField {
  const kind = change.live === undefined ? 'removed' : change.git === undefined ? 'added' : 'changed'
  const isKept =
    input.keepsRemovedMetadata && kind === 'added' && /^\/metadata\/(labels|annotations)\//.test(change.pointer)
  const isAboveRules = input.isSettled || (isReclaimed && input.isReclaimAboveRules)
  const rule = isAboveRules ? null : ruleFor(change, input.ignored)
  const verdict: FieldVerdict = isKept ? 'notOwned' : rule !== null ? 'ignored' : isReclaimed ? 'reclaimed' : 'drift'
  return {
    key: change.isOrder ? `${change.pointer}#order` : kind === 'removed' ? `${change.pointer}#git` : change.pointer,
    path: change.isOrder ? `${change.path} (order)` : change.path,
    pointer: change.pointer,
    change: kind,
    gitValue: valueText(change.git),
    liveValue: valueText(change.live),
    isSecret: holdsSealed(change.live) || holdsSealed(change.git),
    blame:
      kind === 'removed'
        ? blameOfRemoval(managers, change.segments, input.controller)
        : blameOf(managers, change.segments, input.controller),
    verdict,
    rule: rule ?? '',
  }
}

/** Text of the rule that ignores a change, null if none does: rules strip both sides, so one that points deeper may make them equal. */
function ruleFor(change: Change, ignored: readonly IgnoredPaths[]): string | null {
  for (const { pointers, rule } of ignored)
    for (const pointer of pointers)
      if (isIgnoredBy(change.pointer, pointer) || isIgnoredBy(change.gitPointer, pointer)) return rule
  let { live, git } = change
  if (live === undefined || git === undefined || change.isOrder) return null
  let last: string | null = null
  for (const { pointers, rule } of ignored)
    for (const pointer of pointers) {
      if (!isIgnoredBy(pointer, change.pointer)) continue
      const parts = pointerParts(pointer).slice(pointerParts(change.pointer).length)
      live = stripPointer(live, parts)
      git = stripPointer(git, parts)
      last = rule
    }
  return last !== null && areEqual(live, git) ? last : null
}

/** By keys, not by pointer: the clean-up takes items out of lists, and those after them move up. */
function placeOf({ segments, isOrder }: Change): string {
  return JSON.stringify([segments, isOrder])
}

function restField(count: number): DriftField {
  return {
    key: '#rest',
    path: `and ${count.toLocaleString('en')} more fields`,
    pointer: '',
    change: 'changed',
    gitValue: null,
    liveValue: null,
    isSecret: false,
    blame: null,
    verdict: 'drift',
    rule: '',
  }
}

/** Whether kustomize-controller calls the two equal: labels, annotations, and everything but metadata and status. */
export function areSame(live: KubeObject, wouldBe: KubeObject): boolean {
  if (!areEqual(live.metadata.labels ?? {}, wouldBe.metadata.labels ?? {})) return false
  if (!areEqual(live.metadata.annotations ?? {}, wouldBe.metadata.annotations ?? {})) return false
  for (const key in live)
    if (key !== 'metadata' && key !== 'status' && !(Object.hasOwn(wouldBe, key) && areEqual(live[key], wouldBe[key])))
      return false
  for (const key in wouldBe) if (key !== 'metadata' && key !== 'status' && !Object.hasOwn(live, key)) return false
  return true
}

/** Whether kustomize-controller finds nothing to apply between the two: `areSame` of what it makes of them first. */
export function areCalledSame(live: KubeObject, wouldBe: KubeObject): boolean {
  return areSame(normaliseForDiff(live), normaliseForDiff(wouldBe))
}

/**
 * As kustomize-controller reads both sides before it compares them: old API servers answer the dry-run of an autoscaler with a metric doubled and
 * an empty one. One that cannot be read (a sealed field where a number is wanted) is compared as it is.
 */
export function normaliseForDiff(object: KubeObject): KubeObject {
  try {
    return normaliseDryRun(object)
  } catch (error) {
    if (error instanceof NormaliseError) return object
    throw error
  }
}
