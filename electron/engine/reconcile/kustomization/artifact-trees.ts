/** The trees that Kustomizations are built from: what lies in the artifact storage, looked up once per artifact however many are built from it. */
import { refKey } from '../../../../shared/model/identity.ts'
import type { StoredTree } from '../../source/artifact-port.ts'
import type { ArtifactStorage } from '../source/storage-port.ts'
import type { SourceArtifact } from './find-source.ts'
import { ArtifactNotFound } from './run-fault.ts'

export interface ArtifactTrees {
  /** Throws ArtifactNotFound where the storage does not have it, or not whole. */
  open(artifact: SourceArtifact): Promise<StoredTree>
  /** A build could not read it: it is looked up again. */
  forget(artifact: SourceArtifact): void
}

export function createArtifactTrees(storage: ArtifactStorage): ArtifactTrees {
  /** Of each source the artifact that was asked for last. */
  const found = new Map<string, { readonly id: string; readonly tree: Promise<StoredTree> }>()
  const idOf = ({ path, digest }: SourceArtifact): string => `${digest} ${path}`

  return {
    open(artifact) {
      const key = refKey(artifact.source)
      const id = idOf(artifact)
      const known = found.get(key)
      if (known?.id === id) return known.tree
      const entry = {
        id,
        tree: storage.find(artifact, new AbortController().signal).then((stored) => {
          if (typeof stored === 'string') throw new ArtifactNotFound(`${artifact.path} is not in the artifact storage`)
          return stored.tree
        }),
      }
      found.set(key, entry)
      entry.tree.catch(() => {
        if (found.get(key) === entry) found.delete(key)
      })
      return entry.tree
    },
    forget(artifact) {
      const key = refKey(artifact.source)
      if (found.get(key)?.id === idOf(artifact)) found.delete(key)
    },
  }
}
