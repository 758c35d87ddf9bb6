/** The Flux Kustomizations of a tree, file by file: a file whose content was seen before is not looked into again. */
import { decodeText } from '../../kustomize/yaml/parse.ts'
import { FileFault } from '../../kustomize/files.ts'
import type { FileProblem, FoundKustomization } from '../find-kustomizations.ts'
import { findInText } from '../find-kustomizations.ts'
import type { TreeMemo } from './tree-memo.ts'

export interface ScannedTree {
  /** In byte order of the files, then as they stand. */
  readonly kustomizations: readonly FoundKustomization[]
  readonly problems: readonly FileProblem[]
  /** Paths of all YAML files and of files named `Kustomization`, relative to the root, in byte order of each folder. */
  readonly files: readonly string[]
}

export interface TreeScanner {
  /** Walks the tree below `root` (its links followed); links to folders, `.git` and `node_modules` are left out. */
  scan(checkpoint: () => void): ScannedTree
}

interface Seen {
  readonly content: string
  readonly kustomizations: readonly FoundKustomization[]
  readonly problems: readonly FileProblem[]
}

const manifest = /\.ya?ml$/

export function createTreeScanner(memo: TreeMemo, root: string): TreeScanner {
  let seen = new Map<string, Seen>()
  return {
    scan(checkpoint) {
      const now = new Map<string, Seen>()
      const found: { -readonly [K in keyof ScannedTree]: ScannedTree[K][number][] } = {
        kustomizations: [],
        problems: [],
        files: [],
      }
      walk(root, '')
      seen = now
      return found

      function walk(folder: string, relative: string): void {
        checkpoint()
        let names: readonly string[]
        try {
          names = memo.list(folder)
        } catch (error) {
          found.problems.push({ file: relative, line: 0, message: messageOf(error) })
          return
        }
        for (const name of names) {
          const path = folder === '/' ? `/${name}` : `${folder}/${name}`
          const shown = relative === '' ? name : `${relative}/${name}`
          const isManifest = manifest.test(name)
          const kind = memo.stat(path)
          if (kind === 'file') {
            if (isManifest || name === 'Kustomization') found.files.push(shown)
            if (isManifest) look(path, shown)
          } else if (kind === 'directory' && name !== '.git' && name !== 'node_modules') {
            if (memo.answer('real', path) === '=') walk(path, shown)
          }
        }
      }

      function look(path: string, shown: string): void {
        const content = memo.answer('read', path)
        let known = seen.get(shown)
        if (known?.content !== content) known = { content, ...lookInto(path, shown) }
        now.set(shown, known)
        found.kustomizations.push(...known.kustomizations)
        found.problems.push(...known.problems)
      }
    },
  }

  function lookInto(path: string, shown: string): Omit<Seen, 'content'> {
    const problems: FileProblem[] = []
    try {
      return { kustomizations: findInText(decodeText(memo.read(path)), shown, problems), problems }
    } catch (error) {
      return { kustomizations: [], problems: [{ file: shown, line: 0, message: messageOf(error) }] }
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof FileFault) return error.message
  throw error
}
