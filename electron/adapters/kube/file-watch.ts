/**
 * Tells when any of some files changes: events of their folders for speed, a look at size and times every few seconds for what
 * events miss (network drives, folders that do not exist yet, links swapped further up).
 */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface FileWatch {
  /** The files from now on; those that were watched before keep their marks. */
  setFiles(paths: Iterable<string>): void
  stop(): void
}

export interface FileWatchOptions {
  /** Called after the files came to rest, once for any number of changes. */
  readonly onChange: () => void
  /** Called on each look, before the files are compared. */
  readonly onLook?: () => void
  readonly pollIntervalMs: number
  readonly debounceMs: number
}

export function watchFiles(options: FileWatchOptions): FileWatch {
  let marks = new Map<string, string | null>()
  const folders = new Map<string, FSWatcher>()
  let names = new Set<string>()
  let pending: NodeJS.Timeout | null = null
  let isLooking = false
  let isStopped = false

  const look = async (): Promise<void> => {
    if (isLooking || isStopped) return
    isLooking = true
    try {
      options.onLook?.()
      const before = marks
      let hasChanged = false
      await Promise.all(
        [...before.keys()].map(async (path) => {
          const { mark, real } = await markOf(path)
          const known = before.get(path)
          // A file that is new here may have changed since it was read: it counts as changed once.
          if (known !== mark) hasChanged = true
          if (before.has(path)) before.set(path, mark)
          watchFolder(dirname(path))
          if (real !== null && real !== path) {
            names.add(basename(real))
            watchFolder(dirname(real))
          }
        }),
      )
      if (hasChanged && !isStopped) options.onChange()
    } finally {
      isLooking = false
    }
  }
  const soon = (): void => {
    if (pending !== null || isStopped) return
    pending = setTimeout(() => {
      pending = null
      void look()
    }, options.debounceMs)
    pending.unref()
  }
  const watchFolder = (folder: string): void => {
    if (isStopped || folders.has(folder)) return
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // Folders of Kubernetes volumes swap a link named ..data.
        if (name === null || names.has(name) || name.startsWith('..')) soon()
      })
      watcher.on('error', () => {
        watcher.close()
        folders.delete(folder)
      })
      folders.set(folder, watcher)
    } catch {
      // No such folder, or no watches left: the regular look remains.
    }
  }
  const timer = setInterval(() => void look(), options.pollIntervalMs)
  timer.unref()

  return {
    setFiles(paths) {
      const wanted = new Set(paths)
      marks = new Map([...wanted].map((path) => [path, marks.get(path) ?? null]))
      names = new Set([...wanted].map((path) => basename(path)))
      const wantedFolders = new Set([...wanted].map((path) => dirname(path)))
      for (const [folder, watcher] of folders)
        if (!wantedFolders.has(folder)) {
          watcher.close()
          folders.delete(folder)
        }
      soon()
    },
    stop() {
      isStopped = true
      clearInterval(timer)
      if (pending !== null) clearTimeout(pending)
      for (const watcher of folders.values()) watcher.close()
      folders.clear()
    },
  }
}

async function markOf(path: string): Promise<{ mark: string; real: string | null }> {
  try {
    const real = await realpath(path)
    const { dev, ino, size, mtimeNs, mode } = await stat(real, { bigint: true })
    return { mark: [real, dev, ino, size, mtimeNs, mode].join('|'), real }
  } catch {
    return { mark: 'absent', real: null }
  }
}
