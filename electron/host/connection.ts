/**
 * One client on one duplex port: parses frames, authorises, dispatches to the engine's handlers, serialises results and errors, owns
 * the client's subscriptions. It trusts nothing that arrives: a frame that is not ours closes the connection (security.md 7).
 */
import type { CallName, Handlers, ProcedureName, StreamName } from '../../shared/contract/index.ts'
import { clientFrame } from '../../shared/contract/client-frame.ts'
import { contract } from '../../shared/contract/index.ts'
import type { HostFrame } from '../../shared/contract/frames.ts'
import { contractVersion, decodeFrame, encodeFrame, maxClientFrameBytes } from '../../shared/contract/frames.ts'
import { SluiceError, toErrorData } from '../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import { redactText } from '../../shared/lib/redact.ts'
import type { Clock, Logger } from '../engine/ports.ts'
import { createCallBudget } from './call-budget.ts'
import { createStreamWriter } from './stream-writer.ts'

/** Any duplex byte channel: a worker's MessagePort, a test's pair. */
export interface DuplexPort {
  post(frame: Uint8Array<ArrayBuffer>): void
  onMessage(listener: (data: unknown) => void): void
  onClose(listener: () => void): void
  close(): void
}

export interface ConnectionOptions {
  readonly handlers: Handlers
  readonly clock: Clock
  readonly logger: Logger
  readonly client: 'window' | 'cli' | 'test'
}

/** Serves one port until either side closes it. Returns what closes it from our side. */
export function serveConnection(port: DuplexPort, options: ConnectionOptions): () => void {
  const { handlers, clock, logger } = options
  const open = new Map<number, () => void>()
  const budget = createCallBudget(clock)
  let highestId = 0
  let isClosed = false

  function send(frame: HostFrame): void {
    if (!isClosed) port.post(encodeFrame(frame))
  }

  function close(reason: string | null): void {
    if (isClosed) return
    if (reason !== null) logger.log('warn', 'connection closed', { reason })
    isClosed = true
    for (const stop of open.values()) stop()
    open.clear()
    port.close()
  }

  function fail(id: number, error: unknown): void {
    send({ t: 'err', id, e: redactError(error) })
  }

  function startCall(id: number, name: CallName, input: unknown): void {
    const abort = new AbortController()
    open.set(id, () => abort.abort())
    const handler = handlers[name] as (
      input: unknown,
      call: { signal: AbortSignal; client: ConnectionOptions['client'] },
    ) => Promise<unknown>
    Promise.resolve()
      .then(() => handler(input, { signal: abort.signal, client: options.client }))
      .then(
        (value) => {
          if (open.delete(id)) send({ t: 'ok', id, v: value ?? null })
        },
        (error: unknown) => {
          logFault(logger, name, error)
          if (open.delete(id)) fail(id, error)
        },
      )
  }

  function startStream(id: number, name: StreamName, input: unknown): void {
    const abort = new AbortController()
    const writer = createStreamWriter({
      clock,
      send: (delta) => send({ t: 'delta', id, ...delta }),
      end: (error) => {
        if (!open.has(id)) return
        stop()
        if (error !== undefined) logFault(logger, name, error)
        send({ t: 'end', id, e: error === undefined ? null : redactError(error) })
      },
    })
    let release: (() => void) | null = null
    function stop(): void {
      if (!open.delete(id)) return
      writer.close()
      abort.abort()
      release?.()
      release = null
    }
    open.set(id, stop)
    const handler = handlers[name] as (
      input: unknown,
      sink: typeof writer.sink,
      call: { signal: AbortSignal; client: ConnectionOptions['client'] },
    ) => () => void
    try {
      const released = handler(input, writer.sink, { signal: abort.signal, client: options.client })
      if (open.has(id)) release = released
      else released()
    } catch (error) {
      writer.sink.end(error)
    }
  }

  function receive(data: unknown): void {
    if (isClosed) return
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data instanceof Uint8Array ? data : null
    // SECURITY: item 7: size limit per frame, before anything is parsed.
    if (bytes === null || bytes.byteLength === 0 || bytes.byteLength > maxClientFrameBytes)
      return close('frame of a wrong type or size')
    let frame
    try {
      frame = clientFrame.safeParse(decodeFrame(bytes))
    } catch {
      return close('frame is not JSON')
    }
    if (!frame.success) return close('frame of a wrong shape')
    if (frame.data.t === 'cancel') {
      open.get(frame.data.id)?.()
      open.delete(frame.data.id)
      return
    }
    const { id, p, i } = frame.data
    // SECURITY: item 7: a replayed or reordered frame cannot run a call again.
    if (id <= highestId) return close('call id reused')
    highestId = id
    // SECURITY: item 7: unknown procedure = closed connection. hasOwn: `constructor` and friends are not procedures.
    if (!Object.hasOwn(contract, p)) return close('unknown procedure')
    const name = p as ProcedureName
    const definition = contract[name]
    if (!budget.take(open.size))
      return fail(
        id,
        new SluiceError('TooManyRequests', `Too many calls at once: ${name} was not started`, { retry: 'transient' }),
      )
    // SECURITY: item 7: strict schema parse before the engine sees anything.
    const input = definition.input.safeParse(i)
    if (!input.success) {
      const issue = input.error.issues[0]
      return fail(
        id,
        new SluiceError(
          'InvalidInput',
          `${name}: ${issue === undefined ? 'input refused' : `${issue.path.join('.') || 'input'}: ${issue.message}`}`,
        ),
      )
    }
    if (definition.kind === 'stream') startStream(id, name as StreamName, input.data)
    else startCall(id, name as CallName, input.data)
  }

  port.onMessage(receive)
  port.onClose(() => close(null))
  send({ t: 'hello', version: contractVersion })
  return () => close(null)
}

/** SECURITY: item 9: secrets are redacted before an error leaves the host; stacks and causes never do. */
function redactError(error: unknown): SluiceErrorData {
  const data = toErrorData(error)
  return {
    ...data,
    message: redactText(data.message).slice(0, 4000),
    remedy: redactText(data.remedy),
    detail: redactText(data.detail).slice(0, 16_000),
  }
}

function logFault(logger: Logger, name: string, error: unknown): void {
  if (error instanceof SluiceError) return
  if (error instanceof Error && error.name === 'AbortError') return
  logger.log('error', `${name} failed`, {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
}
