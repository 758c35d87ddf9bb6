/** Chance from a fixed seed: the same seed gives the same case on every machine. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0
    for (let i = 0; i < 4; i++) this.unit()
  }

  /** In [0, 1) (mulberry32). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.unit() * below)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1)
  }

  is(probability: number): boolean {
    return this.unit() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)]
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return item as T
  }

  /** `count` different items (all of them where there are fewer), in the order of the list. */
  some<T>(items: readonly T[], count: number): T[] {
    const left = items.map((_, index) => index)
    const taken: number[] = []
    while (left.length > 0 && taken.length < count) taken.push(...left.splice(this.int(left.length), 1))
    return taken.sort((a, b) => a - b).map((index) => items[index] as T)
  }

  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const held = result[i] as T
      result[i] = result[j] as T
      result[j] = held
    }
    return result
  }
}
