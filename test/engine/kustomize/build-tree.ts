/** Builds a tree of texts, for tests that look at a whole build. */
import type { BuildContext, BuildOptions } from '../../../electron/engine/kustomize/build-context.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { createDocumentCache } from '../../../electron/engine/kustomize/document-cache.ts'
import { printResources, runBuild } from '../../../electron/engine/kustomize/run-build.ts'
import type { MemoryTree } from '../../conformance/memory-files.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'

export type Texts = NonNullable<MemoryTree['files']>

/** A context over a tree in memory; what it warns of is appended to `warnings`. */
export function contextOf(
  tree: MemoryTree,
  options: Partial<BuildOptions> = {},
  warnings: string[] = [],
): BuildContext {
  return {
    files: createMemoryFiles(tree),
    options: { loadRestrictions: 'rootOnly', reorder: 'none', hasManagedByLabel: false, ...options },
    documents: createDocumentCache(),
    checkpoint: () => {},
    warn: (message) => warnings.push(message),
  }
}

/** The printed objects of the kustomization at `target`. Throws BuildError. */
export function buildTree(files: Texts, target = '/', options: Partial<BuildOptions> = {}): string {
  return printResources(runBuild(target, contextOf({ files }, options)))
}

/** The error of a build that must fail. */
export function failTree(files: Texts, target = '/', options: Partial<BuildOptions> = {}): BuildError {
  return failure(() => buildTree(files, target, options))
}

/** The BuildError that `work` must throw. */
export function failure(work: () => unknown): BuildError {
  let result: unknown
  try {
    result = work()
  } catch (error) {
    if (error instanceof BuildError) return error
    throw error
  }
  throw new Error(`it was to fail but gave ${JSON.stringify(result)}`)
}

/** A ConfigMap as a manifest. */
export function configMap(name: string, more = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`
}
