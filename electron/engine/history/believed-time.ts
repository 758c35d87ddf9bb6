/** When something happened, where whoever says so may have a broken clock: what lies ahead would stand above everything else until that time comes. */

/** Clocks of cluster and machine may differ by so much. */
export const maxSkewMs = 5 * 60_000

/**
 * Where `claimed` cannot be, the time at which it was seen, with what was claimed beside it (mergedTime in shared/model/history.ts reads that again).
 * `writtenAt`: when the API server says that it was told: where both are ahead it is this machine's clock that is behind.
 */
export function believedTime(
  claimed: number,
  now: number,
  writtenAt: number,
): { readonly at: number; readonly claimedAt?: number } {
  return claimed > Math.max(now, writtenAt) + maxSkewMs ? { at: now, claimedAt: claimed } : { at: claimed }
}
