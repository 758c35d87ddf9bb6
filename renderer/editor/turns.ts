/** Work that is done a few milliseconds at a time, so that whatever waits, paints and input among it, has its turn. */

const turnMs = 8

/** Runs it to its end; null where `isOvertaken` said so before. */
export async function runInTurns<T>(
  work: Generator<undefined, T, undefined>,
  isOvertaken: () => boolean,
): Promise<T | null> {
  let endAt = performance.now() + turnMs
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (performance.now() < endAt) continue
    await nextTask()
    if (isOvertaken()) return null
    endAt = performance.now() + turnMs
  }
}

export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/** Longest wait for a frame: a window that is hidden draws none. */
const frameMs = 60

/** After what was changed has been styled, laid out and drawn, in a task of its own. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(late)
      cancelAnimationFrame(frame)
      setTimeout(resolve, 0)
    }
    const late = setTimeout(done, frameMs)
    const frame = requestAnimationFrame(done)
  })
}
