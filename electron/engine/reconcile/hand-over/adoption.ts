/** Who has to be adopted by the controllers, and whether they have: read from what each object says of itself. */
import { fluxKinds } from '../../../../shared/flux/kinds.ts'
import { kustomizeGroup, sourceGroup } from '../../../../shared/flux/groups.ts'
import type { ReconcileMode } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { call, isOk } from '../../apply/server-calls.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { asArray, asRecord, at, groupOf, numberAt, textAt } from '../../status/read.ts'
import { modeOf } from '../../status/suspend-info.ts'
import { storageUrl } from '../source/git-repository-run.ts'

export interface Waiting {
  readonly ref: ObjectRef
  readonly why: string
}

export interface Fleet {
  readonly sources: readonly KubeObject[]
  readonly kustomizations: readonly KubeObject[]
}

export interface FleetFacts {
  readonly sources: readonly ObjectRef[]
  readonly kustomizations: readonly ObjectRef[]
  readonly notWaitedFor: readonly Waiting[]
  readonly suspended: readonly { readonly ref: ObjectRef; readonly mode: ReconcileMode }[]
}

const sourceKinds = fluxKinds.filter(({ group }) => group === sourceGroup).map(({ kind }) => kind)

export async function readFleet(view: ClusterView, signal: AbortSignal): Promise<Fleet> {
  const list = async (group: string, kind: string): Promise<readonly KubeObject[]> =>
    view.served(group, kind) === null ? [] : view.list(group, kind, '', { signal })
  const [kustomizations, ...sources] = await Promise.all([
    list(kustomizeGroup, 'Kustomization'),
    ...sourceKinds.map((kind) => list(sourceGroup, kind)),
  ])
  return { kustomizations, sources: sources.flat() }
}

export function refOf(view: Pick<ClusterView, 'id'>, { apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return {
    cluster: view.id,
    group: groupOf(apiVersion),
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }
}

export function judgeFleet(view: Pick<ClusterView, 'id'>, fleet: Fleet): FleetFacts {
  const sources: ObjectRef[] = []
  const kustomizations: ObjectRef[] = []
  const notWaitedFor: Waiting[] = []
  const suspended: { ref: ObjectRef; mode: ReconcileMode }[] = []
  for (const object of fleet.sources) {
    const ref = refOf(view, object)
    const isOurs = textAt(object, 'status', 'artifact', 'url').startsWith(storageUrl)
    if (isSuspended(object)) {
      suspended.push({ ref, mode: 'automatic' })
      if (isOurs)
        notWaitedFor.push({
          ref,
          why: 'It is suspended, and its artifact lies on this machine: what is built from it fails until it is resumed.',
        })
    } else if (isOurs && object.metadata.deletionTimestamp === undefined) sources.push(ref)
    else if (ref.kind === 'GitRepository') notWaitedFor.push({ ref, why: 'It has no artifact now.' })
  }
  for (const object of fleet.kustomizations) {
    const ref = refOf(view, object)
    if (isSuspended(object)) suspended.push({ ref, mode: modeOf(object) })
    else if (object.metadata.deletionTimestamp !== undefined) notWaitedFor.push({ ref, why: 'It is being deleted.' })
    else if (isReady(object)) kustomizations.push(ref)
    else notWaitedFor.push({ ref, why: readyText(object) })
  }
  return { sources, kustomizations, notWaitedFor, suspended }
}

/** Sources of `expected` that do not carry an artifact of the controller's own yet. What was deleted or suspended meanwhile is not waited for. */
export function unfetched(
  view: Pick<ClusterView, 'id'>,
  expected: readonly ObjectRef[],
  { sources }: Fleet,
): readonly Waiting[] {
  return find(view, expected, sources).flatMap(({ ref, object }) => {
    const url = textAt(object, 'status', 'artifact', 'url')
    const isTheirs = url !== '' && !url.startsWith(storageUrl)
    if (isTheirs && textAt(object, 'status', 'artifact', 'digest') !== '' && isObserved(object)) return []
    return [{ ref, why: readyText(object) }]
  })
}

/** By reference: what a Kustomization says of its runs. */
export type Seen = ReadonlyMap<string, string>

export function seenRuns(view: Pick<ClusterView, 'id'>, { kustomizations }: Fleet): Seen {
  return new Map(kustomizations.map((object) => [keyOf(refOf(view, object)), runsOf(object)]))
}

/** Kustomizations of `expected` that the controller has not reconciled to Ready since `before`. */
export function unadopted(
  view: Pick<ClusterView, 'id'>,
  expected: readonly ObjectRef[],
  { kustomizations }: Fleet,
  before: Seen,
): readonly Waiting[] {
  return find(view, expected, kustomizations).flatMap(({ ref, object }) => {
    const hasRun = runsOf(object) !== before.get(keyOf(ref))
    if (hasRun && isReady(object)) return []
    return [{ ref, why: hasRun ? readyText(object) : 'The controller has not come to it yet.' }]
  })
}

function find(
  view: Pick<ClusterView, 'id'>,
  expected: readonly ObjectRef[],
  objects: readonly KubeObject[],
): readonly { readonly ref: ObjectRef; readonly object: KubeObject }[] {
  const byKey = new Map(objects.map((object) => [keyOf(refOf(view, object)), object]))
  return expected.flatMap((ref) => {
    const object = byKey.get(keyOf(ref))
    const isGone = object === undefined || isSuspended(object) || object.metadata.deletionTimestamp !== undefined
    return isGone ? [] : [{ ref, object }]
  })
}

const keyOf = (ref: ObjectRef): string => `${ref.kind}/${refTitle(ref)}`
const isSuspended = (object: KubeObject): boolean => at(object, 'spec', 'suspend') === true

/** Every reconciliation that got as far as a build counts in the history; one that did not moves a condition. */
function runsOf(object: KubeObject): string {
  const conditions = asArray(at(object, 'status', 'conditions')).map((each) => asRecord(each)['lastTransitionTime'])
  return JSON.stringify([at(object, 'status', 'history'), conditions])
}

function isObserved(object: KubeObject): boolean {
  return numberAt(object, 'status', 'observedGeneration') === (object.metadata.generation ?? 0)
}

/** By its condition, for the generation that is there. */
export function isReady(object: KubeObject): boolean {
  return isObserved(object) && findCondition(readConditions(object), 'Ready')?.status === 'True'
}

function readyText(object: KubeObject): string {
  const ready = findCondition(readConditions(object), 'Ready')
  if (ready === null) return 'It has no status yet.'
  return ready.message === '' ? `Ready is ${ready.status}.` : ready.message
}

// What must not move

/** By inventory id: what would be another if a controller had changed the object. */
export type Marks = ReadonlyMap<string, { readonly ref: ObjectRef; readonly mark: string }>

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
const pageSize = 500

/** Of every object in the inventories of this cluster's own Kustomizations that is there and may be read. */
export async function markObjects(view: ClusterView, fleet: Fleet, calls: CallOptions): Promise<Marks> {
  const wanted = new Map<string, Set<string>>()
  for (const object of fleet.kustomizations) {
    // What it applies elsewhere is not looked at.
    if (at(object, 'spec', 'kubeConfig') !== undefined) continue
    for (const { group, kind, namespace, name } of readInventory(object)?.entries ?? []) {
      const of = `${group}/${kind}`
      if (!wanted.has(of)) wanted.set(of, new Set())
      wanted.get(of)!.add(`${namespace}/${name}`)
    }
  }
  const marks = new Map<string, { ref: ObjectRef; mark: string }>()
  for (const [of, names] of wanted) {
    const [group = '', kind = ''] = of.split('/')
    const resource = view.served(group, kind)
    if (resource === null) continue
    const base = `${resourcePath(resource, '')}?limit=${String(pageSize)}`
    for (let token = ''; ;) {
      const path = token === '' ? base : `${base}&continue=${encodeURIComponent(token)}`
      const answer = await call({ method: 'GET', path, accept: metadataOnly }, calls)
      if (answer.status === 403) break
      if (!isOk(answer)) throw errorFromAnswer(answer, `List of ${kind}`)
      const page = answer.json()
      for (const item of asArray(at(page, 'items'))) {
        const namespace = textAt(item, 'metadata', 'namespace')
        const name = textAt(item, 'metadata', 'name')
        if (!names.has(`${namespace}/${name}`)) continue
        const ref = { cluster: view.id, group, kind, namespace, name }
        marks.set(`${of}/${namespace}/${name}`, { ref, mark: markOf(item) })
      }
      token = textAt(page, 'metadata', 'continue')
      if (token === '') break
    }
  }
  return marks
}

/** Gone, made anew, or written. What is new was not there to be moved. */
export function movedObjects(before: Marks, after: Marks): readonly ObjectRef[] {
  return [...before].flatMap(([key, { ref, mark }]) => (after.get(key)?.mark === mark ? [] : [ref]))
}

/** Status and other writers' fields may move at any time; generations and what kustomize-controller owns may not. */
function markOf(item: unknown): string {
  const entries = asArray(at(item, 'metadata', 'managedFields')).filter(
    (each) => textAt(each, 'manager') === 'kustomize-controller' && textAt(each, 'subresource') === '',
  )
  return JSON.stringify([textAt(item, 'metadata', 'uid'), at(item, 'metadata', 'generation') ?? null, entries])
}
