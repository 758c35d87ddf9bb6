/**
 * Typed client of the contract: the only folder that touches the window bridge and the wire. Owns calls, streams, their resumption
 * after a gap or a lost connection; knows nothing of stores or views. A subscriber never sees a reset: after a resubscription the
 * bridge removes what the new snapshot no longer holds.
 */
import type { CallName, InputOf, ItemOf, OutputOf, StreamName } from '../../shared/contract/index.ts'
import { contractVersion, decodeFrame, encodeFrame } from '../../shared/contract/frames.ts'
import type { ClientFrame } from '../../shared/contract/frames.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import { readHostFrame } from './host-frame.ts'

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SluiceErrorData }

export interface Delta<T> {
  readonly upsert: readonly T[]
  readonly remove: readonly string[]
  /** The snapshot is complete with this delta. */
  readonly isReady: boolean
}

export interface StreamListener<T> {
  readonly onDelta: (delta: Delta<T>) => void
  /** The host ended the stream: over (null) or with a fault. No delta follows. */
  readonly onEnd?: (error: SluiceErrorData | null) => void
}

export type BridgeState = 'connecting' | 'connected' | 'lost' | 'incompatible'

/** The part of a MessagePort that the bridge uses. */
export interface PortLike {
  postMessage(message: ArrayBuffer): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
  start(): void
  close(): void
}

export interface Bridge {
  call<P extends CallName>(name: P, input: InputOf<P>, signal?: AbortSignal): Promise<Result<OutputOf<P>>>
  /** Returns what ends the subscription. */
  subscribe<P extends StreamName>(name: P, input: InputOf<P>, listener: StreamListener<ItemOf<P>>): () => void
  readonly state: () => BridgeState
  /** Told at once and on every change. Returns what ends it. */
  onState(listener: (state: BridgeState) => void): () => void
}

interface Call {
  readonly name: string
  readonly resolve: (result: Result<never>) => void
}

interface Subscription {
  readonly name: string
  readonly input: unknown
  readonly listener: StreamListener<{ readonly key: string }>
  readonly known: Set<string>
  /** Keys seen since the last resubscription; null while nothing is to be reconciled. */
  seen: Set<string> | null
  seq: number
  isEnded: boolean
}

/** A bridge without a port yet: calls wait, subscriptions start when `attach` is called; each further `attach` replaces the port. */
export function createBridge(): Bridge & { readonly attach: (port: PortLike) => void } {
  const calls = new Map<number, Call>()
  const streams = new Map<number, Subscription>()
  const listeners = new Set<(state: BridgeState) => void>()
  let waiting: ClientFrame[] = []
  let port: PortLike | null = null
  let state: BridgeState = 'connecting'
  let lastId = 0

  function setState(next: BridgeState): void {
    if (next === state) return
    state = next
    for (const listener of listeners) listener(state)
  }

  function send(frame: ClientFrame): void {
    if (port === null || state !== 'connected') {
      waiting.push(frame)
      return
    }
    // Copied, not transferred: across processes a transferred buffer arrives as null.
    port.postMessage(encodeFrame(frame).buffer)
  }

  function open(subscription: Subscription): void {
    lastId += 1
    streams.set(lastId, subscription)
    send({ t: 'call', id: lastId, p: subscription.name, i: subscription.input })
  }

  function reopen(id: number, subscription: Subscription, isCanceled: boolean): void {
    streams.delete(id)
    if (isCanceled) send({ t: 'cancel', id })
    subscription.seq = 0
    subscription.seen = new Set()
    open(subscription)
  }

  function receive(data: unknown): void {
    const frame = readHostFrame(data, decodeFrame)
    if (frame === null) return
    if (frame.t === 'hello') {
      if (frame.version !== contractVersion) return setState('incompatible')
      setState('connected')
      const frames = waiting
      waiting = []
      frames.forEach(send)
      return
    }
    if (frame.t === 'ok' || frame.t === 'err') {
      const call = calls.get(frame.id)
      calls.delete(frame.id)
      call?.resolve(frame.t === 'ok' ? { ok: true, value: frame.v as never } : { ok: false, error: frame.e })
      if (frame.t === 'err' && call === undefined) endStream(frame.id, frame.e)
      return
    }
    if (frame.t === 'end') return endStream(frame.id, frame.e)
    const subscription = streams.get(frame.id)
    if (subscription === undefined) return
    if (frame.seq !== subscription.seq + 1) return reopen(frame.id, subscription, true)
    subscription.seq = frame.seq
    deliver(subscription, frame.up as readonly { readonly key: string }[], frame.rm, frame.ready)
  }

  function deliver(
    subscription: Subscription,
    upsert: readonly { readonly key: string }[],
    removed: readonly string[],
    isReady: boolean,
  ): void {
    let remove = removed
    for (const item of upsert) {
      subscription.known.add(item.key)
      subscription.seen?.add(item.key)
    }
    for (const key of removed) {
      subscription.known.delete(key)
      subscription.seen?.delete(key)
    }
    if (isReady && subscription.seen !== null) {
      const seen = subscription.seen
      subscription.seen = null
      const gone = [...subscription.known].filter((key) => !seen.has(key))
      for (const key of gone) subscription.known.delete(key)
      if (gone.length > 0) remove = [...removed, ...gone]
    }
    subscription.listener.onDelta({ upsert, remove, isReady })
  }

  function endStream(id: number, error: SluiceErrorData | null): void {
    const subscription = streams.get(id)
    if (subscription === undefined) return
    streams.delete(id)
    subscription.isEnded = true
    subscription.listener.onEnd?.(error)
  }

  function lose(): void {
    port = null
    setState('lost')
    waiting = []
    const lost = [...calls]
    calls.clear()
    for (const [, call] of lost) call.resolve({ ok: false, error: lostError(call.name) })
    // Streams wait for the next port; what they showed stays until the new snapshot says otherwise.
    for (const [id, subscription] of [...streams]) reopen(id, subscription, false)
  }

  return {
    attach(next) {
      if (port !== null) {
        const old = port
        lose()
        old.close()
      }
      port = next
      setState('connecting')
      next.addEventListener('message', (event) => {
        if (port === next) receive(event.data)
      })
      next.addEventListener('close', () => {
        if (port === next) lose()
      })
      next.start()
    },
    call(name, input, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted === true) return resolve({ ok: false, error: canceledError })
        if (state === 'lost') return resolve({ ok: false, error: lostError(name) })
        lastId += 1
        const id = lastId
        calls.set(id, { name, resolve })
        signal?.addEventListener(
          'abort',
          () => {
            if (!calls.delete(id)) return
            send({ t: 'cancel', id })
            resolve({ ok: false, error: canceledError })
          },
          { once: true },
        )
        send({ t: 'call', id, p: name, i: input })
      })
    },
    subscribe(name, input, listener) {
      const subscription: Subscription = {
        name,
        input,
        listener: listener as unknown as Subscription['listener'],
        known: new Set(),
        seen: null,
        seq: 0,
        isEnded: false,
      }
      open(subscription)
      return () => {
        if (subscription.isEnded) return
        subscription.isEnded = true
        for (const [id, entry] of streams) {
          if (entry !== subscription) continue
          streams.delete(id)
          const at = waiting.findIndex((frame) => frame.id === id)
          if (at >= 0) waiting.splice(at, 1)
          else send({ t: 'cancel', id })
        }
      }
    },
    state: () => state,
    onState(listener) {
      listeners.add(listener)
      listener(state)
      return () => void listeners.delete(listener)
    },
  }
}

const canceledError: SluiceErrorData = {
  code: 'Canceled',
  message: 'Canceled',
  remedy: '',
  detail: '',
  retry: 'canceled',
}

function lostError(name: string): SluiceErrorData {
  return {
    code: 'ConnectionLost',
    message: `The engine stopped before it answered ${name}`,
    remedy: 'It is being started again; try once more.',
    detail: '',
    retry: 'transient',
  }
}
