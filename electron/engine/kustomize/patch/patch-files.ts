/** What configuring patches needs of the kustomization's directory: implemented by its loader. */
import type { MapNode } from '../yaml/node.ts'

export interface PatchFiles {
  /** Text of a file relative to the kustomization. Throws BuildError as the loader does. */
  readText(path: string): string
  /** Objects of a manifest text, as resources are read. Throws BuildError InvalidYaml or InvalidResource. */
  readObjects(text: string): readonly MapNode[]
}
