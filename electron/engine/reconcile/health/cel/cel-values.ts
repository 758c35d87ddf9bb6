/** Plain JSON as CEL reads it: whole numbers are ints, others doubles, maps hold what they hold and nothing of JavaScript's. */
import type { CelInput } from '@bufbuild/cel'
import { celList, celMap } from '@bufbuild/cel'
import { isLongNumber } from '../../../exact-json.ts'

export function toCelValue(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) return celList(value.map(toCelValue))
  if (isLongNumber(value)) return BigInt(value.rawJSON)
  return celMap(new Map(Object.entries(value).map(([key, item]) => [key, toCelValue(item)])))
}

/** The top-level fields of an object, as variables. Without a prototype: a name like `constructor` is one that nobody declared. */
export function toVariables(fields: object): Record<string, CelInput> {
  const result = Object.create(null) as Record<string, CelInput>
  for (const [key, value] of Object.entries(fields)) result[key] = toCelValue(value)
  return result
}
