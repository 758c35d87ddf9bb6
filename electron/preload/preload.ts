/**
 * The one file between the window and main. It exposes a frozen object and hands one MessagePort over; no ipcRenderer, no event
 * object and no channel argument ever reaches the page.
 */
import { contextBridge, ipcRenderer } from 'electron'
import type { WindowBridge } from '../../shared/contract/hand-over.ts'
import { connectChannel, portChannel, portMessageType } from '../../shared/contract/hand-over.ts'

const nonce = crypto.randomUUID()

// SECURITY: item 6: the port goes to our own window only, marked with this document's nonce.
ipcRenderer.on(portChannel, (event) => {
  const [port] = event.ports
  if (port !== undefined) window.postMessage({ type: portMessageType, nonce }, window.location.origin, [port])
})

// SECURITY: item 6: frozen object, no generic channel (E20).
const bridge: WindowBridge = Object.freeze({
  nonce,
  platform: process.platform,
  connect: () => ipcRenderer.send(connectChannel),
})
contextBridge.exposeInMainWorld('sluice', bridge)
