/** Condition types of sources and how Ready is made of them. Semantics: flux-semantics §1.3; source-controller's GitRepository reconciler. */
import { conditionTypes, reasons } from '../../../../shared/flux/reasons.ts'
import { getCondition, markReconciling, markUnknown } from '../status/conditions.ts'
import type { Draft } from '../status/draft.ts'
import type { Summary } from '../status/summarise.ts'

export const sourceConditions = {
  storageFailed: 'StorageOperationFailed',
  fetchFailed: 'FetchFailed',
  includeUnavailable: 'IncludeUnavailable',
  artifactOutdated: 'ArtifactOutdated',
  artifactInStorage: 'ArtifactInStorage',
  sourceVerified: 'SourceVerified',
} as const

export const ownedSourceConditions: ReadonlySet<string> = new Set([
  ...Object.values(sourceConditions),
  conditionTypes.ready,
  conditionTypes.reconciling,
  conditionTypes.stalled,
])

export const gitRepositorySummary: Summary = {
  types: [
    sourceConditions.storageFailed,
    sourceConditions.fetchFailed,
    sourceConditions.includeUnavailable,
    sourceConditions.artifactOutdated,
    sourceConditions.artifactInStorage,
    sourceConditions.sourceVerified,
    conditionTypes.stalled,
    conditionTypes.reconciling,
  ],
  negative: new Set([
    sourceConditions.storageFailed,
    sourceConditions.fetchFailed,
    sourceConditions.includeUnavailable,
    sourceConditions.artifactOutdated,
    conditionTypes.stalled,
    conditionTypes.reconciling,
  ]),
}

/** Conditions whose disappearance is a recovery. */
export const failureConditions = [
  sourceConditions.fetchFailed,
  sourceConditions.includeUnavailable,
  sourceConditions.storageFailed,
] as const

/** Reconciling=True; Ready becomes Unknown too where what is there is known to be outdated, or nothing is known yet. */
export function markProgress(draft: Draft, message: string, isOutdated: boolean): void {
  markReconciling(draft, reasons.progressing, message)
  const ready = getCondition(draft, conditionTypes.ready)
  if (isOutdated || ready === null || ready.status === 'Unknown')
    markUnknown(draft, conditionTypes.ready, reasons.progressing, message)
}
