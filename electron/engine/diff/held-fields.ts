/** What one manager is recorded as an owner of, as places in the object: the leaves of its set. */
import type { Place } from './foreign-fields.ts'
import { placeBelow, rootPlace } from './foreign-fields.ts'
import type { FieldNode } from './managed-fields.ts'
import { childOf, isLeaf, resolveSegment } from './managed-fields.ts'

/** In the set's order, at most `limit` of them; what is not there is left out. SECURITY: item 9: of a sealed object no set element is named. */
export function heldFields(object: unknown, fields: FieldNode, limit: number): readonly Place[] {
  const found: Place[] = []
  visit(object, fields, rootPlace)
  return found

  function visit(value: unknown, node: FieldNode, at: Place): void {
    for (const segment in node) {
      if (found.length >= limit) return
      const child = segment === '.' ? undefined : childOf(node, segment)
      const key = child === undefined ? null : resolveSegment(value, segment)
      if (child === undefined || key === null) continue
      const inner = (value as Record<string | number, unknown>)[key]
      const place = placeBelow(at, segment, key, inner)
      if (isLeaf(child)) found.push(place)
      else visit(inner, child, place)
    }
  }
}
