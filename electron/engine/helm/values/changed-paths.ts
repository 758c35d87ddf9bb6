/** Where two sets of values differ: paths alone, for what stands there may come from a Secret. */
import type { GoMap, GoValue } from '../../kustomize/yaml/go-value.ts'

/** `image.tag`, `hosts[2].name`, keys with a point as `a\.b`: sorted as they stand in `after`, at most `limit`. */
export function changedPaths(before: GoMap, after: GoMap, limit: number): readonly string[] {
  const found: string[] = []
  compareMaps(before, after, '', found, limit)
  return found
}

function compareMaps(before: GoMap, after: GoMap, path: string, found: string[], limit: number): void {
  for (const key of new Set([...after.keys(), ...before.keys()])) {
    const name = key.replace(/[.[\]\\]/g, '\\$&')
    compare(before.get(key), after.get(key), path === '' ? name : `${path}.${name}`, found, limit)
  }
}

function compare(
  before: GoValue | undefined,
  after: GoValue | undefined,
  path: string,
  found: string[],
  limit: number,
): void {
  if (found.length >= limit) return
  if (before instanceof Map && after instanceof Map) compareMaps(before, after, path, found, limit)
  else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    before.forEach((item, index) => {
      compare(item, after[index], `${path}[${index}]`, found, limit)
    })
  else if (!isSame(before, after)) found.push(path)
}

/** Whole numbers are equal to the float of the same value. */
function isSame(before: GoValue | undefined, after: GoValue | undefined): boolean {
  if (typeof before === 'bigint' || typeof after === 'bigint') return Number(before) === Number(after)
  if (Array.isArray(before) && Array.isArray(after)) return false
  return before === after
}
