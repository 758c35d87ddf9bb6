/** Condition types and the reasons that Sluice acts on. Source: flux-semantics §1.2, §2.14, §3.2, §7. Verbatim API words. */
export const conditionTypes = {
  ready: 'Ready',
  reconciling: 'Reconciling',
  stalled: 'Stalled',
  healthy: 'Healthy',
} as const

export const reasons = {
  progressing: 'Progressing',
  progressingWithRetry: 'ProgressingWithRetry',
  suspended: 'Suspended',
  reconciliationSucceeded: 'ReconciliationSucceeded',
  reconciliationFailed: 'ReconciliationFailed',
  dependencyNotReady: 'DependencyNotReady',
  artifactFailed: 'ArtifactFailed',
  buildFailed: 'BuildFailed',
  pruneFailed: 'PruneFailed',
  healthCheckFailed: 'HealthCheckFailed',
  healthCheckCanceled: 'HealthCheckCanceled',
  accessDenied: 'AccessDenied',
  sourceNotReady: 'SourceNotReady',
  invalidCELExpression: 'InvalidCELExpression',
} as const

/**
 * Failures after which a controller retries without writing its status again (the message stays the same), so that nothing in the
 * object shows whether it is still being reconciled.
 */
export const silentFailureReasons: ReadonlySet<string> = new Set([
  reasons.dependencyNotReady,
  reasons.artifactFailed,
  reasons.accessDenied,
  reasons.sourceNotReady,
])

/** Reasons that Sluice itself gives where the object has none. Not API words: shown as text, never matched against the API. */
export const ownReasons = {
  terminating: 'Terminating',
  notObserved: 'NotObserved',
  noStatus: 'NoStatus',
  noCondition: 'NoReadyCondition',
  static: 'Static',
} as const
