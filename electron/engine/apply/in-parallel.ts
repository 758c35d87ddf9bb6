/** Values worked through by so many at a time. */
import { SluiceError } from '../../../shared/model/errors.ts'

/** Results in the order of the values. The first rejection ends it: no further one is begun; what is under way is not waited for. */
export async function inParallel<T, R>(
  values: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  run: (value: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = new Array<R>(values.length)
  let next = 0
  let isEnded = false
  const work = async (): Promise<void> => {
    while (next < values.length && !isEnded) {
      if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
      const index = next
      next += 1
      results[index] = await run(values[index]!, index)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(Math.max(concurrency, 1), values.length) }, work))
  } finally {
    isEnded = true
  }
  return results
}
