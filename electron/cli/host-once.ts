/**
 * When `sluice host --once` is done: nothing runs but what was judged already and merely runs again by its interval, and nothing that failed or waits
 * could go on by what others have changed since. And when it gives up, because hosted mode cannot act. Pure: is told what happens, and the time.
 */
import type { HostedRow, HostingState } from '../../shared/model/hosting.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'

/** Watches tell of what runs have done within this time. */
const settleMs = 1500
/** A first failure may be chance. */
const minRuns = 2
/** So often an object is tried again, and so often it is news to others: some fail and succeed in turns, or are changed, for ever. */
const maxTurns = 10
/** A run that is due so soon after the last one belongs to it. */
const atOnceMs = 100

export type BadWord = 'Failed' | 'Held' | 'Waiting' | 'Not hosted'

interface Entry {
  row: HostedRow
  /** As the last run left it; steps that go on at once belong to one run. */
  verdict: HostedRow | null
  /** How much news there was when the run under way began, and when that of the verdict did. */
  beganAt: number
  judgedAt: number
  runs: number
  retries: number
  /** How often it was news, and which spec and revision it had then. */
  news: number
  sign: string | null
}

export class OnceWatch {
  readonly #entries = new Map<string, Entry>()
  #quietSince: number | null = null
  /** Counts what may let others go on. */
  #news = 0

  /** Each change of a row, in order. */
  see(row: HostedRow): void {
    const known = this.#entries.get(row.key)
    const entry = known ?? newEntry(row)
    this.#entries.set(row.key, entry)
    const wasRunning = known?.row.state === 'running'
    entry.row = row
    if (row.state === 'running' && !wasRunning) entry.beganAt = this.#news
    if (isBusy(row)) {
      if (!this.#isSettled(entry)) this.#quietSince = null
      return
    }
    // What has run before anybody looked is seen only as it was left.
    if (!wasRunning && (known !== undefined || row.lastAt === null)) return
    const isNews = isGood(row) && (entry.verdict === null || !isGood(entry.verdict)) && this.#tellOthers(entry)
    entry.verdict = row
    entry.judgedAt = isNews ? this.#news : entry.beganAt
    entry.runs += 1
  }

  gone(key: string): void {
    this.#entries.delete(key)
  }

  /**
   * `done`, `wait`, or what is to be tried once more. `signOf`: which spec and which revision the cluster has of an object, null: not known yet; a
   * change of it is news to others. `now` in ms, of any clock.
   */
  look(signOf: (key: string) => string | null, now: number): 'done' | 'wait' | readonly ObjectRef[] {
    const entries = [...this.#entries.values()]
    for (const entry of entries) this.#readSign(entry, signOf(entry.row.key))
    if (entries.some((entry) => isBusy(entry.row) && !this.#isSettled(entry))) {
      this.#quietSince = null
      return 'wait'
    }
    this.#quietSince ??= now
    if (now - this.#quietSince < settleMs) return 'wait'
    const again = entries.filter((entry) => mayGoOn(entry.row) && !this.#isSettled(entry) && entry.retries < maxTurns)
    if (again.length === 0) return 'done'
    for (const entry of again) entry.retries += 1
    this.#quietSince = null
    return again.map(({ row }) => row.ref)
  }

  /** Something was allowed, or hosted mode begins anew: what runs by that has not begun yet, and what ran before may go another way now. */
  restart(): void {
    this.#news += 1
    this.#quietSince = null
  }

  /** Each object as its last run left it, also where it runs again. */
  verdicts(): readonly HostedRow[] {
    return [...this.#entries.values()].map(({ row, verdict }) => (isBusy(row) && verdict !== null ? verdict : row))
  }

  #tellOthers(entry: Entry): boolean {
    if (entry.news === maxTurns) return false
    entry.news += 1
    this.restart()
    return true
  }

  #readSign(entry: Entry, sign: string | null): void {
    if (sign === null || sign === entry.sign || entry.row.lastAt === null) return
    // The first one is that of its first run.
    if (entry.sign === null || this.#tellOthers(entry)) entry.sign = sign
  }

  /** Its verdict takes into account all there is: a further run would say the same, as far as anybody can know. */
  #isSettled({ verdict, judgedAt, runs }: Entry): boolean {
    return verdict !== null && judgedAt === this.#news && (OnceWatch.wordOf(verdict) !== 'Failed' || runs >= minRuns)
  }

  /**
   * What makes the exit code 1; null: all is well with it, or it is off by intent. Of a row that neither runs nor waits for its turn. What is `held` says
   * nothing where it is up to date; one that says something and asks for no approval could not be planned.
   */
  static wordOf({ state, message, lastResult, lastAt }: HostedRow): BadWord | null {
    switch (state) {
      case 'needs-approval':
        return 'Held'
      case 'waiting':
        return 'Waiting'
      case 'held':
        return message === '' ? null : 'Failed'
      case 'not-hosted':
        // Other kinds never run.
        return lastAt === null ? null : 'Not hosted'
      case 'manual':
        // Somebody said that it be applied, and it still is not.
        return lastResult === 'failed' && message !== '' ? 'Failed' : null
      case 'suspended':
        return null
      case 'queued':
      case 'running':
      case 'sleeping':
        return lastResult === 'failed' || lastResult === 'canceled' ? 'Failed' : null
    }
  }
}

function newEntry(row: HostedRow): Entry {
  return { row, verdict: null, beganAt: 0, judgedAt: 0, runs: 0, retries: 0, news: 0, sign: null }
}

/** It runs, or will within a moment. An interval of nothing is an interval all the same. */
function isBusy({ state, lastResult, lastAt, nextAt }: HostedRow): boolean {
  if (state === 'queued' || state === 'running') return true
  if (state === 'sleeping' && lastResult !== null) return false
  return nextAt !== null && lastAt !== null && nextAt - lastAt < atOnceMs
}

function isGood(row: HostedRow): boolean {
  return row.lastResult === 'succeeded' && OnceWatch.wordOf(row) === null
}

function mayGoOn(row: HostedRow): boolean {
  const word = isBusy(row) ? null : OnceWatch.wordOf(row)
  return word !== null && word !== 'Held'
}

export interface PatienceOptions {
  readonly leaseDurationMs: number
  readonly retryPeriodMs: number
}

/** For looking for controllers and reading all objects, of the largest clusters. */
const maxStartMs = 5 * 60_000
const retries = 5

/** How long `--once` waits while hosted mode does not act. */
export class Patience {
  readonly #blockedMs: number
  #idleSince: number | null = null
  #blockedSince: number | null = null

  /** A holder that is gone leaves its lease behind: that runs out, and is taken some tries later. */
  constructor({ leaseDurationMs, retryPeriodMs }: PatienceOptions) {
    this.#blockedMs = leaseDurationMs + retries * retryPeriodMs
  }

  /** For how many ms it has waited in vain, null: it goes on. `now` in ms, of a clock that never runs backwards. */
  look(state: HostingState['state'] | 'listing' | null, now: number): number | null {
    if (state === 'active') {
      this.#idleSince = this.#blockedSince = null
      return null
    }
    const idleMs = now - (this.#idleSince ??= now)
    if (state === 'stepped-back') return idleMs
    if (state !== 'waiting' && state !== 'disconnected') return idleMs > maxStartMs ? idleMs : null
    const blockedMs = now - (this.#blockedSince ??= now)
    return blockedMs > this.#blockedMs ? blockedMs : null
  }
}
