/** A render worker that misbehaves on request: for tests of the pool. */
import { parentPort, threadId } from 'node:worker_threads'

parentPort.on('message', ({ id, key }) => {
  if (key === 'hang') for (;;);
  if (key === 'exit') process.exit(3)
  if (key === 'throw') throw new Error('unruly')
  if (key === 'eat') for (const kept = []; ;) kept.push(new Array(100_000).fill(id))
  parentPort.postMessage({ id, ok: true, value: { key, objects: [], digest: String(threadId), error: null } })
})
