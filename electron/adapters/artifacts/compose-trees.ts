/** Trees copied into one another, as source-controller copies includes into a repository before it archives it. */
import { createTarFiles } from '../files/tar-files.ts'
import type { TarFiles } from '../files/tar-files.ts'
import type { StoredTree } from '../../engine/source/artifact-port.ts'
import { cleanPath } from '../../engine/kustomize/loader/paths.ts'
import { leaveOutIgnored } from './leave-out-ignored.ts'
import { TreeRefused } from './tree-writer.ts'
import type { TreeWriter } from './tree-writer.ts'

export interface TreePart {
  readonly tree: StoredTree
  readonly fromPath: string
  readonly toPath: string
}

/** Throws TreeRefused where a part has no such folder. */
export async function composeTrees(
  parts: readonly TreePart[],
  ignore: string | null,
  signal: AbortSignal,
  writer: TreeWriter,
): Promise<void> {
  const opened: TarFiles[] = []
  try {
    const entries = new Map<string, { readonly files: TarFiles; readonly path: string }>()
    for (const { tree, fromPath, toPath } of parts) {
      const files = createTarFiles(tree.path)
      opened.push(files)
      // securejoin: `..` stops at the root.
      const from = cleanPath(`${files.root}/${cleanPath(`/${fromPath}`)}`)
      const to = cleanPath(`/${toPath}`).slice(1)
      const kind = files.stat(from)
      if (kind === null) throw new TreeRefused(`an included artifact has no ${JSON.stringify(fromPath)}`)
      if (kind === 'file') entries.set(to, { files, path: from })
      else
        for (const path of filesBelow(files, from))
          entries.set(`${to === '' ? '' : `${to}/`}${path.slice(from.length + 1)}`, { files, path })
    }
    const read = (path: string): Uint8Array => {
      const { files, path: inPart } = entries.get(path)!
      return files.read(inPart)
    }
    for (const path of leaveOutIgnored(entries.keys(), (path) => Buffer.from(read(path)).toString('utf8'), ignore)) {
      signal.throwIfAborted()
      writer.addFile(path, read(path))
      await writer.drain()
    }
  } finally {
    for (const files of opened) files.close()
  }
}

function* filesBelow(files: TarFiles, directory: string): Generator<string> {
  for (const name of files.list(directory)) {
    const path = `${directory}/${name}`
    if (files.stat(path) === 'directory') yield* filesBelow(files, path)
    else yield path
  }
}
