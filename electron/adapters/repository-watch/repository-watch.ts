/**
 * Tells what changes in a folder and all below it, a burst at a time. Owns the system's watchers; knows nothing of manifests. macOS and
 * Windows watch trees themselves; Linux watches one directory at a time, so directories are added as they appear. Symbolic links are not
 * followed: what they lead to inside the folder is seen there, and nothing outside is looked at.
 */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'

export interface TreeWatchOptions {
  /** Changed paths, relative with forward slashes; null where anything may have changed. */
  readonly onChange: (paths: readonly string[] | null) => void
  /** Told once: from now on nothing is seen. */
  readonly onFault: (message: string) => void
  readonly debounceMs?: number
  readonly maxWaitMs?: number
}

/** A save is several events within a few milliseconds. */
const debounceMs = 40
/** A checkout goes on for seconds: what has changed so far is told meanwhile. */
const maxWaitMs = 300
/** Beyond this it is quicker to look at everything. */
const maxPaths = 500
/** Directories whose content no build reads. */
const ignored: ReadonlySet<string> = new Set(['.git', 'node_modules'])
const isNative = process.platform === 'darwin' || process.platform === 'win32'

/** Watches until the result is called. */
export function watchTree(root: string, options: TreeWatchOptions): () => void {
  const watchers = new Map<string, FSWatcher>()
  let paths = new Set<string>()
  let isEverything = false
  let quiet: NodeJS.Timeout | null = null
  let latest: NodeJS.Timeout | null = null
  let isStopped = false

  function stop(): void {
    isStopped = true
    if (quiet !== null) clearTimeout(quiet)
    if (latest !== null) clearTimeout(latest)
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  function fail(error: unknown): void {
    if (isStopped) return
    stop()
    const code = (error as NodeJS.ErrnoException | null)?.code
    options.onFault(
      code === 'ENOSPC' || code === 'EMFILE'
        ? 'The system watches no more directories (inotify limit): read the folder again to see changes'
        : `Changes cannot be watched: ${error instanceof Error ? error.message : String(error)}`,
    )
  }

  function note(path: string | null): void {
    if (isStopped) return
    if (path === null) isEverything = true
    else paths.add(path)
    if (paths.size > maxPaths) isEverything = true
    if (quiet !== null) clearTimeout(quiet)
    quiet = setTimeout(tell, options.debounceMs ?? debounceMs)
    latest ??= setTimeout(tell, options.maxWaitMs ?? maxWaitMs)
  }

  function tell(): void {
    if (quiet !== null) clearTimeout(quiet)
    if (latest !== null) clearTimeout(latest)
    quiet = null
    latest = null
    const told = isEverything ? null : [...paths]
    paths = new Set()
    isEverything = false
    options.onChange(told)
  }

  function onEvent(directory: string, name: string | null): void {
    if (isStopped) return
    if (name === null) return note(null)
    const path = slashed(directory === '' ? name : `${directory}${sep}${name}`)
    if (path.split('/').some((part) => ignored.has(part))) return
    if (isNative) return note(path)
    if (watchers.has(path)) {
      // A directory that is gone, or another under its name: everything below it has changed.
      forget(path)
      note(null)
      void addTree(path)
      return
    }
    note(path)
    void lstat(join(root, path)).then(
      (stats) => {
        if (!stats.isDirectory() || isStopped) return
        note(null)
        return addTree(path)
      },
      // Removed again: it was told.
      () => undefined,
    )
  }

  function forget(directory: string): void {
    for (const [path, watcher] of watchers)
      if (path === directory || path.startsWith(`${directory}/`)) {
        watcher.close()
        watchers.delete(path)
      }
  }

  async function addTree(directory: string): Promise<void> {
    if (isStopped || watchers.has(directory)) return
    try {
      const watcher = watch(join(root, directory), { persistent: false }, (_event, name) => onEvent(directory, name))
      watcher.on('error', () => {
        watcher.close()
        if (watchers.get(directory) === watcher) watchers.delete(directory)
        note(null)
      })
      watchers.set(directory, watcher)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOSPC' || code === 'EMFILE' || directory === '') fail(error)
      return
    }
    const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => [])
    for (const entry of entries)
      if (entry.isDirectory() && !ignored.has(entry.name))
        await addTree(directory === '' ? entry.name : `${directory}/${entry.name}`)
  }

  if (isNative)
    try {
      const watcher = watch(root, { persistent: false, recursive: true }, (_event, name) => onEvent('', name))
      watcher.on('error', fail)
      watchers.set('', watcher)
    } catch (error) {
      queueMicrotask(() => fail(error))
    }
  else void addTree('')
  return stop
}

function slashed(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/')
}
