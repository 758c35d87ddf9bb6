/** What the arguments of helm-controller decide about drift. Semantics: flux-semantics §3.2, §8; helm-controller 1.6.3 `main`. */
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { controllerOf, featureGates, flagValues, isFlagOn, unreadArguments } from '../controllers/controller-of.ts'

export interface HelmControllerArguments {
  readonly defaultServiceAccount: string
  readonly overrideManagers: readonly string[]
  readonly isCrossNamespaceAllowed: boolean
  /** A chart from OCI counts as another one when its digest changes, whatever its version. */
  readonly tracksChartDigests: boolean
  /** Failed releases are retried where nothing says what to do. */
  readonly retriesByDefault: boolean
  /** Sentences. */
  readonly assumptions: readonly string[]
}

const name = 'helm-controller'

/** Of the controller that reconciles `object`: among shards the one whose label selector fits. */
export function readHelmArguments(rows: readonly ControllerRow[], object: KubeObject): HelmControllerArguments {
  const row = controllerOf(rows, name, object)
  if (row === undefined)
    return {
      defaultServiceAccount: '',
      overrideManagers: [],
      isCrossNamespaceAllowed: true,
      tracksChartDigests: true,
      retriesByDefault: false,
      assumptions: [unreadArguments(name)],
    }
  const gates = featureGates(row.args)
  return {
    isCrossNamespaceAllowed: !isFlagOn(row.args, '--no-cross-namespace-refs'),
    tracksChartDigests: gates.get('DisableChartDigestTracking') !== true,
    retriesByDefault: gates.get('DefaultToRetryOnFailure') === true,
    defaultServiceAccount: flagValues(row.args, '--default-service-account').at(-1) ?? '',
    overrideManagers: flagValues(row.args, '--override-manager'),
    assumptions: [],
  }
}
