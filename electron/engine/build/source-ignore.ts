/**
 * Which files of a repository reach the artifact: source-controller leaves out what `.sourceignore` files and the source's `spec.ignore` say,
 * on top of its own defaults. Semantics: fluxcd/pkg sourceignore v0.18.0 (a fork of go-git's gitignore, its quirks included) and
 * source-controller's archiving, which also drops symbolic links that are no regular files.
 */
import type { Files } from '../kustomize/files.ts'
import { joinPath } from '../kustomize/loader/paths.ts'
import { decodeText } from '../kustomize/yaml/parse.ts'
import { matchFileName } from './match-file-name.ts'

const ignoreFileName = '.sourceignore'
const vcsPatterns = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']
const defaultPatterns = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml', 'cloudbuild.yaml'],
  ...['codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
]

export interface IgnorePattern {
  /** Directory that the pattern is relative to, as path elements below the root. */
  readonly domain: readonly string[]
  readonly elements: readonly string[]
  readonly isInclusion: boolean
  readonly isDirectoryOnly: boolean
  /** It holds a `/`, so it is matched from its domain on. */
  readonly isPath: boolean
}

/** Parses one line of an ignore file. */
export function parseIgnorePattern(line: string, domain: readonly string[]): IgnorePattern {
  let text = line
  const isInclusion = text.startsWith('!')
  if (isInclusion) text = text.slice(1)
  if (!text.endsWith('\\ ')) text = text.replace(/ +$/, '')
  const isDirectoryOnly = text.endsWith('/')
  if (isDirectoryOnly) text = text.slice(0, -1)
  return { domain, elements: text.split('/'), isInclusion, isDirectoryOnly, isPath: text.includes('/') }
}

/** Patterns of an ignore file's text or of `spec.ignore`; comments and blank lines are left out. */
export function readIgnorePatterns(text: string, domain: readonly string[]): readonly IgnorePattern[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parseIgnorePattern(line, domain))
}

/** Patterns of every `.sourceignore` below `root`, outer ones first. */
export function loadIgnorePatterns(files: Files, root: string): readonly IgnorePattern[] {
  const patterns: IgnorePattern[] = []
  const visit = (directory: string, domain: readonly string[]): void => {
    const path = joinPath(directory, ignoreFileName)
    if (files.stat(path) === 'file') patterns.push(...readIgnorePatterns(decodeText(files.read(path)), domain))
    for (const name of files.list(directory)) {
      const child = joinPath(directory, name)
      if (name === '.git' || files.stat(child) !== 'directory' || files.realPath(child) !== child) continue
      visit(child, [...domain, name])
    }
  }
  visit(root, [])
  return patterns
}

/**
 * True for a path (elements below the root) that is left out. The last pattern that matches decides; a path in an ignored directory is
 * matched through its own elements.
 */
export function createIgnoreMatcher(
  patterns: readonly IgnorePattern[],
): (path: readonly string[], isDirectory: boolean) => boolean {
  const all = [...vcsPatterns, ...defaultPatterns].map((line) => parseIgnorePattern(line, [])).concat(patterns)
  return (path, isDirectory) => {
    for (let i = all.length - 1; i >= 0; i--) if (matches(all[i]!, path, isDirectory)) return !all[i]!.isInclusion
    return false
  }
}

/**
 * A view of `files` without what the artifact would leave out. `specIgnore` is the source's `spec.ignore`: where it is given,
 * source-controller reads it after the `.sourceignore` files, in place of its own defaults for them.
 */
export function ignoringFiles(files: Files, root: string, specIgnore: string | null): Files {
  const isIgnored = createIgnoreMatcher([
    ...loadIgnorePatterns(files, root),
    ...(specIgnore === null ? [] : readIgnorePatterns(specIgnore, [])),
  ])
  const known = new Map<string, boolean>()
  /** Archiving walks the tree: what lies in a directory left out is never looked at. */
  const isHidden = (path: string): boolean => {
    if (path === root || !path.startsWith(root === '/' ? '/' : `${root}/`)) return false
    const found = known.get(path)
    if (found !== undefined) return found
    const elements = path.slice(root === '/' ? 1 : root.length + 1).split('/')
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    const hidden = isHidden(parent) || isIgnored(elements, files.stat(path) === 'directory')
    known.set(path, hidden)
    return hidden
  }
  const absent = (path: string): string => `${path} is left out of the artifact`
  return {
    stat: (path) => (isHidden(path) ? null : files.stat(path)),
    read: (path) => files.read(isHidden(path) ? joinPath(path, absent('')) : path),
    list: (path) => files.list(path).filter((name) => !isHidden(joinPath(path, name))),
    realPath: (path) => files.realPath(isHidden(path) ? joinPath(path, absent('')) : path),
    ...(files.fingerprint === undefined ? {} : { fingerprint: (path: string) => files.fingerprint?.(path) ?? null }),
  }
}

function matches(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const { domain } = pattern
  if (path.length <= domain.length || domain.some((element, index) => path[index] !== element)) return false
  const below = path.slice(domain.length)
  return pattern.isPath ? matchesPath(pattern, below, isDirectory) : matchesName(pattern, below, isDirectory)
}

function matchesName(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  for (let i = 0; i < path.length; i++) {
    const matched = matchFileName(pattern.elements[0]!, path[i]!)
    if (matched === null) return false
    if (matched) return !(pattern.isDirectoryOnly && !isDirectory && i === path.length - 1)
  }
  return false
}

function matchesPath(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  let isMatched = false
  let canTraverse = false
  let at = 0
  const { elements } = pattern
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!
    if (element === '') {
      canTraverse = false
      continue
    }
    if (element === '**') {
      if (i === elements.length - 1) break
      canTraverse = true
      continue
    }
    if (element.includes('**') || at >= path.length) return false
    if (!canTraverse) {
      if (matchFileName(element, path[at]!) !== true) return false
      isMatched = true
      at++
      continue
    }
    canTraverse = false
    while (at < path.length) {
      const matched = matchFileName(element, path[at]!)
      at++
      if (matched === null) return false
      if (matched) {
        isMatched = true
        break
      }
      if (at === path.length) isMatched = false
    }
  }
  return isMatched && !(pattern.isDirectoryOnly && !isDirectory && at === path.length)
}
