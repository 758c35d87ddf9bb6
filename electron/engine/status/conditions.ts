/** Conditions of any object, in the object's own order. */
import type { Condition } from '../../../shared/model/status.ts'
import { asArray, asNumber, asRecord, asText, at, timeMs } from './read.ts'

/** Reads status.conditions; entries without a type are skipped, a status other than True or False is Unknown. */
export function readConditions(object: unknown): readonly Condition[] {
  const result: Condition[] = []
  for (const entry of asArray(at(object, 'status', 'conditions'))) {
    const record = asRecord(entry)
    const type = asText(record.type)
    if (type === '') continue
    result.push({
      type,
      status: record.status === 'True' ? 'True' : record.status === 'False' ? 'False' : 'Unknown',
      reason: asText(record.reason),
      message: asText(record.message),
      lastTransitionTime: timeMs(record.lastTransitionTime),
      observedGeneration: asNumber(record.observedGeneration),
    })
  }
  return result
}

export function findCondition(conditions: readonly Condition[], type: string): Condition | null {
  return conditions.find((condition) => condition.type === type) ?? null
}
