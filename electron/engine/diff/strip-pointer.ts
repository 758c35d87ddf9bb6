/** A value without what lies at a JSON pointer; what is not there changes nothing (upstream's lenient remove). Shares what it does not touch. */
export function stripPointer(value: unknown, parts: readonly string[], depth = 0): unknown {
  const part = parts[depth]
  if (part === undefined || typeof value !== 'object' || value === null) return value
  const isLast = depth === parts.length - 1
  if (Array.isArray(value)) {
    const index = /^-?\d+$/.test(part) ? Number(part) : NaN
    const at = index < 0 ? value.length + index : index
    if (!(at >= 0 && at < value.length)) return value
    const items = value as readonly unknown[]
    if (isLast) return items.filter((_item, position) => position !== at)
    return items.with(at, stripPointer(items[at], parts, depth + 1))
  }
  const record = value as Readonly<Record<string, unknown>>
  if (!Object.hasOwn(record, part)) return value
  if (!isLast) return { ...record, [part]: stripPointer(record[part], parts, depth + 1) }
  const { [part]: _gone, ...rest } = record
  return rest
}
