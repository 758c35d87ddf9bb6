/**
 * Finds every Flux Kustomization that a tree's files hold, in any document of any YAML file, and whatever keeps a file from being read. Broken
 * files never hide the others. Knows the objects only as far as they name themselves.
 */
import { BuildError } from '../kustomize/build-error.ts'
import type { Files } from '../kustomize/files.ts'
import { FileFault } from '../kustomize/files.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import type { MapNode, YamlNode } from '../kustomize/yaml/node.ts'
import { getField, getMap, getText } from '../kustomize/yaml/node.ts'
import { decodeText, parseDocuments } from '../kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../kustomize/yaml/to-value.ts'

export interface FoundKustomization {
  /** Path below the root, without a leading slash. */
  readonly file: string
  /** 1-based line of the object's first key. */
  readonly line: number
  readonly namespace: string
  readonly name: string
  readonly object: GoMap
}

export interface FileProblem {
  readonly file: string
  /** 1-based, 0 if not known. */
  readonly line: number
  readonly message: string
}

export interface FoundInTree {
  /** In byte order of the files, then as they stand. */
  readonly kustomizations: readonly FoundKustomization[]
  /** Files that name a Flux Kustomization but cannot be read or parsed; other broken files are nobody's business here. */
  readonly problems: readonly FileProblem[]
  /** YAML files looked at. */
  readonly fileCount: number
}

const group = 'kustomize.toolkit.fluxcd.io'
const manifest = /\.ya?ml$/
/** Larger files hold no Kustomizations that anybody wrote. */
const maxFileBytes = 64 * 1024 * 1024

/** Walks the tree below `root`, links to directories not followed, `.git` and `node_modules` left out. Throws FileFault for the root itself. */
export function findKustomizations(files: Files, root: string, checkpoint: () => void = () => {}): FoundInTree {
  const kustomizations: FoundKustomization[] = []
  const problems: FileProblem[] = []
  let fileCount = 0
  walk(files.realPath(root), '')
  return { kustomizations, problems, fileCount }

  function walk(directory: string, relative: string): void {
    checkpoint()
    let names: readonly string[]
    try {
      names = files.list(directory)
    } catch (error) {
      problems.push({ file: relative, line: 0, message: messageOf(error) })
      return
    }
    for (const name of names) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`
      const shown = relative === '' ? name : `${relative}/${name}`
      const kind = files.stat(path)
      if (kind === 'file' && manifest.test(name)) readFile(path, shown)
      else if (kind === 'directory' && name !== '.git' && name !== 'node_modules' && !isLink(path)) walk(path, shown)
    }
  }

  /** The walk starts at a real path, so only a link's own differs. */
  function isLink(path: string): boolean {
    try {
      return files.realPath(path) !== path
    } catch {
      return true
    }
  }

  function readFile(path: string, shown: string): void {
    fileCount++
    try {
      const bytes = files.read(path)
      if (bytes.length > maxFileBytes) return
      kustomizations.push(...findInText(decodeText(bytes), shown, problems))
    } catch (error) {
      problems.push({ file: shown, line: 0, message: messageOf(error) })
    }
  }
}

/** The Flux Kustomizations of one text; documents that cannot be parsed go to `problems`. */
export function findInText(text: string, file: string, problems: FileProblem[]): readonly FoundKustomization[] {
  // Nearly every file is somebody else's: none of them is parsed.
  if (!text.includes(group)) return []
  const found: FoundKustomization[] = []
  for (const document of readDocuments(text, file, problems)) collect(document, file, found)
  return found
}

function readDocuments(text: string, file: string, problems: FileProblem[]): readonly YamlNode[] {
  try {
    return parseDocuments(text)
  } catch (error) {
    problems.push(problemOf(error, file, 0))
  }
  // One broken document does not hide the others: each part between separators is tried on its own.
  const documents: YamlNode[] = []
  let firstLine = 0
  for (const part of text.split(/^---[ \t]*(?:#.*)?\r?$/m)) {
    try {
      documents.push(...parseDocuments('\n'.repeat(firstLine) + part))
    } catch {
      // Reported above.
    }
    firstLine += part.split('\n').length - 1
  }
  return documents
}

function collect(node: YamlNode, file: string, found: FoundKustomization[]): void {
  if (node.kind !== 'map') return
  const kind = getText(node, 'kind')
  if (kind.endsWith('List')) {
    const items = getField(node, 'items')
    if (items?.kind === 'sequence') for (const item of items.items) collect(item, file, found)
    return
  }
  if (kind !== 'Kustomization' || !getText(node, 'apiVersion').startsWith(`${group}/`)) return
  const metadata = getMap(node, 'metadata')
  const name = metadata === null ? '' : getText(metadata, 'name')
  if (name === '') return
  found.push({
    file,
    line: lineOf(node),
    namespace: getText(metadata!, 'namespace'),
    name,
    object: nodeToGoValue(node) as GoMap,
  })
}

function lineOf(node: MapNode): number {
  return node.line
}

function problemOf(error: unknown, file: string, line: number): FileProblem {
  if (!(error instanceof BuildError)) throw error
  return { file, line: error.place.line ?? line, message: error.message }
}

function messageOf(error: unknown): string {
  if (error instanceof FileFault || error instanceof BuildError) return error.message
  throw error
}
