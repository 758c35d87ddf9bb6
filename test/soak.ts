/**
 * How many rounds a test runs, and from which seed. `npm test` runs a fixed slice, `npm run soak -- SUITE` all of it:
 * same code, and a seed that is printed so that a failure can be had again.
 */
/** True under `npm run soak`. */
export const isSoak = process.env.SLUICE_SOAK === '1'
let announced = false

/** Rounds to run: `full` in a soak run, one twentieth of it (rounded up) in `npm test`. */
export function scaleCount(full: number): number {
  return isSoak ? full : Math.ceil(full / 20)
}

/** The seed of this run: SLUICE_SEED when set, else 1, so that `npm test` is the same every time; printed once per file. */
export function seed(): number {
  const value = Number.parseInt(process.env.SLUICE_SEED ?? '1', 10)
  if (!announced) {
    announced = true
    console.log(`SLUICE_SEED=${String(value)}`)
  }
  return value
}
