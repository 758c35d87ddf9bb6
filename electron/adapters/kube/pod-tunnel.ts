/**
 * A byte stream to a port of a pod: the API server's port-forward over a WebSocket (protocol v4.channel.k8s.io, which kubelets and the container
 * runtimes' streaming servers speak). Each message starts with its channel: 0 carries the port's bytes, 1 what went wrong; the first message
 * of each repeats the port.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { PodTunnel } from '../../engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { canceled, connectionLost } from './network-errors.ts'
import type { Target } from './network-errors.ts'
import { refuseTunnelBytes } from './read-only-rule.ts'

export interface PodPort {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** The API server answered, but did not switch to a WebSocket. */
export class NotUpgraded extends Error {
  override readonly name = 'NotUpgraded'
  readonly status: number

  constructor(status: number, error: SluiceError) {
    super(error.message, { cause: error })
    this.status = status
  }
}

export interface PodTunnelOptions {
  /** Connected, after TLS. Taken over: closed with the tunnel, or where it does not come about. */
  readonly socket: Socket
  readonly target: Target
  /** Host header. */
  readonly host: string
  /** With the server URL's prefix. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly pod: PodPort
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly isReadOnly: () => boolean
}

const protocol = 'v4.channel.k8s.io'
const maxMessageBytes = 16 * 1024 * 1024
/** Received and not yet read: beyond this the server is held back. */
const maxQueuedBytes = 1024 * 1024
const maxErrorBytes = 64 * 1024
const pieceBytes = 32 * 1024

/** Rejects with NotUpgraded, or with a SluiceError: Canceled, ConnectionLost. */
export function openPodTunnel(options: PodTunnelOptions): Promise<PodTunnel> {
  const { socket, target, pod, signal } = options
  const name = `Context ${target.context}: port ${pod.port} of Pod ${pod.namespace}/${pod.name}`
  return new Promise((resolve, reject) => {
    const web = new WebSocket(`ws://${options.host}${options.path}`, [protocol], {
      createConnection: () => socket,
      headers: options.headers as Record<string, string>,
      handshakeTimeout: options.timeoutMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      // SECURITY: item 10: credentials stay with their server.
      followRedirects: false,
    })
    const abort = (): void => {
      web.terminate()
      reject(canceled())
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    const stop = (): void => signal.removeEventListener('abort', abort)
    web.once('unexpected-response', (request, answer) => {
      readError(answer, name).then(
        (error) => reject(new NotUpgraded(answer.statusCode ?? 0, error)),
        () => reject(connectionLost(target)),
      )
      answer.once('close', () => {
        stop()
        request.destroy()
        socket.destroy()
      })
    })
    web.on('error', (error) => {
      stop()
      socket.destroy()
      reject(signal.aborted ? canceled() : connectionLost(target, error))
    })
    web.once('open', () => resolve(createTunnel(web, options, name, stop)))
  })
}

function createTunnel(web: WebSocket, options: PodTunnelOptions, name: string, stop: () => void): PodTunnel {
  const { target, pod, signal } = options
  const queue: Uint8Array[] = []
  const isPortSeen = [false, false]
  let queuedBytes = 0
  let fault: SluiceError | null = null
  let isOver = false
  let isFirstWrite = true
  let wake: () => void = () => undefined

  const end = (error: SluiceError | null): void => {
    if (isOver) return
    isOver = true
    fault = error
    stop()
    wake()
  }
  signal.addEventListener('abort', () => end(canceled()), { once: true })
  web.on('message', (data: Buffer) => {
    const channel = data[0]
    if (isOver || (channel !== 0 && channel !== 1)) return
    let bytes = data.subarray(1)
    if (isPortSeen[channel] !== true) {
      isPortSeen[channel] = true
      if (bytes.length < 2 || bytes.readUInt16LE(0) !== pod.port) {
        web.terminate()
        return end(unsupported(name, 'the answer is no port-forward'))
      }
      bytes = bytes.subarray(2)
    }
    if (bytes.length === 0) return
    if (channel === 1) {
      web.close()
      return end(
        new SluiceError('ConnectionLost', `${name} cannot be reached`, {
          remedy: 'Check that the container runs and listens there.',
          detail: bytes.toString('utf8').slice(0, 2000),
          retry: 'transient',
        }),
      )
    }
    queue.push(bytes)
    queuedBytes += bytes.length
    if (queuedBytes > maxQueuedBytes) web.pause()
    wake()
  })
  web.on('close', (code: number) => end(code === 1006 ? connectionLost(target) : null))
  web.on('error', (error) => end(connectionLost(target, error)))

  async function* incoming(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = queue.shift()
      if (bytes !== undefined) {
        queuedBytes -= bytes.length
        if (web.isPaused && queuedBytes <= maxQueuedBytes / 2) web.resume()
        yield bytes
        continue
      }
      if (fault !== null) throw fault
      if (isOver) return
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const send = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      web.send(Buffer.concat([Buffer.of(0), bytes]), { binary: true }, (error) =>
        error == null ? resolve() : reject(connectionLost(target, error)),
      ),
    )
  return {
    incoming: incoming(),
    async write(bytes) {
      if (isOver) throw fault ?? connectionLost(target)
      const reason = options.isReadOnly() ? refuseTunnelBytes(bytes, isFirstWrite) : null
      isFirstWrite = false
      if (reason !== null)
        throw new SluiceError('ReadOnlyContext', `Context ${target.context} is read-only: ${reason}`, {
          remedy: 'Turn read-only off for this context in Settings.',
        })
      for (let at = 0; at < bytes.length; at += pieceBytes) await send(bytes.subarray(at, at + pieceBytes))
    },
    close() {
      end(null)
      web.close()
      // Nobody waits for the other side's goodbye.
      web.terminate()
    },
  }
}

async function readError(answer: IncomingMessage, name: string): Promise<SluiceError> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    length += part.length
    if (length > maxErrorBytes) break
  }
  const status = answer.statusCode ?? 0
  const detail = sentenceOf(Buffer.concat(parts).toString('utf8')).slice(0, 2000)
  switch (status) {
    case 401:
      return new SluiceError('Unauthorized', `${name}: the API server does not accept the credentials`, {
        remedy: 'Log in again, then retry the context.',
        detail,
      })
    case 403:
      return new SluiceError('Forbidden', `${name}: port-forward is forbidden`, {
        remedy: 'Ask for the verbs get and create on pods/portforward in that namespace.',
        detail,
      })
    case 404:
      return new SluiceError('NotFound', `${name}: there is no such pod`, { detail })
    default:
      return status >= 500
        ? new SluiceError('ServerError', `${name}: the API server answers ${status}`, { detail, retry: 'transient' })
        : unsupported(name, `the API server answers ${status} to a port-forward`, detail)
  }
}

function unsupported(name: string, why: string, detail = ''): SluiceError {
  return new SluiceError('Unsupported', `${name}: ${why}`, {
    remedy: 'A proxy before the API server may not let WebSockets through.',
    detail,
  })
}

/** The message of a Status, else the text itself. */
function sentenceOf(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly message?: unknown } | null
    if (typeof body?.message === 'string') return body.message
  } catch {
    // Plain text, as proxies answer.
  }
  return text
}
