/** The rows of one cluster: told in batches, each with what blocks it, re-read when it falls overdue. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Clock, Dispose } from '../ports.ts'
import type { RowChange } from './view.ts'

export interface RowTableDeps {
  readonly clock: Clock
  /** The nearest failed or stalled objects in the chain of what `row` waits for. */
  readonly blockedBy: (row: FluxRow, get: (ref: ObjectRef) => FluxRow | null) => readonly ObjectRef[]
}

/** A list being read comes by the dozen: what it brings within this time makes one change. The host bounds frames to 20 a second anyway. */
const batchMs = 8
/** Watch events of one read of the socket; more of them wait for what follows. */
const fewRows = 8

export class RowTable {
  readonly rows = new Map<string, FluxRow>()
  readonly #deps: RowTableDeps
  readonly #listeners = new Set<(change: RowChange) => void>()
  /** By key of a dependency: keys of the rows that name it. */
  readonly #dependents = new Map<string, Set<string>>()
  #changed = new Set<string>()
  #removed = new Set<string>()
  /** Keys whose own state moved since the last flush: what waits for them is looked at again. */
  #moved = new Set<string>()
  #timer: Dispose | null = null
  /** Rises with every change: whoever saves a copy knows whether it is old. */
  changeCount = 0

  constructor(deps: RowTableDeps) {
    this.#deps = deps
  }

  watch(listener: (change: RowChange) => void): Dispose {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  put(row: FluxRow): void {
    const previous = this.rows.get(row.key)
    if (previous !== undefined && isSameRow(previous, row)) return
    this.rows.set(row.key, previous === undefined ? row : { ...row, blockedBy: previous.blockedBy })
    this.#linkDependencies(row, previous)
    if (
      previous?.status.word !== row.status.word ||
      previous.status.isOverdue !== row.status.isOverdue ||
      previous.dependsOn !== row.dependsOn
    )
      this.#moved.add(row.key)
    this.#removed.delete(row.key)
    this.#changed.add(row.key)
    this.#gather()
  }

  remove(key: string): void {
    const previous = this.rows.get(key)
    if (previous === undefined) return
    this.rows.delete(key)
    for (const ref of previous.dependsOn) this.#dependents.get(refKey(ref))?.delete(key)
    this.#moved.add(key)
    this.#changed.delete(key)
    this.#removed.add(key)
    this.#gather()
  }

  /** Tells what has gathered in this turn of the event loop: a first page is not to wait for more. */
  flushSoon(): void {
    this.#timer?.()
    this.#timer = null
    this.#schedule(0)
  }

  /** Tells what has gathered at once: before anything is told that counts these rows. */
  flush(): void {
    if (this.#timer === null) return
    this.#timer()
    this.#timer = null
    this.#flush()
  }

  /** Keys of all rows that listeners may hold: those there are, and those whose removal has not been told yet. */
  toldKeys(): readonly string[] {
    return [...this.rows.keys(), ...this.#removed]
  }

  dispose(): void {
    this.#timer?.()
    this.#listeners.clear()
  }

  /** A few changes are told in this turn of the event loop, many together: somebody waits for the one that was just made. */
  #gather(): void {
    this.#timer ??= this.#deps.clock.after(0, () => {
      this.#timer = null
      if (this.#changed.size + this.#removed.size > fewRows) this.#schedule(batchMs)
      else this.#flush()
    })
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#deps.clock.after(delayMs, () => {
      this.#timer = null
      this.#flush()
    })
  }

  #flush(): void {
    this.#updateBlocked()
    if (this.#changed.size === 0 && this.#removed.size === 0) return
    const upsert: FluxRow[] = []
    for (const key of this.#changed) {
      const row = this.rows.get(key)
      if (row !== undefined) upsert.push(row)
    }
    const remove = [...this.#removed]
    this.#changed = new Set()
    this.#removed = new Set()
    this.changeCount += 1
    for (const listener of this.#listeners) listener({ upsert, remove })
  }

  #linkDependencies(row: FluxRow, previous: FluxRow | undefined): void {
    for (const ref of previous?.dependsOn ?? []) this.#dependents.get(refKey(ref))?.delete(row.key)
    for (const ref of row.dependsOn) {
      const key = refKey(ref)
      const known = this.#dependents.get(key)
      if (known === undefined) this.#dependents.set(key, new Set([row.key]))
      else known.add(row.key)
    }
  }

  /** Walks from what moved to whatever waits for it, directly or through others that wait. */
  #updateBlocked(): void {
    if (this.#moved.size === 0) return
    const get = (ref: ObjectRef): FluxRow | null => this.rows.get(refKey(ref)) ?? null
    const seen = new Set(this.#moved)
    const queue = [...this.#moved]
    this.#moved = new Set()
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const row = this.rows.get(key)
      if (row !== undefined && (row.dependsOn.length > 0 || row.blockedBy.length > 0)) {
        const blockedBy = row.status.word === 'Waiting' ? this.#deps.blockedBy(row, get) : []
        if (!isSameRefs(blockedBy, row.blockedBy)) {
          this.rows.set(key, { ...row, blockedBy })
          this.#changed.add(key)
        }
      }
      for (const dependent of this.#dependents.get(key) ?? [])
        if (!seen.has(dependent)) {
          seen.add(dependent)
          queue.push(dependent)
        }
    }
  }
}

function isSameRefs(a: readonly ObjectRef[], b: readonly ObjectRef[]): boolean {
  return a.length === b.length && a.every((ref, index) => refKey(ref) === refKey(b[index] as ObjectRef))
}

/** Status writes that change nothing a row shows (a heartbeat, a managed field) are not told. */
function isSameRow(a: FluxRow, b: FluxRow): boolean {
  return a.uid === b.uid && JSON.stringify({ ...a, blockedBy: [] }) === JSON.stringify({ ...b, blockedBy: [] })
}
