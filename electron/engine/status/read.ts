/**
 * Tolerant reads of plain JSON: whatever the API server (or a fuzzer) put there, each read has an answer of its type. Used wherever
 * objects are summarised, since any optional field of any kind may be missing or of the wrong type.
 */
export type Json = Readonly<Record<string, unknown>>

const empty: Json = Object.freeze({})

export function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : empty
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A text for people of a scalar; '' for null, records and lists. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

export function asTextMap(value: unknown): Readonly<Record<string, string>> {
  const result: [string, string][] = []
  for (const [key, text] of Object.entries(asRecord(value))) if (typeof text === 'string') result.push([key, text])
  // Entries, not assignment: a key may be `__proto__`.
  return Object.fromEntries(result)
}

/** RFC 3339 (what metav1.Time and metav1.MicroTime write) to ms since the epoch, null for anything else. */
export function timeMs(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return null
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? null : ms
}

/** The value under own keys only, undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const key of path) {
    const record = asRecord(current)
    if (!Object.hasOwn(record, key)) return undefined
    current = record[key]
  }
  return current
}

export function textAt(value: unknown, ...path: readonly string[]): string {
  return asText(at(value, ...path))
}

export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  return asNumber(at(value, ...path))
}

export function annotationOf(object: unknown, key: string): string {
  return asText(at(object, 'metadata', 'annotations', key))
}

export function labelOf(object: unknown, key: string): string {
  return asText(at(object, 'metadata', 'labels', key))
}

/** Group of an apiVersion: '' for core (`v1`). */
export function groupOf(apiVersion: unknown): string {
  const text = asText(apiVersion)
  const slash = text.lastIndexOf('/')
  return slash < 0 ? '' : text.slice(0, slash)
}

export function versionOf(apiVersion: unknown): string {
  const text = asText(apiVersion)
  return text.slice(text.lastIndexOf('/') + 1)
}
