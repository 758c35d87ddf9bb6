/**
 * A document as SOPS holds it: ordered branches with comments among their items. Go's types are kept apart because they decide what is
 * hashed, encrypted and printed: `bigint` is Go's int, `number` its float64.
 */

/** A Go string that is not UTF-8, or (`isSlice`) the `[]byte` of a value with SOPS type `bytes`. */
export class GoBytes {
  readonly bytes: Uint8Array
  readonly isSlice: boolean

  constructor(bytes: Uint8Array, isSlice: boolean) {
    this.bytes = bytes
    this.isSlice = isSlice
  }
}

/** A moment with its offset, as `time.Time` prints it with RFC3339Nano. */
export class SopsTime {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Text after the `#` or `;`. */
export class SopsComment {
  readonly text: string
  readonly isInline: boolean

  constructor(text: string, isInline: boolean) {
    this.text = text
    this.isInline = isInline
  }
}

/** A value of a type that SOPS refuses to walk, such as uint64: it fails only where it is met. */
export class ForeignValue {
  readonly goType: string
  readonly text: string

  constructor(goType: string, text: string) {
    this.goType = goType
    this.text = text
  }
}

export type SopsLeaf = null | string | boolean | bigint | number | GoBytes | SopsTime | SopsComment | ForeignValue
export type SopsValue = SopsLeaf | SopsBranch | SopsValue[]

export interface SopsItem {
  /** A comment stands in the place of a key and has the value null. Other keys than strings fail when the tree is walked. */
  readonly key: string | SopsComment | ForeignValue
  readonly value: SopsValue
}

export class SopsBranch {
  readonly items: SopsItem[]

  constructor(items: SopsItem[] = []) {
    this.items = items
  }

  /** Value of the first item with this key; undefined if none. */
  get(key: string): SopsValue | undefined {
    return this.items.find((item) => item.key === key)?.value
  }
}

/** `sops` metadata taken out; one branch for each YAML document, exactly one in every other format. */
export interface SopsDocument {
  readonly branches: SopsBranch[]
  readonly metadata: SopsBranch
}
