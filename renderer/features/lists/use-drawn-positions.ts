import { useEffect, useReducer, useRef } from 'react'
import { flushSync } from 'react-dom'

/**
 * What one frame may draw anew: layout and painting of more, on a machine that is busy, hold the window's thread too long. A row at another place
 * costs two, another row at the same place one: a dozen rows of a jump, two dozen of another filter.
 */
const costAtOnce = 24
/** The first frame of a list has the rest of its view to draw too. */
const firstCost = 16
/** Elements that one frame may move within the document: each is styled and laid out anew, with all that is in it. */
const movesAtOnce = 10

interface Keyed {
  readonly key: string
}

export interface Drawn<T extends Keyed> {
  readonly position: number
  readonly row: T
  /** Another row was wanted in its slot, which had no turn. */
  readonly isLate?: boolean
}

/** Slot → what it shows, in the order of the document. */
export type Slots<T extends Keyed> = ReadonlyMap<number, Drawn<T>>

/**
 * The slots after one frame: rows that are wanted, new ones for at most `costLimit`, those in sight (from `firstInSight` on) first. A slot whose turn
 * has not come keeps what it shows: after a jump that is out of sight, after another filter it is seen for a frame longer. Such a slot
 * comes before the others the next time, so that rows which change their order in each frame all have their turn.
 */
export function fillSlots<T extends Keyed>(
  before: Slots<T>,
  wanted: readonly Drawn<T>[],
  poolSize: number,
  costLimit: number,
  firstInSight = 0,
): Slots<T> {
  const drawn = new Set<Drawn<T>>()
  let free = costLimit
  const take = (isTurn: (next: Drawn<T>, shown: Drawn<T> | undefined) => boolean): void => {
    for (const next of wanted) {
      const shown = before.get(next.position % poolSize)
      if (drawn.has(next) || !isTurn(next, shown)) continue
      const isSamePlace = shown?.position === next.position
      const cost = isSamePlace ? (shown.row.key === next.row.key ? 0 : 1) : 2
      if (cost > free) continue
      free -= cost
      drawn.add(next)
    }
  }
  take(({ position }, shown) => shown?.isLate === true && shown.position === position)
  take(({ position }) => position >= firstInSight)
  take(() => true)
  // No row is there twice: a slot that would still show one which already has its new place is empty until its turn.
  const placed = new Set([...drawn].map(({ row }) => row.key))
  const after = new Map<number, Drawn<T>>()
  for (const next of wanted) {
    const slot = next.position % poolSize
    const shown = before.get(slot)
    if (drawn.has(next)) after.set(slot, next)
    else if (shown !== undefined && !placed.has(shown.row.key)) after.set(slot, { ...shown, isLate: true })
  }
  return after
}

/** The same rows in a pool of another size. */
export function inPool<T extends Keyed>(slots: Slots<T>, poolSize: number): Slots<T> {
  return new Map([...slots.values()].map((drawn) => [drawn.position % poolSize, drawn]))
}

/** These slots in the order in which they stand. */
export function keepOrder<T extends Keyed>(before: Slots<T>, slots: Slots<T>): Slots<T> {
  return inOrder([...before.keys(), ...slots.keys()], slots)
}

/**
 * A step from the order in which the slots stand to their own order: React moves an element that comes after one which stood behind it,
 * and here that is so for at most `limit` of them. Slots that did not stand before go to their place.
 */
export function approachOrder<T extends Keyed>(before: Slots<T>, slots: Slots<T>, limit: number): Slots<T> {
  const stood = new Map([...before.keys()].filter((slot) => slots.has(slot)).map((slot, at) => [slot, at]))
  const followers = new Map<number | null, number>()
  let previous: number | null = null
  let last = -1
  let moves = 0
  for (const slot of slots.keys()) {
    const at = stood.get(slot)
    const isMoved = at !== undefined && at < last
    if (at !== undefined && !isMoved) last = at
    if (isMoved) moves += 1
    if (at === undefined || (isMoved && moves <= limit)) followers.set(previous, slot)
    previous = slot
  }
  if (moves <= limit) return slots
  const moving = new Set(followers.values())
  const order: number[] = []
  const follow = (first: number | null): void => {
    for (let next = followers.get(first); next !== undefined; next = followers.get(next)) order.push(next)
  }
  follow(null)
  for (const slot of stood.keys()) {
    if (moving.has(slot)) continue
    order.push(slot)
    follow(slot)
  }
  return inOrder(order, slots)
}

function inOrder<T extends Keyed>(order: readonly number[], slots: Slots<T>): Slots<T> {
  const ordered = new Map<number, Drawn<T>>()
  for (const slot of order) {
    const drawn = slots.get(slot)
    if (drawn !== undefined) ordered.set(slot, drawn)
  }
  return ordered
}

function isSameOrder(a: Slots<Keyed>, b: Slots<Keyed>): boolean {
  const others = b.keys()
  for (const slot of a.keys()) if (others.next().value !== slot) return false
  return a.size === b.size
}

/**
 * What a list draws now. Steps of a few rows are drawn at once; what is more, such as the first screen of the window, a jump by pages or another
 * filter, takes several frames. Rows are recycled by their position modulo `poolSize`. While a list scrolls they keep their place in the document;
 * at rest they come, a few in each frame, to stand in the order of their positions, as those who hear the list need it.
 */
export function useDrawnPositions<T extends Keyed>(
  wanted: readonly Drawn<T>[],
  poolSize: number,
  firstInSight: number,
  isScrolling: boolean,
): Slots<T> {
  const before = useRef<{ readonly slots: Slots<T>; readonly poolSize: number }>({ slots: new Map(), poolSize })
  const isInFrame = useRef(false)
  const [, drawMore] = useReducer((count: number) => count + 1, 0)
  const last = before.current.poolSize === poolSize ? before.current.slots : inPool(before.current.slots, poolSize)
  const filled = fillSlots(last, wanted, poolSize, last.size === 0 ? firstCost : costAtOnce, firstInSight)
  const slots = isScrolling ? keepOrder(last, filled) : approachOrder(last, filled, movesAtOnce)
  const isWhole =
    wanted.every(({ position, row }) => {
      const shown = slots.get(position % poolSize)
      return shown?.position === position && shown.row.key === row.key
    }) &&
    (isScrolling || isSameOrder(slots, filled))
  useEffect(() => {
    before.current = { slots, poolSize }
    if (isWhole) return
    const draw = (): void => {
      isInFrame.current = true
      flushSync(drawMore)
      isInFrame.current = false
    }
    // What was asked for while a frame is about to be made is called back in the same frame: the second is the next. Scrolling comes before it
    // in a frame, and then replaces it.
    let frame = requestAnimationFrame(
      isInFrame.current
        ? draw
        : () => {
            frame = requestAnimationFrame(draw)
          },
    )
    return () => cancelAnimationFrame(frame)
  })
  return slots
}
