/**
 * Whether this desktop shows a tray. macOS and Windows always do. On Linux somebody must own a name on the user's bus, and nobody who merely
 * shows an icon is told when there is none: the window would be lost. So the bus is asked, in the few messages that takes.
 */
import { connect } from 'node:net'
import { userInfo } from 'node:os'

const watcherName = 'org.kde.StatusNotifierWatcher'
const answerMs = 2000

/** Never rejects: a bus that does not answer has no tray. `address` as in DBUS_SESSION_BUS_ADDRESS. */
export async function hasTrayHost(
  platform: NodeJS.Platform = process.platform,
  address: string | undefined = process.env['DBUS_SESSION_BUS_ADDRESS'] ?? defaultAddress(),
): Promise<boolean> {
  if (platform !== 'linux') return true
  const path = socketPath(address ?? '')
  return path !== null && nameHasOwner(path, watcherName)
}

function defaultAddress(): string | undefined {
  const folder = process.env['XDG_RUNTIME_DIR']
  return folder === undefined ? undefined : `unix:path=${folder}/bus`
}

/** The first unix socket of an address; a leading \0 names an abstract one. */
export function socketPath(address: string): string | null {
  for (const one of address.split(';')) {
    if (!one.startsWith('unix:')) continue
    const parts = new Map(
      one
        .slice('unix:'.length)
        .split(',')
        .map((part) => part.split('=', 2) as [string, string]),
    )
    const path = parts.get('path')
    if (path !== undefined) return decodeURIComponent(path)
    const abstract = parts.get('abstract')
    if (abstract !== undefined) return `\0${decodeURIComponent(abstract)}`
  }
  return null
}

function nameHasOwner(path: string, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    let received: Buffer = Buffer.alloc(0)
    let isAuthenticated = false
    const finish = (answer: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => finish(false), answerMs)
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('connect', () => {
      socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(userInfo().uid)).toString('hex')}\r\n`)
    })
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (!isAuthenticated) {
        const end = received.indexOf('\r\n')
        if (end < 0) return
        if (!received.subarray(0, end).toString('latin1').startsWith('OK')) return finish(false)
        isAuthenticated = true
        received = received.subarray(end + 2)
        socket.write('BEGIN\r\n')
        socket.write(busCall(1, 'Hello', null))
        socket.write(busCall(2, 'NameHasOwner', { signature: 's', bytes: longText(name) }))
      }
      for (let message = takeMessage(received); message !== null; message = takeMessage(received)) {
        received = message.rest
        if (message.replyTo === 2) return finish(message.type === methodReturn && message.body.readUInt32LE(0) === 1)
      }
    })
  })
}

const methodReturn = 2

/** A method call to the bus itself, little-endian. Layout: the D-Bus specification, "Message Protocol". */
export function busCall(
  serial: number,
  member: string,
  body: { readonly signature: string; readonly bytes: Buffer } | null,
): Buffer {
  const fields: readonly (readonly [number, string, string])[] = [
    [1, 'o', '/org/freedesktop/DBus'],
    [2, 's', 'org.freedesktop.DBus'],
    [3, 's', member],
    [6, 's', 'org.freedesktop.DBus'],
    ...(body === null ? [] : [[8, 'g', body.signature] as const]),
  ]
  let header = Buffer.alloc(0)
  for (const [code, type, value] of fields) {
    const signature = Buffer.from([code, 1, type.charCodeAt(0), 0])
    header = Buffer.concat([padded(header, 8), signature, type === 'g' ? shortText(value) : longText(value)])
  }
  const bytes = body?.bytes ?? Buffer.alloc(0)
  const start = Buffer.alloc(16)
  start.write('l', 0, 'latin1')
  start.writeUInt8(1, 1)
  start.writeUInt8(1, 3)
  start.writeUInt32LE(bytes.length, 4)
  start.writeUInt32LE(serial, 8)
  start.writeUInt32LE(header.length, 12)
  return Buffer.concat([padded(Buffer.concat([start, header]), 8), bytes])
}

/** The first whole message; null: more has to come. Messages of the other byte order are not ours: the bus answers in that of the asker. */
function takeMessage(
  bytes: Buffer,
): { readonly type: number; readonly replyTo: number; readonly body: Buffer; readonly rest: Buffer } | null {
  if (bytes.length < 16) return null
  const bodyLength = bytes.readUInt32LE(4)
  const fieldsEnd = 16 + bytes.readUInt32LE(12)
  const bodyAt = Math.ceil(fieldsEnd / 8) * 8
  if (bytes.length < bodyAt + bodyLength) return null
  let replyTo = 0
  for (let at = 16; at < fieldsEnd;) {
    at = Math.ceil(at / 8) * 8
    const code = bytes.readUInt8(at)
    const type = String.fromCharCode(bytes.readUInt8(at + 2))
    const value = at + 4
    if (code === 5) replyTo = bytes.readUInt32LE(value)
    at =
      type === 'u'
        ? value + 4
        : type === 'g'
          ? value + bytes.readUInt8(value) + 2
          : value + bytes.readUInt32LE(value) + 5
  }
  const end = bodyAt + bodyLength
  return { type: bytes.readUInt8(1), replyTo, body: bytes.subarray(bodyAt, end), rest: bytes.subarray(end) }
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / to) * to - bytes.length)])
}

export function longText(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(`${text}\0`)])
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(`${text}\0`)])
}
