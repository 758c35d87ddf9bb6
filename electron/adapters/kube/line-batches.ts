/** A newline-delimited body as batches of lines, as they arrive. */
import type { Readable } from 'node:stream'

const newline = 0x0a

export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

export interface LineSource {
  readonly body: Readable
  /** Asked once the body is closed: true when the server did not finish it. What came after the last newline is dropped then. */
  isCut(): boolean
  onChunk(): void
}

/**
 * Yields the complete lines of each chunk together, without their newline; a last line without one is yielded when the body ends.
 * Reads no faster than the consumer takes; returns true when the body was cut. Throws LineTooLong beyond `maxLineBytes`, and what the body throws.
 */
export async function* readLineBatches(
  source: LineSource,
  maxLineBytes: number,
): AsyncGenerator<readonly string[], boolean, undefined> {
  const { body } = source
  let parts: Buffer[] = []
  let partBytes = 0
  for await (const piece of body) {
    const chunk = piece as Buffer
    source.onChunk()
    const last = chunk.lastIndexOf(newline)
    const first = partBytes === 0 || last < 0 ? last : chunk.indexOf(newline)
    if (partBytes + (first < 0 ? chunk.length : first) > maxLineBytes) throw new LineTooLong('line too long')
    if (last < 0) {
      parts.push(chunk)
      partBytes += chunk.length
      continue
    }
    // Cut at newlines only, so that no character is split between two decodings.
    const whole = parts.length === 0 ? chunk.subarray(0, last) : Buffer.concat([...parts, chunk.subarray(0, last)])
    parts = []
    partBytes = chunk.length - last - 1
    if (partBytes > 0) parts.push(chunk.subarray(last + 1))
    yield whole.toString('utf8').split('\n')
  }
  if (!body.closed) await new Promise((resolve) => body.once('close', resolve))
  if (source.isCut()) return true
  if (partBytes > 0) yield [Buffer.concat(parts).toString('utf8')]
  return false
}
