/** The place in one object that corresponds to a place in another: list items are followed by their merge keys, not by their index. */
import { pointerParts } from '../gate/json-pointer.ts'
import { areEqual } from './equal-values.ts'
import { indexItems, itemId, shapeFromName } from './list-shape.ts'
import { escapePointer } from './managed-fields.ts'

/** The pointer in `to` of what `pointer` is in `from`; null where `to` has no such thing. */
export function translatePointer(from: unknown, to: unknown, pointer: string): string | null {
  let source = from
  let target = to
  let result = ''
  let field = ''
  for (const part of pointerParts(pointer)) {
    if (typeof target !== 'object' || target === null) return null
    let key = part
    if (Array.isArray(source) && Array.isArray(target)) {
      const index = correspondingIndex(source, target, Number(part), field)
      if (index === null) return null
      key = String(index)
    }
    if (!Object.hasOwn(target, key)) return null
    result += `/${escapePointer(key)}`
    source = typeof source === 'object' && source !== null ? (source as Record<string, unknown>)[part] : undefined
    target = (target as Record<string, unknown>)[key]
    field = part
  }
  return result
}

/** Index in `target` of the item that is at `index` in `source`; null where it is not there. */
export function correspondingIndex(
  source: readonly unknown[],
  target: readonly unknown[],
  index: number,
  field: string,
): number | null {
  const item = source[index]
  if (item === undefined) return null
  const shape = shapeFromName(field, [source, target])
  if (typeof shape === 'object') {
    const id = itemId(item as Readonly<Record<string, unknown>>, shape.keys)
    return (id === null ? undefined : indexItems(target, shape.keys)?.get(id)) ?? null
  }
  if (areEqual(target[index], item)) return index
  const equal = target.findIndex((each) => areEqual(each, item))
  if (equal >= 0) return equal
  return source.length === target.length ? index : null
}
