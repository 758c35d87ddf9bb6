/**
 * A mapped folder as an artifact: what source-controller would archive of it, read once and kept, so that a render sees one state of it.
 * SECURITY: item 11: links are not followed and not kept; nothing outside of the folder is read; the limits of archives hold.
 */
import { hash } from 'node:crypto'
import { constants } from 'node:fs'
import type { Dirent } from 'node:fs'
import { lstat, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createIgnoreMatcher, readIgnorePatterns } from '../../engine/build/source-ignore.ts'
import type { IgnorePattern } from '../../engine/build/source-ignore.ts'
import type { TreeLimits } from '../../engine/source/artifact-port.ts'
import { leaveOutIgnored } from './leave-out-ignored.ts'
import { TreeRefused } from './tree-writer.ts'
import type { TreeWriter } from './tree-writer.ts'

export interface FolderScan {
  readonly root: string
  /** Relative paths of what belongs to the artifact. */
  readonly paths: readonly string[]
  /** Changes when a file does. */
  readonly state: string
}

/** A file as young as this may change again without its time changing. */
const settledAfterMs = 100
const maxIgnoreBytes = 1024 * 1024
const atOnce = 32

/** Names and times only, but for the ignore files. Throws TreeRefused beyond the limits, else what the disk says. */
export async function scanFolder(
  root: string,
  ignore: string | null,
  limits: TreeLimits,
  signal: AbortSignal,
): Promise<FolderScan> {
  const found: string[] = []
  await walk(root, '', [], found, limits, signal)
  const ignoreTexts = new Map<string, string>()
  for (const path of found)
    if (path === '.sourceignore' || path.endsWith('/.sourceignore'))
      ignoreTexts.set(path, await readIgnoreFile(join(root, path)))
  const paths = [...leaveOutIgnored(found, (path) => ignoreTexts.get(path) ?? '', ignore)].sort()
  const lines: string[] = []
  for (let at = 0; at < paths.length; at += atOnce) {
    signal.throwIfAborted()
    lines.push(...(await Promise.all(paths.slice(at, at + atOnce).map((path) => stateOf(root, path)))))
  }
  return { root, paths, state: hash('sha256', [ignore ?? '', ...lines].join('\0')) }
}

/** Adds the files as they are now; one that has gone since is left out. */
export async function storeScan(scan: FolderScan, signal: AbortSignal, writer: TreeWriter): Promise<void> {
  for (const path of scan.paths) {
    signal.throwIfAborted()
    const bytes = await readPlain(join(scan.root, path))
    if (bytes !== null) writer.addFile(path, bytes)
    await writer.drain()
  }
}

async function walk(
  root: string,
  directory: string,
  gitIgnores: readonly IgnorePattern[],
  found: string[],
  limits: TreeLimits,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const domain = directory === '' ? [] : directory.split('/')
  if (domain.length >= limits.maxDepth)
    throw new TreeRefused(`${JSON.stringify(directory)} is deeper than ${limits.maxDepth} folders`)
  const entries = await readdir(join(root, directory), { withFileTypes: true })
  const own = entries.find(({ name }) => name === '.gitignore')
  const patterns =
    own?.isFile() === true
      ? [...gitIgnores, ...readIgnorePatterns(await readIgnoreFile(join(root, directory, own.name)), domain)]
      : gitIgnores
  const isIgnored = patterns.length === 0 ? () => false : createIgnoreMatcher(patterns)
  for (const entry of entries.sort(byName)) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.name === '.git' || isIgnored([...domain, entry.name], entry.isDirectory())) continue
    if (entry.isDirectory()) await walk(root, path, patterns, found, limits, signal)
    else if (entry.isFile()) found.push(path)
    if (found.length > limits.maxFiles)
      throw new TreeRefused(`it holds more than ${limits.maxFiles} files (at ${JSON.stringify(path)})`)
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

async function readIgnoreFile(path: string): Promise<string> {
  const facts = await lstat(path).catch(() => null)
  return facts === null || !facts.isFile() || facts.size > maxIgnoreBytes ? '' : readFile(path, 'utf8')
}

async function stateOf(root: string, path: string): Promise<string> {
  const facts = await lstat(join(root, path)).catch(() => null)
  if (facts === null) return `${path} gone`
  const isYoung = Date.now() - facts.mtimeMs < settledAfterMs
  return `${path} ${facts.size} ${facts.mtimeMs} ${facts.ctimeMs} ${facts.ino}${isYoung ? ` ${performance.now()}` : ''}`
}

/** Null where there is no regular file any more. */
async function readPlain(path: string): Promise<Buffer | null> {
  // Between the scan and now a link or a pipe may have come in its place: neither is followed nor waited for.
  const flags = process.platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch(() => null)
  if (handle === null) return null
  try {
    return (await handle.stat()).isFile() ? await handle.readFile() : null
  } finally {
    await handle.close()
  }
}
