/**
 * The tree that a build reads, through one narrow synchronous port: builds run in a worker, where waiting costs nobody anything.
 * Paths are absolute, with forward slashes, inside whatever world the implementation shows (a folder, an artifact, an object in memory).
 */
export interface Files {
  /** 'file' or 'directory' after following symbolic links; null where nothing is, or a link leads nowhere. */
  stat(path: string): 'file' | 'directory' | null
  /** The file's bytes. Throws FileFault. */
  read(path: string): Uint8Array
  /** Names in a directory, in byte order. Throws FileFault. */
  list(path: string): readonly string[]
  /** The path with every symbolic link followed. Throws FileFault. */
  realPath(path: string): string
  /** A text that changes when the file's bytes change (a content hash, or size and time), so that parsed files can be shared; null if unknown. */
  fingerprint?(path: string): string | null
}

export type FileFaultCode = 'NotFound' | 'NotADirectory' | 'IsADirectory' | 'Denied' | 'OutsideRoot' | 'TooLarge' | 'Io'

export class FileFault extends Error {
  override readonly name = 'FileFault'
  readonly code: FileFaultCode
  readonly path: string

  constructor(code: FileFaultCode, path: string, message: string) {
    super(message)
    this.code = code
    this.path = path
  }
}
