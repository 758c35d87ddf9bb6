/**
 * Where the store's tasks are carried out: in a worker that ends when nothing has been asked for a while and begins again with the next task, or in
 * the caller's own thread.
 */
import { Worker } from 'node:worker_threads'
import { SluiceError, fromErrorData } from '../../../shared/model/errors.ts'
import type { HistoryAnswers, HistoryMessage, HistoryReply, HistoryTask, HistoryWorkerData } from './protocol.ts'

type Answer = HistoryAnswers[keyof HistoryAnswers]

export interface Runner {
  ask(task: HistoryTask, signal: AbortSignal): Promise<Answer>
  /** Ends the thread now, if nothing is being asked; what it remembers goes to `onRest`. */
  rest(): void
  /** After all that was asked before. */
  close(): Promise<void>
}

export interface ThreadOptions extends HistoryWorkerData {
  readonly entry: string
  readonly name: string
  readonly onCrash: (reason: string) => void
  /** It ends after so long without a task. */
  readonly idleMs: number
  /** What a thread that ended for want of work leaves to the next. */
  readonly onRest: (left: HistoryAnswers['close']) => void
}

/** What is written is small and short-lived; without a limit the young generation alone grows to 48 MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 96 }
const never = new AbortController().signal

export function createOwnThread(data: HistoryWorkerData): Runner {
  let loading: Promise<(task: HistoryTask, signal: AbortSignal) => Promise<Answer>> | null = null
  const load = async () => (await import('./answer-task.ts')).createAnswerTask(data)
  return {
    ask: async (task, signal) => (await (loading ??= load()))(task, signal),
    rest: () => undefined,
    async close() {
      if (loading !== null) await (await loading)({ do: 'close' }, never)
    },
  }
}

export function createWorkerThread(options: ThreadOptions): Runner {
  const { idleMs, onRest } = options
  let link: Link | null = null
  let idle: NodeJS.Timeout | null = null
  const ending = new Set<Promise<void>>()

  function start(): Link {
    if (idle !== null) clearTimeout(idle)
    if (link !== null && !link.hasEnded()) return link
    const mine = openLink(options, () => {
      if (link !== mine) return
      if (idle !== null) clearTimeout(idle)
      idle = setTimeout(rest, idleMs)
      idle.unref()
    })
    return (link = mine)
  }

  /** A task that comes meanwhile begins a thread of its own: two writers of one file wait for each other, as two processes do. */
  function rest(): void {
    const old = link
    if (old === null || old.isBusy()) return
    link = null
    const ended = old.end().then((left) => {
      if (left !== null) onRest(left)
    })
    ending.add(ended)
    void ended.finally(() => ending.delete(ended))
  }

  return {
    ask(task, signal) {
      if (signal.aborted) return Promise.reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
      return start().ask(task, signal)
    },
    rest,
    async close() {
      if (idle !== null) clearTimeout(idle)
      const old = link
      link = null
      await old?.end()
      await Promise.all(ending)
    },
  }
}

interface Link {
  ask(task: HistoryTask, signal: AbortSignal): Promise<Answer>
  isBusy(): boolean
  hasEnded(): boolean
  /** Once everything is answered; null where the thread had ended by itself. */
  end(): Promise<HistoryAnswers['close'] | null>
}

/** One thread. `onQuiet`: everything that was asked is answered. */
function openLink({ entry, name, onCrash, file, auditFile }: ThreadOptions, onQuiet: () => void): Link {
  const data: HistoryWorkerData = { file, auditFile }
  const waiting = new Map<
    number,
    { readonly resolve: (value: Answer) => void; readonly reject: (error: Error) => void }
  >()
  const worker = new Worker(entry, { workerData: data, name: `history-${name}`, env: {}, execArgv: [], resourceLimits })
  // Whoever waits for an answer keeps the process alive; nobody else does.
  worker.unref()
  let lastId = 0
  let cause = ''
  let hasEnded = false
  let isEnding = false
  worker.on('message', (reply: HistoryReply) => {
    const one = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (waiting.size === 0) {
      worker.unref()
      onQuiet()
    }
    if (reply.ok) one?.resolve(reply.value)
    else one?.reject(fromErrorData(reply.error))
  })
  worker.on('error', (error: Error) => (cause = error.message))
  worker.on('exit', () => {
    hasEnded = true
    if (!isEnding) onCrash(cause)
    for (const { reject } of waiting.values())
      reject(new SluiceError('StorageFailed', `The history worker ended: ${cause}`, { retry: 'transient' }))
    waiting.clear()
  })

  function ask(task: HistoryTask, signal: AbortSignal): Promise<Answer> {
    const id = (lastId += 1)
    worker.ref()
    return new Promise((resolve, reject) => {
      const abort = (): void => worker.postMessage({ id, abort: true } satisfies HistoryMessage)
      const leave = (): void => signal.removeEventListener('abort', abort)
      waiting.set(id, {
        resolve: (value) => {
          leave()
          resolve(value)
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      })
      worker.postMessage({ id, task } satisfies HistoryMessage)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  return {
    ask,
    isBusy: () => waiting.size > 0,
    hasEnded: () => hasEnded,
    async end() {
      if (hasEnded) return null
      isEnding = true
      const left = (await ask({ do: 'close' }, never).catch(() => null)) as HistoryAnswers['close'] | null
      await worker.terminate()
      return left
    },
  }
}
