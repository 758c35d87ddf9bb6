/** What a desired state is made from, as one text that changes when it does: read from rows, caches and watches, never asked for. */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { isSameRevision } from '../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { asArray, at, textAt, timeMs } from '../status/read.ts'
import type { LiveIndex } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'

export type DesiredRevision = 'applied' | 'latest'

/** Kustomizations and HelmReleases are compared. */
export function isOwnerKind({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return (group === kustomizeGroup && kind === 'Kustomization') || (group === helmGroup && kind === 'HelmRelease')
}

/**
 * The tree that the cluster was last brought in line with. A run that applied but did not come to its end (health checks) has moved the
 * cluster on without saying so in lastAppliedRevision: the next run builds from the newest tree.
 */
export function revisionToCompare(object: KubeObject): DesiredRevision {
  const applied = textAt(object, 'status', 'lastAppliedRevision')
  const attempted = textAt(object, 'status', 'lastAttemptedRevision')
  return applied !== '' && (attempted === '' || attempted === applied) ? 'applied' : 'latest'
}

/**
 * Whether a controller is changing the owner's objects to another state right now: what is seen meanwhile is neither. A run that only sets
 * drift back is no reason to wait.
 */
export function isApplying(object: KubeObject): boolean {
  const reconciling = findCondition(readConditions(object), 'Reconciling')
  // After a failure the condition stays, with another reason.
  if (reconciling?.status !== 'True' || reconciling.reason !== 'Progressing') return false
  if (object.kind === 'HelmRelease') return true
  const applied = textAt(object, 'status', 'lastAppliedRevision')
  const attempted = textAt(object, 'status', 'lastAttemptedRevision')
  const isChecking = reconciling.message.startsWith('Running health checks')
  return (
    !isChecking && (attempted !== applied || object.metadata.generation !== at(object, 'status', 'observedGeneration'))
  )
}

/** No controller has looked at it yet, and one may: what it is to apply is not missing before that was tried. */
export function isUntried(object: KubeObject): boolean {
  return (
    readConditions(object).length === 0 &&
    textAt(object, 'status', 'lastAppliedRevision') === '' &&
    textAt(object, 'status', 'lastAttemptedRevision') === '' &&
    at(object, 'spec', 'suspend') !== true
  )
}

/**
 * Its source has had another revision since `since`, which would be compared and which its controller has not begun with: what Git says now was never
 * asked of the cluster.
 */
export function isBehind(object: KubeObject, source: KubeObject | null, since: number): boolean {
  if (object.kind !== 'Kustomization' || at(object, 'spec', 'suspend') === true || source === null) return false
  if (revisionToCompare(object) !== 'latest') return false
  const artifact = at(source, 'status', 'artifact')
  const revision = textAt(artifact, 'revision')
  const updatedAt = timeMs(at(artifact, 'lastUpdateTime'))
  if (revision === '' || updatedAt === null || updatedAt < since) return false
  return !isSameRevision(revision, textAt(object, 'status', 'lastAttemptedRevision'))
}

/** What its controller wrote down about its builds, without when it was last seen. */
function builtOf(object: KubeObject): readonly unknown[] {
  return asArray(at(object, 'status', 'history')).map((entry) => [
    at(entry, 'digest'),
    at(entry, 'metadata', 'revision'),
    at(entry, 'firstReconciled'),
  ])
}

export interface FingerprintDeps {
  readonly view: ClusterView
  readonly live: LiveIndex
  readonly inputs: readonly ObjectRef[]
  readonly revision: DesiredRevision
  /** The revision that the tree would have; null if that cannot be told. */
  readonly peek: string | null
  /** The folder mapped to the source, and whatever else the user decided about it. */
  readonly choices: string
  readonly digest: (text: string) => string
}

export function fingerprintOf(object: KubeObject, deps: FingerprintDeps): string {
  const { view, live, inputs, revision, peek, choices, digest } = deps
  const isRelease = object.kind === 'HelmRelease'
  return digest(
    JSON.stringify([
      ownPart(object, digest),
      isRelease ? null : [revision, peek],
      inputs.map(({ group, kind, namespace, name }) => live.versionOf(liveId(group, kind, namespace, name))),
      controllerPart(view.controllers(), isRelease ? 'helm-controller' : 'kustomize-controller', digest),
      choices,
    ]),
  )
}

// Caches answer the same objects while they do not change: nothing of them is printed twice.
const ownParts = new WeakMap<KubeObject, string>()
const controllerParts = new WeakMap<readonly ControllerRow[], Map<string, string>>()

function ownPart(object: KubeObject, digest: (text: string) => string): string {
  const known = ownParts.get(object)
  if (known !== undefined) return known
  const isRelease = object.kind === 'HelmRelease'
  const part = digest(
    JSON.stringify([
      object.metadata.uid,
      at(object, 'spec'),
      at(object, 'status', 'inventory'),
      isRelease ? at(object, 'status', 'history') : builtOf(object),
      object.metadata.generation === at(object, 'status', 'observedGeneration'),
      isRelease ? at(object, 'status', 'storageNamespace') : null,
    ]),
  )
  ownParts.set(object, part)
  return part
}

function controllerPart(rows: readonly ControllerRow[], controller: string, digest: (text: string) => string): string {
  const known = controllerParts.get(rows) ?? new Map<string, string>()
  const found = known.get(controller)
  if (found !== undefined) return found
  const own = rows.filter(({ name }) => name.startsWith(controller))
  const part = digest(JSON.stringify(own.map(({ name, image, args }) => [name, image, args])))
  controllerParts.set(rows, known.set(controller, part))
  return part
}
