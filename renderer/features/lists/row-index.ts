/**
 * The rows of one list in order: filtered, sorted, kept so by merging each change (O(rows + changes · log changes)), never by sorting
 * anew. While the pointer is over the rows the order is held: rows change in place, new ones come at their place, and nothing that
 * is there moves.
 */
import type { StatusWord } from '../../../shared/model/status.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'

export type Compare = (a: FluxRow, b: FluxRow) => number

export interface RowIndexOptions {
  /** Rows that belong to the list at all. */
  readonly isMember: (row: FluxRow) => boolean
  readonly compare: Compare
  /** The filter; null shows all members. */
  readonly matches: ((row: FluxRow) => boolean) | null
}

/** Total order for ties: namespace, name, then key. */
export function compareIdentity(a: FluxRow, b: FluxRow): number {
  if (a.ref.namespace !== b.ref.namespace) return a.ref.namespace < b.ref.namespace ? -1 : 1
  if (a.ref.name !== b.ref.name) return a.ref.name < b.ref.name ? -1 : 1
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

export class RowIndex {
  private options: RowIndexOptions
  /** All members in order; what is shown is a part of it, so that another filter never sorts. */
  private sorted: readonly FluxRow[] = []
  private ordered: readonly FluxRow[] = []
  private members = new Map<string, FluxRow>()
  private counts = new Map<StatusWord, number>()
  private overdue = 0
  private positions: Map<string, number> | null = null
  private held = false
  private isDirty = false

  constructor(options: RowIndexOptions) {
    this.options = options
  }

  /** Rows in order. A new array after each change. */
  get rows(): readonly FluxRow[] {
    return this.ordered
  }

  /** Members, whether or not the filter shows them. */
  get total(): number {
    return this.members.size
  }

  countOf(word: StatusWord): number {
    return this.counts.get(word) ?? 0
  }

  get overdueCount(): number {
    return this.overdue
  }

  memberRows(): Iterable<FluxRow> {
    return this.members.values()
  }

  isMember(key: string): boolean {
    return this.members.has(key)
  }

  /** Position of a row in the order, -1 if the filter hides it. */
  positionOf(key: string): number {
    if (this.positions === null) {
      this.positions = new Map()
      for (let index = 0; index < this.ordered.length; index += 1) this.positions.set(this.ordered[index]!.key, index)
    }
    return this.positions.get(key) ?? -1
  }

  /** Takes other rows, another filter or another order: everything is ordered anew. */
  reset(rows: Iterable<FluxRow>, options: RowIndexOptions = this.options): void {
    this.options = options
    this.members = new Map()
    this.counts = new Map()
    this.overdue = 0
    for (const row of rows) if (options.isMember(row)) this.add(row)
    this.reorder()
  }

  /** Another filter or order over the same members; a filter alone is one pass. */
  arrange(options: Pick<RowIndexOptions, 'compare' | 'matches'>): void {
    const isSameOrder = options.compare === this.options.compare
    this.options = { ...this.options, ...options }
    if (isSameOrder) this.filter()
    else this.reorder()
  }

  /** Holds the order (the pointer is over the rows) or lets it go; true if the order changed by letting go. */
  setHeld(isHeld: boolean): boolean {
    this.held = isHeld
    if (isHeld || !this.isDirty) return false
    this.reorder()
    return true
  }

  /** Takes a change; true if anything that the list shows or counts changed. */
  apply(upsert: readonly FluxRow[], remove: readonly FluxRow[]): boolean {
    const touched = new Map<string, FluxRow | null>()
    for (const row of remove) if (this.members.has(row.key)) touched.set(row.key, null)
    for (const row of upsert) {
      if (this.options.isMember(row)) touched.set(row.key, row)
      else if (this.members.has(row.key)) touched.set(row.key, null)
    }
    if (touched.size === 0) return false
    for (const [key, row] of touched) {
      this.drop(key)
      if (row !== null) this.add(row)
    }
    this.merge(touched)
    return true
  }

  private add(row: FluxRow): void {
    this.members.set(row.key, row)
    this.counts.set(row.status.word, (this.counts.get(row.status.word) ?? 0) + 1)
    if (row.status.isOverdue) this.overdue += 1
  }

  private drop(key: string): void {
    const row = this.members.get(key)
    if (row === undefined) return
    this.members.delete(key)
    this.counts.set(row.status.word, (this.counts.get(row.status.word) ?? 1) - 1)
    if (row.status.isOverdue) this.overdue -= 1
  }

  private reorder(): void {
    const { compare } = this.options
    this.sorted = [...this.members.values()].sort((a, b) => compare(a, b) || compareIdentity(a, b))
    this.isDirty = false
    this.filter()
  }

  private filter(): void {
    const { matches } = this.options
    this.ordered = matches === null ? this.sorted : this.sorted.filter(matches)
    this.positions = null
  }

  private merge(touched: ReadonlyMap<string, FluxRow | null>): void {
    const { matches } = this.options
    this.sorted = this.mergeInto(this.sorted, touched, null)
    this.ordered = matches === null ? this.sorted : this.mergeInto(this.ordered, touched, matches)
    this.positions = null
  }

  private mergeInto(
    rows: readonly FluxRow[],
    touched: ReadonlyMap<string, FluxRow | null>,
    matches: RowIndexOptions['matches'],
  ): readonly FluxRow[] {
    const compare: Compare = (a, b) => this.options.compare(a, b) || compareIdentity(a, b)
    const kept: FluxRow[] = []
    const inPlace = new Set<string>()
    for (const row of rows) {
      const next = touched.get(row.key)
      if (next === undefined) kept.push(row)
      else if (next !== null && (matches === null || matches(next))) {
        const isSamePlace = compare(row, next) === 0
        if (!isSamePlace && !this.held) continue
        // Same place: either the order is held, or nothing that the order depends on changed.
        if (!isSamePlace) this.isDirty = true
        kept.push(next)
        inPlace.add(next.key)
      }
    }
    const incoming: FluxRow[] = []
    for (const row of touched.values())
      if (row !== null && !inPlace.has(row.key) && (matches === null || matches(row))) incoming.push(row)
    incoming.sort(compare)
    return incoming.length === 0 ? kept : mergeSorted(kept, incoming, compare)
  }
}

/** Few rows into many: each place is found by halving, what lies between is copied. Equal rows of `a` stay first. */
function mergeSorted(a: readonly FluxRow[], b: readonly FluxRow[], compare: Compare): FluxRow[] {
  const merged: FluxRow[] = []
  let at = 0
  for (const row of b) {
    let low = at
    let high = a.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(a[middle]!, row) <= 0) low = middle + 1
      else high = middle
    }
    for (; at < low; at += 1) merged.push(a[at]!)
    merged.push(row)
  }
  for (; at < a.length; at += 1) merged.push(a[at]!)
  return merged
}
