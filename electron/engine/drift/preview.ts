/**
 * What resuming or reconciling now would do: the newest desired state against the cluster. A preview is fresh for a minute, and only while
 * neither its inputs nor one of its live objects has changed. Semantics of the gate: interface.md, The gate.
 */
import type { DriftRisk, ResumePreview } from '../../../shared/model/drift.ts'
import { isDrift, isSettled } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { KubeObject } from '../clusters/view.ts'
import { riskSentence } from '../diff/risk.ts'
import type { Clock } from '../ports.ts'
import { textAt } from '../status/read.ts'
import type { ClusterDrift } from './cluster-drift.ts'
import type { OwnerComparison } from './compare-owner.ts'
import { isOwnerKind } from './inputs.ts'
import { countObjects, riskiest, shownObjects } from './preview-rows.ts'
import type { CompileReady } from './preview-waits.ts'
import { findWaiting, findWaits } from './preview-waits.ts'
import { toReleasePreview } from './release-preview.ts'

export interface Previews {
  /** A new one. Throws as a comparison does. */
  make(ref: ObjectRef, signal: AbortSignal): Promise<ResumePreview>
  /** The one that is still fresh, else a new one; PreviewNeeded where that takes too long. */
  freshOrMade(ref: ObjectRef, signal: AbortSignal): Promise<ResumePreview>
}

const freshMs = 60_000
const maxKept = 200
const patienceMs = 4000

interface Kept {
  readonly preview: ResumePreview
  readonly madeAt: number
  readonly fingerprint: string
  readonly comparison: OwnerComparison
}

export function createPreviews(
  clock: Clock,
  driftOf: (ref: ObjectRef) => ClusterDrift,
  compileReady: CompileReady,
): Previews {
  const kept = new Map<string, Kept>()

  async function make(ref: ObjectRef, signal: AbortSignal): Promise<ResumePreview> {
    if (!isOwnerKind(ref))
      throw new SluiceError('Unsupported', `${ref.kind} ${refTitle(ref)} applies no objects that could be compared`)
    if (ref.kind === 'HelmRelease') return makeForRelease(ref, signal)
    const { object, comparison, fingerprint } = await driftOf(ref).compareLatest(ref, signal)
    const preview = {
      ...toPreview(ref, object, comparison),
      ...(await waitsOf(ref, object, comparison.fidelity.revision, signal)),
    }
    kept.delete(refKey(ref))
    kept.set(refKey(ref), { preview, madeAt: clock.monotonicMs(), fingerprint, comparison })
    if (kept.size > maxKept)
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        break
      }
    return preview
  }

  /** Never kept: what decides stands in more places than are watched, and is quickly read. */
  async function makeForRelease(ref: ObjectRef, signal: AbortSignal): Promise<ResumePreview> {
    const drift = driftOf(ref)
    const [found, compared] = await Promise.all([
      drift.nextRunOf(ref, signal),
      drift.compareLatest(ref, signal).catch((error: unknown) => {
        // There may be no release to compare with, or none that may be read: the run says what that means.
        if (error instanceof SluiceError && (error.code === 'ReleaseUnreadable' || error.code === 'Forbidden'))
          return null
        throw error
      }),
    ])
    const preview = toReleasePreview(ref, found.object, found.run, compared?.comparison ?? null, clock.now())
    return { ...preview, ...(await waitsOf(ref, found.object, '', signal)) }
  }

  async function waitsOf(
    ref: ObjectRef,
    object: KubeObject,
    revision: string,
    signal: AbortSignal,
  ): Promise<Pick<ResumePreview, 'waitsFor' | 'waiting'>> {
    const { view } = driftOf(ref)
    return {
      waitsFor: await findWaits(view, ref, object, revision, compileReady, signal),
      waiting: findWaiting(view, ref),
    }
  }

  function fresh(ref: ObjectRef): ResumePreview | null {
    const entry = kept.get(refKey(ref))
    if (entry === undefined) return null
    const drift = driftOf(ref)
    const object = drift.current(ref)
    const isFresh =
      clock.monotonicMs() - entry.madeAt <= freshMs &&
      object !== null &&
      drift.latestFingerprint(object) === entry.fingerprint &&
      drift.isUnmoved(entry.comparison)
    if (!isFresh) kept.delete(refKey(ref))
    return isFresh ? entry.preview : null
  }

  return {
    make,
    async freshOrMade(ref, signal) {
      const known = fresh(ref)
      if (known !== null) return known
      const late = new AbortController()
      const cancel = clock.after(patienceMs, () => {
        late.abort()
      })
      try {
        return await make(ref, AbortSignal.any([signal, late.signal]))
      } catch (error) {
        signal.throwIfAborted()
        if (!late.signal.aborted) throw error
        throw new SluiceError('PreviewNeeded', `What resuming ${refTitle(ref)} would do is still being found out.`, {
          remedy: 'Look at the plan before you resume it.',
        })
      } finally {
        cancel()
      }
    },
  }
}

function toPreview(ref: ObjectRef, object: KubeObject, comparison: OwnerComparison): ResumePreview {
  const rows = comparison.records.map(({ row }) => row)
  const count = (...actions: readonly string[]): number => rows.filter(({ action }) => actions.includes(action)).length
  const changing = rows.filter(({ action }) => isDrift(action) || !isSettled(action))
  const risk = riskiest(changing)
  const caution = cautionOf(comparison, {
    pruned: count('pruned'),
    recreated: count('recreated'),
    unknown: count('refused', 'moving'),
    risk,
  })
  return {
    ref,
    revision: comparison.fidelity.revision,
    appliedRevision: textAt(object, 'status', 'lastAppliedRevision'),
    createdCount: count('created'),
    configuredCount: count('configured'),
    recreatedCount: count('recreated'),
    prunedCount: count('pruned'),
    unchangedCount: count('unchanged'),
    skippedCount: count('skipped'),
    refusedCount: count('refused', 'moving'),
    risk,
    objects: shownObjects(changing),
    fidelity: comparison.fidelity,
    isApproximate: comparison.isApproximate,
    checkedAt: comparison.checkedAt,
    isHarmless: caution === '',
    caution,
  }
}

/** Why one click must not be enough; '' where it may. What is not known is never harmless. */
function cautionOf(
  { isApproximate, fidelity }: OwnerComparison,
  counts: { readonly pruned: number; readonly recreated: number; readonly unknown: number; readonly risk: DriftRisk },
): string {
  const { pruned, recreated, unknown, risk } = counts
  if (pruned > 0) return `It deletes ${countObjects(pruned)}.`
  if (recreated > 0) return `It deletes ${countObjects(recreated)} and makes ${recreated === 1 ? 'it' : 'them'} anew.`
  if (unknown > 0) return `What it does to ${countObjects(unknown)} is not known.`
  if (risk.level !== 'low') return riskSentence(risk)
  if (isApproximate) return 'It was compared without dry-runs: approximately.'
  if (fidelity.origin === 'folder')
    return 'It was compared with a local folder, not with what the controller builds from.'
  if (fidelity.word === 'differs') return fidelity.reasons[0] ?? 'What was built here is not what the controller built.'
  return ''
}
