/**
 * Equality as kustomize-controller has it (apimachinery's Semantic.DeepEqual over plain JSON): empty lists are equal, a null is not an
 * absent key, order of list items counts.
 */
export function areEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let index = 0; index < a.length; index += 1) if (!areEqual(a[index], b[index])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  let count = 0
  for (const key in left) {
    count += 1
    if (!Object.hasOwn(right, key) || !areEqual(left[key], right[key])) return false
  }
  for (const _key in right) count -= 1
  return count === 0
}
