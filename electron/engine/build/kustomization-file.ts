/** Finds and reads a directory's kustomization file the way the controller does, which is more lenient than kustomize itself. */
import { BuildError, wrapping } from '../kustomize/build-error.ts'
import { FileFault } from '../kustomize/files.ts'
import { joinPath } from '../kustomize/loader/paths.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import { decodeText, parseDocuments } from '../kustomize/yaml/parse.ts'
import { decodeStruct } from './go-struct.ts'
import { kustomizationShape } from './kustomization-shape.ts'
import type { SecureRoot } from './secure-root.ts'

export const kustomizationFileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** A kustomization's fields with nothing but kind and apiVersion. */
export function newKustomization(): GoMap {
  return new Map([
    ['kind', 'Kustomization'],
    ['apiVersion', 'kustomize.config.k8s.io/v1beta1'],
  ])
}

/** The directory's kustomization file, the first of the recognised names; null if it has none. */
export function findKustomizationFile(files: SecureRoot, directory: string): string | null {
  for (const name of kustomizationFileNames) {
    const path = joinPath(directory, name)
    if (files.stat(path) === 'file') return path
  }
  return null
}

/** A kustomization file's fields as the controller reads them: unknown ones left out. Throws BuildError. */
export function readKustomization(path: string, files: SecureRoot): GoMap {
  let bytes: Uint8Array
  try {
    bytes = files.read(path)
  } catch (error) {
    throw error instanceof FileFault ? new BuildError('FileUnreadable', error.message, { file: path }, error) : error
  }
  const fault = (error: unknown): unknown =>
    error instanceof BuildError
      ? new BuildError(error.code, error.message, { file: path, ...error.place }, error)
      : error
  try {
    const [document] = wrapping('error converting YAML to JSON', () =>
      parseDocuments(decodeText(bytes), { dialect: 'v2', mergesKeys: true }),
    )
    return document === undefined ? newKustomization() : decodeStruct(document, kustomizationShape, newKustomization())
  } catch (error) {
    throw fault(error)
  }
}
