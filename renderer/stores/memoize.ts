/** Remembers the last result of a pure function of one immutable value. */
export function memoize<A extends object, R>(compute: (value: A) => R): (value: A) => R {
  let last: { readonly value: A; readonly result: R } | null = null
  return (value) => {
    if (last === null || last.value !== value) last = { value, result: compute(value) }
    return last.result
  }
}
