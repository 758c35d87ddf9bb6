/** HTTP/1.1 for servers and proxies that speak nothing newer: a small pool of kept-alive connections behind the same interface. */
import { Agent, request as sendHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { SluiceError } from '../../../shared/model/errors.ts'
import { flattenHeaders, WireLost } from './wire.ts'
import type { Exchange, Wire } from './wire.ts'

export interface Http1WireOptions {
  /** Connection that told the version: used first. */
  readonly first: Socket
  readonly host: string
  readonly dial: () => Promise<Socket>
  readonly maxSockets: number
  readonly onChange: () => void
}

/** Its connections come from our own dialling (proxy, TLS, deadlines), not from node:http. */
class DialingAgent extends Agent {
  private readonly open: () => Promise<Socket>

  constructor(open: () => Promise<Socket>, maxSockets: number) {
    super({ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' })
    this.open = open
  }

  override createConnection(_options: unknown, done?: (error: Error | null, socket: Duplex) => void): null {
    this.open().then(
      (socket) => done?.(null, socket),
      (error: unknown) => (done as ((error: unknown) => void) | undefined)?.(error),
    )
    return null
  }
}

export function createHttp1Wire(options: Http1WireOptions): Wire {
  let spare: Socket | null = options.first
  let active = 0
  let isUsable = true
  const agent = new DialingAgent(async () => {
    const socket = spare
    spare = null
    return socket !== null && !socket.destroyed ? socket : options.dial()
  }, options.maxSockets)

  return {
    get room() {
      return isUsable ? options.maxSockets - active : 0
    },
    get isUsable() {
      return isUsable
    },
    get active() {
      return active
    },
    send(request) {
      active++
      return new Promise<Exchange>((resolve, reject) => {
        let message: IncomingMessage | null = null
        const outgoing = sendHttp({
          agent,
          method: request.method,
          path: request.path,
          headers: {
            host: options.host,
            ...request.headers,
            ...(request.body === null ? {} : { 'content-length': String(request.body.length) }),
          },
        })
        const abort = (): void => void outgoing.destroy()
        request.signal.addEventListener('abort', abort, { once: true })
        outgoing.once('socket', () => {
          try {
            request.demand?.()
          } catch (error) {
            outgoing.destroy(error as Error)
          }
        })
        outgoing.once('response', (response) => {
          message = response
          response.on('error', () => undefined)
          resolve({
            status: response.statusCode ?? 0,
            headers: flattenHeaders(response.headers),
            body: response,
            isProbed: false,
            isCut: () => !response.complete,
            cancel: () => void response.destroy(),
          })
        })
        outgoing.on('error', (error) => {
          if (message !== null) return
          if (request.signal.aborted) reject(request.signal.reason)
          else reject(error instanceof SluiceError ? error : new WireLost(error, false))
        })
        outgoing.once('close', () => {
          active--
          request.signal.removeEventListener('abort', abort)
          if (message === null) reject(request.signal.aborted ? request.signal.reason : new WireLost(null, false))
          options.onChange()
        })
        outgoing.end(request.body ?? undefined)
      })
    },
    close() {
      isUsable = false
      spare?.destroy()
      agent.destroy()
    },
  }
}
