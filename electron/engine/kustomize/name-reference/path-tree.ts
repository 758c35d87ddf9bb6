/** The paths of all reference fields of a kind as one tree, so that an object is walked once for all of them. */
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { splitPath } from '../field-spec/field-spec.ts'
import type { Gvk } from '../resource/gvk.ts'

export interface ReferenceField {
  /** Where the name stands. */
  readonly spec: FieldSpec
  /** What kind of object is named. */
  readonly target: Gvk
}

export interface PathNode {
  readonly children: ReadonlyMap<string, PathNode>
  /** The fields that end here, in order; null on the way. */
  readonly fields: readonly ReferenceField[] | null
}

interface MutableNode {
  readonly children: Map<string, MutableNode>
  fields: ReferenceField[] | null
}

/** Null where walking them together would not be the same as one after the other: a path ends on the way of another, or is a special one. */
export function buildPathTree(fields: readonly ReferenceField[]): PathNode | null {
  const root: MutableNode = { children: new Map(), fields: null }
  for (const field of fields) {
    let node = root
    for (const part of splitPath(field.spec.path)) {
      if (!isPlainKey(part) || node.fields !== null) return null
      let next = node.children.get(part)
      if (next === undefined) node.children.set(part, (next = { children: new Map(), fields: null }))
      node = next
    }
    if (node === root || node.children.size > 0) return null
    if (node.fields === null) node.fields = [field]
    else node.fields.push(field)
  }
  return root
}

/** Marks of lists, indexes and blanks have rules of their own, which the field spec engine knows. */
function isPlainKey(part: string): boolean {
  return /^[A-Za-z][^\s[\]*]*$/.test(part)
}
