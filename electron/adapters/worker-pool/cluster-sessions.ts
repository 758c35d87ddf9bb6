/** Renders of cluster's Kustomizations over the disk: what a worker of the pool does, or the command line's own thread. */
import { hash } from 'node:crypto'
import { createJailedFiles } from '../files/jailed-files.ts'
import { toTreePath } from '../files/host-path.ts'
import { createTarFiles } from '../files/tar-files.ts'
import { nodeSopsCrypto } from '../decrypt/node-crypto.ts'
import type { ClusterRenders, OpenTree } from '../../engine/build/cluster/cluster-renders.ts'
import { createClusterRenders } from '../../engine/build/cluster/cluster-renders.ts'
import type { DocumentCache } from '../../engine/kustomize/build-context.ts'
import { createDocumentCache } from '../../engine/kustomize/document-cache.ts'
import type { StoredTree } from '../../engine/source/artifact-port.ts'

export function createClusterSessions(options: { readonly checkpoint: () => void }): ClusterRenders {
  return createClusterRenders({
    ...options,
    documents: createPassingDocuments(),
    openTree,
    crypto: nodeSopsCrypto,
    sha256Hex: (text) => hash('sha256', text),
    now: () => performance.now(),
  })
}

/** Beyond a sweep over a fleet what was parsed is of no use: it takes fifteen times its text. */
const forgetAfterMs = 5000
const maxKeptCharacters = 8 * 1024 * 1024

/** A document cache that is emptied when nothing is rendered for a while. */
function createPassingDocuments(): DocumentCache {
  let kept: DocumentCache | null = null
  let timer: NodeJS.Timeout | null = null
  return {
    documents(path, bytes) {
      kept ??= createDocumentCache({ maxKeptCharacters })
      if (timer === null) {
        timer = setTimeout(() => {
          kept = null
          timer = null
        }, forgetAfterMs)
        timer.unref()
      } else timer.refresh()
      return kept.documents(path, bytes)
    },
  }
}

/** SECURITY: item 11: a tree shows what is in it and nothing else, whichever kind it is. */
function openTree({ kind, path }: StoredTree): OpenTree {
  if (kind === 'folder') return { files: createJailedFiles(path), root: toTreePath(path) }
  const files = createTarFiles(path)
  return { files, root: files.root, close: () => files.close() }
}
