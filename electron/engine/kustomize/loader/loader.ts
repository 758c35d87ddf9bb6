/**
 * Reads files and opens bases relative to one kustomization's directory, under kustomize's path rules: roots are relative directories that
 * exist, never an ancestor of a root already visited; with `rootOnly` files must lie in or below the root after links are followed. Nothing
 * is ever fetched: what names a remote place fails with RemoteNotFetched.
 * Semantics: kustomize api internal/loader and kyaml filesys on disk, texts included.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { FileFault } from '../files.ts'
import type { MapNode } from '../yaml/node.ts'
import { decodeText } from '../yaml/parse.ts'
import { readResourceNodes } from './read-resources.ts'
import { baseName, isAbsolutePath, isInOrBelow, joinPath, parentPath } from './paths.ts'
import type { RepoSpec } from './repo-spec.ts'
import { cloneAddress, isRemoteFile, parseRepoSpec } from './repo-spec.ts'

export interface LoadedFile {
  /** Absolute path that was read. */
  readonly path: string
  readonly bytes: Uint8Array
}

export class Loader {
  readonly root: string
  readonly context: BuildContext
  private readonly referrer: Loader | null

  constructor(root: string, context: BuildContext, referrer: Loader | null) {
    this.root = root
    this.context = context
    this.referrer = referrer
  }

  /** A loader rooted at `path`, relative to this one. Throws BuildError PathRefused, Cycle, FileNotFound or RemoteNotFetched. */
  open(path: string): Loader {
    if (path === '') throw new BuildError('PathRefused', 'new root cannot be empty')
    const repo = parseRepoSpec(path)
    if (repo !== null) throw repoNotFetched(repo)
    if (isAbsolutePath(path)) throw new BuildError('PathRefused', `new root '${path}' cannot be absolute`)
    const root = confirmDirectory(this.context, joinPath(this.root, path))
    this.refuseCycle(root)
    return new Loader(root, this.context, this)
  }

  /** No root may be or contain one that led to it. */
  private refuseCycle(root: string): void {
    if (isInOrBelow(this.root, root))
      throw new BuildError('Cycle', `cycle detected: candidate root '${root}' contains visited root '${this.root}'`)
    this.referrer?.refuseCycle(root)
  }

  /** Bytes of a file, `path` being relative to the root or absolute. */
  read(path: string): LoadedFile {
    if (isRemoteFile(path))
      throw new BuildError('RemoteNotFetched', `remote file '${path}' is not fetched: Sluice renders offline`)
    const absolute = this.allowed(isAbsolutePath(path) ? path : joinPath(this.root, path))
    try {
      return { path: absolute, bytes: this.context.files.read(absolute) }
    } catch (error) {
      throw readFault(error, absolute)
    }
  }

  /** Text of a file. Throws BuildError as `read` does, InvalidYaml for bytes that are no text. */
  readText(path: string): string {
    return decodeText(this.read(path).bytes)
  }

  /** The objects of a manifest's text, as trees that the caller may change. Throws BuildError InvalidYaml or InvalidResource. */
  readObjects(text: string): readonly MapNode[] {
    return readResourceNodes(text)
  }

  /** True if the root holds a file of that name which may be read. */
  has(name: string): boolean {
    const path = joinPath(this.root, name)
    if (this.context.files.stat(path) !== 'file') return false
    try {
      this.allowed(path)
      return true
    } catch {
      return false
    }
  }

  private allowed(path: string): string {
    if (this.context.options.loadRestrictions === 'none') return path
    const [directory, file] = resolvePath(this.context, path)
    if (file === '') throw new BuildError('FileUnreadable', `'${path}' must resolve to a file`, { file: path })
    if (!isInOrBelow(directory, this.root))
      throw new BuildError('PathRefused', `security; file '${path}' is not in or below '${this.root}'`, { file: path })
    return joinPath(directory, file)
  }
}

/** The loader of a build's target. Throws BuildError with upstream's `must build at directory`. */
export function openTarget(target: string, context: BuildContext): Loader {
  const repo = parseRepoSpec(target)
  if (repo !== null) throw repoNotFetched(repo)
  return new Loader(confirmDirectory(context, target), context, null)
}

/** An existing directory, links followed. */
function confirmDirectory(context: BuildContext, path: string): string {
  if (path === '') throw new BuildError('PathRefused', 'must build at directory: directory path cannot be empty')
  let resolved: [string, string]
  try {
    resolved = resolvePath(context, path)
  } catch (error) {
    throw error instanceof BuildError ? error.wrap('must build at directory: not a valid directory') : error
  }
  if (resolved[1] !== '')
    throw new BuildError('PathRefused', `must build at directory: '${path}': file is not directory`, { file: path })
  return resolved[0]
}

/** Directory and file name of a path, links followed; the file name is '' for a directory (kyaml's CleanedAbs). */
function resolvePath(context: BuildContext, path: string): [directory: string, file: string] {
  const { files } = context
  const absolute = isAbsolutePath(path) ? joinPath(path) : joinPath('/', path)
  let real: string
  try {
    real = files.realPath(absolute)
  } catch (error) {
    throw linkFault(error, context, path, absolute)
  }
  if (files.stat(real) === 'directory') return [real, '']
  return [parentPath(real), baseName(real)]
}

/** What Go says when a path cannot be followed: it names the first part that is missing. */
function linkFault(error: unknown, context: BuildContext, path: string, absolute: string): BuildError {
  const place = { file: absolute }
  if (!(error instanceof FileFault)) throw error
  if (error.code !== 'NotFound' && error.code !== 'NotADirectory') return faultError(error, error.message, absolute)
  let prefix = ''
  for (const part of absolute.split('/').slice(1)) {
    if (prefix !== '' && context.files.stat(prefix) === 'file')
      return new BuildError('FileNotFound', `evalsymlink failure on '${path}' : not a directory`, place)
    prefix += `/${part}`
    if (context.files.stat(prefix) === null) break
  }
  return new BuildError(
    'FileNotFound',
    `evalsymlink failure on '${path}' : lstat ${prefix}: no such file or directory`,
    place,
  )
}

function readFault(error: unknown, path: string): unknown {
  if (!(error instanceof FileFault)) return error
  if (error.code === 'NotFound') return faultError(error, `open ${path}: no such file or directory`, path)
  if (error.code === 'NotADirectory') return faultError(error, `open ${path}: not a directory`, path)
  if (error.code === 'IsADirectory') return faultError(error, `read ${path}: is a directory`, path)
  return faultError(error, error.message, path)
}

function faultError(fault: FileFault, message: string, file: string): BuildError {
  const code =
    fault.code === 'NotFound' || fault.code === 'NotADirectory'
      ? 'FileNotFound'
      : fault.code === 'OutsideRoot'
        ? 'PathRefused'
        : fault.code === 'TooLarge'
          ? 'LimitExceeded'
          : 'FileUnreadable'
  return new BuildError(code, message, { file }, fault)
}

function repoNotFetched(repo: RepoSpec): BuildError {
  const directory = repo.rootPath === '' ? '' : `, directory '${repo.rootPath}'`
  const ref = repo.ref === '' ? '' : `, ref '${repo.ref}'`
  return new BuildError(
    'RemoteNotFetched',
    `remote base '${repo.raw}' is not fetched: it is a git repository (${cloneAddress(repo)}${directory}${ref}) and Sluice renders offline`,
  )
}
