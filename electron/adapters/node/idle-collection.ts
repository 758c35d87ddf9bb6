/**
 * Gives memory back after bursts of work. Reading a large cluster leaves several times of what is kept as garbage, which V8 would hold for
 * minutes in a thread that then does nothing: one collection in the first quiet moment returns it.
 */
import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const lookMs = 150
/** Shares of the time between two looks in which the loop was at work. */
const busyShare = 0.3
const quietShare = 0.1
/** Looks in a row that must be quiet: between two of a hundred changes a second there is one quiet look now and then. */
const quietLooks = 3
/** A collection holds the thread for up to a quarter of a second: for less garbage than this it is left to V8. */
const worthBytes = 8 * 1024 * 1024

/** By how many percent V8 lets a heap grow between two collections; left alone it takes up to four times what lives there. */
const growthPercent = 30
/** The first reading of a cluster takes less, and is not held up. */
const freelyMs = 6000

/**
 * Watches this thread's event loop from now on; the result ends it. Costs nothing while nothing happens. While there is no quiet moment,
 * collections come often enough that garbage stays below a third of what lives: this holds for all threads of the process.
 */
export function collectWhenQuiet(): () => void {
  const collectAll = collector()
  let last = performance.eventLoopUtilization()
  let wasBusy = false
  let quietCount = 0
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const share = performance.eventLoopUtilization(now, last).utilization
    last = now
    if (share >= busyShare) wasBusy = true
    quietCount = share <= quietShare ? quietCount + 1 : 0
    if (wasBusy && quietCount >= quietLooks) {
      wasBusy = false
      collectAll()
      last = performance.eventLoopUtilization()
    }
  }, lookMs)
  timer.unref()
  const bound = setTimeout(() => {
    setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
    // How far the heap may grow is reckoned at the end of a collection: without one it would be what it was while all was read.
    if (wasBusy) collectAll()
  }, freelyMs)
  bound.unref()
  return () => {
    clearInterval(timer)
    clearTimeout(bound)
  }
}

/** Collects this thread's heap where there may be garbage that is worth it. */
function collector(): () => void {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as (options: {
    type: 'major'
    execution: 'sync'
    flavor: 'last-resort'
  }) => void
  let keptBytes = 0
  return () => {
    if (heldBytes() < keptBytes + worthBytes) return
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    keptBytes = heldBytes()
  }
}

/** Objects, and what they hold beside the heap: a buffer of a megabyte is an object of a hundred bytes. */
function heldBytes(): number {
  const { used_heap_size: used, external_memory: outside } = getHeapStatistics()
  return used + outside
}
