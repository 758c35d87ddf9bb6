/** Reproducible chance: the same seed, the same mutations. */
export interface Chance {
  /** Integer in [0, below). */
  below(limit: number): number
  pick<T>(values: readonly T[]): T
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (values) => values[below(values.length)]! }
}
