/** What else lies in the folder of a cluster: Flux applies it once it reads the folder, so it is named before. */
import { BuildError } from '../../kustomize/build-error.ts'
import { encodeJson } from '../../kustomize/yaml/go-json.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../kustomize/yaml/to-value.ts'
import type { BranchFile } from '../../source/git-write-port.ts'
import { asArray, asText, at, textAt } from '../../status/read.ts'
import { kustomizationFile } from './layout.ts'

export interface FolderManifest {
  readonly path: string
  /** `Kind namespace/name`; none where it cannot be read. */
  readonly objects: readonly string[]
}

const maxObjects = 50

/**
 * YAML files below `folder` without those in `own` (`…/flux-system/`). Where the folder has a kustomization of its own that alone is named: what it makes is
 * its business.
 */
export function manifestsIn(files: readonly BranchFile[], folder: string, own: string): readonly FolderManifest[] {
  const root = folder === '' ? kustomizationFile : `${folder}/${kustomizationFile}`
  const custom = files.find(({ path }) => path === root)
  const found = custom === undefined ? files.filter(({ path }) => !path.startsWith(own)) : [custom]
  return found
    .filter(({ path }) => /\.ya?ml$/i.test(path))
    .map(({ path, text }) => ({ path, objects: text === null ? [] : titlesIn(text) }))
}

/** `resources` of a kustomization; none where it cannot be read. */
export function resourcesIn(text: string): ReadonlySet<string> {
  return new Set(parse(text).flatMap((value) => asArray(at(value, 'resources')).map(asText)))
}

function titlesIn(text: string): readonly string[] {
  return parse(text)
    .flatMap((value) => {
      const kind = textAt(value, 'kind')
      const name = textAt(value, 'metadata', 'name')
      const namespace = textAt(value, 'metadata', 'namespace')
      return kind === '' ? [] : [`${kind} ${namespace === '' ? name : `${namespace}/${name}`}`.trim()]
    })
    .slice(0, maxObjects)
}

function parse(text: string): unknown[] {
  try {
    return parseDocuments(text).map((node) => JSON.parse(encodeJson(nodeToGoValue(node))) as unknown)
  } catch (error) {
    if (error instanceof BuildError) return []
    throw error
  }
}
