/**
 * The GitRemote port: hands work to one Git worker, which starts with the first request and ends when it has been idle for a while; equal requests
 * that run at the same time are one. Where the host brings no worker (the command line) the work is done in its own thread.
 */
import { Worker } from 'node:worker_threads'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitRemote } from '../../engine/source/artifact-port.ts'
import type { GitWriter } from '../../engine/source/git-write-port.ts'
import { canceled } from './canceled.ts'
import type { GitAnswers, GitMessage, GitReply, GitTask, GitWorkerData } from './protocol.ts'

export interface GitRemoteOptions extends GitWorkerData {
  /** File of workers/git; null: in this thread. */
  readonly entry: string | null
  readonly onCrash: (reason: string) => void
  /** The worker ends after so long without work; 60 s if not given. */
  readonly idleMs?: number
}

interface Flight {
  readonly result: Promise<GitAnswers[keyof GitAnswers]>
  readonly abort: AbortController
  users: number
}

const defaultIdleMs = 60_000
/** A repository of 200,000 files, the most that is taken, needs half of it; what is read of packs lies beside the heap. */
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 }

export function createGitRemote(options: GitRemoteOptions): GitRemote & GitWriter & { dispose(): void } {
  const run = options.entry === null ? createOwnThread(options) : createWorkerThread(options, options.entry)
  const flights = new Map<string, Flight>()

  /** SECURITY: secrets are part of the key in memory only; it is never stored or told. */
  async function ask<K extends GitTask['do']>(
    task: Extract<GitTask, { do: K }>,
    signal: AbortSignal,
  ): Promise<GitAnswers[K]> {
    if (signal.aborted) throw canceled(signal)
    const key = JSON.stringify(task, (_name, value: unknown) => (value instanceof Map ? [...value] : value))
    let flight = flights.get(key)
    if (flight === undefined) {
      const abort = new AbortController()
      flight = { result: run.ask(task, abort.signal), abort, users: 0 }
      flights.set(key, flight)
      const forget = (): void => void flights.delete(key)
      flight.result.then(forget, forget)
    }
    const mine = flight
    mine.users += 1
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort)
        mine.users -= 1
        if (mine.users > 0 || !signal.aborted) return
        // Nobody waits any more; whoever asks next begins anew.
        if (flights.get(key) === mine) flights.delete(key)
        mine.abort.abort()
      }
      const onAbort = (): void => {
        leave()
        reject(canceled(signal))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      mine.result.then(
        (value) => {
          leave()
          resolve(value as GitAnswers[K])
        },
        (error: unknown) => {
          leave()
          reject(error)
        },
      )
    })
  }

  return {
    resolve: (request, signal) => ask({ do: 'resolve', request }, signal),
    tree: (request, revision, limits, signal) => ask({ do: 'tree', request, revision, limits }, signal),
    commit: (request, sha, signal) => ask({ do: 'commit', request, sha }, signal),
    log: (request, sha, limit, signal) => ask({ do: 'log', request, sha, limit }, signal),
    verify: (request, revision, demand, signal) => ask({ do: 'verify', request, revision, demand }, signal),
    look: (request, branch, folder, signal) => ask({ do: 'look', request, branch, folder }, signal),
    push: (request, push, signal) => ask({ do: 'push', request, push }, signal),
    deployKey: (url, keyFile, signal) => ask({ do: 'deployKey', url, keyFile }, signal),
    dispose: () => run.dispose(),
  }
}

interface Runner {
  ask(task: GitTask, signal: AbortSignal): Promise<GitAnswers[keyof GitAnswers]>
  dispose(): void
}

function createOwnThread(options: GitRemoteOptions): Runner {
  const loaded = async () => {
    const [{ createGitService }, { findSystemGit }, { answerTask }] = await Promise.all([
      import('./git-service.ts'),
      import('./system-git.ts'),
      import('./answer-task.ts'),
    ])
    const service = createGitService({
      ...options,
      systemGit: await findSystemGit(options.access.path ?? undefined),
      now: Date.now,
    })
    return (task: GitTask, signal: AbortSignal) => answerTask(service, task, signal)
  }
  let started: ReturnType<typeof loaded> | null = null
  return {
    ask: async (task, signal) => (await (started ??= loaded()))(task, signal),
    dispose: () => undefined,
  }
}

function createWorkerThread(options: GitRemoteOptions, entry: string): Runner {
  const { cacheDir, treeFolder, userAgent, access, onCrash, idleMs = defaultIdleMs } = options
  const waiting = new Map<
    number,
    { readonly resolve: (value: GitAnswers[keyof GitAnswers]) => void; readonly reject: (error: Error) => void }
  >()
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let lastId = 0

  function start(): Worker {
    if (idle !== null) clearTimeout(idle)
    if (thread !== null) return thread
    const data: GitWorkerData = { cacheDir, treeFolder, userAgent, access }
    const mine = new Worker(entry, { workerData: data, name: 'git', env: {}, execArgv: [], resourceLimits })
    mine.unref()
    let cause = ''
    mine.on('message', (reply: GitReply) => {
      const one = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (reply.ok) one?.resolve(reply.value)
      else {
        const { code, message, remedy, detail, retry } = reply.error
        one?.reject(new SluiceError(code, message, { remedy, detail, retry }))
      }
      if (waiting.size === 0) rest()
    })
    mine.on('error', (error: Error) => (cause = error.message))
    mine.on('exit', () => {
      if (thread !== mine) return
      thread = null
      onCrash(cause)
      for (const { reject } of waiting.values())
        reject(new SluiceError('GitFailed', `The Git worker ended: ${cause}`, { retry: 'transient' }))
      waiting.clear()
    })
    thread = mine
    return mine
  }

  function rest(): void {
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(stop, idleMs)
    idle.unref()
  }

  function stop(): void {
    const old = thread
    thread = null
    void old?.terminate()
  }

  return {
    ask(task, signal) {
      const id = (lastId += 1)
      const worker = start()
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, task } satisfies GitMessage)
        signal.addEventListener('abort', () => worker.postMessage({ id, abort: true } satisfies GitMessage), {
          once: true,
        })
      })
    },
    dispose() {
      if (idle !== null) clearTimeout(idle)
      stop()
      for (const { reject } of waiting.values()) reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
      waiting.clear()
    },
  }
}
