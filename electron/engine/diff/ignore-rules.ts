/**
 * Rules that leave fields out of a comparison: `spec.ignore` of Kustomizations and `spec.driftDetection.ignore` of HelmReleases, one shape.
 * Source: flux-semantics §2.9 and §3.2.
 */

export interface IgnoreRule {
  /** JSON pointers; '' is the whole object. */
  readonly paths: readonly string[]
  /** null: every object. Regular expressions (RE2), anchored. */
  readonly target: {
    readonly group?: string
    readonly version?: string
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
    readonly labelSelector?: string
    readonly annotationSelector?: string
  } | null
}
