import { expect, it } from 'vitest'
import { collectPassingGarbage } from '../../electron/main/passing-garbage.ts'

/** Sixteen megabytes that nobody holds, and a few bytes in the heap. */
function passed(): WeakRef<object> {
  return new WeakRef({ held: Array.from({ length: 16 }, () => new Uint8Array(1024 * 1024)) })
}

it('collects buffers that nobody holds any more', async () => {
  const stop = collectPassingGarbage()
  try {
    const ref = passed()
    while (ref.deref() !== undefined) await new Promise((resolve) => setTimeout(resolve, 200))
    expect(ref.deref()).toBeUndefined()
  } finally {
    stop()
  }
})
