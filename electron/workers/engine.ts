/**
 * Entry of the engine thread: composes adapters into ports, makes the engine, serves each window's port with the host. Thin: what it
 * wires is elsewhere.
 */
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { extname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { collectWhenQuiet } from '../adapters/node/idle-collection.ts'
import { createFileLogger } from '../adapters/node/logger.ts'
import { createBlobStore } from '../adapters/node/blob-store.ts'
import { createNodePorts } from '../adapters/node-ports.ts'
import { createEngine } from '../engine/index.ts'
import { watchTray } from '../engine/tray/tray-summary.ts'
import type { Shell } from '../engine/ports.ts'
import type { KeptSecret, SecretBox, SecretBoxState } from '../engine/secret-box.ts'
import { serveConnection } from '../host/connection.ts'
import type { DuplexPort } from '../host/connection.ts'
import type { EngineThreadData, FromEngine, ShellRequest, ToEngine } from '../../shared/contract/engine-thread.ts'

/** Nice value: a third of what a thread of ordinary rank gets. */
const enginePriority = 5

const main = parentPort
if (main === null) throw new Error('This file runs as a worker thread only')
const data = workerData as EngineThreadData
// The window's thread goes first where both want the same core. Elsewhere than on Linux this would be the whole process; Chromium
// gives its threads, of which this is made, up to -8 where it may.
if (process.platform === 'linux') setPriority(enginePriority)
// Main's setting for this thread alone: programs that the engine starts get the user's environment.
if (process.env['NODE_COMPILE_CACHE']?.startsWith(data.cacheDir) === true) delete process.env['NODE_COMPILE_CACHE']

const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
const linkListeners = new Set<(path: string) => void>()
let lastRequest = 0
let waitingLink: string | null = null

function tell(message: FromEngine): void {
  main?.postMessage(message)
}

function ask(request: ShellRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lastRequest += 1
    pending.set(lastRequest, { resolve, reject })
    tell({ t: 'shell', id: lastRequest, request })
  })
}

const shell: Shell = {
  pickFiles: async (kind) => (await ask({ do: 'pickFiles', kind })) as string[],
  confirmFolder: async (path) => (await ask({ do: 'confirmFolder', path })) === true,
  confirmRepository: async (url, context) => (await ask({ do: 'confirmRepository', url, context })) === true,
  saveText: async (name, text) => (await ask({ do: 'saveText', name, text })) as string | null,
  openExternal: async (url) => (await ask({ do: 'openExternal', url })) === true,
  copyText: async (text) => void (await ask({ do: 'copyText', text })),
  notify: async (title, body, link) => (await ask({ do: 'notify', title, body, link })) === true,
  watchLinks(listener) {
    linkListeners.add(listener)
    if (waitingLink !== null) {
      listener(waitingLink)
      waitingLink = null
    }
    return () => linkListeners.delete(listener)
  },
}

/** SECURITY: item 9: kept by main; a value comes here only to be used. */
const secrets: SecretBox = {
  state: async () => (await ask({ do: 'secretState' })) as SecretBoxState,
  names: async () => (await ask({ do: 'secretNames' })) as readonly string[],
  keepFromClipboard: async (name, label) =>
    (await ask({ do: 'keepSecret', name, label })) as 'kept' | 'canceled' | 'unusable',
  read: async (name) => (await ask({ do: 'readSecret', name })) as KeptSecret | null,
  forget: async (name) => void (await ask({ do: 'forgetSecret', name })),
}

collectWhenQuiet()
const store = createBlobStore(data.dataDir)
const logger = createFileLogger(store, 'engine', () => Date.now())
const renderEntry = join(import.meta.dirname, `render${extname(import.meta.filename)}`)
const gitEntry = join(import.meta.dirname, `git${extname(import.meta.filename)}`)
const historyEntry = join(import.meta.dirname, `history${extname(import.meta.filename)}`)
const { ports, dispose: disposePorts } = createNodePorts({
  ...data,
  store,
  logger,
  shell,
  secrets,
  env: process.env,
  renderEntry,
  gitEntry,
  historyEntry,
})
let isOnBattery = false
const engine = createEngine(ports, {
  isWindowExpected: true,
  isDriftWatched: true,
  isRecording: true,
  isNotifying: true,
  isOnBattery: () => isOnBattery,
})
const call = { signal: new AbortController().signal, client: 'window' } as const
engine.handlers['settings.watch'](
  {},
  {
    push: (settings) => {
      const [last] = settings.slice(-1)
      if (last !== undefined) tell({ t: 'theme', theme: last.theme })
    },
    ready: () => undefined,
    end: () => undefined,
    isClosed: false,
  },
  call,
)

if (data.isDemo)
  engine.handlers['playground.start']({}, call).catch((error: unknown) => {
    logger.log('error', 'the playground could not be started', { error: String(error) })
  })

const stopTray = watchTray(engine.handlers, ports.clock, (isKept, summary) => tell({ t: 'tray', isKept, summary }))

function toDuplex(port: MessagePort): DuplexPort {
  return {
    post: (frame) => port.postMessage(frame, [frame.buffer]),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  }
}

/** For benches: the loop's delays, written to SLUICE_LOOP_DELAY_FILE at the end. Never in a packaged application. */
const delayFile = data.isPackaged ? undefined : process.env['SLUICE_LOOP_DELAY_FILE']
const loopDelay = delayFile === undefined ? null : monitorEventLoopDelay({ resolution: 10 })
loopDelay?.enable()

function writeLoopDelay(): void {
  if (delayFile === undefined || loopDelay === null) return
  const excess = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 10)
  writeFileSync(delayFile, JSON.stringify({ p99Ms: excess(loopDelay.percentile(99)), maxMs: excess(loopDelay.max) }))
}

async function stop(): Promise<void> {
  writeLoopDelay()
  stopTray()
  await engine
    .dispose()
    .catch((error: unknown) => logger.log('error', 'engine did not stop cleanly', { error: String(error) }))
  await disposePorts()
  process.exit(0)
}

main.on('message', (message: ToEngine) => {
  switch (message.t) {
    case 'client':
      serveConnection(toDuplex(message.port as MessagePort), {
        handlers: engine.handlers,
        clock: ports.clock,
        logger,
        client: 'window',
      })
      return
    case 'shellResult': {
      const waiting = pending.get(message.id)
      pending.delete(message.id)
      if (message.ok) waiting?.resolve(message.value)
      else waiting?.reject(new Error(String(message.value)))
      return
    }
    case 'battery':
      isOnBattery = message.isOn
      return
    case 'sleep':
      if (message.isAsleep) void engine.hosting.suspend()
      else engine.hosting.resume()
      return
    case 'link':
      if (linkListeners.size === 0) waitingLink = message.path
      for (const listener of linkListeners) listener(message.path)
      return
    case 'keepRunning':
      void engine.handlers['settings.update']({ keepsRunning: true }, call)
      return
    case 'snooze':
      void engine.handlers['notify.snooze'](
        { until: message.forMs === null ? null : ports.clock.now() + message.forMs },
        call,
      )
      return
    case 'stop':
      void stop()
  }
})
