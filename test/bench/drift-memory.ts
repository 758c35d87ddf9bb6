/**
 * `node --expose-gc drift-memory.ts KUBECONFIG COUNT`: an engine in a process of its own, which compares everything and prints what that keeps in
 * memory: `{"idle": bytes, "compared": bytes, "objects": n}`.
 */
import { startDriftEngine } from '../cluster/drift/drift-engine.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'

const [kubeconfig = '', count = '0'] = process.argv.slice(2)
const collect = (globalThis as unknown as { gc: () => void }).gc

/** Resident memory once nothing more goes. */
async function settledRss(): Promise<number> {
  let last = Infinity
  for (let round = 0; round < 30; round += 1) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 200))
    const { rss } = process.memoryUsage()
    if (round > 5 && rss > last * 0.998) return Math.min(rss, last)
    last = Math.min(rss, last)
  }
  return last
}

const engine = await startDriftEngine({ kubeconfig })
const { handlers } = engine.engine
const owners = await waitUntil(() => {
  const refs = [...engine.rows.values()].filter(({ ref }) => ref.kind === 'Kustomization').map(({ ref }) => ref)
  return refs.length >= Number(count) ? refs : null
}, 60_000)
// The host of the artifacts is known once it was asked for.
await handlers['drift.check']({ ref: owners[0]! }, engine.call)
const idle = await settledRss()
let objects = 0
const pending = [...owners]
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let owner = pending.pop(); owner !== undefined; owner = pending.pop()) {
      const { objects: found } = await handlers['drift.check']({ ref: owner }, engine.call)
      objects += found.length
    }
  }),
)
const compared = await settledRss()
console.log(JSON.stringify({ idle, compared, objects }))
await engine.stop()
process.exit(0)
