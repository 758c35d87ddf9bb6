/** At most `width` tasks at a time; the others wait in order. Waiting tasks are dropped when `signal` aborts. */
export interface Limiter {
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export function createLimiter(width: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    async run(task, signal) {
      if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        signal?.throwIfAborted()
        return await task()
      } finally {
        // The slot passes on without being given back, so that a newcomer cannot take it in between.
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }
}
