/** Who includes what in a tree: edges between Flux Kustomizations and kustomization files, as far as the files themselves say it. */
import type { RepositoryEdge } from '../../../../shared/model/repository.ts'
import { cleanPath } from '../../kustomize/loader/paths.ts'
import { nestedList, nestedString } from '../nested-field.ts'
import type { TreeKustomization } from './flux-tree.ts'
import type { ReadKustomizationFile } from './kustomization-files.ts'

export interface TreeGraph {
  readonly edges: readonly RepositoryEdge[]
  /** Keys that some path, resource or component edge leads to. */
  readonly included: ReadonlySet<string>
}

/** Key of what `kustomize build` renders in a directory. */
export function buildKeyOf(directory: string): string {
  return `build|${directory}`
}

/** `spec.path` as a clean path below the root, '' for the root itself; leading `..` are stopped there as the controller does. */
export function specPathOf({ object }: TreeKustomization): string {
  return cleanPath(`/${nestedString(object, 'spec', 'path') ?? ''}`).slice(1)
}

/** Names of `spec.dependsOn` as `NAMESPACE/NAME`. */
export function dependenciesOf({ object, namespace }: TreeKustomization): readonly string[] {
  return (nestedList(object, 'spec', 'dependsOn') ?? []).flatMap((entry) => {
    if (!(entry instanceof Map)) return []
    const name = entry.get('name')
    const own = entry.get('namespace')
    return typeof name === 'string' ? [`${typeof own === 'string' && own !== '' ? own : namespace}/${name}`] : []
  })
}

export function drawTreeGraph(
  kustomizations: readonly TreeKustomization[],
  files: readonly ReadKustomizationFile[],
): TreeGraph {
  const edges: RepositoryEdge[] = []
  const included = new Set<string>()
  const drawn = new Set<string>()
  const byDirectory = new Map(files.map((file) => [file.directory, file]))
  const byName = new Map<string, string>()
  const byFile = new Map<string, TreeKustomization[]>()
  for (const one of kustomizations) {
    const name = `${one.namespace}/${one.name}`
    if (!byName.has(name)) byName.set(name, one.key)
    const beside = byFile.get(one.file)
    if (beside === undefined) byFile.set(one.file, [one])
    else beside.push(one)
  }

  function draw(from: string, to: string, relation: RepositoryEdge['relation']): void {
    if (from === to || drawn.has(`${from} ${to} ${relation}`)) return
    drawn.add(`${from} ${to} ${relation}`)
    edges.push({ from, to, relation })
    if (relation === 'path' || relation === 'resource' || relation === 'component') included.add(to)
  }
  function include(from: string, path: string, relation: 'resource' | 'component'): void {
    if (byDirectory.has(path)) draw(from, buildKeyOf(path), relation)
    for (const one of byFile.get(path) ?? []) draw(from, one.key, 'declares')
  }

  for (const { directory, resources, components } of files) {
    for (const path of resources) include(buildKeyOf(directory), path, 'resource')
    for (const path of components) include(buildKeyOf(directory), path, 'component')
  }
  for (const one of kustomizations) {
    const path = specPathOf(one)
    if (byDirectory.has(path)) draw(one.key, buildKeyOf(path), 'path')
    else {
      // The controller writes a file that names all manifests, and stops where a folder has one of its own.
      for (const directory of byDirectory.keys())
        if (isBelow(directory, path) && !hasFileBetween(directory, path, byDirectory))
          draw(one.key, buildKeyOf(directory), 'path')
      for (const [file, beside] of byFile) {
        const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')))
        if ((folder !== path && !isBelow(folder, path)) || hasFileBetween(`${folder}/x`, path, byDirectory)) continue
        for (const declared of beside) draw(one.key, declared.key, 'declares')
      }
    }
    for (const name of dependenciesOf(one)) {
      const to = byName.get(name)
      if (to !== undefined) draw(one.key, to, 'dependsOn')
    }
  }
  return { edges, included }
}

function isBelow(path: string, ancestor: string): boolean {
  return path !== ancestor && (ancestor === '' || path.startsWith(`${ancestor}/`))
}

/** True if a folder strictly between the two, or the lower one's own parent, has a kustomization file. */
function hasFileBetween(lower: string, upper: string, byDirectory: ReadonlyMap<string, unknown>): boolean {
  for (let cut = lower.lastIndexOf('/'); cut > upper.length; cut = lower.lastIndexOf('/', cut - 1))
    if (byDirectory.has(lower.slice(0, cut))) return true
  return false
}
