/** Parsed manifests by their text, shared by the builds that a caller runs: each text is split, parsed and checked once. */
import type { DocumentCache } from './build-context.ts'
import { BuildError, wrapping } from './build-error.ts'
import { readResourceNodes } from './loader/read-resources.ts'
import type { MapNode } from './yaml/node.ts'
import { decodeText } from './yaml/parse.ts'

export interface DocumentCacheLimits {
  /** Characters of text whose trees are kept; the least recently used go first. */
  readonly maxKeptCharacters: number
}

const defaultLimits: DocumentCacheLimits = { maxKeptCharacters: 64 * 1024 * 1024 }

/** An empty cache. Its `documents` throws BuildError InvalidYaml or InvalidResource with upstream's text, naming the file. */
export function createDocumentCache(limits: DocumentCacheLimits = defaultLimits): DocumentCache {
  // A Map keeps the order of insertion: what is used moves to its end.
  const kept = new Map<string, readonly MapNode[]>()
  let keptCharacters = 0
  return {
    documents(path, bytes) {
      const text = naming(path, () => wrapping('MalformedYAMLError', () => decodeText(bytes)))
      const found = kept.get(text)
      if (found !== undefined) {
        kept.delete(text)
        kept.set(text, found)
        return found
      }
      const nodes = naming(path, () => readResourceNodes(text))
      if (text.length > limits.maxKeptCharacters) return nodes
      kept.set(text, nodes)
      keptCharacters += text.length
      for (const oldest of kept.keys()) {
        if (keptCharacters <= limits.maxKeptCharacters) break
        kept.delete(oldest)
        keptCharacters -= oldest.length
      }
      return nodes
    },
  }
}

/** What `work` throws names the file. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    throw new BuildError(error.code, error.message, { ...error.place, file: path }, error)
  }
}
