/** What a derived fleet lacks against its repository, counted by reason, so that nobody mistakes it for the whole. */

export class LeftOut {
  readonly counts = new Map<string, number>()

  add(reason: string, count = 1): void {
    if (count > 0) this.counts.set(reason, (this.counts.get(reason) ?? 0) + count)
  }

  /** One line per reason, most frequent first. */
  toLines(): readonly string[] {
    return [...this.counts]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `${String(count).padStart(5)} ${reason}`)
  }
}
