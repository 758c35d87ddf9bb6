/** What a test needs and this machine has not. A person reads that a suite was skipped; in CI nobody does. */

const isCi = process.env['CI'] === 'true' || process.env['CI'] === '1'

/** `null`, for the caller to skip by; in CI an error instead, so that the suite is red. */
export function absent(what: string): null {
  if (isCi) throw new Error(`${what}: in CI (CI=${process.env['CI'] ?? ''}) that is a failure and not a reason to skip`)
  return null
}
