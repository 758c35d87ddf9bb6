import type { HistoryAnswers, HistoryTask, HistoryWorkerData } from './protocol.ts'
import { createStoreReader } from './store-reader.ts'
import type { StoreReader } from './store-reader.ts'
import { createStoreWriter } from './store-writer.ts'
import type { StoreWriter } from './store-writer.ts'

export type AnswerTask = (task: HistoryTask, signal: AbortSignal) => Promise<HistoryAnswers[keyof HistoryAnswers]>

/** What a worker does, or this thread where there is none. Each side opens the file with the first task that needs it. */
export function createAnswerTask({ file, auditFile }: HistoryWorkerData): AnswerTask {
  const monotonicMs = (): number => performance.now()
  let writer: StoreWriter | null = null
  let reader: StoreReader | null = null
  const write = (): StoreWriter =>
    (writer ??= createStoreWriter({
      file,
      auditFile,
      now: Date.now,
      monotonicMs,
      after: startTimer,
      afterIdly: startIdleTimer,
    }))
  const read = (): StoreReader => (reader ??= createStoreReader({ file, monotonicMs }))

  return async (task, signal) => {
    switch (task.do) {
      case 'append':
        return write().append(task.entries, task.isToldBack)
      case 'appendAudit':
        await write().appendAudit(task.lines)
        return undefined
      case 'putText':
        return write().putText(task.text)
      case 'putTexts':
        return write().putTexts(task.texts)
      case 'state':
        return write().state()
      case 'retain':
        await write().retain(task.limits)
        return undefined
      case 'forget':
        await write().forget(task.clusters)
        return undefined
      case 'abandon':
        await write().abandon(task.reason)
        return undefined
      case 'query':
        return read().query(task.query, task.page, signal)
      case 'buckets':
        return read().buckets(task.query, task.range, signal)
      case 'audit':
        return read().audit(task.page, signal)
      case 'verifyAudit':
        return read().verifyAudit(signal)
      case 'text':
        return read().text(task.digest)
      case 'check':
        return read().check(task.isFull)
      case 'close':
        reader?.close()
        await writer?.close()
        return { note: writer?.note() ?? '' }
    }
  }
}

function startTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

function startIdleTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
