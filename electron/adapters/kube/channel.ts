/**
 * The connections of one context for one purpose. Requests share one connection and wait for a free place; streams (watches, logs)
 * never wait for each other: when the server's limit of concurrent streams is reached they get a further connection.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { dial } from './dial.ts'
import type { Connection, TlsIdentity } from './dial.ts'
import type { ContextSettings } from './context-settings.ts'
import { createHttp1Wire } from './http1-wire.ts'
import { createHttp2Wire } from './http2-wire.ts'
import type { NameLookup } from './name-lookup.ts'
import { canceled, connectionLost } from './network-errors.ts'
import type { Target } from './network-errors.ts'
import { abortable } from './time-watch.ts'
import type { Exchange, Wire, WireRequest } from './wire.ts'

export interface ChannelOptions {
  readonly role: 'requests' | 'streams'
  readonly settings: ContextSettings
  readonly target: Target
  readonly lookup: NameLookup
  readonly connectTimeoutMs: number
  readonly pingIntervalMs: number
}

export interface Channel {
  /** Connects when needed. A new `identity` (exec plugins renew certificates) gets new connections, the old ones finish what they have. */
  send(request: WireRequest, identity: TlsIdentity | null): Promise<Exchange>
  reset(): void
  close(): void
}

const maxStreamWires = 8

interface Waiting {
  readonly resolve: () => void
}

export function createChannel(options: ChannelOptions): Channel {
  const { settings, role } = options
  let wires: Wire[] = []
  let retired: Wire[] = []
  let waiting: Waiting[] = []
  let connecting: { readonly identity: TlsIdentity | null; readonly attempt: Promise<void> } | null = null
  let identityNow: TlsIdentity | null = null
  let life = new AbortController()
  let isClosed = false

  const onChange = (): void => {
    const gone = wires.filter((wire) => !wire.isUsable)
    if (gone.length > 0) {
      wires = wires.filter((wire) => wire.isUsable)
      retired.push(...gone)
    }
    retired = retired.filter((wire) => {
      if (wire.active === 0) wire.close()
      return wire.active > 0
    })
    const woken = waiting
    waiting = []
    for (const { resolve } of woken) resolve()
  }

  /** One attempt at a time for all who wait, but never with another identity than the one that is asked for now. */
  const connectOnce = (identity: TlsIdentity | null): Promise<void> => {
    if (connecting !== null && connecting.identity === identity) return connecting.attempt
    const mine = {
      identity,
      attempt: open(identity).finally(() => {
        if (connecting === mine) connecting = null
      }),
    }
    connecting = mine
    return mine.attempt
  }
  const open = async (identity: TlsIdentity | null): Promise<void> => {
    const { signal } = life
    const dialHere = (): Promise<Connection> =>
      dial({
        settings,
        target: options.target,
        identity,
        lookup: options.lookup,
        deadlineMs: options.connectTimeoutMs,
        signal,
      }).catch((error: unknown) => {
        // Nobody canceled: the channel was reset while it connected.
        throw signal.aborted ? connectionLost(options.target) : error
      })
    const { socket, protocol } = await dialHere()
    if (signal.aborted || identity !== identityNow) {
      socket.destroy()
      throw connectionLost(options.target)
    }
    wires.push(
      protocol === 'h2'
        ? createHttp2Wire({
            socket,
            authority: settings.server.origin,
            pingIntervalMs: options.pingIntervalMs,
            onChange,
          })
        : createHttp1Wire({
            first: socket,
            host: settings.server.host,
            dial: async () => (await dialHere()).socket,
            maxSockets: role === 'requests' ? 8 : 250,
            onChange,
          }),
    )
  }

  const send = async (request: WireRequest, identity: TlsIdentity | null): Promise<Exchange> => {
    const { signal } = request
    for (;;) {
      if (isClosed) throw new SluiceError('NotConnected', `Context ${options.target.context} is closed`)
      if (signal.aborted) throw canceled()
      if (identity !== identityNow) {
        identityNow = identity
        retired.push(...wires)
        wires = []
        onChange()
      }
      const free = wires.find((wire) => wire.isUsable && wire.room > 0)
      // In the same turn in which the place was seen free: others wait for it too.
      if (free !== undefined) return free.send(request)
      const mayOpen = wires.length === 0 || (role === 'streams' && wires.length < maxStreamWires)
      await abortable(mayOpen ? connectOnce(identity) : freePlace(), signal)
    }
  }
  const freePlace = (): Promise<void> => new Promise((resolve) => waiting.push({ resolve }))

  const dropAll = (): void => {
    life.abort()
    life = new AbortController()
    connecting = null
    const all = [...wires, ...retired]
    wires = []
    retired = []
    for (const wire of all) wire.close()
    onChange()
  }

  return {
    send,
    reset: dropAll,
    close() {
      isClosed = true
      dropAll()
    },
  }
}
