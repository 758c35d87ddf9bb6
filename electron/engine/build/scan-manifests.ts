/**
 * What a kustomization made for a directory without one lists: every file of Kubernetes YAML below it, and instead of directories with a
 * kustomization file of their own those directories. Semantics: fluxcd/pkg kustomize v1.35.4 `scanManifests` over Go's filepath.Walk
 * (byte order, symbolic links not followed into directories).
 */
import { BuildError } from '../kustomize/build-error.ts'
import type { DocumentCache } from '../kustomize/build-context.ts'
import { FileFault } from '../kustomize/files.ts'
import type { SecureRoot } from './secure-root.ts'
import { kustomizationFileNames } from './kustomization-file.ts'

/** Paths relative to `directory`, each starting with `./`. Throws BuildError naming the first file that is no Kubernetes YAML. */
export function scanManifests(
  directory: string,
  files: SecureRoot,
  documents: DocumentCache,
  checkpoint: () => void,
): string[] {
  const found: string[] = []
  if (files.stat(directory) !== 'directory') return found
  walk(directory, '.')
  return found

  function walk(path: string, relative: string): void {
    checkpoint()
    for (const name of listDirectory(path)) {
      const child = `${path === '/' ? '' : path}/${name}`
      const childRelative = `${relative}/${name}`
      demandInside(child)
      const kind = files.stat(child)
      if (kind === 'directory' && !files.isLink(child)) {
        if (kustomizationFileNames.some((file) => files.stat(`${child}/${file}`) === 'file')) found.push(childRelative)
        else walk(child, childRelative)
      } else if (name.endsWith('.yaml') || name.endsWith('.yml')) {
        demandKubernetesYaml(child)
        found.push(childRelative)
      }
    }
  }

  function demandInside(path: string): void {
    try {
      files.demandInside('walk', path)
    } catch (error) {
      throw error instanceof FileFault ? new BuildError('PathRefused', error.message, { file: path }, error) : error
    }
  }

  function listDirectory(path: string): readonly string[] {
    try {
      return files.list(path)
    } catch (error) {
      throw error instanceof FileFault ? new BuildError('FileUnreadable', error.message, { file: path }, error) : error
    }
  }

  function demandKubernetesYaml(path: string): void {
    let bytes: Uint8Array
    try {
      bytes = files.read(path)
    } catch (error) {
      throw error instanceof FileFault ? readFault(error, path) : error
    }
    try {
      documents.documents(path, bytes)
    } catch (error) {
      throw error instanceof BuildError
        ? new BuildError(
            error.code,
            `failed to decode Kubernetes YAML from ${path}: ${error.message}`,
            { file: path, ...error.place },
            error,
          )
        : error
    }
  }
}

function readFault(fault: FileFault, path: string): BuildError {
  const message =
    fault.code === 'IsADirectory'
      ? `read ${path}: is a directory`
      : fault.code === 'NotFound'
        ? `open ${path}: no such file or directory`
        : fault.message
  return new BuildError('FileUnreadable', message, { file: path }, fault)
}
