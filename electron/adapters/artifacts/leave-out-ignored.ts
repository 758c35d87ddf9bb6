/** Which of a tree's files source-controller would archive: `.sourceignore` files and `spec.ignore` applied to a list of paths. */
import { createIgnoreMatcher, readIgnorePatterns } from '../../engine/build/source-ignore.ts'
import type { IgnorePattern } from '../../engine/build/source-ignore.ts'

const ignoreFile = '.sourceignore'

/** `paths` are those of files, relative to the root; `readText` reads one of them. */
export function leaveOutIgnored(
  paths: Iterable<string>,
  readText: (path: string) => string,
  ignore: string | null,
): readonly string[] {
  const all = [...paths]
  const patterns: IgnorePattern[] = all
    .filter((path) => path === ignoreFile || path.endsWith(`/${ignoreFile}`))
    // Outer ones first: an inner file has the last word.
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
    .flatMap((path) => readIgnorePatterns(readText(path), path.split('/').slice(0, -1)))
  if (ignore !== null) patterns.push(...readIgnorePatterns(ignore, []))
  const isIgnored = createIgnoreMatcher(patterns)
  return all.filter((path) => !isIgnored(path.split('/'), false))
}
