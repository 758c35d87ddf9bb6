import { hash } from 'node:crypto'
import { deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib'
import type { Codec } from '../../engine/ports.ts'

/** Native hashes and compression. Level 1: a cache of thousands of small objects wants speed more than the last byte. */
export function createCodec(): Codec {
  return {
    sha256Hex: (data) => hash('sha256', data),
    deflate: (text) => deflateRawSync(text, { level: 1 }),
    inflate: (data) => inflateRawSync(data).toString('utf8'),
    gunzip: (data, maxBytes) => gunzipSync(data, { maxOutputLength: maxBytes }),
  }
}
