/** JSON pointers (RFC 6901) into plain objects. */

/** Value at a pointer; undefined where there is none, or null. */
export function valueAt(object: unknown, pointer: string): unknown {
  let at: unknown = object
  for (const part of pointerParts(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at === null ? undefined : at
}

export function pointerTo(...parts: readonly string[]): string {
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function pointerParts(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function annotationPointer(key: string): string {
  return pointerTo('metadata', 'annotations', key)
}
