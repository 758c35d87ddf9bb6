/** One worker of the pool: a queue before it, one request inside it, and another thread in its place when it dies. */
import { Worker } from 'node:worker_threads'
import type { KeyPlaces } from '../decrypt/user-keys.ts'
import type { RenderReply, RenderRequest, RenderTask, RenderWorkerData } from './protocol.ts'

export interface RenderWorkerOptions {
  /** Compiled or source file of workers/render. */
  readonly entry: string
  /** Of the old generation: a build that needs more ends its worker. */
  readonly memoryMb: number
  readonly deadlineMs: number
  /** As they are when a request is sent. */
  readonly keys: () => KeyPlaces | null
  readonly onCrash: (reason: string) => void
  /** The thread ends when nothing was asked for so long, and comes back with the next request; never if not given. */
  readonly idleMs?: number
}

/** The worker ended while it had this request: everything else goes on. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied'
  readonly isOutOfMemory: boolean
  readonly isLate: boolean

  constructor(message: string, isOutOfMemory: boolean, isLate: boolean) {
    super(message)
    this.isOutOfMemory = isOutOfMemory
    this.isLate = isLate
  }
}

interface Waiting {
  readonly task: RenderTask
  readonly root: string
  readonly signal: AbortSignal | null
  readonly resolve: (reply: RenderReply) => void
  readonly reject: (error: Error) => void
}

/** What a build may take beyond its deadline, or after it was told to stop, before its thread is ended. */
const graceMs = 1000

export class RenderWorker {
  readonly #options: RenderWorkerOptions
  readonly #queue: Waiting[] = []
  #stop = new Int32Array(new SharedArrayBuffer(4))
  #thread: Worker | null = null
  #running: (Waiting & { readonly id: number; timer: NodeJS.Timeout; readonly release: () => void }) | null = null
  #lastId = 0
  #isLate = false
  #isDisposed = false
  #idle: NodeJS.Timeout | null = null

  constructor(options: RenderWorkerOptions) {
    this.#options = options
  }

  /** Rejects with WorkerDied where the thread ended over it. Aborted in the queue it resolves with Canceled at once. */
  ask(root: string, task: RenderTask, signal: AbortSignal | null): Promise<RenderReply> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, root, signal, resolve, reject })
      this.#next()
    })
  }

  get load(): number {
    return this.#queue.length + (this.#running === null ? 0 : 1)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#end()
    for (const waiting of this.#queue.splice(0)) waiting.resolve(canceled)
    const running = this.#running
    this.#running = null
    if (running === null) return
    clearTimeout(running.timer)
    running.release()
    running.resolve(canceled)
  }

  #end(): void {
    const thread = this.#thread
    this.#thread = null
    void thread?.terminate()
  }

  #rest(): void {
    const { idleMs } = this.#options
    if (idleMs === undefined || this.#running !== null || this.#thread === null) return
    this.#idle = setTimeout(() => this.#end(), idleMs)
    this.#idle.unref()
  }

  #next(): void {
    if (this.#running !== null || this.#isDisposed) return
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = null
    const waiting = this.#queue.shift()
    if (waiting === undefined) {
      this.#rest()
      return
    }
    if (waiting.signal?.aborted === true) {
      waiting.resolve(canceled)
      this.#next()
      return
    }
    const { task, root, signal } = waiting
    const { deadlineMs, keys } = this.#options
    const id = (this.#lastId += 1)
    const onAbort = (): void => {
      // Builds look at this between files and every few hundred objects; whoever does not look is ended.
      Atomics.store(this.#stop, 0, id)
      this.#expire(id, graceMs)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const release = (): void => signal?.removeEventListener('abort', onAbort)
    this.#running = { ...waiting, id, release, timer: setTimeout(() => undefined, 0) }
    this.#expire(id, deadlineMs + graceMs)
    const request: RenderRequest = { ...task, id, root, deadlineMs, keys: keys() }
    this.#started().postMessage(request)
  }

  #expire(id: number, afterMs: number): void {
    if (this.#running?.id !== id) return
    clearTimeout(this.#running.timer)
    this.#running.timer = setTimeout(() => {
      this.#isLate = true
      void this.#thread?.terminate()
    }, afterMs)
    this.#running.timer.unref()
  }

  #started(): Worker {
    if (this.#thread !== null) return this.#thread
    this.#stop = new Int32Array(new SharedArrayBuffer(4))
    const data: RenderWorkerData = { stop: this.#stop.buffer }
    const thread = new Worker(this.#options.entry, {
      workerData: data,
      name: 'render',
      resourceLimits: { maxOldGenerationSizeMb: this.#options.memoryMb, maxYoungGenerationSizeMb: 32 },
      // Nothing of the host's environment is a build's business.
      env: {},
      execArgv: [],
    })
    // An idle pool keeps no process alive.
    thread.unref()
    let cause: Error | null = null
    thread.on('message', (reply: RenderReply) => this.#onReply(reply))
    thread.on('error', (error: Error) => (cause = error))
    thread.on('exit', () => this.#onExit(thread, cause))
    this.#thread = thread
    return thread
  }

  #onReply(reply: RenderReply): void {
    const running = this.#running
    if (running?.id !== reply.id) return
    clearTimeout(running.timer)
    running.release()
    this.#running = null
    running.resolve(reply)
    this.#next()
  }

  #onExit(thread: Worker, cause: Error | null): void {
    if (this.#thread !== thread) return
    this.#thread = null
    const isLate = this.#isLate
    this.#isLate = false
    const isOutOfMemory = cause !== null && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const running = this.#running
    this.#running = null
    const reason = cause?.message ?? (isLate ? 'it did not stop in time' : 'it ended')
    if (running !== null) {
      clearTimeout(running.timer)
      running.release()
      if (isLate && running.signal?.aborted === true) running.resolve(canceled)
      else running.reject(new WorkerDied(reason, isOutOfMemory, isLate))
    }
    this.#options.onCrash(reason)
    this.#next()
  }
}

const canceled: RenderReply = { id: 0, ok: false, code: 'Canceled', message: 'Canceled' }
