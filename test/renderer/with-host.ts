/** Connects the stores to the fake host through the real bridge, over an in-memory port. */
import { createBridge } from '../../renderer/bridge/bridge.ts'
import type { PortLike } from '../../renderer/bridge/bridge.ts'
import { connectStores } from '../../renderer/stores/host.ts'
import type { FakeHost } from '../fixtures/fake-host/fake-host.ts'

export interface ConnectedHost {
  /** Cuts the connection as a crashed engine would. */
  readonly cut: () => void
  /** Hands over a new port. */
  readonly reconnect: () => void
  readonly stop: () => void
}

type Listener = (event: { readonly data: unknown }) => void

export function makePort(host: FakeHost): { readonly port: PortLike; readonly cut: () => void } {
  const listeners: Listener[] = []
  const closers: (() => void)[] = []
  let isOpen = true
  const connection = host.connect((bytes) => {
    queueMicrotask(() => {
      if (isOpen) for (const listener of listeners) listener({ data: bytes })
    })
  })
  const port: PortLike = {
    postMessage: (message: ArrayBuffer) => {
      const bytes = message.slice(0)
      queueMicrotask(() => isOpen && connection.receive(bytes))
    },
    addEventListener: (type: string, listener: unknown) => {
      if (type === 'message') listeners.push(listener as Listener)
      else closers.push(listener as () => void)
    },
    start: () => undefined,
    close: () => void (isOpen = false),
  }
  return {
    port,
    cut: () => {
      isOpen = false
      for (const close of closers) close()
    },
  }
}

export function connectHost(host: FakeHost): ConnectedHost {
  const bridge = createBridge()
  let current = makePort(host)
  bridge.attach(current.port)
  const stop = connectStores(bridge)
  return {
    cut: () => current.cut(),
    reconnect: () => {
      current = makePort(host)
      bridge.attach(current.port)
    },
    stop,
  }
}
