/**
 * The kustomization file that the controller writes before it builds: the one that is there, or one made of what a walk finds, changed as the
 * Flux Kustomization's spec says. Semantics, order of changes and error texts: fluxcd/pkg kustomize v1.35.4 `kustomize_generator.go`.
 */
import { BuildError } from '../kustomize/build-error.ts'
import type { DocumentCache } from '../kustomize/build-context.ts'
import { joinPath } from '../kustomize/loader/paths.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import { emitValue } from '../kustomize/yaml/emit-v2.ts'
import {
  findKustomizationFile,
  kustomizationFileNames,
  newKustomization,
  readKustomization,
} from './kustomization-file.ts'
import { overlaySpec } from './overlay-spec.ts'
import { scanManifests } from './scan-manifests.ts'
import type { SecureRoot } from './secure-root.ts'

export interface GeneratedKustomization {
  /** Absolute path of the file that the controller writes. */
  readonly file: string
  readonly bytes: Uint8Array
  /** False where no kustomization file was there. */
  readonly hasFile: boolean
  /** What the file holds, marshalled. */
  readonly kustomization: GoMap
}

/**
 * Makes the file for `directory` (absolute, inside the root) and lays it over `files`. `object` is the Flux Kustomization. Throws BuildError
 * with the controller's text.
 */
export function generateKustomization(
  object: GoMap,
  directory: string,
  files: SecureRoot,
  documents: DocumentCache,
  checkpoint: () => void,
): GeneratedKustomization {
  const existing = findKustomizationFile(files, directory)
  let kustomization: GoMap
  if (existing === null) {
    kustomization = newKustomization()
    const resources = scanManifests(directory, files, documents, checkpoint)
    if (resources.length === 0) kustomization.set('namespace', '_placeholder')
    else kustomization.set('resources', resources)
  } else {
    kustomization = readKustomization(existing, files)
    // Else kustomize would call a file of, say, components alone empty.
    if (!kustomization.has('resources')) kustomization.set('buildMetadata', ['originAnnotations'])
  }
  overlaySpec(kustomization, object, directory, files)
  const file = existing ?? joinPath(directory, kustomizationFileNames[0])
  if (files.stat(directory) !== 'directory')
    throw new BuildError('FileUnreadable', `open ${file}: not a directory`, { file: directory })
  const bytes = new TextEncoder().encode(emitValue(kustomization))
  files.overlay(file, bytes)
  return { file, bytes, hasFile: existing !== null, kustomization }
}
