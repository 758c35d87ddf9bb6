/** Who owns a field, by metadata.managedFields. Source: Kubernetes' FieldsV1 (`f:name` per map key). */
import { asArray, asRecord, asText, at, textAt, timeMs } from './read.ts'

export interface FieldOwner {
  readonly manager: string
  readonly operation: string
  /** The entry's time: the manager's last change of any field it owns, not only of this one. */
  readonly at: number | null
}

/** Owners of the field at `path` (map keys, no lists), main resource only, in the object's order. */
export function fieldOwners(object: unknown, path: readonly string[]): readonly FieldOwner[] {
  const keys = path.map((key) => `f:${key}`)
  const result: FieldOwner[] = []
  for (const entry of asArray(at(object, 'metadata', 'managedFields'))) {
    const record = asRecord(entry)
    if (asText(record.subresource) !== '') continue
    if (at(record.fieldsV1, ...keys) === undefined) continue
    result.push({ manager: asText(record.manager), operation: asText(record.operation), at: timeMs(record.time) })
  }
  return result
}

/** Does this owner have fields of the spec beside `name`; also where its fields are not kept: those of a gate's owner are. */
export function ownsMoreThan(object: unknown, { manager, operation, at: time }: FieldOwner, name: string): boolean {
  return asArray(at(object, 'metadata', 'managedFields')).some((entry) => {
    const record = asRecord(entry)
    if (asText(record.subresource) !== '' || timeMs(record.time) !== time) return false
    if (asText(record.manager) !== manager || asText(record.operation) !== operation) return false
    const names = Object.keys(asRecord(at(record.fieldsV1, 'f:spec')))
    return !names.includes(`f:${name}`) || names.some((each) => each !== '.' && each !== `f:${name}`)
  })
}

/** When it was last written, by the API server's clock alone; 0 where it does not say. */
export function lastWriteAt(object: unknown): number {
  let latest = timeMs(at(object, 'metadata', 'creationTimestamp')) ?? 0
  for (const entry of asArray(at(object, 'metadata', 'managedFields')))
    latest = Math.max(latest, timeMs(asRecord(entry).time) ?? 0)
  return latest
}

/** When the status was last written with a change, null where managedFields do not say. */
export function lastStatusWriteAt(object: unknown): number | null {
  let latest: number | null = null
  for (const entry of asArray(at(object, 'metadata', 'managedFields'))) {
    const isStatus = textAt(entry, 'subresource') === 'status' || at(entry, 'fieldsV1', 'f:status') !== undefined
    const time = timeMs(asRecord(entry).time)
    if (isStatus && time !== null && (latest === null || time > latest)) latest = time
  }
  return latest
}
