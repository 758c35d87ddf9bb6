/** Which controller reconciles an object, and what its arguments say: for whoever does what it would do. Source: flux-semantics §2.14, §8. */
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { parseLabelSelector } from '../kustomize/selector/label-selector.ts'

/** The controller of that name that reconciles `object`: among shards the one whose label selector fits. Undefined where none was read. */
export function controllerOf(
  rows: readonly ControllerRow[],
  name: string,
  object: KubeObject,
): ControllerRow | undefined {
  const own = rows.filter((row) => row.name.startsWith(name) || row.image.includes(`/${name}`))
  return own.length > 1 ? (own.find(({ shard }) => fits(shard, object)) ?? own[0]) : own[0]
}

/** What is said where the arguments of a controller could not be read. */
export function unreadArguments(name: string): string {
  return `The arguments of ${name} could not be read: those that Flux installs by default are assumed.`
}

/** Each value of a flag that may be given several times. */
export function flagValues(args: readonly string[], flag: string): readonly string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)]
    const next = args[index + 1]
    return arg === flag && next !== undefined ? [next] : []
  })
}

/** A boolean flag of Go: `--flag`, `--flag=true`; the last one counts. */
export function isFlagOn(args: readonly string[], flag: string): boolean {
  let result = false
  for (const arg of args) {
    if (arg === flag) result = true
    else if (arg.startsWith(`${flag}=`)) result = /^(1|t|true)$/i.test(arg.slice(flag.length + 1))
  }
  return result
}

/** `--feature-gates=A=true,B=false`, given once or several times. */
export function featureGates(args: readonly string[]): ReadonlyMap<string, boolean> {
  const gates = new Map<string, boolean>()
  for (const list of flagValues(args, '--feature-gates'))
    for (const pair of list.split(',')) {
      const [gate = '', value = ''] = pair.split('=')
      if (gate.trim() !== '') gates.set(gate.trim(), /^(1|t|true)$/i.test(value.trim()))
    }
  return gates
}

function fits(shard: string | null, object: KubeObject): boolean {
  if (shard === null || shard === '') return true
  try {
    return parseLabelSelector(shard).matches(new Map(Object.entries(object.metadata.labels ?? {})))
  } catch {
    return false
  }
}
