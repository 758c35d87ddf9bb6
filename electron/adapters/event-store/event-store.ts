/**
 * adapters/event-store: history in one SQLite file (WAL), the EventStore port. One worker writes, another reads, so that a long look holds up no
 * entry; where the host brings no worker (the command line) both work in its own thread. Several processes share the file. Must not know what is
 * recorded or why. Decisions and figures: docs/decisions/history-store.md.
 */
import { Worker } from 'node:worker_threads'
import { SluiceError, fromErrorData } from '../../../shared/model/errors.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { EventStore } from '../../engine/history/event-store-port.ts'
import type { HistoryAnswers, HistoryMessage, HistoryReply, HistoryTask, HistoryWorkerData } from './protocol.ts'

export interface EventStoreOptions {
  /** Of the database; its folder is made. Its journals lie beside it. */
  readonly file: string
  /** File of workers/history; null: in this thread. */
  readonly entry: string | null
  readonly onCrash: (reason: string) => void
  /** The reading worker ends after so long without a question; 60 s if not given. */
  readonly idleMs?: number
}

const defaultIdleMs = 60_000
/** What is written is small and short-lived; without a limit the young generation alone grows to 48 MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 96 }
const never = new AbortController().signal

export function createEventStore(options: EventStoreOptions): EventStore {
  const { file, entry, onCrash, idleMs = defaultIdleMs } = options
  const writer = entry === null ? createOwnThread(file) : createWorkerThread({ file, entry, name: 'write', onCrash })
  const reader = entry === null ? writer : createWorkerThread({ file, entry, name: 'read', onCrash, idleMs })
  const listeners = new Set<(entries: readonly HistoryEntry[]) => void>()
  let closing: Promise<void> | null = null

  async function ask<K extends HistoryTask['do']>(
    runner: Runner,
    task: Extract<HistoryTask, { do: K }>,
    signal: AbortSignal = never,
  ): Promise<HistoryAnswers[K]> {
    if (closing !== null) throw new SluiceError('StorageFailed', 'The history is closed')
    return (await runner.ask(task, signal)) as HistoryAnswers[K]
  }

  return {
    async append(entries) {
      if (entries.length === 0) return { added: 0, merged: 0 }
      const told = await ask(writer, { do: 'append', entries, isToldBack: listeners.size > 0 })
      if (told.entries.length > 0) for (const listener of [...listeners]) listener(told.entries)
      return { added: told.added, merged: told.merged }
    },
    query: (query, page, signal) => ask(reader, { do: 'query', query, page }, signal),
    buckets: (query, range, signal) => ask(reader, { do: 'buckets', query, range }, signal),
    watch(listener) {
      const own = (entries: readonly HistoryEntry[]): void => listener(entries)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    putText: (text) => ask(writer, { do: 'putText', text }),
    putTexts: (texts) => ask(writer, { do: 'putTexts', texts }),
    text: (digest) => ask(reader, { do: 'text', digest }),
    state: () => ask(writer, { do: 'state' }),
    setRetention: (limits) => ask(writer, { do: 'setRetention', limits }),
    forget: (clusters) => ask(writer, { do: 'forget', clusters }),
    async check(depth) {
      const found = await ask(reader, { do: 'check', isFull: depth === 'full' })
      if (found[0] !== undefined) await ask(writer, { do: 'abandon', reason: found[0] })
    },
    close() {
      closing ??= (async () => {
        // The last one out folds the journal into the file, and a reader may not.
        if (reader !== writer) await reader.close()
        await writer.close()
      })()
      return closing
    },
  }
}

interface Runner {
  ask(task: HistoryTask, signal: AbortSignal): Promise<HistoryAnswers[keyof HistoryAnswers]>
  /** After all that was asked before. */
  close(): Promise<void>
}

function createOwnThread(file: string): Runner {
  let loading: Promise<
    (task: HistoryTask, signal: AbortSignal) => Promise<HistoryAnswers[keyof HistoryAnswers]>
  > | null = null
  const load = async () => (await import('./answer-task.ts')).createAnswerTask(file)
  return {
    ask: async (task, signal) => (await (loading ??= load()))(task, signal),
    async close() {
      if (loading !== null) await (await loading)({ do: 'close' }, never)
    },
  }
}

function createWorkerThread(options: {
  readonly file: string
  readonly entry: string
  readonly name: string
  readonly onCrash: (reason: string) => void
  readonly idleMs?: number
}): Runner {
  const { file, entry, name, onCrash, idleMs } = options
  const waiting = new Map<
    number,
    { readonly resolve: (value: HistoryAnswers[keyof HistoryAnswers]) => void; readonly reject: (error: Error) => void }
  >()
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let lastId = 0

  function start(): Worker {
    if (idle !== null) clearTimeout(idle)
    if (thread !== null) return thread
    const data: HistoryWorkerData = { file }
    const mine = new Worker(entry, { workerData: data, name: `history-${name}`, env: {}, execArgv: [], resourceLimits })
    mine.unref()
    let cause = ''
    mine.on('message', (reply: HistoryReply) => {
      const one = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiting.size === 0) rest(mine)
      if (reply.ok) one?.resolve(reply.value)
      else one?.reject(fromErrorData(reply.error))
    })
    mine.on('error', (error: Error) => (cause = error.message))
    mine.on('exit', () => {
      if (thread !== mine) return
      thread = null
      onCrash(cause)
      for (const { reject } of waiting.values())
        reject(new SluiceError('StorageFailed', `The history worker ended: ${cause}`, { retry: 'transient' }))
      waiting.clear()
    })
    thread = mine
    return mine
  }

  function rest(mine: Worker): void {
    // Whoever waits for an answer keeps the process alive; nobody else does.
    mine.unref()
    if (idleMs === undefined) return
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(() => void stop(), idleMs)
    idle.unref()
  }

  async function stop(): Promise<void> {
    if (idle !== null) clearTimeout(idle)
    const old = thread
    thread = null
    await old?.terminate()
  }

  function ask(task: HistoryTask, signal: AbortSignal): Promise<HistoryAnswers[keyof HistoryAnswers]> {
    if (signal.aborted) return Promise.reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
    const id = (lastId += 1)
    const worker = start()
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
    async close() {
      if (thread === null) return
      await ask({ do: 'close' }, never).catch(() => undefined)
      await stop()
    },
  }
}
