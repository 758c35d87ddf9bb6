import { expect, it } from 'vitest'
import { collectWhenQuiet } from '../../../electron/adapters/node/idle-collection.ts'

const megabyte = 1024 * 1024

/** What only a collection takes away. */
const objects = (): WeakRef<object> => new WeakRef({ held: new Array(1_200_000).fill(0) })
const buffers = (): WeakRef<object> => new WeakRef({ held: Array.from({ length: 16 }, () => new Uint8Array(megabyte)) })

/** Turns of the loop full of work, as a list that is read in slices. */
async function work(): Promise<void> {
  const until = performance.now() + 600
  while (performance.now() < until) {
    const sliceEnd = performance.now() + 20
    while (performance.now() < sliceEnd);
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('collects in the first quiet moment after a burst of work, and after the next one what is not in the heap itself', async () => {
  const stop = collectWhenQuiet()
  try {
    for (const leave of [objects, buffers]) {
      const ref = leave()
      await work()
      // Looked at seldom and without an assertion's stack traces: looking is work, too.
      while (ref.deref() !== undefined) await new Promise((resolve) => setTimeout(resolve, 400))
      expect(ref.deref()).toBeUndefined()
    }
  } finally {
    stop()
  }
})
