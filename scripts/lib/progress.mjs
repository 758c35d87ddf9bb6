/**
 * What the scripts say while they work: to stderr only, so that stdout stays what a command answers.
 */
let prefix = 'sluice'

/** One line of progress. */
export function say(text) {
  process.stderr.write(`${prefix}: ${text}\n`)
}

/** Announces a step, runs it, and says how long it took when that was over half a second. */
export async function step(text, work) {
  const startedAt = performance.now()
  say(`${text} …`)
  const value = await work()
  const seconds = (performance.now() - startedAt) / 1000
  if (seconds > 0.5) say(`${text}: done in ${seconds.toFixed(1)} s`)
  return value
}

/** A failure that the person can act on: printed as its sentences, without a stack. */
export class SetupError extends Error {}

/** Ends the process for an error: words alone for a SetupError, the stack for a fault. */
export function fail(error) {
  say(error instanceof SetupError ? error.message : String(error?.stack ?? error))
  process.exit(1)
}
