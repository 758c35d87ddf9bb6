import { decodeFrame } from '../../shared/contract/frames.ts'
import type { HostFrame } from '../../shared/contract/frames.ts'
import type { CallName, Handlers, StreamName } from '../../shared/contract/index.ts'
import { contract } from '../../shared/contract/index.ts'
import type { Clock } from '../../electron/engine/ports.ts'
import type { DuplexPort } from '../../electron/host/connection.ts'

/** A client's end of a connection, in memory: frames as they would lie on the wire. */
export interface ClientEnd {
  readonly port: DuplexPort
  readonly received: HostFrame[]
  send(data: unknown): void
  close(): void
  readonly isClosedByHost: boolean
}

export function createClientEnd(): ClientEnd {
  const received: HostFrame[] = []
  let onMessage: (data: unknown) => void = () => undefined
  let onClose: () => void = () => undefined
  let isClosedByHost = false
  return {
    port: {
      post: (frame) => received.push(decodeFrame(frame) as HostFrame),
      onMessage: (listener) => (onMessage = listener),
      onClose: (listener) => (onClose = listener),
      close: () => (isClosedByHost = true),
    },
    received,
    send: (data) => onMessage(data),
    close: () => onClose(),
    get isClosedByHost() {
      return isClosedByHost
    },
  }
}

/** Until what a frame set off has run: handlers of calls begin in a microtask. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

export interface SpyHandlers {
  readonly handlers: Handlers
  /** Procedure and input of every call that reached a handler. */
  readonly reached: { readonly name: string; readonly input: unknown }[]
}

type StreamStart = (sink: {
  push(up: readonly { key: string }[], rm?: readonly string[]): void
  ready(): void
  end(error?: unknown): void
}) => () => void

/** Handlers for every procedure of the contract that record what reaches them. */
export function createSpyHandlers(
  answers: {
    readonly calls?: Partial<Record<CallName, (input: unknown, signal: AbortSignal) => Promise<unknown>>>
    readonly streams?: Partial<Record<StreamName, StreamStart>>
  } = {},
): SpyHandlers {
  const reached: { name: string; input: unknown }[] = []
  const handlers: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(contract)) {
    handlers[name] =
      definition.kind === 'stream'
        ? (input: unknown, sink: Parameters<StreamStart>[0]) => {
            reached.push({ name, input })
            return answers.streams?.[name as StreamName]?.(sink) ?? (() => undefined)
          }
        : (input: unknown, call: { signal: AbortSignal }) => {
            reached.push({ name, input })
            return answers.calls?.[name as CallName]?.(input, call.signal) ?? Promise.resolve(null)
          }
  }
  return { handlers: handlers as unknown as Handlers, reached }
}

/** A clock that stands still until told to go on; timers run in order of their times. */
export function createManualClock(): {
  readonly clock: Clock
  readonly advance: (ms: number) => void
} {
  let now = 0
  const timers: { at: number; run: () => void }[] = []
  return {
    clock: {
      now: () => 1_800_000_000_000 + now,
      monotonicMs: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run }
        timers.push(timer)
        return () => {
          const index = timers.indexOf(timer)
          if (index !== -1) timers.splice(index, 1)
        }
      },
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        timers.sort((a, b) => a.at - b.at)
        const [next] = timers
        if (next === undefined || next.at > end) break
        timers.shift()
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    },
  }
}

export const silentLogger = { log: () => undefined }
