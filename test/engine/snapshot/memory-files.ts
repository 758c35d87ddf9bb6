/** Snapshot files in memory, whole or not at all like those on disk. */
import type { SnapshotFiles } from '../../../electron/engine/snapshot/snapshot-port.ts'

export interface MemoryFile {
  bytes: Uint8Array
  at: number
}

export class MemoryFiles implements SnapshotFiles {
  readonly files = new Map<string, MemoryFile>()
  readonly aside: string[] = []
  /** Largest single append: what was held at once. */
  largest = 0
  /** Throws at the n-th append from now. */
  failIn = Infinity

  open(cluster: string, name: string): ReturnType<SnapshotFiles['open']> {
    const file = this.files.get(`${cluster}/${name}`)
    if (file === undefined) return Promise.resolve(null)
    const { bytes, at } = file
    return Promise.resolve({
      size: bytes.length,
      at,
      read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
      close: () => Promise.resolve(),
    })
  }

  create(cluster: string, name: string): ReturnType<SnapshotFiles['create']> {
    const parts: Uint8Array[] = []
    return Promise.resolve({
      append: (bytes) => {
        this.failIn -= 1
        if (this.failIn <= 0) return Promise.reject(new Error('ENOSPC'))
        this.largest = Math.max(this.largest, bytes.length)
        parts.push(bytes.slice())
        return Promise.resolve()
      },
      commit: (at) => {
        this.files.set(`${cluster}/${name}`, { bytes: new Uint8Array(Buffer.concat(parts)), at })
        return Promise.resolve()
      },
      abort: () => Promise.resolve(),
    })
  }

  touch(cluster: string, name: string, at: number): Promise<void> {
    const file = this.files.get(`${cluster}/${name}`)
    if (file !== undefined) file.at = at
    return Promise.resolve()
  }

  setAside(cluster: string, name: string): Promise<string> {
    const path = `${cluster}/${name}`
    this.files.delete(path)
    this.aside.push(path)
    return Promise.resolve(`${path}.damaged`)
  }

  remove(cluster: string | null): Promise<void> {
    for (const path of this.files.keys())
      if (cluster === null || path.startsWith(`${cluster}/`)) this.files.delete(path)
    return Promise.resolve()
  }

  /** The only file. */
  get one(): MemoryFile {
    const [file] = this.files.values()
    if (file === undefined) throw new Error('No file was written')
    return file
  }
}
