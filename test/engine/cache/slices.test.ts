import { describe, expect, it } from 'vitest'
import { forEachInSlices, nextTurn } from '../../../electron/engine/cache/slices.ts'
import type { Clock } from '../../../electron/engine/ports.ts'

/** A clock whose turns are taken by hand. */
function turnClock(): Clock & { turn: () => Promise<void>; monotonic: number } {
  let due: (() => void)[] = []
  const clock = {
    monotonic: 0,
    now: () => 0,
    monotonicMs: () => clock.monotonic,
    after(_ms: number, callback: () => void) {
      due.push(callback)
      return () => {
        due = due.filter((each) => each !== callback)
      }
    },
    async turn() {
      const now = due
      due = []
      for (const callback of now) callback()
      for (let round = 0; round < 10; round += 1) await Promise.resolve()
    },
  }
  return clock
}

describe('a turn of the event loop', () => {
  it('is given to one who waits at a time, in the order in which they came', async () => {
    const clock = turnClock()
    const taken: string[] = []
    for (const name of ['a', 'b', 'c']) void nextTurn(clock).then(() => taken.push(name))
    await clock.turn()
    expect(taken).toEqual(['a'])
    void nextTurn(clock).then(() => taken.push('d'))
    await clock.turn()
    expect(taken).toEqual(['a', 'b'])
    await clock.turn()
    await clock.turn()
    expect(taken).toEqual(['a', 'b', 'c', 'd'])
    void nextTurn(clock).then(() => taken.push('e'))
    await clock.turn()
    expect(taken.at(-1)).toBe('e')
  })

  it('holds one slice of two that work at the same time', async () => {
    const clock = turnClock()
    const visited: string[] = []
    const work = (name: string): Promise<void> =>
      forEachInSlices(clock, [1, 2, 3, 4], (value) => {
        clock.monotonic += 5
        visited.push(`${name}${value}`)
      })
    void work('a')
    void work('b')
    expect(visited).toEqual(['a1', 'a2', 'b1', 'b2'])
    await clock.turn()
    expect(visited.slice(4)).toEqual(['a3', 'a4'])
    await clock.turn()
    expect(visited.slice(6)).toEqual(['b3', 'b4'])
  })

  it('is not taken any more once whoever works is stopped', async () => {
    const clock = turnClock()
    const visited: number[] = []
    let isStopped = false
    const done = forEachInSlices(
      clock,
      [1, 2, 3, 4],
      (value) => {
        clock.monotonic += 5
        visited.push(value)
      },
      () => isStopped,
    )
    isStopped = true
    await clock.turn()
    await done
    expect(visited).toEqual([1, 2])
  })
})
