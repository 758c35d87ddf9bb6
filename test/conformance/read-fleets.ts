/** The fleet archives of the corpus: unpacked once into the cache, each read into memory as one tree, which is quicker than asking a disk. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Files } from '../../electron/engine/kustomize/files.ts'
import { corpusPath } from './corpus.ts'
import { createMemoryFiles } from './memory-files.ts'

export interface FleetCase {
  readonly file: string
  readonly name: string
  readonly namespace: string
  /** The Flux Kustomization as JSON. */
  readonly object: unknown
  readonly digest?: string
  readonly bytes?: number
  readonly expected?: string
  readonly error?: string
}

export interface Fleet {
  readonly name: string
  readonly variables: ReadonlyMap<string, string>
  readonly cases: readonly FleetCase[]
  /** The tree, rooted at `root`. */
  readonly files: Files
  readonly root: string
  /** The bytes that the controller built. */
  expected(entry: FleetCase): string
}

/** Where the tree stands in memory. */
const root = '/artifact'

/** Null where the corpus is absent. */
export function readFleets(): readonly Fleet[] | null {
  const folder = corpusPath('fleets')
  if (folder === null) return null
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tar.xz'))
    .sort()
    .map((name) => readFleet(unpack(path.join(folder, name)), name.slice(0, -'.tar.xz'.length)))
}

/** Unpacks an archive unless the cache holds it; two test runs at once do not meet. */
function unpack(archive: string): string {
  const cache = process.env.SLUICE_CACHE_DIR ?? path.join(tmpdir(), 'sluice-test-cache')
  const hash = createHash('sha256').update(readFileSync(archive)).digest('hex').slice(0, 16)
  const target = path.join(cache, 'fleets', hash)
  if (existsSync(target)) return target
  const temporary = `${target}.${process.pid}`
  mkdirSync(temporary, { recursive: true })
  execFileSync('tar', ['-xJf', archive, '-C', temporary, '--strip-components=1'])
  try {
    renameSync(temporary, target)
  } catch (error) {
    // Somebody else was first.
    rmSync(temporary, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

function readFleet(folder: string, name: string): Fleet {
  const { variables, cases } = JSON.parse(readFileSync(path.join(folder, 'cases.json'), 'utf8')) as {
    variables?: Record<string, string>
    cases: FleetCase[]
  }
  return {
    name,
    variables: new Map(Object.entries(variables ?? {})),
    cases,
    files: readTree(path.join(folder, 'tree'), root),
    root,
    expected: (entry) => readFileSync(path.join(folder, entry.expected ?? ''), 'utf8'),
  }
}

/** A folder of the disk as a tree in memory that stands at `root`, symbolic links as they are. */
export function readTree(folder: string, root: string): Files {
  const files: Record<string, Uint8Array> = {}
  const links: Record<string, string> = {}
  const directories = [root]
  const visit = (directory: string, inTree: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const from = path.join(directory, entry.name)
      const to = `${inTree}/${entry.name}`
      if (entry.isSymbolicLink()) links[to] = readlinkSync(from)
      else if (entry.isDirectory()) {
        directories.push(to)
        visit(from, to)
      } else if (statSync(from).isFile()) files[to] = readFileSync(from)
    }
  }
  visit(folder, root)
  return createMemoryFiles({ files, links, directories })
}
