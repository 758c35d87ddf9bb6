/**
 * From an object back to a line in Git: who made it, who applies it, from which source and revision, in which file, by whose commit. Reads caches, and
 * fetches only what is not a Flux object; files and commits are asked of the comparison with Git. Semantics: flux-semantics §1.3 to §1.5, §2.6, §4.
 */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { chartVersionHash, isSameRevision } from '../../../shared/flux/revision.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import type { DriftOrigin, RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ObjectTrace, TracedObject, TracedSource, TraceStep, TraceVia } from '../../../shared/model/trace.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { parseInventoryId } from '../inventory/entry.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import type { Clock } from '../ports.ts'
import { chartOrigin, isOfVersion, releaseSourceOf } from '../source/chart-source.ts'
import { commitOf } from '../source/source-object.ts'
import { computeKStatus } from '../status/kstatus.ts'
import { asArray, asRecord, at, groupOf, textAt, timeMs } from '../status/read.ts'
import { readParent } from '../status/row-facts.ts'
import { isApplier } from './owner-index.ts'

export interface TraceDeps {
  readonly clock: Clock
  /** File and line of an owner's object; null: nobody knows. Rejects with why it cannot be had. */
  readonly findOrigin: (owner: ObjectRef, ref: ObjectRef, signal: AbortSignal) => Promise<DriftOrigin | null>
  /** From what was kept of it first, then from Git where its host is allowed. */
  readonly findCommit: (owner: ObjectRef, revision: string, signal: AbortSignal) => Promise<RevisionCommit | null>
  /** Of which revision of its source a release's chart was, as it was recorded; '' where it was not. */
  readonly findRelease: (owner: ObjectRef, version: string, signal: AbortSignal) => Promise<string>
}

/** Longer chains are no chains: labels may name each other in a ring. */
const maxSteps = 12

/** Metadata of an artifact by which a pipeline says what it was made from. */
const originKeys = {
  revision: 'org.opencontainers.image.revision',
  url: 'org.opencontainers.image.source',
} as const

/**
 * The chain as far as the cluster itself tells it: without files and commits. Rejects with SluiceError where the object itself cannot be read.
 */
export async function traceObject(
  view: ClusterView,
  ref: ObjectRef,
  { clock }: Pick<TraceDeps, 'clock'>,
  signal: AbortSignal,
): Promise<ObjectTrace> {
  const first = view.cached(ref) ?? (await view.fetch(ref, signal))
  const makers: TracedObject[] = []
  let object = first
  let current = ref
  while (makers.length < maxSteps) {
    const maker = makerOf(object, current, view)
    if (maker === null) break
    const made = await lookAt(view, maker, signal)
    makers.push(describe(view, maker, made, clock))
    if (made === null) break
    object = made
    current = maker
  }
  const steps: TraceStep[] = []
  const seen = new Set([refKey(current)])
  while (steps.length < maxSteps) {
    const found = await findOwner(view, current, object, clock, signal)
    if (found === null || seen.has(refKey(found.owner))) break
    seen.add(refKey(found.owner))
    const owner = view.cached(found.owner) ?? (await lookAt(view, found.owner, signal))
    steps.push(stepOf(view, current, found.owner, found.via, owner, clock))
    if (owner === null) break
    object = owner
    current = found.owner
  }
  return {
    key: refKey(ref),
    object: describe(view, ref, first, clock),
    makers,
    steps,
    isComplete: steps.length === 0,
    note: steps.length > 0 ? '' : noOwner(current, isApplier(current)),
  }
}

/** The same with files and commits as far as they can be had; what cannot says why. Rejects with Canceled only. */
export async function completeTrace(trace: ObjectTrace, deps: TraceDeps, signal: AbortSignal): Promise<ObjectTrace> {
  const steps = await Promise.all(
    trace.steps.map(async (told): Promise<TraceStep> => {
      const step = await withOrigin(told, deps, signal)
      const [place, commit] = await Promise.all([
        step.place === null ? placeOf(step, deps, signal) : { place: step.place, placeNote: '' },
        commitAt(step, deps, signal),
      ])
      return { ...step, ...place, ...commit }
    }),
  )
  return { ...trace, steps, isComplete: true }
}

async function placeOf(
  { owner, object, source }: TraceStep,
  { findOrigin }: TraceDeps,
  signal: AbortSignal,
): Promise<Pick<TraceStep, 'place' | 'placeNote'>> {
  if (!isApplier(owner.ref))
    return { place: null, placeNote: `${owner.ref.kind} ${refTitle(owner.ref)} makes its objects from its own spec` }
  if (owner.status === 'NotFound') return { place: null, placeNote: 'Its owner does not exist any more' }
  if (source === null) return { place: null, placeNote: 'Its source is not known' }
  try {
    const found = await findOrigin(owner.ref, object, signal)
    return found === null || found.file === ''
      ? { place: null, placeNote: 'No file of the source names it: it was generated, or is no longer in the source' }
      : { place: { file: line(found.file), line: found.line }, placeNote: '' }
  } catch (error) {
    if (signal.aborted) throw error
    const { code, message, remedy } = toErrorData(error)
    if (code === 'NotFound')
      return { place: null, placeNote: 'No file of the source names it: it is no longer in the source' }
    return { place: null, placeNote: line([message, remedy].filter((text) => text !== '').join('. ')) }
  }
}

/** A chart that is packaged for its version alone does not say any more what it was made from once its source has moved on. */
async function withOrigin(step: TraceStep, { findRelease }: TraceDeps, signal: AbortSignal): Promise<TraceStep> {
  const { owner, originRevision, revision } = step
  if (owner.ref.group !== helmGroup || originRevision !== '' || revision === '' || chartVersionHash(revision) !== '')
    return step
  return { ...step, originRevision: line(await findRelease(owner.ref, revision, signal)) }
}

async function commitAt(
  step: TraceStep,
  { findCommit }: TraceDeps,
  signal: AbortSignal,
): Promise<Pick<TraceStep, 'commit' | 'commitNote'>> {
  const { owner, revision, originRevision, source } = step
  const named = commitOf(originRevision) === null ? revision : originRevision
  const sha = commitOf(named) ?? (chartVersionHash(named) || null)
  // A digest of an artifact looks like a commit of a repository with SHA-256.
  if (sha === null || (named === revision && source?.ref.kind !== 'GitRepository'))
    return {
      commit: null,
      commitNote:
        revision === '' ? 'Nothing was applied yet' : 'The artifact does not say from which commit it was made',
    }
  const commit = await findCommit(owner.ref, named, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    return null
  })
  if (commit !== null) return { commit, commitNote: '' }
  return {
    commit: null,
    commitNote:
      source?.ref.kind !== 'GitRepository'
        ? `${sha.slice(0, 7)}: no repository that Sluice reads has this commit`
        : `${sha.slice(0, 7)}: its author is known once the host of the Git server is allowed in Settings`,
  }
}

/** The controller among its owner references; null where it has none, or one outside of the cluster's kinds. */
function makerOf(object: KubeObject, ref: ObjectRef, view: ClusterView): ObjectRef | null {
  const reference = asArray(object.metadata.ownerReferences)
    .map(asRecord)
    .find(({ controller }) => controller === true)
  const kind = textAt(reference, 'kind')
  const name = textAt(reference, 'name')
  const group = groupOf(textAt(reference, 'apiVersion'))
  if (kind === '' || name === '') return null
  const isNamespaced = view.served(group, kind)?.isNamespaced ?? true
  return { cluster: ref.cluster, group, kind, namespace: isNamespaced ? ref.namespace : '', name }
}

/** null where it is not there, or may not be read: then nobody knows more of it. */
async function lookAt(view: ClusterView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | null> {
  try {
    return view.cached(ref) ?? (await view.fetch(ref, signal))
  } catch (error) {
    if (signal.aborted || !(error instanceof SluiceError)) throw error
    return null
  }
}

async function findOwner(
  view: ClusterView,
  ref: ObjectRef,
  object: KubeObject,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly owner: ObjectRef; readonly via: TraceVia } | null> {
  const labelled = readParent(object, ref)
  if (labelled !== null) {
    const owner = view.cached(labelled)
    return { owner: labelled, via: owner !== null && isListed(owner, ref) ? 'inventory' : 'labels' }
  }
  // Labels can be taken off: what lists it is asked for then.
  let found: ObjectRef | null = null
  await forEachInSlices(
    clock,
    view.rows(),
    (row) => {
      if (!isApplier(row.ref) || refKey(row.ref) === refKey(ref)) return
      const owner = view.cached(row.ref)
      if (owner !== null && isListed(owner, ref)) found = row.ref
    },
    () => found !== null || signal.aborted,
  )
  return found === null ? null : { owner: found, via: 'inventory' }
}

/** By text first: most inventories do not have it, and are long. */
function isListed(owner: KubeObject, ref: ObjectRef): boolean {
  const isRef = ({ group, kind, namespace, name }: Omit<ObjectRef, 'cluster'>): boolean =>
    group === ref.group && kind === ref.kind && namespace === ref.namespace && name === ref.name
  const entries = at(owner, 'status', 'inventory', 'entries')
  if (!Array.isArray(entries)) return readInventory(owner)?.entries.some(isRef) ?? false
  return entries.some((each) => {
    const id = textAt(each, 'id')
    if (!id.includes(ref.kind)) return false
    const entry = parseInventoryId(id, textAt(each, 'v'))
    return entry !== null && isRef(entry)
  })
}

function stepOf(
  view: ClusterView,
  object: ObjectRef,
  ref: ObjectRef,
  via: TraceVia,
  owner: KubeObject | null,
  clock: Clock,
): TraceStep {
  const row = view.row(refKey(ref))
  const link = row?.source ?? null
  const release = ref.group === helmGroup ? owner : null
  const sourceRef: ObjectRef | null =
    (release === null ? null : releaseSourceOf(view, release)) ??
    (link === null ? null : { cluster: ref.cluster, ...link })
  const source = sourceRef === null ? null : describeSource(view, sourceRef, clock)
  const revision = row?.revision ?? ''
  const attempted = textAt(owner, 'status', 'lastAttemptedRevision')
  const isMoved = attempted !== '' && ref.group === kustomizeGroup && !isSameRevision(attempted, revision)
  const artifact = sourceRef === null ? undefined : at(view.cached(sourceRef), 'status', 'artifact')
  const current = textAt(artifact, 'revision')
  const isCurrent = current !== '' && (isSameRevision(current, revision) || isOfVersion(revision, current))
  const origin =
    release === null ? textAt(owner, 'status', 'lastAppliedOriginRevision') : chartOrigin(view, release, revision)
  const described = describe(view, ref, owner, clock)
  return {
    object,
    owner: { ...described, at: row?.lastAppliedAt ?? described.at },
    via,
    revision: line(revision),
    attempted: isMoved ? line(attempted) : '',
    originRevision: line(origin || (isCurrent ? textAt(artifact, 'metadata', originKeys.revision) : '')),
    originUrl: line(isCurrent || origin !== '' ? textAt(artifact, 'metadata', originKeys.url) : ''),
    path: line(ref.group === helmGroup ? (row?.target ?? '') : textAt(owner, 'spec', 'path')),
    source,
    place: null,
    placeNote: '',
    commit: null,
    commitNote: '',
  }
}

function describeSource(view: ClusterView, ref: ObjectRef, clock: Clock): TracedSource {
  const object = view.cached(ref)
  const artifact = at(object, 'status', 'artifact')
  const described = describe(view, ref, object, clock)
  return {
    ...described,
    at: timeMs(at(artifact, 'lastUpdateTime')) ?? described.at,
    revision: line(textAt(artifact, 'revision')),
    url: line(textAt(object, 'spec', 'url') || textAt(object, 'spec', 'endpoint')),
  }
}

/** SECURITY: items 9 and 13: texts of the cluster, without what looks like a secret, on one line. */
function line(text: string): string {
  return neutralizeLine(redactText(text))
}

function describe(view: ClusterView, ref: ObjectRef, object: KubeObject | null, clock: Clock): TracedObject {
  const createdAt = timeMs(object?.metadata.creationTimestamp)
  const row = view.row(refKey(ref))
  if (row !== null) return { ref, status: row.status.word, message: line(row.status.message), at: createdAt }
  if (object === null) return { ref, status: 'NotFound', message: 'Does not exist, or may not be read', at: null }
  const { word, message } = computeKStatus(object, clock.now())
  return { ref, status: word, message: line(message), at: createdAt }
}

function noOwner(ref: ObjectRef, isRoot: boolean): string {
  const what = `${ref.kind} ${refTitle(ref)}`
  return isRoot
    ? `${what} is applied by nothing but itself, or by hand: it is where the chain begins.`
    : `No Kustomization and no HelmRelease of this cluster lists ${what}, and it carries no labels of one: it was made by hand, or by something else than Flux.`
}
