/**
 * What is in the cluster only and stays: fields that other managers own and that the applied object does not. What nobody owns, and server
 * defaults, are never among them; neither are status and metadata other than labels and annotations.
 */
import { itemTitle } from './list-shape.ts'
import { isCompared, joinPath } from './collect-changes.ts'
import type { FieldManager, FieldNode } from './managed-fields.ts'
import { childOf, escapePointer, mergeKeysOf, resolveSegment } from './managed-fields.ts'
import { isLongNumber } from '../exact-json.ts'
import { asRecord } from '../status/read.ts'

export interface ForeignField extends Place {
  readonly value: unknown
  /** The youngest owner. */
  readonly owner: FieldManager
}

/**
 * The highest fields of each branch that `owned` (the controller's set after its apply) does not hold and one of `foreign` does; each once,
 * in the order in which they are met.
 */
export function collectForeignFields(
  live: Readonly<Record<string, unknown>>,
  owned: FieldNode,
  foreign: readonly FieldManager[],
  limit: number,
): readonly ForeignField[] {
  const found = new Map<string, ForeignField>()
  for (const owner of foreign) {
    for (const segment in owner.fields) {
      const key = segment.slice(2)
      const node = childOf(owner.fields, segment)
      if (node === undefined || !Object.hasOwn(live, key)) continue
      if (key === 'metadata') {
        for (const name of ['labels', 'annotations']) {
          const map = asRecord(live[key])[name]
          const fields = childOf(node, `f:${name}`)
          if (fields === undefined || typeof map !== 'object' || map === null) continue
          const ownFields = childOf(childOf(owned, segment), `f:${name}`)
          visit(
            fields,
            ownFields,
            map,
            {
              path: `metadata.${name}`,
              pointer: `/metadata/${name}`,
              segments: [segment, `f:${name}`],
            },
            owner,
          )
        }
      } else if (isCompared(key)) step(node, childOf(owned, segment), live, segment, rootPlace, owner)
    }
  }
  return [...found.values()]

  function visit(node: FieldNode, own: FieldNode | undefined, value: unknown, at: Place, owner: FieldManager): void {
    for (const segment in node) {
      if (segment === '.') continue
      const child = childOf(node, segment)
      if (child !== undefined) step(child, childOf(own, segment), value, segment, at, owner)
    }
  }

  function step(
    node: FieldNode,
    own: FieldNode | undefined,
    parent: unknown,
    segment: string,
    at: Place,
    owner: FieldManager,
  ): void {
    const key = resolveSegment(parent, segment)
    if (key === null) return
    const value = (parent as Record<string | number, unknown>)[key]
    const place = placeBelow(at, segment, key, value)
    if (own !== undefined) {
      // Where the other one is a leaf both own the whole; where only the controller's is, it wants an empty map.
      visit(node, own, value, place, owner)
      return
    }
    const known = found.get(place.pointer)
    if (known === undefined && found.size >= limit) return
    if (known === undefined || (owner.at ?? 0) > (known.owner.at ?? 0))
      found.set(place.pointer, { ...place, value, owner })
  }
}

export interface Place {
  readonly path: string
  readonly pointer: string
  readonly segments: readonly string[]
}

export const rootPlace: Place = { path: '', pointer: '', segments: [] }

/** One step further; `key` is what the segment leads to, `value` what lies there. */
export function placeBelow(at: Place, segment: string, key: string | number, value: unknown): Place {
  return {
    path: joinPath(at.path, titleOf(segment, key, value)),
    pointer: `${at.pointer}/${escapePointer(key)}`,
    segments: [...at.segments, segment],
  }
}

function titleOf(segment: string, key: string | number, value: unknown): string {
  const keys = mergeKeysOf(segment)
  if (keys !== null) return `[${itemTitle(asRecord(value), Object.keys(keys))}]`
  if (segment.startsWith('v:')) return `[${isLongNumber(value) ? value.rawJSON : String(value)}]`
  return typeof key === 'number' ? `[${String(key)}]` : key
}
