/** What the kustomization files of a tree name: who includes what, read without building anything. */
import { BuildError } from '../../kustomize/build-error.ts'
import { FileFault } from '../../kustomize/files.ts'
import { cleanPath, joinPath } from '../../kustomize/loader/paths.ts'
import { getField, getText } from '../../kustomize/yaml/node.ts'
import type { MapNode } from '../../kustomize/yaml/node.ts'
import { decodeText, parseDocuments } from '../../kustomize/yaml/parse.ts'
import type { TreeMemo } from './tree-memo.ts'

export interface ReadKustomizationFile {
  /** Relative to the root; '' for the root itself. */
  readonly directory: string
  readonly file: string
  readonly isComponent: boolean
  /** Entries of resources, bases and components that stay in the tree, as relative paths. */
  readonly resources: readonly string[]
  readonly components: readonly string[]
  /** Why it could not be read; null if it could. */
  readonly problem: { readonly code: string; readonly message: string; readonly line: number } | null
}

const fileNames: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

export interface KustomizationFileReader {
  /** `files` as a scan lists them. Of several in one folder, which kustomize refuses, the first counts. */
  read(files: readonly string[]): readonly ReadKustomizationFile[]
}

export function createKustomizationFileReader(memo: TreeMemo, root: string): KustomizationFileReader {
  let seen = new Map<string, { readonly content: string; readonly read: ReadKustomizationFile }>()
  return {
    read(files) {
      const now: typeof seen = new Map()
      const directories = new Set<string>()
      const result: ReadKustomizationFile[] = []
      for (const file of files) {
        const slash = file.lastIndexOf('/')
        const directory = slash < 0 ? '' : file.slice(0, slash)
        if (!fileNames.has(file.slice(slash + 1)) || directories.has(directory)) continue
        directories.add(directory)
        const path = joinPath(root, file)
        const content = memo.answer('read', path)
        const known = seen.get(file)
        const read = known?.content === content ? known.read : readOne(path, file, directory)
        now.set(file, { content, read })
        result.push(read)
      }
      seen = now
      return result
    },
  }

  function readOne(path: string, file: string, directory: string): ReadKustomizationFile {
    const empty = { directory, file, isComponent: false, resources: [], components: [] }
    try {
      const [document] = parseDocuments(decodeText(memo.read(path)), { dialect: 'v2' })
      if (document?.kind !== 'map') return { ...empty, problem: null }
      return {
        directory,
        file,
        isComponent: getText(document, 'kind') === 'Component',
        resources: [...listOf(document, 'resources', directory), ...listOf(document, 'bases', directory)],
        components: listOf(document, 'components', directory),
        problem: null,
      }
    } catch (error) {
      if (error instanceof BuildError)
        return { ...empty, problem: { code: error.code, message: error.message, line: error.place.line ?? 0 } }
      if (error instanceof FileFault)
        return { ...empty, problem: { code: error.code, message: error.message, line: 0 } }
      throw error
    }
  }
}

/** What is remote, absolute or leads out of the tree is left out: nothing in the tree stands there. */
function listOf(map: MapNode, field: string, directory: string): string[] {
  const list = getField(map, field)
  if (list?.kind !== 'sequence') return []
  return list.items.flatMap((item) => {
    if (item.kind !== 'scalar' || item.value.includes('://') || item.value.startsWith('/')) return []
    const path = cleanPath(joinPath(directory, item.value))
    return path.startsWith('..') ? [] : [path === '.' ? '' : path]
  })
}
