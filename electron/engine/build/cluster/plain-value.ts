/** Between plain JSON values, as the API server sends them, and the values that builds work on. */
import type { GoMap, GoValue } from '../../kustomize/yaml/go-value.ts'

/** Maps for objects; undefined members are left out. */
export function toGoValue(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(toGoValue)
  if (typeof value === 'object' && value !== null) {
    const map: GoMap = new Map()
    for (const [key, member] of Object.entries(value)) if (member !== undefined) map.set(key, toGoValue(member))
    return map
  }
  return typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'bigint'
    ? value
    : null
}

/**
 * Objects for maps. Whole numbers beyond 2^53 lose their last digits here, as they do in everything that is read from the API server.
 * SECURITY: item 11: `__proto__` is a member like others.
 */
export function toPlainValue(value: GoValue): unknown {
  if (Array.isArray(value)) return value.map(toPlainValue)
  if (typeof value === 'bigint') return Number(value)
  if (!(value instanceof Map)) return value
  const object: Record<string, unknown> = {}
  for (const [key, member] of value) {
    const plain = toPlainValue(member)
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: plain, enumerable: true, configurable: true, writable: true })
    else object[key] = plain
  }
  return object
}
