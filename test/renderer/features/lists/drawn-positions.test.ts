import { describe, expect, test } from 'vitest'
import { fillSlots, inPool, keepOrder } from '../../../../renderer/features/lists/use-drawn-positions.ts'
import type { Slots } from '../../../../renderer/features/lists/use-drawn-positions.ts'

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
const shown = (slots: Slots): number[] => [...slots.values()].sort((a, b) => a - b)

describe('what a frame draws', () => {
  test('the first screen takes as many frames as it has twenties', () => {
    const first = fillSlots(new Map(), range(0, 39), 48, 20)
    expect(shown(first)).toEqual(range(0, 19))
    expect(shown(fillSlots(first, range(0, 39), 48, 20))).toEqual(range(0, 39))
  })

  test('a step of the wheel is drawn at once', () => {
    const before = fillSlots(new Map(), range(0, 39), 48, 99)
    expect(shown(fillSlots(before, range(5, 44), 48, 20))).toEqual(range(5, 44))
  })

  test('after a jump what has no turn yet keeps its old row, until every wanted row stands and no other', () => {
    const before = fillSlots(new Map(), range(0, 39), 48, 99)
    const during = fillSlots(before, range(480, 519), 48, 20)
    expect(shown(during)).toEqual([...range(20, 39), ...range(480, 499)])
    expect(shown(fillSlots(during, range(480, 519), 48, 20))).toEqual(range(480, 519))
  })

  test('jumps in every frame still draw what comes first', () => {
    let slots: Slots = fillSlots(new Map(), range(0, 39), 48, 99)
    for (let top = 100; top < 1000; top += 100) {
      slots = fillSlots(slots, range(top, top + 39), 48, 20)
      expect(shown(slots)).toEqual(expect.arrayContaining(range(top, top + 19)))
      expect(slots.size).toBeLessThanOrEqual(40)
    }
  })

  test('no slot moves among those that stay while the list scrolls', () => {
    const before = fillSlots(new Map(), range(0, 39), 48, 99)
    const after = keepOrder(before, fillSlots(before, range(100, 139), 48, 99))
    const kept = [...before.keys()].filter((slot) => after.has(slot))
    expect([...after.keys()].slice(0, kept.length)).toEqual(kept)
    expect(shown(after)).toEqual(range(100, 139))
  })

  test('a list that becomes taller keeps the rows that it shows', () => {
    const before = fillSlots(new Map(), range(30, 59), 40, 99)
    const after = inPool(before, 48)
    expect(shown(after)).toEqual(range(30, 59))
    for (const [slot, position] of after) expect(slot).toBe(position % 48)
    expect(shown(fillSlots(after, range(30, 69), 48, 10))).toEqual(range(30, 69))
  })
})
