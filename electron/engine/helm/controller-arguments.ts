/** What the arguments of helm-controller decide about drift. Semantics: flux-semantics §3.2, §8; helm-controller 1.6.3 `main`. */
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { parseLabelSelector } from '../kustomize/selector/label-selector.ts'

export interface HelmControllerArguments {
  readonly defaultServiceAccount: string
  readonly overrideManagers: readonly string[]
  /** Sentences. */
  readonly assumptions: readonly string[]
}

const name = 'helm-controller'

/** Of the controller that reconciles `object`: among shards the one whose label selector fits. */
export function readHelmArguments(rows: readonly ControllerRow[], object: KubeObject): HelmControllerArguments {
  const own = rows.filter((row) => row.name.startsWith(name) || row.image.includes(`/${name}`))
  const row = own.length > 1 ? (own.find(({ shard }) => fits(shard, object)) ?? own[0]) : own[0]
  if (row === undefined)
    return {
      defaultServiceAccount: '',
      overrideManagers: [],
      assumptions: [`The arguments of ${name} could not be read: those that Flux installs by default are assumed.`],
    }
  return {
    defaultServiceAccount: valuesOf(row.args, '--default-service-account').at(-1) ?? '',
    overrideManagers: valuesOf(row.args, '--override-manager'),
    assumptions: [],
  }
}

function fits(shard: string | null, object: KubeObject): boolean {
  if (shard === null || shard === '') return true
  try {
    return parseLabelSelector(shard).matches(new Map(Object.entries(object.metadata.labels ?? {})))
  } catch {
    return false
  }
}

/** Each of a flag that may be given several times. */
function valuesOf(args: readonly string[], flag: string): readonly string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)]
    const next = args[index + 1]
    return arg === flag && next !== undefined ? [next] : []
  })
}
