/**
 * adapters/event-store: history in one SQLite file (WAL), the EventStore port. One worker writes, another reads, so that a long look holds up no
 * entry; each ends when there is nothing to do. Where the host brings no worker (the command line) both work in its own thread. Several processes
 * share the file. Must not know what is recorded or why. Decisions and figures: docs/decisions/history-store.md.
 */
import { join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { EventStore } from '../../engine/history/event-store-port.ts'
import { describeProblem } from './describe-problem.ts'
import { createTidying } from './tidying.ts'
import type { HistoryAnswers, HistoryTask, HistoryWorkerData } from './protocol.ts'
import { createOwnThread, createWorkerThread } from './thread-runner.ts'
import type { Runner } from './thread-runner.ts'

export interface EventStoreOptions extends HistoryWorkerData {
  /** File of workers/history; null: in this thread. */
  readonly entry: string | null
  readonly onCrash: (reason: string) => void
  /** The reading worker ends after so long without a question; 60 s if not given. */
  readonly idleMs?: number
  /** The writing worker ends after so long without an entry; 5 s if not given. */
  readonly writerIdleMs?: number
}

const defaultIdleMs = 60_000
/** It takes 15 MB, and some 50 ms to begin again: a quiet fleet tells something every few minutes. */
const defaultWriterIdleMs = 5000
const never = new AbortController().signal

/** Where history lies under the application's data folder. */
export function historyFiles(dataDir: string): HistoryWorkerData {
  return { file: join(dataDir, 'history', 'history.db'), auditFile: join(dataDir, 'audit.jsonl') }
}

export function createEventStore(options: EventStoreOptions): EventStore {
  const { file, auditFile, entry, onCrash, idleMs = defaultIdleMs, writerIdleMs = defaultWriterIdleMs } = options
  /** What threads that ended had to say; and what the last attempt to write came to. */
  let note = ''
  let problem = ''
  const data: HistoryWorkerData = { file, auditFile }
  const common = { ...data, onCrash, onRest: (left: HistoryAnswers['close']) => (note = left.note || note) }
  const writer =
    entry === null
      ? createOwnThread(data)
      : createWorkerThread({ ...common, entry, name: 'write', idleMs: writerIdleMs })
  const reader = entry === null ? writer : createWorkerThread({ ...common, entry, name: 'read', idleMs })
  const listeners = new Set<(entries: readonly HistoryEntry[]) => void>()
  let closing: Promise<void> | null = null
  const tidying = createTidying(async (limits) => {
    if (closing === null) await ask(writer, { do: 'retain', limits })
  })

  async function ask<K extends HistoryTask['do']>(
    runner: Runner,
    task: Extract<HistoryTask, { do: K }>,
    signal: AbortSignal = never,
  ): Promise<HistoryAnswers[K]> {
    if (closing !== null) throw new SluiceError('StorageFailed', 'The history is closed')
    return (await runner.ask(task, signal)) as HistoryAnswers[K]
  }

  /** A problem is kept here until something could be written: the thread that had it may have ended. */
  async function write<K extends HistoryTask['do']>(task: Extract<HistoryTask, { do: K }>): Promise<HistoryAnswers[K]> {
    try {
      const answer = await ask(writer, task)
      problem = ''
      tidying.noteWrite()
      return answer
    } catch (error) {
      if (closing === null && error instanceof SluiceError && error.code === 'StorageFailed')
        problem = describeProblem(error)
      throw error
    }
  }

  return {
    async append(entries) {
      if (entries.length === 0) return { added: 0, merged: 0 }
      const told = await write({ do: 'append', entries, isToldBack: listeners.size > 0 })
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
    async appendAudit(lines) {
      await write({ do: 'appendAudit', lines })
    },
    audit: (page, signal) => ask(reader, { do: 'audit', page }, signal),
    verifyAudit: (signal) => ask(reader, { do: 'verifyAudit' }, signal),
    async takeOldAudit() {
      await write({ do: 'appendAudit', lines: [] })
    },
    putText: (text) => write({ do: 'putText', text }),
    putTexts: (texts) => write({ do: 'putTexts', texts }),
    text: (digest) => ask(reader, { do: 'text', digest }),
    async state() {
      const state = await ask(writer, { do: 'state' })
      return { ...state, problem: state.problem || problem, note: state.note || note }
    },
    setRetention(limits, isAtOnce) {
      tidying.set(limits, isAtOnce)
      return Promise.resolve()
    },
    async forget(clusters) {
      await ask(writer, { do: 'forget', clusters })
    },
    async check(depth) {
      const found = await ask(reader, { do: 'check', isFull: depth === 'full' })
      if (found[0] !== undefined) await ask(writer, { do: 'abandon', reason: found[0] })
      // A look through the file leaves nothing that the next question needs.
      reader.rest()
    },
    close() {
      closing ??= (async () => {
        tidying.stop()
        // The last one out folds the journal into the file, and a reader may not.
        if (reader !== writer) await reader.close()
        await writer.close()
      })()
      return closing
    },
  }
}
