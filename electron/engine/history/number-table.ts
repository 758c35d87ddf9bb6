/** Whole numbers by whole numbers, at twelve bytes a place: a tenth of what a Map takes. Open addressing, a power of two of places, at most half full. */
const none = -1
const removed = -2
const firstSize = 1024

export class NumberTable {
  #keys = new Float64Array(firstSize)
  #values = new Int32Array(firstSize).fill(none)
  /** Places that are not `none`. */
  #used = 0

  /** `value` is 0 or more. */
  set(key: number, value: number): void {
    if (this.#used * 2 >= this.#values.length) this.#rebuild()
    const place = this.#placeOf(key)
    if (this.#values[place] === none) this.#used += 1
    this.#keys[place] = key
    this.#values[place] = value
  }

  /** -1 where there is none. */
  get(key: number): number {
    return Math.max(none, this.#values[this.#placeOf(key)] ?? none)
  }

  /** All keys with this value; reads through all places. */
  removeValue(value: number): void {
    for (let place = this.#values.indexOf(value); place >= 0; place = this.#values.indexOf(value, place + 1))
      this.#values[place] = removed
  }

  /** Where the key is, else where it goes. */
  #placeOf(key: number): number {
    const mask = this.#values.length - 1
    let place = (key % 0x1_0000_0000) & mask
    // What was removed keeps its key: the same one may come back there, and others are looked for behind it.
    while (this.#values[place] !== none && this.#keys[place] !== key) place = (place + 1) & mask
    return place
  }

  #rebuild(): void {
    const keys = this.#keys
    const values = this.#values
    let live = 0
    for (const value of values) if (value >= 0) live += 1
    const size = Math.max(firstSize, 2 ** Math.ceil(Math.log2((live + 1) * 4)))
    this.#keys = new Float64Array(size)
    this.#values = new Int32Array(size).fill(none)
    this.#used = 0
    values.forEach((value, index) => {
      if (value >= 0) this.set(keys[index] ?? 0, value)
    })
  }
}
