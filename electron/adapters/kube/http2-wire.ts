/** One HTTP/2 session over an open connection: exchanges, PING, goodbye. */
import { connect, constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, Settings } from 'node:http2'
import type { Socket } from 'node:net'
import { flattenHeaders, WireLost } from './wire.ts'
import type { Exchange, Wire } from './wire.ts'

export interface Http2WireOptions {
  readonly socket: Socket
  readonly authority: string
  readonly pingIntervalMs: number
  /** A place became free, the limit changed, or the session ended. */
  readonly onChange: () => void
}

/** Before the server's SETTINGS arrive; the API server's own default. */
const assumedConcurrency = 100
const streamWindowBytes = 2 * 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024
const missedPingsAllowed = 1
const wakeDeadlineMs = 3000

export function createHttp2Wire(options: Http2WireOptions): Wire {
  const { socket } = options
  let active = 0
  let limit = assumedConcurrency
  let isUsable = true
  let hasSpoken = false
  let socketFault: unknown = null
  const session = connect(options.authority, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    // Megabytes; the default of 10 refuses new streams while a few large lists are on their way.
    maxSessionMemory: 256,
    maxReservedRemoteStreams: 0,
  })
  session.once('connect', () => session.setLocalWindowSize(sessionWindowBytes))
  session.on('remoteSettings', (settings: Settings) => {
    hasSpoken = true
    limit = Math.max(1, Math.min(settings.maxConcurrentStreams ?? assumedConcurrency, 1000))
    options.onChange()
  })
  const retire = (): void => {
    isUsable = false
    options.onChange()
  }
  session.on('goaway', retire)
  socket.on('error', (error) => {
    socketFault = error
  })
  session.on('error', retire)
  const stopPings = watchPings(session, socket, options.pingIntervalMs)
  session.on('close', () => {
    stopPings()
    retire()
  })

  return {
    get room() {
      return isUsable ? limit - active : 0
    },
    get isUsable() {
      return isUsable
    },
    get active() {
      return active
    },
    send(request) {
      let stream: ClientHttp2Stream
      try {
        request.demand?.()
        if (!isUsable || session.closed || session.destroyed) throw new Error('session closed')
        stream = session.request(
          { ':method': request.method, ':path': request.path, ...request.headers },
          { endStream: request.body === null },
        )
      } catch (error) {
        return Promise.reject(isSessionFault(session) ? new WireLost(error, true) : error)
      }
      active++
      const abort = (): void => stream.close(constants.NGHTTP2_CANCEL)
      request.signal.addEventListener('abort', abort, { once: true })
      stream.once('close', () => {
        active--
        request.signal.removeEventListener('abort', abort)
        options.onChange()
      })
      if (request.body !== null) stream.end(request.body)
      return answerOf(
        stream,
        request.signal,
        (fault, isRefused) => new WireLost(fault ?? socketFault, isRefused, !hasSpoken),
      )
    },
    close() {
      isUsable = false
      stopPings()
      // With an error: streams of a session that is destroyed without one end as if the server had finished them.
      session.destroy(new Error('closed'), constants.NGHTTP2_CANCEL)
      socket.destroy()
    },
  }
}

function isSessionFault(session: ClientHttp2Session): boolean {
  return session.closed || session.destroyed
}

function answerOf(
  stream: ClientHttp2Stream,
  signal: AbortSignal,
  lose: (fault: unknown, isRefused: boolean) => WireLost,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let fault: unknown = null
    let isAnswered = false
    stream.once('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
      isAnswered = true
      resolve({
        status: headers[':status'] ?? 0,
        headers: flattenHeaders(headers),
        body: stream,
        isProbed: true,
        // A connection that breaks ends the stream quietly, only the reset code tells.
        isCut: () => fault !== null || stream.aborted || (stream.rstCode ?? 0) !== constants.NGHTTP2_NO_ERROR,
        cancel: () => stream.close(constants.NGHTTP2_CANCEL),
      })
    })
    stream.on('error', (error: Error) => {
      fault = error
    })
    stream.once('close', () => {
      // An error costs more than the rest of a small exchange.
      if (isAnswered) return
      if (signal.aborted) reject(signal.reason)
      else reject(lose(fault, stream.rstCode === constants.NGHTTP2_REFUSED_STREAM))
    })
  })
}

/** Two PINGs in a row without an answer, while nothing else arrived, end the session: a paused host or a cut cable says nothing. */
function watchPings(session: ClientHttp2Session, socket: Socket, intervalMs: number): () => void {
  let missed = 0
  let isWaiting = false
  let bytesSeen = 0
  let lastTick = performance.now()
  const giveUp = (): void => {
    session.destroy(Object.assign(new Error('no answer to PING'), { code: 'ETIMEDOUT' }), constants.NGHTTP2_CANCEL)
    socket.destroy()
  }
  let wakeCheck: NodeJS.Timeout | undefined
  const timer = setInterval(() => {
    if (session.destroyed) return
    const gapMs = performance.now() - lastTick
    lastTick = performance.now()
    const hasTraffic = socket.bytesRead !== bytesSeen
    bytesSeen = socket.bytesRead
    missed = isWaiting && !hasTraffic ? missed + 1 : 0
    if (missed > missedPingsAllowed) return giveUp()
    isWaiting = true
    // This machine slept: most connections are dead then, and nobody wants to look at old rows for twenty seconds.
    if (gapMs > 3 * intervalMs && wakeCheck === undefined) {
      const bytesAtWake = socket.bytesRead
      wakeCheck = setTimeout(() => {
        wakeCheck = undefined
        if (isWaiting && socket.bytesRead === bytesAtWake) giveUp()
      }, wakeDeadlineMs)
      wakeCheck.unref()
    }
    try {
      session.ping((error) => {
        if (error === null) isWaiting = false
      })
    } catch {
      // The session ended meanwhile; its close event does the rest.
    }
  }, intervalMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    clearTimeout(wakeCheck)
  }
}
