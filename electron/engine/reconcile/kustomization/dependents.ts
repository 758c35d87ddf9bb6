/**
 * Which Kustomizations run because something else changed: a source's new revision (as the controller's predicates have it), and a dependency that
 * became ready or failed, for which the controller would wait half a minute. Semantics: kustomize-controller `SetupWithManager`, its indexers.
 */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import { isSameRevision } from '../../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { asArray, groupOf, labelOf, textAt } from '../../status/read.ts'
import type { HostedView } from '../reconciler.ts'
import { isDependencyReady } from './check-dependencies.ts'
import { readKustomizationSpec } from './kustomization-spec.ts'

export interface DependentFinder {
  find(view: HostedView, before: KubeObject | null, changed: KubeObject): readonly ObjectRef[]
}

interface Uses {
  readonly ref: ObjectRef
  readonly source: string
  readonly dependsOn: readonly string[]
  /** `ConfigMap|namespace/name`. */
  readonly inputs: readonly string[]
}

/** One index per view, kept as objects change; what is stale in it is checked against the object itself. */
export function createDependentFinder(): DependentFinder {
  const indexes = new WeakMap<HostedView, Map<string, Uses>>()

  function indexOf(view: HostedView): Map<string, Uses> {
    let index = indexes.get(view)
    if (index === undefined) {
      index = new Map()
      for (const object of view.objects(kustomizeGroup, 'Kustomization')) put(index, view, object)
      indexes.set(view, index)
    }
    return index
  }

  function put(index: Map<string, Uses>, view: HostedView, object: KubeObject): void {
    const { name, namespace = '' } = object.metadata
    const ref = { cluster: view.id, group: kustomizeGroup, kind: 'Kustomization', namespace, name }
    const { source, dependsOn } = readKustomizationSpec(object, view.id)
    index.set(refKey(ref), {
      ref,
      source: refKey(source),
      dependsOn: dependsOn.map((each) => refKey(each.ref)),
      inputs: inputsOf(object),
    })
  }

  return {
    find(view, before, changed) {
      const index = indexOf(view)
      const { name, namespace = '' } = changed.metadata
      const ref = { cluster: view.id, group: groupOf(changed.apiVersion), kind: changed.kind, namespace, name }
      const key = refKey(ref)
      if (ref.group === kustomizeGroup && ref.kind === 'Kustomization') {
        const isSpecNew = before === null || before.metadata.generation !== changed.metadata.generation
        if (isSpecNew) put(index, view, changed)
        if (!hasBecomeReady(before, changed) && !hasFailed(before, changed)) return []
        return pick(index, ({ dependsOn }) => dependsOn.includes(key)).filter((each) => mayWait(view, each))
      }
      if (ref.group === '') {
        if (labelOf(changed, 'reconcile.fluxcd.io/watch').toLowerCase() !== 'enabled') return []
        const id = `${ref.kind}|${namespace}/${name}`
        return pick(index, ({ inputs }) => inputs.includes(id))
      }
      const revision = textAt(changed, 'status', 'artifact', 'revision')
      const earlier = before === null ? '' : textAt(before, 'status', 'artifact', 'revision')
      if (revision === '' || (earlier !== '' && isSameRevision(earlier, revision))) return []
      const users = pick(index, ({ source }) => source === key)
      // An artifact that was missing here is back: whoever ran meanwhile did not find it, and would wait half a minute.
      return earlier === '' ? users : users.filter((each) => !hasSeen(view.cached(each), revision))
    },
  }
}

function pick(index: ReadonlyMap<string, Uses>, isWanted: (uses: Uses) => boolean): readonly ObjectRef[] {
  const result: ObjectRef[] = []
  for (const uses of index.values()) if (isWanted(uses)) result.push(uses.ref)
  return result
}

/** The run of this revision is done, or under way. */
function hasSeen(object: KubeObject | null, revision: string): boolean {
  if (object === null || !isSameRevision(textAt(object, 'status', 'lastAttemptedRevision'), revision)) return false
  const conditions = readConditions(object)
  return (
    findCondition(conditions, 'Stalled')?.status !== 'True' &&
    (findCondition(conditions, 'Ready')?.status === 'True' ||
      findCondition(conditions, 'Reconciling')?.status === 'True')
  )
}

function hasBecomeReady(before: KubeObject | null, changed: KubeObject): boolean {
  if (!isDependencyReady(changed)) return false
  return (
    before === null ||
    !isDependencyReady(before) ||
    textAt(before, 'status', 'lastAppliedRevision') !== textAt(changed, 'status', 'lastAppliedRevision')
  )
}

/** Who waits for it says until then that it has another revision, or has not been there. */
function hasFailed(before: KubeObject | null, changed: KubeObject): boolean {
  return before !== null && !isNotReady(before) && isNotReady(changed)
}

function isNotReady(object: KubeObject): boolean {
  return findCondition(readConditions(object), 'Ready')?.status === 'False'
}

/** It says that it waits, or has not begun with its source's revision: then its run may be looking at what its dependency was. */
function mayWait(view: HostedView, ref: ObjectRef): boolean {
  const object = view.cached(ref)
  if (object === null) return false
  if (findCondition(readConditions(object), 'Ready')?.reason === 'DependencyNotReady') return true
  const source = view.cached(readKustomizationSpec(object, view.id).source)
  const revision = source === null ? '' : textAt(source, 'status', 'artifact', 'revision')
  return revision !== '' && !isSameRevision(textAt(object, 'status', 'lastAttemptedRevision'), revision)
}

function inputsOf(object: KubeObject): readonly string[] {
  const namespace = object.metadata.namespace ?? ''
  const { spec } = object
  const named: [kind: string, name: string][] = [
    ['ConfigMap', textAt(spec, 'kubeConfig', 'configMapRef', 'name')],
    ['Secret', textAt(spec, 'kubeConfig', 'secretRef', 'name')],
    ['Secret', textAt(spec, 'decryption', 'secretRef', 'name')],
  ]
  const postBuild = (spec as { postBuild?: { substituteFrom?: unknown } } | undefined)?.postBuild
  for (const each of asArray(postBuild?.substituteFrom)) named.push([textAt(each, 'kind'), textAt(each, 'name')])
  return named.flatMap(([kind, name]) => (name === '' ? [] : [`${kind}|${namespace}/${name}`]))
}
