/** Gives back what only passed through main's thread. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const lookMs = 5000
/** What this thread keeps is a few megabytes, collected in some milliseconds: that is not done for less than this. */
const worthBytes = 8 * 1024 * 1024

/**
 * Files of the page and messages of the engine pass through here as buffers, which weigh nothing in the heap: left alone V8 would keep them for as
 * long as nothing else happens. Looks now and then whether there is much of it. The result ends it.
 */
export function collectPassingGarbage(): () => void {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as (how: Readonly<Record<string, string>>) => void
  const held = (): number => {
    const { used_heap_size: inside, external_memory: outside } = getHeapStatistics()
    return inside + outside
  }
  let kept = 0
  const timer = setInterval(() => {
    if (held() < kept + worthBytes) return
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    kept = held()
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
