/**
 * The connection to the engine as the stores see it. `connectStores` is called once, at start; everything else in stores/ reaches the
 * bridge through `callHost` and `openStream`. Components never do.
 */
import { createStore } from 'zustand/vanilla'
import type { CallName, InputOf, OutputOf, StreamName, ItemOf } from '../../shared/contract/index.ts'
import type { Bridge, BridgeState, Result, StreamListener } from '../bridge/bridge.ts'

let bridge: Bridge | null = null
/** What stops the stores on the present bridge; null while there is none. */
let running: (() => void)[] | null = null
const starters = new Set<(bridge: Bridge) => () => void>()

export const hostStore = createStore<{ readonly state: BridgeState }>(() => ({ state: 'connecting' }))

/**
 * Registers what a store does with the bridge once there is one; it returns what stops it and empties the store. A store that is
 * loaded later, with its view, starts at once.
 */
export function onConnect(start: (bridge: Bridge) => () => void): void {
  starters.add(start)
  if (bridge !== null) running?.push(start(bridge))
}

/** Starts every store on this bridge; returns what stops them (tests start anew). */
export function connectStores(next: Bridge): () => void {
  bridge = next
  const stops = [next.onState((state) => hostStore.setState({ state })), ...[...starters].map((start) => start(next))]
  running = stops
  return () => {
    for (const stop of stops) stop()
    if (bridge === next) {
      bridge = null
      running = null
    }
    hostStore.setState({ state: 'connecting' })
  }
}

/** Calls a query or command; before a bridge exists it answers ConnectionLost. */
export async function callHost<P extends CallName>(
  name: P,
  input: InputOf<P>,
  signal?: AbortSignal,
): Promise<Result<OutputOf<P>>> {
  if (bridge === null)
    return {
      ok: false,
      error: {
        code: 'ConnectionLost',
        message: 'The engine is not running',
        remedy: '',
        detail: '',
        retry: 'transient',
      },
    }
  return bridge.call(name, input, signal)
}

/** Opens a stream; returns what closes it. Does nothing before a bridge exists. */
export function openStream<P extends StreamName>(
  name: P,
  input: InputOf<P>,
  listener: StreamListener<ItemOf<P>>,
): () => void {
  return bridge === null ? () => undefined : bridge.subscribe(name, input, listener)
}
