/** A cluster of its own machine, as far as one machine can show that. */
import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import type { TestCluster } from '../cluster/start.ts'

/**
 * From now on the API server and its storage take the processor only where the window does not want it: a cluster stands on machines of its
 * own, and on two cores a dozen threads of the server would else be scheduled before the window in the middle of its frames, which then
 * tells about the scheduler. Without this the window has less than a user's. Does nothing where the system has no threads by file.
 */
export function standAside({ pids }: TestCluster): void {
  for (const pid of Object.values(pids)) {
    if (pid === undefined) continue
    // A priority is a thread's, and each new thread has that of the one that began it.
    for (const thread of threadsOf(pid)) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL)
  }
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
