/**
 * Which files of a repository reach the artifact: source-controller leaves out what `.sourceignore` files and the source's `spec.ignore` say,
 * or, where there are none, its own defaults. Semantics: fluxcd/pkg sourceignore v0.18.0, `SourceIgnoreFilter` of its artifact storage (a fork of go-git's gitignore, its quirks included) and
 * source-controller's archiving, which looks at every path by itself and drops symbolic links.
 */
import type { Files } from '../kustomize/files.ts'
import { FileFault } from '../kustomize/files.ts'
import { joinPath } from '../kustomize/loader/paths.ts'
import { decodeText } from '../kustomize/yaml/parse.ts'
import { compileFileName } from './match-file-name.ts'
import type { FileNameMatcher } from './match-file-name.ts'

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
  /** One for each element. */
  readonly matchers: readonly FileNameMatcher[]
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
  const elements = text.split('/')
  return {
    domain,
    elements,
    matchers: elements.map(compileFileName),
    isInclusion,
    isDirectoryOnly,
    isPath: text.includes('/'),
  }
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
 * matched through its own elements. Files of version control are always left out; the other defaults only where nobody gave a pattern.
 */
export function createIgnoreMatcher(
  patterns: readonly IgnorePattern[],
): (path: readonly string[], isDirectory: boolean) => boolean {
  const own = patterns.length > 0 ? vcsPatterns : [...vcsPatterns, ...defaultPatterns]
  const all = own.map((line) => parseIgnorePattern(line, [])).concat(patterns)
  return (path, isDirectory) => {
    for (let i = all.length - 1; i >= 0; i--) if (matches(all[i]!, path, isDirectory)) return !all[i]!.isInclusion
    return false
  }
}

/**
 * A view of `files` as the artifact would hold them: without what is ignored and without symbolic links. `root` is a real path, `specIgnore`
 * the source's `spec.ignore`, which is read after the `.sourceignore` files. A directory that is ignored is there all the same while a later
 * pattern includes a file in it.
 */
export function artifactFiles(files: Files, root: string, specIgnore: string | null): Files {
  const isIgnored = createIgnoreMatcher([
    ...loadIgnorePatterns(files, root),
    ...(specIgnore === null ? [] : readIgnorePatterns(specIgnore, [])),
  ])
  const below = root === '/' ? '/' : `${root}/`
  const known = new Map<string, boolean>()
  const isHidden = (path: string): boolean => {
    if (!path.startsWith(below)) return false
    const found = known.get(path)
    if (found !== undefined) return found
    const hidden = isLeftOut(path)
    known.set(path, hidden)
    return hidden
  }
  const isLeftOut = (path: string): boolean => {
    const kind = files.stat(path)
    if (kind === null || files.realPath(path) !== path) return true
    const isDirectory = kind === 'directory'
    if (!isIgnored(path.slice(below.length).split('/'), isDirectory)) return false
    return !isDirectory || files.list(path).every((name) => isHidden(joinPath(path, name)))
  }
  const demandVisible = (path: string): void => {
    if (isHidden(path)) throw new FileFault('NotFound', path, `${path} is left out of the artifact`)
  }
  return {
    stat: (path) => (isHidden(path) ? null : files.stat(path)),
    read(path) {
      demandVisible(path)
      return files.read(path)
    },
    list: (path) => files.list(path).filter((name) => !isHidden(joinPath(path, name))),
    realPath(path) {
      demandVisible(path)
      return files.realPath(path)
    },
    fingerprint: (path) => files.fingerprint?.(path) ?? null,
  }
}

function matches(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const { domain } = pattern
  if (path.length <= domain.length || domain.some((element, index) => path[index] !== element)) return false
  const below = domain.length === 0 ? path : path.slice(domain.length)
  return pattern.isPath ? matchesPath(pattern, below, isDirectory) : matchesName(pattern, below, isDirectory)
}

function matchesName(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  for (let i = 0; i < path.length; i++) {
    const matched = pattern.matchers[0]!(path[i]!)
    if (matched === null) return false
    if (matched) return !(pattern.isDirectoryOnly && !isDirectory && i === path.length - 1)
  }
  return false
}

function matchesPath(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  let isMatched = false
  let canTraverse = false
  let at = 0
  const { elements, matchers } = pattern
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
      if (matchers[i]!(path[at]!) !== true) return false
      isMatched = true
      at++
      continue
    }
    canTraverse = false
    while (at < path.length) {
      const matched = matchers[i]!(path[at]!)
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
