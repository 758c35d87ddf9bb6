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

/** The same managers wrote the main resource at the same times; the controller itself left out. */
export function haveSameWriters(live: KubeObject, answer: KubeObject, controller: string): boolean {
  return areEqual(writers(live, controller), writers(answer, controller))
}

function writers(object: KubeObject, controller: string): readonly string[] {
  const result: string[] = []
  for (const each of asArray(object.metadata.managedFields)) {
    const entry = asRecord(each)
    if (asText(entry.subresource) === '' && asText(entry.manager) !== controller)
      result.push(`${asText(entry.manager)} ${asText(entry.operation)} ${asText(entry.time)}`)
  }
  return result.sort()
}
