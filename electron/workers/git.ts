/** Entry of the Git worker: fetches, reads packs and writes trees beside the engine's thread. Thin. */
import { parentPort, workerData } from 'node:worker_threads'
import { createGitService } from '../adapters/git/git-service.ts'
import type { GitMessage, GitReply, GitWorkerData } from '../adapters/git/protocol.ts'
import { answerTask } from '../adapters/git/answer-task.ts'
import { findSystemGit } from '../adapters/git/system-git.ts'
import { toErrorData } from '../../shared/model/errors.ts'

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread only')
const data = workerData as GitWorkerData
const running = new Map<number, AbortController>()
const service = findSystemGit(data.access.path ?? undefined).then((systemGit) =>
  createGitService({ ...data, systemGit, now: Date.now }),
)

async function answer(id: number, message: Extract<GitMessage, { task: unknown }>): Promise<GitReply> {
  const abort = new AbortController()
  running.set(id, abort)
  try {
    return { id, ok: true, value: await answerTask(await service, message.task, abort.signal) }
  } catch (error) {
    return { id, ok: false, error: toErrorData(error) }
  } finally {
    running.delete(id)
  }
}

port.on('message', (message: GitMessage) => {
  if ('abort' in message) running.get(message.id)?.abort()
  else void answer(message.id, message).then((reply) => port.postMessage(reply))
})
