/** Writing results of builds: whole, in order, and without loading a stream where the descriptor takes it at once. */
import { writeSync } from 'node:fs'

const chunkBytes = 1 << 20

/** Resolves when all of it is written; rejects where the reader has gone (EPIPE). */
export async function writeOut(text: string): Promise<void> {
  await write(1, Buffer.from(text, 'utf8'))
}

/** Words for people. */
export async function writeError(text: string): Promise<void> {
  await write(2, Buffer.from(text.endsWith('\n') ? text : `${text}\n`, 'utf8'))
}

async function write(descriptor: 1 | 2, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(descriptor, bytes, from, Math.min(chunkBytes, bytes.length - from))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      await new Promise<void>((resolve) => setTimeout(resolve, 1))
    }
  }
}

/** JSON text over several lines, two spaces a level, as a compact text of the same value: nothing but space is added. */
export function indentJson(compact: string): string {
  const parts: string[] = []
  let depth = 0
  let from = 0
  const lineBreak = (): string => `\n${'  '.repeat(depth)}`
  for (let at = 0; at < compact.length; at++) {
    switch (compact.charCodeAt(at)) {
      case 34: // "
        for (at += 1; compact.charCodeAt(at) !== 34; at++) if (compact.charCodeAt(at) === 92) at += 1
        break
      case 123: // {
      case 91: // [
        if (compact.charCodeAt(at + 1) === compact.charCodeAt(at) + 2) {
          at += 1
          break
        }
        depth += 1
        parts.push(compact.slice(from, at + 1), lineBreak())
        from = at + 1
        break
      case 125: // }
      case 93: // ]
        depth -= 1
        parts.push(compact.slice(from, at), lineBreak())
        from = at
        break
      case 44: // ,
        parts.push(compact.slice(from, at + 1), lineBreak())
        from = at + 1
        break
      case 58: // :
        parts.push(compact.slice(from, at + 1), ' ')
        from = at + 1
        break
      default:
    }
  }
  parts.push(compact.slice(from))
  return parts.join('')
}
