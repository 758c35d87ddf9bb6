/** One condition out of several, as source-controller makes Ready. Semantics: pkg/runtime/conditions merge and merge strategies. */
import { compareConditions, conditionsOf, setCondition } from './conditions.ts'
import type { StatusCondition } from './conditions.ts'
import type { Draft } from './draft.ts'

export interface Summary {
  /** Types that count, the most telling first. */
  readonly types: readonly string[]
  /** Those of them whose True means that something is wrong. */
  readonly negative: ReadonlySet<string>
}

/** Sets `target` to the summary of the conditions that are there; leaves it alone where none of them is. */
export function setSummary(draft: Draft, target: string, summary: Summary): void {
  const condition = summarise(conditionsOf(draft), target, summary)
  if (condition !== null) setCondition(draft, condition)
}

export function summarise(
  conditions: readonly StatusCondition[],
  target: string,
  { types, negative }: Summary,
): Pick<StatusCondition, 'type' | 'status' | 'reason' | 'message'> | null {
  const inScope = conditions.filter((entry) => entry.type !== target && types.includes(entry.type))
  if (inScope.length === 0) return null
  const priorityOf = (entry: StatusCondition): number => priority(entry.status, negative.has(entry.type))
  const best = Math.min(...inScope.map(priorityOf))
  const candidates = inScope.filter((entry) => priorityOf(entry) === best)
  // Unknown has one priority for both polarities: the group of the first one is meant.
  const isNegative = negative.has(candidates[0]?.type ?? '')
  const group = candidates.filter((entry) => negative.has(entry.type) === isNegative).sort(compareConditions)
  const [first] = group
  if (first === undefined) return null
  const told = group.length === 1 ? first : (findFirst(group, types) ?? first)
  return { type: target, status: turn(first.status, isNegative !== negative.has(target)), ...pick(told) }
}

function findFirst(group: readonly StatusCondition[], types: readonly string[]): StatusCondition | undefined {
  for (const type of types) {
    const found = group.find((entry) => entry.type === type)
    if (found !== undefined) return found
  }
  return undefined
}

function pick({ reason, message }: StatusCondition): Pick<StatusCondition, 'reason' | 'message'> {
  return { reason, message }
}

function turn(status: StatusCondition['status'], isTurned: boolean): StatusCondition['status'] {
  if (!isTurned || status === 'Unknown') return status
  return status === 'True' ? 'False' : 'True'
}

function priority(status: StatusCondition['status'], isNegative: boolean): number {
  if (status === 'True') return isNegative ? 0 : 2
  if (status === 'False') return isNegative ? 3 : 1
  return 4
}
