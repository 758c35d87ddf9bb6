/** A stream that opens once something is there: a snapshot before that would look like one of nothing. */
import type { Dispose } from './kube-port.ts'

/** Ends the sink where `ready` or `open` fails; opens nothing once it was stopped or closed. */
export function openAfter<T>(
  ready: Promise<T>,
  sink: { readonly isClosed: boolean; end(error?: unknown): void },
  open: (value: T) => Dispose,
): Dispose {
  let stop: Dispose | null = null
  let isStopped = false
  const begin = async (): Promise<void> => {
    const value = await ready
    if (!isStopped && !sink.isClosed) stop = open(value)
  }
  begin().catch((error: unknown) => sink.end(error))
  return () => {
    isStopped = true
    stop?.()
  }
}
