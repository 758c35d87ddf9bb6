/** An object, patches for it, and what comes of it: texts start with a line break so that they can be read. */
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { buildTree } from '../build-tree.ts'

export interface MergeCase {
  readonly name: string
  readonly target: string
  readonly patches: readonly string[]
  readonly expected?: string
  readonly error?: string
}

/** A tree of files, each text with a line break before it if it has several lines, and what building it gives. */
export interface TreeCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly expected?: string
  readonly error?: string
}

/** What a build with these patches prints; the message where it fails. */
export function patched({ target, patches }: MergeCase): string {
  const entries = patches.map((_, index) => `- path: patch-${index}.yaml\n`)
  const files: Record<string, string> = {
    '/target.yaml': target,
    '/kustomization.yaml': `resources: [target.yaml]\npatches:\n${entries.join('')}`,
  }
  patches.forEach((patch, index) => {
    files[`/patch-${index}.yaml`] = patch
  })
  return outcome(files)
}

/** The printed objects of the kustomization (in a directory `/app`), or the message of the error. */
export function outcome(files: Readonly<Record<string, string>>): string {
  try {
    const texts = Object.entries(files).map(([path, text]) => [`/app${path}`, text.replace(/^\n/, '')])
    return buildTree(Object.fromEntries(texts) as Record<string, string>, '/app', { loadRestrictions: 'none' })
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
}

/** The expected text without the line break at its start. */
export function expectedOf({ expected, error }: { readonly expected?: string; readonly error?: string }): string {
  return (expected ?? error ?? '').replace(/^\n/, '')
}
