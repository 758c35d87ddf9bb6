/** What the arguments of helm-controller decide about drift. Semantics: flux-semantics §3.2, §8; helm-controller 1.6.3 `main`. */
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { controllerOf, flagValues, unreadArguments } from '../controllers/controller-of.ts'

export interface HelmControllerArguments {
  readonly defaultServiceAccount: string
  readonly overrideManagers: readonly string[]
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
      assumptions: [unreadArguments(name)],
    }
  return {
    defaultServiceAccount: flagValues(row.args, '--default-service-account').at(-1) ?? '',
    overrideManagers: flagValues(row.args, '--override-manager'),
    assumptions: [],
  }
}
