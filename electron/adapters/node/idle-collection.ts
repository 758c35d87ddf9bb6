/**
 * Gives memory back after bursts of work. Reading a large cluster leaves several times of what is kept as garbage, which V8 would hold for
 * minutes in a thread that then does nothing: one collection in the first quiet moment returns it.
 */
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const lookMs = 150
/** Shares of the time between two looks in which the loop was at work. */
const busyShare = 0.3
const quietShare = 0.1

/** By how many percent V8 lets a heap grow between two collections; left alone it takes up to four times what lives there. */
const growthPercent = 50

/**
 * Watches this thread's event loop from now on; the result ends it. Costs nothing while nothing happens. While there is no quiet moment,
 * collections come often enough that garbage stays below half of what lives: this holds for all threads of the process.
 */
export function collectWhenQuiet(): () => void {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as (options: {
    type: 'major'
    execution: 'sync'
    flavor: 'last-resort'
  }) => void
  let last = performance.eventLoopUtilization()
  let wasBusy = false
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const share = performance.eventLoopUtilization(now, last).utilization
    last = now
    if (share >= busyShare) wasBusy = true
    else if (wasBusy && share <= quietShare) {
      wasBusy = false
      // From the first quiet moment on: the first reading of a cluster is not held up.
      setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      last = performance.eventLoopUtilization()
    }
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
