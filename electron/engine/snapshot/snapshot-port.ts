/** Files that hold what was last seen of clusters: written piece by piece, read from anywhere. Names are `[a-z0-9-]`, never from outside. */
export interface SnapshotFiles {
  /** null: there is none. */
  open(cluster: string, name: string): Promise<SnapshotReader | null>
  /** Nothing is seen of it before `commit`. */
  create(cluster: string, name: string): Promise<SnapshotWriter>
  /** What the file holds is still so at `at`, ms since the epoch. */
  touch(cluster: string, name: string, at: number): Promise<void>
  /** Puts a damaged file out of the way; answers the path that it has now. */
  setAside(cluster: string, name: string): Promise<string>
  /** Everything of one cluster, or of all. */
  remove(cluster: string | null): Promise<void>
}

export interface SnapshotReader {
  readonly size: number
  /** As `commit` or `touch` said last, ms since the epoch. */
  readonly at: number
  /** Fewer bytes than asked for where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

export interface SnapshotWriter {
  append(bytes: Uint8Array): Promise<void>
  /** On disk, in place of what was there: a crash at any time leaves the old file or the new one, whole. */
  commit(at: number): Promise<void>
  abort(): Promise<void>
}
