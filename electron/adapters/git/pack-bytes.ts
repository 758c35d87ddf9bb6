/** A pack file's bytes: held whole where it is small, read as they are asked for where it is not. Synchronous: for workers. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'

export interface PackBytes {
  readonly size: number
  /** `length` bytes from `offset`, fewer where the file ends. More than `length` where they are at hand. */
  from(offset: number, length: number): Buffer
  close(): void
}

const maxWholeBytes = 32 * 1024 * 1024

/** `windowBytes`: what is read at a time of a large file: much for whoever goes through it, little for whoever looks things up. */
export function openPackBytes(file: string, windowBytes: number): PackBytes {
  const fd = openSync(file, 'r')
  let isOpen = true
  let size = 0
  try {
    size = fstatSync(fd).size
  } catch (error) {
    closeSync(fd)
    throw error
  }
  let whole: Buffer | null = null
  /** What was read last: objects that lie side by side are read one after another. */
  let seen = { offset: 0, bytes: Buffer.alloc(0) as Buffer }

  function readWindow(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(Math.max(length, windowBytes), size - offset)))
    let filled = 0
    while (filled < buffer.length) {
      const count = readSync(fd, buffer, filled, buffer.length - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    seen = { offset, bytes: buffer.subarray(0, filled) }
    return seen.bytes
  }

  return {
    size,
    from(offset, length) {
      if (size <= maxWholeBytes) return (whole ??= readFileSync(fd)).subarray(offset)
      const start = offset - seen.offset
      if (start >= 0 && start + Math.min(length, size - offset) <= seen.bytes.length && start < seen.bytes.length)
        return seen.bytes.subarray(start)
      return readWindow(offset, length)
    },
    close() {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
