/**
 * A value as Go's encoding/json or yaml decoders would hold it in an `interface{}`. Numbers: JS `number` where the value is an integer
 * within ±2^53 or a float64; `bigint` for larger int64/uint64. Maps are `Map`, so that `__proto__` and `constructor` are keys like others.
 */
export type GoValue = null | boolean | string | number | bigint | GoValue[] | GoMap
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- only an interface may refer to the type that refers to it
export interface GoMap extends Map<string, GoValue> {}
