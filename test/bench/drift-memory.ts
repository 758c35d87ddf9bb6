/**
 * `node --max-semi-space-size=4 drift-memory.ts KUBECONFIG COUNT`: an engine in a process of its own, with the collection and the young
 * generation of the application's engine thread, which compares everything and prints what that keeps in memory:
 * `{"idle": bytes, "compared": bytes, "objects": n}`.
 */
import { collectWhenQuiet } from '../../electron/adapters/node/idle-collection.ts'
import { startDriftEngine } from '../cluster/drift/drift-engine.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'

const [kubeconfig = '', count = '0'] = process.argv.slice(2)

/** Resident memory ten seconds later: the quiet moment in which the engine collects has come and gone. */
async function settledRss(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  return process.memoryUsage().rss
}

collectWhenQuiet()

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
