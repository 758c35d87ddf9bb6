/**
 * build/incremental: what lets a changed file rebuild only what it reaches. This file owns what is remembered of a tree between builds:
 * every answer that the Files port gave, asked once; it knows nothing of kustomize. Answers have a short text each (the content's hash for
 * a file read), by which recordings are compared later.
 */
import type { Files } from '../../kustomize/files.ts'
import { FileFault } from '../../kustomize/files.ts'

/** What a build asked of a path. */
export type Question = 'stat' | 'read' | 'list' | 'real'

export interface TreeMemo extends Files {
  /** The answer's text to a question, asked again only if it is not remembered. */
  answer(question: Question, path: string): string
  /** Where a path leads with every link followed; for one that is not there, where it would be. */
  followed(path: string): string
  /**
   * Forgets these paths and everything below them, and what lists them. Gives them with the folders above them that came or went, which
   * nobody may have told. Where links are about, one change may show under several names: then everything is looked at as by `refresh`.
   */
  forget(paths: readonly string[]): readonly string[]
  /** Looks at every remembered path on disk; forgets and gives those whose answers may be others now. */
  refresh(): readonly string[]
}

interface Entry {
  stat?: 'file' | 'directory' | null
  read?: Kept<Uint8Array>
  list?: Kept<readonly string[]>
  real?: Kept<string>
  /** As the tree gave it when the bytes or names were read; null: they are read again to be compared. */
  fingerprint: string | null
}

interface Kept<T> {
  readonly value: T | FileFault
  readonly text: string
}

/** `contentKey` gives texts that are equal for equal bytes alone. */
export function createTreeMemo(files: Files, contentKey: (bytes: Uint8Array) => string): TreeMemo {
  const entries = new Map<string, Entry>()
  let hasLinks = false
  /**
   * Fingerprints of folders, taken before anything in them was asked for: while a folder's stays, nothing in it came, went or was
   * replaced, and only the bytes of its files may differ.
   */
  const folders = new Map<string, string | null>()

  function entryOf(path: string): Entry {
    let entry = entries.get(path)
    if (entry === undefined) {
      const folder = parentOf(path)
      if (!folders.has(folder)) folders.set(folder, files.fingerprint?.(folder) ?? null)
      entry = { fingerprint: null }
      entries.set(path, entry)
    }
    return entry
  }
  function statOf(path: string): 'file' | 'directory' | null {
    const entry = entryOf(path)
    if (entry.stat === undefined) entry.stat = files.stat(path)
    return entry.stat
  }
  function readOf(path: string): Kept<Uint8Array> {
    const entry = entryOf(path)
    if (entry.read === undefined) {
      // Taken before the bytes: a change in between shows as one.
      entry.fingerprint = files.fingerprint?.(path) ?? null
      entry.read = keep(
        () => files.read(path),
        (bytes) => `=${contentKey(bytes)}`,
      )
    }
    return entry.read
  }
  function listOf(path: string): Kept<readonly string[]> {
    const entry = entryOf(path)
    if (entry.list === undefined) {
      entry.fingerprint = files.fingerprint?.(path) ?? null
      entry.list = keep(
        () => files.list(path),
        (names) => `=${names.join('/')}`,
      )
    }
    return entry.list
  }
  function realOf(path: string): Kept<string> {
    const entry = entryOf(path)
    entry.real ??= keep(
      () => files.realPath(path),
      (real) => (real === path ? '=' : `=${real}`),
    )
    return entry.real
  }
  function isAsRemembered(path: string, entry: Entry, isInPlace: boolean): boolean {
    if (!isInPlace) {
      if (entry.stat !== undefined && files.stat(path) !== entry.stat) return false
      if (entry.real !== undefined) {
        const now = keep(
          () => files.realPath(path),
          (real) => (real === path ? '=' : `=${real}`),
        )
        if (now.text !== entry.real.text) return false
      }
    } else if (entry.stat === null) return true
    if (entry.read === undefined && entry.list === undefined) return true
    const fingerprint = files.fingerprint?.(path) ?? null
    if (fingerprint !== null && fingerprint === entry.fingerprint) return true
    const before: Entry = { ...entry }
    delete entry.read
    delete entry.list
    const isSame =
      (before.read === undefined || readOf(path).text === before.read.text) &&
      (before.list === undefined || listOf(path).text === before.list.text)
    return isSame
  }

  function followed(path: string): string {
    const own = statOf(path) === null ? null : realOf(path).value
    const parent = path === '/' ? path : realOf(parentOf(path)).value
    const name = path.slice(path.lastIndexOf('/') + 1)
    const real =
      typeof own === 'string' ? own : typeof parent === 'string' ? `${parent === '/' ? '' : parent}/${name}` : path
    // A link that leads nowhere is one too: its target may come.
    if (real !== path || (own === null && typeof parent === 'string' && isListed(parent, name))) hasLinks = true
    return real
  }
  function isListed(folder: string, name: string): boolean {
    const { value } = listOf(folder)
    return !(value instanceof FileFault) && value.includes(name)
  }
  function changedAbove(path: string): string[] {
    const changed: string[] = []
    for (let above = parentOf(path); above !== '/'; above = parentOf(above)) {
      const entry = entries.get(above)
      const now = files.stat(above)
      // Whatever was answered, it told whether something is there.
      const wasThere = isThere(entry)
      const listing = entries.get(parentOf(above))?.list
      const isListedOtherwise =
        listing !== undefined && isListed(parentOf(above), above.slice(above.lastIndexOf('/') + 1)) !== (now !== null)
      if (isListedOtherwise || (wasThere !== null && wasThere !== (now !== null)) || (entry?.stat ?? now) !== now)
        changed.push(above)
      else if (entry?.stat !== undefined) break
    }
    return changed
  }
  function forgetList(path: string): void {
    const listing = entries.get(path)
    if (listing !== undefined) delete listing.list
  }
  function refresh(): readonly string[] {
    const changed: string[] = []
    const inPlace = new Map<string, boolean>()
    for (const [folder, before] of folders) {
      const now = files.fingerprint?.(folder) ?? null
      // A link's target may change where no folder of ours shows it.
      inPlace.set(folder, !hasLinks && now !== null && now === before)
      folders.set(folder, now)
    }
    for (const [path, entry] of entries) {
      if (isAsRemembered(path, entry, inPlace.get(parentOf(path)) === true)) continue
      changed.push(path)
      entries.delete(path)
    }
    return changed
  }
  function forgetOne(path: string): void {
    const own = entries.get(path)
    entries.delete(path)
    forgetList(parentOf(path))
    // What was a file and still is one has nothing below it; anything else may have been a folder or a link to one.
    if (own?.stat === 'file' && files.stat(path) === 'file') return
    const below = `${path}/`
    for (const known of entries.keys()) if (known.startsWith(below)) entries.delete(known)
  }

  return {
    stat: statOf,
    read: (path) => give(readOf(path)),
    list: (path) => give(listOf(path)),
    realPath: (path) => give(realOf(path)),
    fingerprint: (path) => readOf(path).text,
    answer(question, path) {
      switch (question) {
        case 'stat':
          return statOf(path) ?? ''
        case 'read':
          return readOf(path).text
        case 'list':
          return listOf(path).text
        case 'real':
          return realOf(path).text
      }
    },
    followed,
    forget(told) {
      if (hasLinks) return [...new Set([...told, ...refresh()])]
      const paths = [...told, ...told.flatMap(changedAbove)]
      for (const path of paths) forgetOne(path)
      return paths
    },
    refresh,
  }
}
/** Null where nothing was asked that would tell. */
function isThere(entry: Entry | undefined): boolean | null {
  if (entry?.stat !== undefined) return entry.stat !== null
  const kept = entry?.real ?? entry?.list ?? entry?.read
  return kept === undefined ? null : !(kept.value instanceof FileFault)
}

/** The folder that holds a path; '/' for the root itself. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/')
  return cut <= 0 ? '/' : path.slice(0, cut)
}

function keep<T>(ask: () => T, textOf: (value: T) => string): Kept<T> {
  try {
    const value = ask()
    return { value, text: textOf(value) }
  } catch (error) {
    if (error instanceof FileFault) return { value: error, text: `!${error.code}` }
    throw error
  }
}

function give<T>(kept: Kept<T>): T {
  if (kept.value instanceof FileFault) throw kept.value
  return kept.value
}
