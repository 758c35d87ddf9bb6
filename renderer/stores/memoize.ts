/** Remembers the last result of a pure function of one immutable value. */
export function memoize<A extends object, R>(compute: (value: A) => R): (value: A) => R {
  let last: { readonly value: A; readonly result: R } | null = null
  return (value) => {
    if (last === null || last.value !== value) last = { value, result: compute(value) }
    return last.result
  }
}

/**
 * The same, for values that change often in ways that do not matter here: the result stays the same object while `signature` gives the
 * same text. A watch lag that ticks must not sort 8,000 rows anew.
 */
export function memoizeBySignature<A extends object, R>(
  signature: (value: A) => string,
  compute: (value: A) => R,
): (value: A) => R {
  let last: { value: A; readonly sign: string; readonly result: R } | null = null
  return (value) => {
    if (last !== null && last.value === value) return last.result
    const sign = signature(value)
    if (last !== null && last.sign === sign) last.value = value
    else last = { value, sign, result: compute(value) }
    return last.result
  }
}
