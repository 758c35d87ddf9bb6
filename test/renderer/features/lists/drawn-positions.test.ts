import { describe, expect, test } from 'vitest'
import { approachOrder, fillSlots, inPool, keepOrder } from '../../../../renderer/features/lists/use-drawn-positions.ts'
import type { Drawn, Slots } from '../../../../renderer/features/lists/use-drawn-positions.ts'

interface Item {
  readonly key: string
}

/** Rows of that list (`a`, `b`, …) at these positions. */
const range = (first: number, last: number, list = 'a'): Drawn<Item>[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    position: first + index,
    row: { key: `${list}${first + index}` },
  }))
const none: Slots<Item> = new Map()
const shown = (slots: Slots<Item>): string[] =>
  [...slots.values()].sort((a, b) => a.position - b.position).map(({ row }) => row.key)
const keys = (...parts: Drawn<Item>[][]): string[] => parts.flat().map(({ row }) => row.key)
const moves = (before: Slots<Item>, after: Slots<Item>): number => {
  // As React does: what comes after an element that stood behind it is moved.
  const stood = [...before.keys()].filter((slot) => after.has(slot))
  let last = -1
  let count = 0
  for (const slot of after.keys()) {
    const at = stood.indexOf(slot)
    if (at < last && at >= 0) count += 1
    else if (at >= 0) last = at
  }
  return count
}

describe('what a frame draws', () => {
  test('the first screen takes as many frames as it has dozens', () => {
    const first = fillSlots(none, range(0, 39), 48, 24)
    expect(shown(first)).toEqual(keys(range(0, 11)))
    expect(shown(fillSlots(first, range(0, 39), 48, 24))).toEqual(keys(range(0, 23)))
  })

  test('a step of the wheel is drawn at once', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    expect(shown(fillSlots(before, range(5, 44), 48, 24))).toEqual(keys(range(5, 44)))
  })

  test('after a jump what has no turn yet keeps its old row, until every wanted row stands and no other', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    const during = fillSlots(before, range(480, 519), 48, 40)
    expect(shown(during)).toEqual(keys(range(20, 39), range(480, 499)))
    expect(shown(fillSlots(during, range(480, 519), 48, 40))).toEqual(keys(range(480, 519)))
  })

  test('another order never shows a row twice, and stands after a few frames', () => {
    const items = range(0, 39)
    const turned = items.map(({ position }, index) => ({ position, row: items[39 - index]!.row }))
    let slots = fillSlots(none, items, 48, 99)
    let frames = 0
    for (; shown(slots).join() !== keys(turned).join(); frames += 1) {
      if (frames > 6) throw new Error(`not there after ${frames} frames: ${shown(slots).join()}`)
      slots = fillSlots(slots, turned, 48, 24)
      expect(new Set(shown(slots)).size).toBe(shown(slots).length)
    }
    expect(frames).toBeGreaterThan(1)
  })

  test('after a jump what is in sight comes before what stands above it', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    const during = fillSlots(before, range(480, 519), 48, 24, 484)
    expect(shown(during)).toEqual(expect.arrayContaining(keys(range(484, 495))))
    expect(shown(during)).not.toContain('a480')
  })

  test('jumps in every frame still draw what comes first', () => {
    let slots = fillSlots(none, range(0, 39), 48, 99)
    for (let top = 100; top < 1000; top += 100) {
      slots = fillSlots(slots, range(top, top + 39), 48, 40)
      expect(shown(slots)).toEqual(expect.arrayContaining(keys(range(top, top + 19))))
      expect(slots.size).toBeLessThanOrEqual(40)
    }
  })

  test('other rows at the same places take two frames', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    const during = fillSlots(before, range(0, 39, 'b'), 48, 24)
    expect(shown(during)).toEqual(keys(range(0, 23, 'b'), range(24, 39)))
    expect(shown(fillSlots(during, range(0, 39, 'b'), 48, 24))).toEqual(keys(range(0, 39, 'b')))
  })

  test('an order that changes in every frame leaves no row behind', () => {
    let slots = fillSlots(none, range(0, 39, '0-'), 48, 99)
    for (let frame = 1; frame < 9; frame += 1) {
      slots = fillSlots(slots, range(0, 39, `${frame}-`), 48, 24)
      for (const { row } of slots.values()) expect(Number(row.key.split('-')[0])).toBeGreaterThanOrEqual(frame - 1)
    }
  })

  test('the same row with other content costs nothing', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    const wanted = range(0, 39)
    const after = fillSlots(before, wanted, 48, 0)
    expect([...after.values()]).toEqual(wanted)
    expect(after.get(7)?.row).toBe(wanted[7]?.row)
  })

  test('no slot moves among those that stay while the list scrolls', () => {
    const before = fillSlots(none, range(0, 39), 48, 99)
    const after = keepOrder(before, fillSlots(before, range(100, 139), 48, 99))
    expect(moves(before, after)).toBe(0)
    expect(shown(after)).toEqual(keys(range(100, 139)))
  })

  test('a list that becomes taller keeps the rows that it shows', () => {
    const before = fillSlots(none, range(30, 59), 40, 99)
    const after = inPool(before, 48)
    expect(shown(after)).toEqual(keys(range(30, 59)))
    for (const [slot, { position }] of after) expect(slot).toBe(position % 48)
    expect(shown(fillSlots(after, range(30, 69), 48, 20))).toEqual(keys(range(30, 69)))
  })
})

describe('the order in the document at rest', () => {
  test.each([
    [0, 1],
    [1, 0],
    [0, 17],
    [17, 0],
    [0, 480],
    [480, 33],
  ])('after scrolling from %i to %i it is reached in steps of few moves', (from, to) => {
    const start = fillSlots(none, range(from, from + 39), 48, 99)
    const target = fillSlots(start, range(to, to + 39), 48, 99)
    let slots = keepOrder(start, target)
    for (let step = 0; step < 8; step += 1) {
      const next = approachOrder(slots, target, 10)
      expect(moves(slots, next)).toBeLessThanOrEqual(10)
      expect(shown(next)).toEqual(shown(target))
      slots = next
    }
    expect([...slots.keys()]).toEqual([...target.keys()])
  })

  test('a row that comes stands at its place at once', () => {
    const start = fillSlots(none, range(1, 39), 48, 99)
    const target = fillSlots(start, range(0, 39), 48, 99)
    expect([...approachOrder(start, target, 0).keys()]).toEqual([...target.keys()])
  })
})
