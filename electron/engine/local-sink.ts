/** A stream of the contract that the engine itself listens to. */
import type { StreamSink } from '../../shared/contract/index.ts'

/** Hears changes only; never closed by itself. */
export function localSink<T>(push: (upsert: readonly T[], remove: readonly string[]) => void): StreamSink<T> {
  return {
    push: (upsert, remove = []) => push(upsert, remove),
    ready: () => undefined,
    end: () => undefined,
    isClosed: false,
  }
}
