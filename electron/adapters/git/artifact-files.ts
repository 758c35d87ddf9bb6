/**
 * Which files of a commit reach the artifact: what source-controller would archive after it cloned: sparse checkout, submodules, `.sourceignore`
 * files and `spec.ignore`; links and gitlinks are dropped. Source: flux-semantics §4 and go-git's checkout.
 */
import { posix } from 'node:path'
import { createIgnoreMatcher, readIgnorePatterns } from '../../engine/build/source-ignore.ts'
import type { IgnorePattern } from '../../engine/build/source-ignore.ts'
import type { TreeLimits } from '../../engine/source/artifact-port.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitModule } from './git-objects.ts'
import { parseCommit, parseModules, parseTree } from './git-objects.ts'
import type { PackStore } from './pack-store.ts'

export interface ArtifactFile {
  readonly path: string
  /** Throws beyond so many bytes. */
  read(maxBytes: number): Buffer
}

export interface Selection {
  readonly commit: string
  readonly store: PackStore
  readonly what: string
  readonly sparseCheckout: readonly string[]
  readonly ignore: string | null
  readonly limits: TreeLimits
  /** Opens the commit of a submodule; null: submodules are not wanted. */
  readonly submodule: ((url: string, commit: string, path: string) => Promise<PackStore>) | null
}

interface Found {
  readonly files: ArtifactFile[]
  readonly ignoreFiles: { readonly directory: readonly string[]; readonly file: ArtifactFile }[]
}

const maxSubmoduleDepth = 10
const maxIgnoreBytes = 1024 * 1024

/** In the order of the tree. Throws SluiceError ArtifactRefused beyond the limits, SourceNotFound for a sparse folder that is not there. */
export async function selectArtifactFiles(selection: Selection): Promise<readonly ArtifactFile[]> {
  const { store, commit, ignore, limits } = selection
  const found: Found = { files: [], ignoreFiles: [] }
  const sparse = selection.sparseCheckout.map((one) => one.replace(/^(\.\/)+/, ''))
  await walkCommit(selection, store, commit, [], '.git', found, sparse, 0)
  for (const folder of sparse)
    if (!found.files.some(({ path }) => path.startsWith(folder)))
      throw new SluiceError('SourceNotFound', `${selection.what} has no folder ${folder}`, {
        remedy: 'Check spec.sparseCheckout of the source.',
      })

  const patterns: IgnorePattern[] = []
  for (const { directory, file } of found.ignoreFiles) {
    const data = file.read(Math.min(limits.maxFileBytes, maxIgnoreBytes))
    patterns.push(...readIgnorePatterns(data.toString('utf8'), directory))
  }
  if (ignore !== null) patterns.push(...readIgnorePatterns(ignore, []))
  const isIgnored = createIgnoreMatcher(patterns)
  return found.files.filter(({ path }) => !isIgnored(path.split('/'), false))
}

async function walkCommit(
  selection: Selection,
  store: PackStore,
  commit: string,
  base: readonly string[],
  /** Where a clone would keep the repository. */
  folder: string,
  found: Found,
  sparse: readonly string[],
  depth: number,
): Promise<void> {
  const { limits, what } = selection
  const { tree } = parseCommit(commit, store.read(commit, limits.maxFileBytes).data)
  const gitlinks: { readonly path: readonly string[]; readonly oid: string }[] = []
  let modules: ArtifactFile | null = null
  const isKept = (path: string): boolean => sparse.length === 0 || sparse.some((prefix) => path.startsWith(prefix))
  // Submodules have stores of their own.
  const fileOf = (path: string, oid: string): ArtifactFile => ({
    path,
    read: (maxBytes) => store.read(oid, maxBytes).data,
  })

  const walk = (oid: string, directory: readonly string[]): void => {
    if (directory.length > limits.maxDepth)
      throw new SluiceError('ArtifactRefused', `${what} is deeper than ${limits.maxDepth} folders`)
    const entries = parseTree(store.read(oid, limits.maxFileBytes).data)
    const own = entries.find(({ name, kind }) => name === '.sourceignore' && kind === 'file')
    if (own !== undefined && isKept([...directory, own.name].join('/')))
      found.ignoreFiles.push({ directory, file: fileOf(own.name, own.oid) })
    for (const { name, kind, oid: child } of entries) {
      const path = [...directory, name]
      const text = path.join('/')
      if (kind === 'directory') walk(child, path)
      else if (kind === 'submodule') gitlinks.push({ path, oid: child })
      else if (kind === 'file') {
        if (directory.length === base.length && name === '.gitmodules') modules = fileOf(text, child)
        if (!isKept(text)) continue
        found.files.push(fileOf(text, child))
        if (found.files.length > limits.maxFiles * 2)
          throw new SluiceError('ArtifactRefused', `${what} holds more than ${limits.maxFiles} files`, {
            remedy: 'Use spec.ignore or spec.sparseCheckout of the source to take less.',
          })
      }
    }
  }
  walk(tree, base)

  if (selection.submodule === null || gitlinks.length === 0) return
  if (depth >= maxSubmoduleDepth) throw new SluiceError('ArtifactRefused', `${what} nests submodules too deeply`)
  const file = modules as ArtifactFile | null
  const known = file === null ? new Map<string, GitModule>() : parseModules(file.read(maxIgnoreBytes).toString('utf8'))
  for (const { path, oid } of gitlinks) {
    const { name, url } = known.get(path.slice(base.length).join('/')) ?? {}
    if (name === undefined || url === undefined) continue
    const text = path.join('/')
    const own = `${folder}/modules/${name}`
    if (isKept(`${text}/.git`)) found.files.push(pointerTo(own, text))
    const other = await selection.submodule(url, oid, text)
    await walkCommit(selection, other, oid, path, own, found, sparse, depth + 1)
  }
}

/** The file in the place of a checkout's `.git` that says where its repository is: it is no folder, so no default rule leaves it out. */
function pointerTo(folder: string, checkout: string): ArtifactFile {
  const data = Buffer.from(`gitdir: ${posix.relative(checkout, folder)}\n`)
  return { path: `${checkout}/.git`, read: () => data }
}
