/** Bodies of answers: collected, decompressed, read as JSON. */
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, createInflate, gunzip, inflate } from 'node:zlib'
import type { KubeResponse } from '../../engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Target } from './network-errors.ts'
import type { Exchange } from './wire.ts'

const gunzipAsync = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)
const inflateAsync = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)

/** Null when the body is longer than allowed. Events rather than iteration: half the time per small answer. */
export function readAll(answer: Exchange, maxBytes: number): Promise<Buffer | null> {
  const { body } = answer
  if (body.destroyed) return Promise.resolve(Buffer.alloc(0))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    body.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) return void chunks.push(chunk)
      resolve(null)
      answer.cancel()
    })
    body.once('error', reject)
    // `close` comes after `end` and after cuts: only then the reset code of a stream is known.
    body.once('close', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    )
  })
}

/** Throws ResponseMalformed for what does not decompress and for encodings that were never asked for. */
export async function decompress(
  raw: Buffer,
  encoding: string | undefined,
  maxBytes: number,
  target: Target,
): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || raw.length === 0) return raw
  try {
    if (encoding === 'gzip') return await gunzipAsync(raw, { maxOutputLength: maxBytes })
    if (encoding === 'deflate') return await inflateAsync(raw, { maxOutputLength: maxBytes })
  } catch (cause) {
    throw new SluiceError(
      'ResponseMalformed',
      `Context ${target.context}: answer of ${target.server} does not decompress`,
      { cause },
    )
  }
  throw new SluiceError(
    'ResponseMalformed',
    `Context ${target.context}: answer of ${target.server} is in an unknown encoding`,
  )
}

/** The body as it comes, decompressed on the way where the server compressed it unasked. */
export function decodedBody(answer: Exchange): Readable {
  const encoding = answer.headers['content-encoding']
  const decoder = encoding === 'gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : null
  if (decoder === null) return answer.body
  answer.body.on('error', (error) => decoder.destroy(error))
  return answer.body.pipe(decoder)
}

/** The port's answer; its json() throws ResponseMalformed. */
export function responseOf(answer: Pick<Exchange, 'status' | 'headers'>, bytes: Buffer, target: Target): KubeResponse {
  const text = (): string => bytes.toString('utf8')
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    text,
    json() {
      try {
        return JSON.parse(text()) as unknown
      } catch (cause) {
        throw new SluiceError(
          'ResponseMalformed',
          `Context ${target.context}: ${target.server} answered ${answer.status} with something other than JSON`,
          {
            remedy: 'Is this the address of a Kubernetes API server? A proxy or login page may stand before it.',
            retry: 'transient',
            cause,
          },
        )
      }
    },
  }
}
