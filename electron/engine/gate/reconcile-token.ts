/**
 * Tokens of `reconcile.fluxcd.io/requestedAt`: RFC 3339 with nanoseconds. A controller copies the token it saw into
 * status.lastHandledReconcileAt at the end of a run, so a later token there means that ours was seen as well. Source: flux-semantics §7.
 */
import type { Clock, Random } from '../ports.ts'

/** A token of now; the digits below the millisecond are by chance, so that two tokens of one millisecond differ. */
export function createToken(clock: Clock, random: Random): string {
  const below = Math.floor(random.unit() * 1_000_000)
  const iso = new Date(clock.now()).toISOString()
  return `${iso.slice(0, -1)}${String(below).padStart(6, '0')}Z`
}

/**
 * Whether a run that saw `token` (or a later one) has ended. `before` is what status.lastHandledReconcileAt said when the plan was made:
 * tools may write any text as their token, and a changed text that is no time counts as later.
 */
export function isTokenHandled(lastHandled: string, token: string, before: string): boolean {
  if (lastHandled === '') return false
  if (lastHandled === token) return true
  // Someone whose clock is ahead may have asked before us.
  if (lastHandled === before) return false
  const handledNs = nanoseconds(lastHandled)
  const tokenNs = nanoseconds(token)
  if (handledNs === null || tokenNs === null) return lastHandled !== before
  return handledNs >= tokenNs
}

const form = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

function nanoseconds(token: string): bigint | null {
  const match = form.exec(token)
  if (match === null) return null
  const seconds = Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`)
  if (Number.isNaN(seconds)) return null
  return BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'))
}
