/** Entry of the history workers: one writes, one reads, each with a connection of its own. Thin. */
import { parentPort, workerData } from 'node:worker_threads'
import { collectWhenQuiet } from '../adapters/node/idle-collection.ts'
import { createAnswerTask } from '../adapters/event-store/answer-task.ts'
import type { HistoryMessage, HistoryReply, HistoryWorkerData } from '../adapters/event-store/protocol.ts'
import { toErrorData } from '../../shared/model/errors.ts'

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread only')
// The first sight of a cluster is tens of thousands of entries, and then there is almost nothing to do.
collectWhenQuiet()
const running = new Map<number, AbortController>()
const answerTask = createAnswerTask(workerData as HistoryWorkerData)

async function answer(id: number, message: Extract<HistoryMessage, { task: unknown }>): Promise<HistoryReply> {
  const abort = new AbortController()
  running.set(id, abort)
  try {
    return { id, ok: true, value: await answerTask(message.task, abort.signal) }
  } catch (error) {
    return { id, ok: false, error: toErrorData(error) }
  } finally {
    running.delete(id)
  }
}

port.on('message', (message: HistoryMessage) => {
  if ('abort' in message) running.get(message.id)?.abort()
  else void answer(message.id, message).then((reply) => port.postMessage(reply))
})
