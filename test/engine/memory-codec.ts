import { createHash } from 'node:crypto'
import { deflateSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Codec } from '../../electron/engine/ports.ts'

/** Node's own hashing and compression behind the port, for engine tests. */
export const memoryCodec: Codec = {
  sha256Hex: (data) => createHash('sha256').update(data).digest('hex'),
  deflate: (text) => deflateSync(text),
  inflate: (data) => inflateSync(data).toString('utf8'),
  gunzip: (data, maxBytes) => gunzipSync(data, { maxOutputLength: maxBytes }),
}
