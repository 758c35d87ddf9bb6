import { useEffect, useReducer, useRef } from 'react'
import { flushSync } from 'react-dom'

/** Rows that one frame may draw anew: layout and painting of more of them, on a machine that is busy, hold the window's thread too long. */
const rowsAtOnce = 20
/** The first frame of a list has the rest of its view to draw too. */
const firstRows = 12

/** Slot → position that it shows. */
export type Slots = ReadonlyMap<number, number>

/**
 * The slots after one frame: positions that are wanted, at most `limit` of them new, from the top. A slot whose turn has not come keeps what it
 * shows, which costs nothing: it is out of sight.
 */
export function fillSlots(before: Slots, wanted: readonly number[], poolSize: number, limit: number): Slots {
  const after = new Map<number, number>()
  let free = limit
  for (const position of wanted) {
    const slot = position % poolSize
    const shown = before.get(slot)
    if (shown === position || free > 0) {
      if (shown !== position) free -= 1
      after.set(slot, position)
    } else if (shown !== undefined) after.set(slot, shown)
  }
  return after
}

/** The same positions in a pool of another size. */
export function inPool(slots: Slots, poolSize: number): Slots {
  return new Map([...slots.values()].map((position) => [position % poolSize, position]))
}

/** These slots in the order in which they stand: an element that is moved is styled and laid out anew, with all that is in it. */
export function keepOrder(before: Slots, slots: Slots): Slots {
  const ordered = new Map<number, number>()
  for (const slot of [...before.keys(), ...slots.keys()]) {
    const position = slots.get(slot)
    if (position !== undefined) ordered.set(slot, position)
  }
  return ordered
}

/**
 * Which positions a list draws now. Steps of a few rows are drawn at once; what is more, such as the first screen of the window or a jump by
 * pages, takes a frame for each twenty rows (the first of all: twelve). Rows are recycled by their position modulo `poolSize`; at rest they stand in the order of their
 * positions, as those who hear the list need it.
 */
export function useDrawnPositions(wanted: readonly number[], poolSize: number, isScrolling: boolean): Slots {
  const before = useRef<{ readonly slots: Slots; readonly poolSize: number }>({ slots: new Map(), poolSize })
  const [, drawMore] = useReducer((count: number) => count + 1, 0)
  const last = before.current.poolSize === poolSize ? before.current.slots : inPool(before.current.slots, poolSize)
  const filled = fillSlots(last, wanted, poolSize, last.size === 0 ? firstRows : rowsAtOnce)
  const slots = isScrolling ? keepOrder(last, filled) : filled
  const isWhole = wanted.every((position) => slots.get(position % poolSize) === position)
  useEffect(() => {
    before.current = { slots, poolSize }
    if (isWhole) return
    // What was asked for while a frame is made is called back in the same frame: the second is the next. Scrolling comes before it in a frame, and
    // then replaces it.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => flushSync(drawMore))
    })
    return () => cancelAnimationFrame(frame)
  })
  return slots
}
