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
 * Objects for maps. Whole numbers of 64 bits that no number holds exactly stay bigints: exactText writes them.
 * SECURITY: item 11: `__proto__` is a member like others.
 */
export function toExactValue(value: GoValue): unknown {
  return toPlain(value, exactNumber)
}

/** The same for what is not compared: such numbers lose their last digits. */
export function toPlainValue(value: GoValue): unknown {
  return toPlain(value, Number)
}

/** Go reads what is beyond 64 bits as a float64. */
function exactNumber(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) || BigInt.asIntN(64, value) !== value ? number : value
}

function toPlain(value: GoValue, toNumber: (value: bigint) => number | bigint): unknown {
  if (Array.isArray(value)) return value.map((item) => toPlain(item, toNumber))
  if (typeof value === 'bigint') return toNumber(value)
  if (!(value instanceof Map)) return value
  const object: Record<string, unknown> = {}
  for (const [key, member] of value) {
    const plain = toPlain(member, toNumber)
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: plain, enumerable: true, configurable: true, writable: true })
    else object[key] = plain
  }
  return object
}
