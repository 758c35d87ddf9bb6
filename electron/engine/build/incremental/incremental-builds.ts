/**
 * Builds that are done again only when something that they read has changed. A result is kept with the questions that its build asked of
 * the tree; it holds for as long as the tree would give the same answers, whatever happened to files in between (a change that is undone
 * finds the old result again).
 */
import type { Files } from '../../kustomize/files.ts'
import { createDependencyIndex } from './dependency-index.ts'
import type { Recording } from './recording.ts'
import { bytesOfRecording, createRecorder, isStillTrue } from './recording.ts'
import { createResultStore } from './result-store.ts'
import type { TreeMemo } from './tree-memo.ts'

export interface BuildSources {
  readonly files: Files
  /** Notes a value from outside the tree; it must be one that `textOfValue` tells. */
  readonly noteValue: (name: string, text: string) => void
}

export interface IncrementalBuilds<T> {
  /**
   * The result of `build` for `key`, which must name everything that the build depends on besides the tree and noted values. Exceptions
   * pass through and are not kept.
   */
  get(key: string, build: (sources: BuildSources) => T): { readonly result: T; readonly isReused: boolean }
  /**
   * Files that changed on disk; null: find out by looking at everything that builds have read. Gives the keys whose kept results are in
   * doubt.
   */
  changed(paths: readonly string[] | null): readonly string[]
  /** Forgets one key's results. */
  forget(key: string): void
}

export interface IncrementalOptions<T> {
  readonly memo: TreeMemo
  /** Kept results and recordings together. */
  readonly maxBytes: number
  readonly bytesOf: (result: T) => number
  /** Values from outside the tree as they are now. */
  readonly textOfValue?: (name: string) => string
}

interface Version<T> {
  readonly recording: Recording
  readonly result: T
}

interface Entry<T> {
  /** Newest first. */
  readonly versions: readonly Version<T>[]
  /** The first version holds as long as nothing it read is said to have changed. */
  isSure: boolean
}

/** Results of one key for different contents of its files. */
const keptVersions = 4

export function createIncrementalBuilds<T>(options: IncrementalOptions<T>): IncrementalBuilds<T> {
  const { memo, maxBytes, bytesOf, textOfValue = () => '' } = options
  const index = createDependencyIndex()
  const store = createResultStore<Entry<T>>(maxBytes, (key) => index.delete(key))

  function keep(key: string, versions: readonly Version<T>[]): void {
    const bytes = versions.reduce(
      (sum, { recording, result }) => sum + bytesOf(result) + bytesOfRecording(recording),
      0,
    )
    const [first] = versions
    if (first !== undefined) index.set(key, first.recording, (path) => memo.followed(path))
    store.set(key, { versions, isSure: true }, bytes)
  }

  return {
    get(key, build) {
      const entry = store.get(key)
      const [newest] = entry?.versions ?? []
      if (entry?.isSure === true && newest !== undefined && areValuesTrue(newest.recording, textOfValue))
        return { result: newest.result, isReused: true }
      const found = entry?.versions.find(({ recording }) => isStillTrue(recording, memo, textOfValue))
      const others = entry?.versions.filter((version) => version !== found) ?? []
      if (found !== undefined) {
        keep(key, [found, ...others])
        return { result: found.result, isReused: true }
      }
      const recorder = createRecorder(memo)
      const result = build({ files: recorder.files, noteValue: recorder.noteValue })
      keep(key, [{ recording: recorder.finish(), result }, ...others.slice(0, keptVersions - 1)])
      return { result, isReused: false }
    },
    changed(paths) {
      const changed = paths === null ? memo.refresh() : memo.forget(paths)
      const reached = [...index.reachedBy(changed)]
      for (const key of reached) {
        const entry = store.get(key)
        if (entry !== undefined) entry.isSure = false
      }
      return reached
    },
    forget(key) {
      store.delete(key)
      index.delete(key)
    },
  }
}

function areValuesTrue(recording: Recording, textOfValue: (name: string) => string): boolean {
  for (const [name, text] of recording.values) if (textOfValue(name) !== text) return false
  return true
}
