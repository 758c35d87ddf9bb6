/** What resuming or reconciling a HelmRelease would do: its controller's own decision (helm/next-run.ts), and the drift that it corrects or leaves. */
import type { DriftRisk, ResumePreview } from '../../../shared/model/drift.ts'
import { isDrift, isSettled } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { NextRun } from '../helm/next-run.ts'
import { textAt } from '../status/read.ts'
import type { OwnerComparison } from './compare-owner.ts'
import { countObjects, riskiest, shownObjects } from './preview-rows.ts'

/** `comparison`: of the objects of the release that stands; null where there is none to compare. */
export function toReleasePreview(
  ref: ObjectRef,
  object: KubeObject,
  { act, text, correctsDrift }: NextRun,
  comparison: OwnerComparison | null,
  now: number,
): ResumePreview {
  // What an upgrade writes is not rendered, and what stays is not known then.
  const isCounted = act === 'nothing' || act === 'stalled' || act === 'fails'
  const rows = isCounted ? (comparison?.records.map(({ row }) => row) ?? []) : []
  const drifted = rows.filter(({ action }) => isDrift(action))
  const unknown = rows.filter(({ action }) => !isSettled(action))
  const isCorrecting = act === 'nothing' && correctsDrift
  const changing = isCorrecting ? [...drifted, ...unknown] : []
  const count = (action: string): number => changing.filter((row) => row.action === action).length
  const skippedCount = rows.filter(({ action }) => action === 'skipped').length
  const caution = isCorrecting ? correctionOf(comparison, drifted.length, unknown.length) : text
  return {
    ref,
    revision: comparison?.fidelity.revision ?? '',
    appliedRevision: textAt(object, 'status', 'lastAttemptedRevision'),
    createdCount: count('created'),
    configuredCount: count('configured'),
    recreatedCount: count('recreated'),
    prunedCount: 0,
    unchangedCount: rows.length - skippedCount - changing.length,
    skippedCount,
    refusedCount: count('refused') + count('moving'),
    risk: riskOf(act, riskiest(changing)),
    objects: shownObjects(changing),
    fidelity: comparison?.fidelity ?? null,
    isApproximate: comparison?.isApproximate === true,
    checkedAt: comparison?.checkedAt ?? now,
    isHarmless: act === 'nothing' && caution === '',
    caution: act === 'upgrade' ? `${caution} What that changes is not rendered here.` : caution,
    ...(act === 'nothing' && !correctsDrift && drifted.length > 0 ? { note: leftText(drifted.length) } : {}),
  }
}

function leftText(count: number): string {
  const subject =
    count === 1 ? 'One drifted object stays as it is' : `${String(count)} drifted objects stay as they are`
  return `${subject}: driftDetection.mode is not enabled.`
}

/** What correcting drift does, where the release itself stays; '' where that is nothing for sure. */
function correctionOf(comparison: OwnerComparison | null, drifted: number, unknown: number): string {
  if (comparison === null) return 'Whether it sets anything back is not known: its objects could not be compared.'
  if (unknown > 0) return `What it does to ${countObjects(unknown)} is not known.`
  if (drifted > 0) return `It sets ${countObjects(drifted)} back: driftDetection.mode is enabled.`
  return comparison.isApproximate ? 'It was compared without dry-runs: approximately.' : ''
}

function riskOf(act: NextRun['act'], risk: DriftRisk): DriftRisk {
  if (act === 'reinstall' || act === 'uninstall' || act === 'rollback') return { level: 'high', text: risk.text }
  const isOpen = act === 'upgrade' || act === 'install' || act === 'test' || act === 'unknown'
  return isOpen && risk.level === 'low' ? { level: 'medium', text: risk.text } : risk
}
