/** What of a live object a comparison depends on: status noise leaves it as it is. */
import type { KubeObject } from '../clusters/view.ts'
import { areEqual } from '../diff/equal-values.ts'
import { asArray, asRecord, asText } from '../status/read.ts'

/** Whether two reads of an object are the same to a comparison; where a kind has no generation, its resourceVersion counts. */
export function isSameToComparison(a: KubeObject | null, b: KubeObject | null): boolean {
  if (a === null || b === null) return a === b
  if (a === b || (a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion))
    return true
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.metadata.generation !== undefined &&
    a.metadata.generation === b.metadata.generation &&
    areEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
    areEqual(a.metadata.annotations ?? {}, b.metadata.annotations ?? {}) &&
    areEqual(mainEntries(a), mainEntries(b))
  )
}

function mainEntries(object: KubeObject): readonly unknown[] {
  return asArray(object.metadata.managedFields).filter((entry) => asText(asRecord(entry).subresource) === '')
}

/**
 * Whether an answer to a dry-run belongs to the live object as it was read, although its status has moved on: no generation in between, and the
 * same managers wrote the main resource at the same times, the controller included (an apply that had to set something back writes its own entry
 * anew). What an apply sets back may look untouched otherwise.
 */
export function belongsTo(answer: KubeObject, live: KubeObject): boolean {
  if (live.metadata.resourceVersion === answer.metadata.resourceVersion) return true
  return (
    live.metadata.generation !== undefined &&
    live.metadata.generation === answer.metadata.generation &&
    live.metadata.deletionTimestamp === answer.metadata.deletionTimestamp &&
    areEqual(writers(live), writers(answer))
  )
}

function writers(object: KubeObject): readonly string[] {
  const result: string[] = []
  for (const each of mainEntries(object)) {
    const entry = asRecord(each)
    result.push(`${asText(entry.manager)} ${asText(entry.operation)} ${asText(entry.time)}`)
  }
  return result.sort()
}
