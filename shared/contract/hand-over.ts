/** The only two channel names outside the contract: how a window asks main for its port, and how main hands it over. */
export const connectChannel = 'sluice:connect'
export const portChannel = 'sluice:port'
/** Type of the message by which preload passes the port on to its own window, with the nonce of `window.sluice`. */
export const portMessageType = 'sluice-port'

/** What preload exposes as `window.sluice`, frozen. `connect` asks main for a (new) port. */
export interface WindowBridge {
  readonly nonce: string
  readonly platform: string
  readonly connect: () => void
}
