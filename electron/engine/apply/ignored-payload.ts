/**
 * What kustomize-controller sends where ignore rules match an object that it has to apply for another reason: of each ignored field that differs,
 * its payload has no value (another Apply manager owns it) or the live one. It fails where the payload has no such field to replace.
 * Source: flux-semantics §2.9.
 */
import type { KubeObject } from '../clusters/view.ts'
import { areEqual } from '../diff/equal-values.ts'
import type { FieldManager } from '../diff/managed-fields.ts'
import { fieldManagersOf, mergeKeysOf, nodeAt } from '../diff/managed-fields.ts'
import { stripPointer } from '../diff/strip-pointer.ts'
import { pointerParts } from '../gate/json-pointer.ts'
import { asRecord } from '../status/read.ts'

export type IgnoredPayload = { readonly payload: KubeObject } | { readonly message: string }

/** Whether anything but the ignored fields differs. `areSame` is the controller's comparison. */
export function differsBeyond(
  live: KubeObject,
  wouldBe: KubeObject,
  pointers: readonly string[],
  areSame: (a: KubeObject, b: KubeObject) => boolean,
): boolean {
  let [a, b]: unknown[] = [live, wouldBe]
  // One after the other, as the controller does: taking an item out of a list moves those after it.
  for (const pointer of pointers) {
    const parts = pointerParts(pointer)
    a = stripPointer(a, parts)
    b = stripPointer(b, parts)
  }
  return !areSame(a as KubeObject, b as KubeObject)
}

/** `desired` as it would be sent; itself where no ignored field differs. */
export function payloadFor(
  desired: KubeObject,
  live: KubeObject,
  wouldBe: KubeObject,
  pointers: readonly string[],
  isForeignApply: (entry: FieldManager) => boolean,
): IgnoredPayload {
  const appliers = fieldManagersOf(live).filter(
    ({ operation, subresource }) => operation === 'Apply' && subresource === '',
  )
  let payload: unknown = desired
  const adopted: { readonly pointer: string; readonly value: unknown }[] = []
  for (const pointer of pointers) {
    // The controller puts the live object in the payload's place, which no API server takes.
    if (pointer === '') return { message: 'a rule that ignores the whole object leaves nothing that can be applied' }
    const parts = pointerParts(pointer)
    const value = lookup(live, parts)
    if (areEqual(value, lookup(wouldBe, parts))) continue
    const segments = segmentsOf(live, parts, appliers)
    const isForeign =
      segments !== null &&
      appliers.some((entry) => isForeignApply(entry) && nodeAt(entry.fields, segments) !== undefined)
    if (isForeign) payload = stripPointer(payload, parts)
    else adopted.push({ pointer, value })
  }
  for (const { pointer, value } of adopted) {
    const parts = pointerParts(pointer)
    if (lookup(payload, parts) === undefined) {
      const parent = lookup(payload, parts.slice(0, -1))
      const missing = typeof parent === 'object' && parent !== null ? 'key' : 'path'
      return { message: `replace operation does not apply: doc is missing ${missing}: ${pointer}: missing value` }
    }
    payload = replaceAt(payload, parts, 0, value ?? null)
  }
  return { payload: payload as KubeObject }
}

function lookup(object: unknown, parts: readonly string[]): unknown {
  let value = object
  for (const part of parts) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) && !/^\d+$/.test(part)) return undefined
    if (!Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

/** fieldsV1 segments of a pointer; null where a number in it is no item that Apply entries tell by its keys. */
function segmentsOf(
  live: KubeObject,
  parts: readonly string[],
  appliers: readonly FieldManager[],
): readonly string[] | null {
  const segments: string[] = []
  for (const [depth, part] of parts.entries()) {
    if (!/^\d+$/.test(part)) {
      segments.push(`f:${part}`)
      continue
    }
    const item = asRecord(lookup(live, parts.slice(0, depth + 1)))
    const found = appliers
      .flatMap(({ fields }) => Object.keys(nodeAt(fields, segments) ?? {}))
      .find((segment) => {
        const keys = mergeKeysOf(segment)
        return keys !== null && Object.entries(keys).every(([key, value]) => areEqual(item[key], value))
      })
    if (found === undefined) return null
    segments.push(found)
  }
  return segments
}

function replaceAt(value: unknown, parts: readonly string[], depth: number, wanted: unknown): unknown {
  const part = parts[depth]
  if (part === undefined) return wanted
  if (Array.isArray(value)) {
    const items = value as readonly unknown[]
    return items.with(Number(part), replaceAt(items[Number(part)], parts, depth + 1, wanted))
  }
  const record = asRecord(value)
  return { ...record, [part]: replaceAt(record[part], parts, depth + 1, wanted) }
}
