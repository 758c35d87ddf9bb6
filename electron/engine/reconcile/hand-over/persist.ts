/** A hand-over takes minutes, on machines whose network comes and goes: what passes by itself does not end it. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { pause } from '../../pause.ts'

/** Of one question or one write. */
const patienceMs = 60_000
const stepMs = 500

/**
 * What `work` answers, begun again while it fails for a reason that passes (no connection, a server that is busy or starting), for at most a minute.
 * It must be work that may be done twice: reads, server-side applies.
 */
export async function persist<T>({ clock, signal }: CallOptions, work: () => Promise<T>): Promise<T> {
  for (const until = clock.monotonicMs() + patienceMs; ; await pause(clock, stepMs, signal)) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof SluiceError && error.retry === 'transient'
      if (!isPassing || signal.aborted || clock.monotonicMs() >= until) throw error
    }
  }
}
