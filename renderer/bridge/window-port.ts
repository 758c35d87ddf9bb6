import type { WindowBridge } from '../../shared/contract/hand-over.ts'
import { portMessageType } from '../../shared/contract/hand-over.ts'
import { createBridge } from './bridge.ts'
import type { Bridge } from './bridge.ts'

declare global {
  interface Window {
    readonly sluice?: WindowBridge
  }
}

/** The operating system as preload names it; '' outside the application. */
export function windowPlatform(): string {
  return window.sluice?.platform ?? ''
}

const firstRetryMs = 250
const maxRetryMs = 4000

/**
 * The bridge of this window: asks main for a port, takes the one that preload hands over, and asks again, with growing pauses, when it
 * is lost. Outside the application (a plain browser) it stays connecting.
 */
export function connectWindowBridge(): Bridge {
  const bridge = createBridge()
  let retryMs = firstRetryMs
  window.addEventListener('message', (event) => {
    // SECURITY: item 6: only our own window, our own origin, and the nonce that preload exposed.
    if (event.source !== window || event.origin !== window.location.origin) return
    const data: unknown = event.data
    if (typeof data !== 'object' || data === null || !('type' in data) || !('nonce' in data)) return
    if (data.type !== portMessageType || window.sluice === undefined || data.nonce !== window.sluice.nonce) return
    const port = event.ports[0]
    if (port !== undefined) bridge.attach(port)
  })
  bridge.onState((state) => {
    if (state === 'connected') retryMs = firstRetryMs
    if (state !== 'lost') return
    setTimeout(() => window.sluice?.connect(), retryMs)
    retryMs = Math.min(maxRetryMs, retryMs * 2)
  })
  window.sluice?.connect()
  return bridge
}
