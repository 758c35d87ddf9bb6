/**
 * Owns the engine's worker thread: starts it, gives each window a port into it, answers what only main can do, and starts it again when
 * it dies. Main relays opaque byte frames and never parses one.
 */
import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { MessageChannelMain } from 'electron'
import type { MessagePortMain, WebContents } from 'electron'
import { portChannel } from '../../shared/contract/hand-over.ts'
import { maxClientFrameBytes } from '../../shared/contract/frames.ts'
import type {
  EngineThreadData,
  FromEngine,
  ShellRequest,
  ToEngine,
  TraySummary,
} from '../../shared/contract/engine-thread.ts'

export interface EngineThread {
  /** Makes a fresh port for this window; an older one of the same window is closed. */
  connect(contents: WebContents): void
  sendLink(path: string): void
  setOnBattery(isOn: boolean): void
  setAsleep(isAsleep: boolean): void
  keepRunning(): void
  /** Notifications wait for so long; null: they come again. */
  snooze(forMs: number | null): void
  /** Asks the engine to close: snapshots written, children stopped. Bounded by 5 s. */
  stop(): Promise<void>
}

export interface EngineThreadOptions {
  readonly entry: string
  /** Where Node keeps what the thread's files compile to, for the next start. */
  readonly compiledDir: string
  readonly data: EngineThreadData
  readonly answer: (request: ShellRequest) => Promise<unknown>
  readonly onTheme: (theme: 'system' | 'light' | 'dark') => void
  readonly onTray: (isKept: boolean, summary: TraySummary) => void
  /** The thread died: `restarts` so far. */
  readonly onCrash: (error: Error, restarts: number) => void
}

/** The default would keep 48 MB and more of space for objects that die at once, of which a busy engine needs a fraction. */
const youngGenerationMb = 12
/** V8's own default for a process of this size; resource limits replace it. */
const oldGenerationMb = 4096
/** After so many the fault is in what it finds, not in a moment: starting again would only repeat it. */
const maxRestarts = 5

export function startEngineThread(options: EngineThreadOptions): EngineThread {
  const relays = new Map<number, { readonly close: () => void }>()
  let restarts = 0
  let isStopping = false
  let isRunning = false
  let isOnBattery = false
  let worker = start()

  function start(): Worker {
    const created = new Worker(options.entry, {
      workerData: options.data,
      env: { NODE_COMPILE_CACHE: options.compiledDir, ...process.env },
      name: 'engine',
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb, maxOldGenerationSizeMb: oldGenerationMb },
    })
    let cause: Error | null = null
    isRunning = true
    created.on('message', (message: FromEngine) => {
      if (message.t === 'shell') {
        options.answer(message.request).then(
          (value) => post({ t: 'shellResult', id: message.id, ok: true, value: value ?? null }),
          (error: unknown) =>
            post({
              t: 'shellResult',
              id: message.id,
              ok: false,
              value: error instanceof Error ? error.message : String(error),
            }),
        )
      } else if (message.t === 'theme') options.onTheme(message.theme)
      else options.onTray(message.isKept, message.summary)
    })
    created.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error))
    })
    // An exit follows every error, and comes alone where the thread was ended or ran out of memory.
    created.on('exit', (code) => {
      isRunning = false
      if (isStopping) return
      restarts += 1
      options.onCrash(cause ?? new Error(`it ended with code ${code}`), restarts)
      if (restarts <= maxRestarts) {
        worker = start()
        post({ t: 'battery', isOn: isOnBattery })
      }
      // Closing the windows' ends makes each bridge ask for a new port.
      for (const relay of relays.values()) relay.close()
    })
    return created
  }

  function post(message: ToEngine, transfer: MessagePort[] = []): void {
    worker.postMessage(message, transfer)
  }

  return {
    connect(contents) {
      relays.get(contents.id)?.close()
      const outer = new MessageChannelMain()
      const inner = new MessageChannel()
      const relay = relayFrames(outer.port2, inner.port1, () => {
        if (relays.get(contents.id) === relay) relays.delete(contents.id)
      })
      relays.set(contents.id, relay)
      post({ t: 'client', port: inner.port2 }, [inner.port2])
      contents.postMessage(portChannel, null, [outer.port1])
    },
    sendLink: (path) => post({ t: 'link', path }),
    setOnBattery(isOn) {
      isOnBattery = isOn
      post({ t: 'battery', isOn })
    },
    setAsleep: (isAsleep) => post({ t: 'sleep', isAsleep }),
    keepRunning: () => post({ t: 'keepRunning' }),
    snooze: (forMs) => post({ t: 'snooze', forMs }),
    async stop() {
      isStopping = true
      if (!isRunning) return
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      post({ t: 'stop' })
      const deadline = setTimeout(() => void worker.terminate(), 5000)
      await exited
      clearTimeout(deadline)
    },
  }
}

function relayFrames(outer: MessagePortMain, inner: MessagePort, onClose: () => void): { readonly close: () => void } {
  let isClosed = false
  function close(): void {
    if (isClosed) return
    isClosed = true
    outer.close()
    inner.close()
    onClose()
  }
  outer.on('message', (event) => {
    const data: unknown = event.data
    // SECURITY: item 7: only byte frames of bounded size pass; anything else closes the connection.
    if (!(data instanceof ArrayBuffer) || data.byteLength > maxClientFrameBytes) return close()
    inner.postMessage(data, [data])
  })
  inner.on('message', (data: unknown) => {
    if (!isClosed) outer.postMessage(data)
  })
  outer.on('close', close)
  inner.on('close', close)
  outer.start()
  return { close }
}
