/** From paths to the builds that asked for them: what a changed file reaches. */
import { parentOf } from './tree-memo.ts'
import type { Recording } from './recording.ts'

export interface DependencyIndex {
  /** Replaces what `key` depends on. `realPathOf` follows links, so that a change is found under the name it is told by. */
  set(key: string, recording: Recording, realPathOf: (path: string) => string): void
  delete(key: string): void
  /** Keys of builds that a change of these paths (created, written, removed) may reach. */
  reachedBy(paths: readonly string[]): ReadonlySet<string>
}

export function createDependencyIndex(): DependencyIndex {
  const byPath = new Map<string, Set<string>>()
  const pathsOf = new Map<string, readonly string[]>()

  function remove(key: string): void {
    for (const path of pathsOf.get(key) ?? []) {
      const keys = byPath.get(path)
      keys?.delete(key)
      if (keys?.size === 0) byPath.delete(path)
    }
    pathsOf.delete(key)
  }
  return {
    set(key, recording, realPathOf) {
      remove(key)
      const paths = new Set<string>()
      for (const [path, asked] of recording.questions) {
        paths.add(path)
        // A list changes with its entries, which are told by their own names.
        if (asked.list !== undefined) paths.add(`${path}/`)
        const real = realPathOf(path)
        if (real === path) continue
        paths.add(real)
        if (asked.list !== undefined) paths.add(`${real}/`)
      }
      for (const path of paths) {
        const keys = byPath.get(path)
        if (keys === undefined) byPath.set(path, new Set([key]))
        else keys.add(key)
      }
      pathsOf.set(key, [...paths])
    },
    delete: remove,
    reachedBy(paths) {
      const reached = new Set<string>()
      const add = (keys: Iterable<string> | undefined): void => {
        for (const key of keys ?? []) reached.add(key)
      }
      for (const path of paths) {
        add(byPath.get(path))
        add(byPath.get(path === '/' ? '/' : `${parentOf(path)}/`))
      }
      // A folder that came, went or was renamed may be told by its own name alone.
      const prefixes = paths.filter((path) => !pathsHoldFile(path, byPath)).map((path) => `${path}/`)
      if (prefixes.length > 0)
        for (const [known, keys] of byPath) if (prefixes.some((prefix) => known.startsWith(prefix))) add(keys)
      return reached
    },
  }
}

/** A path that some build knows, with nothing known below it, needs no search below it. */
function pathsHoldFile(path: string, byPath: ReadonlyMap<string, unknown>): boolean {
  return byPath.has(path) && !byPath.has(`${path}/`) && /\.[A-Za-z0-9]+$/.test(path)
}
