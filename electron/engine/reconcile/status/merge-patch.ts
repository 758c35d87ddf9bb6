/** JSON merge patch between two states of one record (RFC 7386), as controller-runtime's MergeFrom makes it. */
import { areEqual } from '../../diff/equal-values.ts'

type Json = Readonly<Record<string, unknown>>

/** Null where nothing differs. Lists are replaced whole; a key that is gone becomes null. */
export function mergePatchOf(before: Json, after: Json): Json | null {
  const entries: [string, unknown][] = []
  for (const key of Object.keys(after)) {
    const was = Object.hasOwn(before, key) ? before[key] : undefined
    const is = after[key]
    if (was === is || is === undefined) continue
    if (isRecord(was) && isRecord(is)) {
      const inner = mergePatchOf(was, is)
      if (inner !== null) entries.push([key, inner])
    } else if (was === undefined || !areEqual(was, is)) entries.push([key, is])
  }
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key) || after[key] === undefined) entries.push([key, null])
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
