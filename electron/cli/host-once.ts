/** When `sluice host --once` is done: nothing runs, and nothing that failed or waits could go on by what has happened since. Pure. */
import type { HostedRow } from '../../shared/model/hosting.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'

/** Watches tell of what runs have done within this time. */
const settleMs = 1500
/** A first failure may be chance. */
const minFailures = 2

export class OnceWatch {
  #quietSince: number | null = null

  /** `done`, `wait`, or what is to be tried once more. `now` in ms, of any clock. */
  look(rows: readonly HostedRow[], now: number): 'done' | 'wait' | readonly ObjectRef[] {
    if (rows.some(({ state }) => state === 'queued' || state === 'running')) {
      this.#quietSince = null
      return 'wait'
    }
    this.#quietSince ??= now
    if (now - this.#quietSince < settleMs) return 'wait'
    const lastSuccess = Math.max(0, ...rows.map((row) => (row.lastResult === 'succeeded' ? (row.lastAt ?? 0) : 0)))
    const again = rows.filter((row) => mayGoOn(row, lastSuccess)).map(({ ref }) => ref)
    if (again.length === 0) return 'done'
    this.#quietSince = null
    return again
  }

  /** Something was allowed: it may begin only now. */
  restart(): void {
    this.#quietSince = null
  }

  /** `Failed`, `Held`, `Waiting`: what makes the exit code 1; null: all is well with it. */
  static isBad(row: HostedRow): string | null {
    if (row.state === 'needs-approval' || row.state === 'held') return 'Held'
    if (row.state === 'waiting') return 'Waiting'
    const isOff = row.state === 'suspended' || row.state === 'manual' || row.state === 'not-hosted'
    return row.lastResult === 'failed' && !isOff ? 'Failed' : null
  }
}

function mayGoOn(row: HostedRow, lastSuccess: number): boolean {
  const word = OnceWatch.isBad(row)
  if (word !== 'Failed' && word !== 'Waiting') return false
  return (row.lastAt ?? 0) <= lastSuccess || (word === 'Failed' && row.failures < minFailures)
}
