/**
 * Annotation keys that Sluice reads or writes, and the names under which it writes. Semantics: flux-semantics §1.2, §1.4, §1.9, §7.
 */

/** Field manager of every write of Sluice. Reason and owner of a suspension are believed only while this one owns the field. */
export const sluiceFieldManager = 'sluice'

export const reconcileAnnotations = {
  /** Token; copied to status.lastHandledReconcileAt at the end of a run that saw it. */
  requestedAt: 'reconcile.fluxcd.io/requestedAt',
  /** HelmRelease only; acts when equal to requestedAt. */
  forceAt: 'reconcile.fluxcd.io/forceAt',
  resetAt: 'reconcile.fluxcd.io/resetAt',
} as const

export const sluiceAnnotations = {
  suspendedBy: 'sluice.dev/suspended-by',
  suspendedAt: 'sluice.dev/suspended-at',
  suspendReason: 'sluice.dev/suspend-reason',
  resumeAt: 'sluice.dev/resume-at',
  /** `manual` or `held` on a Kustomization with spec.suspend: hosted mode's third state of the gate. */
  mode: 'sluice.dev/mode',
} as const

/** ArtifactGenerator's gate: closed when the value is `Disabled`. */
export const artifactGeneratorGate = { key: 'source.extensions.fluxcd.io/reconcile', value: 'Disabled' } as const

/** Flux Operator kinds' gate: closed when the value is `disabled`. */
export const operatorGate = { key: 'fluxcd.controlplane.io/reconcile', value: 'disabled' } as const

export const operatorAnnotations = {
  reconcileEvery: 'fluxcd.controlplane.io/reconcileEvery',
  reconcileArtifactEvery: 'fluxcd.controlplane.io/reconcileArtifactEvery',
  reconcileTimeout: 'fluxcd.controlplane.io/reconcileTimeout',
  suspendedBy: 'fluxcd.controlplane.io/suspendedBy',
} as const

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'
