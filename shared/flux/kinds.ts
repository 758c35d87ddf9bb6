/**
 * Flux vocabulary: every kind that Sluice knows by name, in one table. Lists, gates, status and the CRDs of the playground are all
 * derived from it. Pure data: knows no cluster and no I/O. Source: flux-semantics §1, CRDs of Flux 2.9.
 */
import { applierKinds } from './kinds-appliers.ts'
import { imageKinds } from './kinds-image.ts'
import { notificationKinds } from './kinds-notification.ts'
import { operatorKinds } from './kinds-operator.ts'
import { sourceKinds } from './kinds-source.ts'
import type { FluxKind } from './kind-types.ts'

/** In the order in which views and `sluice get` show them. */
export const fluxKinds: readonly FluxKind[] = [
  ...applierKinds,
  ...sourceKinds,
  ...imageKinds,
  ...notificationKinds,
  ...operatorKinds,
]

const byGroupKind = new Map(fluxKinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]))

const byWord = new Map<string, FluxKind>()
for (const kind of fluxKinds)
  for (const word of [kind.kind.toLowerCase(), kind.singular, kind.plural, ...kind.shortNames])
    if (!byWord.has(word)) byWord.set(word, kind)

/** The table's entry of a kind in any version, null for kinds that Flux does not define. */
export function fluxKind(group: string, kind: string): FluxKind | null {
  return byGroupKind.get(`${group}/${kind}`) ?? null
}

/** The kind that a person names: kind, singular, plural or short name in any case, `kind.group` included; null if unknown. */
export function findFluxKind(word: string): FluxKind | null {
  const lower = word.toLowerCase()
  const known = byWord.get(lower)
  if (known !== undefined) return known
  const dot = lower.indexOf('.')
  if (dot < 0) return null
  const name = byWord.get(lower.slice(0, dot))
  const group = lower.slice(dot + 1)
  return name !== undefined && (name.group === group || name.group.startsWith(`${group}.`)) ? name : null
}

/** A kind has a gate when an object of it can be suspended. */
export function hasGate(kind: FluxKind | null): boolean {
  return kind !== null && kind.gate.type !== 'none'
}
