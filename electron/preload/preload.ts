/**
 * The one file between the window and main. It exposes a frozen object and hands one MessagePort over; no ipcRenderer, no event
 * object and no channel argument ever reaches the page.
 */
import { contextBridge, ipcRenderer } from 'electron'
import type { WindowBridge } from '../../shared/contract/hand-over.ts'
import { connectChannel, portChannel, portMessageType } from '../../shared/contract/hand-over.ts'

const nonce = crypto.randomUUID()

// SECURITY: item 6: the port goes to our own window only, marked with this document's nonce.
function handOver(port: MessagePort): void {
  window.postMessage({ type: portMessageType, nonce }, window.location.origin, [port])
}

/** The port that was asked for before the page's own code ran; it waits here for the page's first `connect`. */
let early: MessagePort | null = null
let isPageListening = false

ipcRenderer.on(portChannel, (event) => {
  const [port] = event.ports
  if (port === undefined) return
  if (isPageListening) handOver(port)
  else early = port
})

function ask(): void {
  ipcRenderer.send(connectChannel)
}
ask()

function connect(): void {
  const isFirst = !isPageListening
  isPageListening = true
  if (early !== null) {
    handOver(early)
    early = null
  } else if (!isFirst) ask()
}

// SECURITY: item 6: frozen object, no generic channel (E20).
const bridge: WindowBridge = Object.freeze({
  nonce,
  platform: process.platform,
  connect,
})
contextBridge.exposeInMainWorld('sluice', bridge)
