/** A process with one render worker that builds a folder once; prints the peak of its resident memory in MB. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const [folder] = process.argv.slice(2)
const worker = new Worker(new URL('./render-worker.ts', import.meta.url), {
  resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 },
})
worker.postMessage(folder)
await once(worker, 'message')
await worker.terminate()
// Kilobytes on Linux and macOS; the main thread's share is in it.
console.log(process.resourceUsage().maxRSS / 1024)
