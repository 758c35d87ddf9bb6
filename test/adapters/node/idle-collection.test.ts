import { expect, it } from 'vitest'
import { collectWhenQuiet } from '../../../electron/adapters/node/idle-collection.ts'

/** What only a collection takes away. */
function garbage(): WeakRef<object> {
  return new WeakRef({ held: new Array(1_200_000).fill(0) })
}

it('collects in the first quiet moment after a burst of work', async () => {
  const stop = collectWhenQuiet()
  try {
    const ref = garbage()
    const until = performance.now() + 600
    // Turns of the loop full of work, as a list that is read in slices.
    while (performance.now() < until) {
      const sliceEnd = performance.now() + 20
      while (performance.now() < sliceEnd);
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Looked at seldom and without an assertion's stack traces: looking is work, too.
    while (ref.deref() !== undefined) await new Promise((resolve) => setTimeout(resolve, 400))
    expect(ref.deref()).toBeUndefined()
  } finally {
    stop()
  }
})
