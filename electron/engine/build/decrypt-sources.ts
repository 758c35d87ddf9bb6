/**
 * Decrypts what kustomize reads as bytes, before the build: files and envs of secret generators and patch files, in every kustomization file
 * that can be reached through resources and components. Plaintext is laid over the tree for this build, never written anywhere.
 * Semantics: kustomize-controller 1.9.4 `internal/decryptor` `DecryptSources`.
 */
import { BuildError } from '../kustomize/build-error.ts'
import { FileFault } from '../kustomize/files.ts'
import { isAbsolutePath, isInOrBelow, joinPath } from '../kustomize/loader/paths.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import type { Decryptor, SopsFormat } from '../decrypt/decryptor.ts'
import { formatOfPath } from '../decrypt/stores/formats.ts'
import type { RenderAssumption } from './render-result.ts'
import { kustomizationFileNames, readKustomization } from './kustomization-file.ts'
import type { SecureRoot } from './secure-root.ts'
import { joinInsideRoot } from './secure-root.ts'

export interface DecryptedSources {
  readonly warnings: readonly string[]
  /** Files that stay encrypted because no key opens them. */
  readonly assumptions: readonly RenderAssumption[]
}

/** Larger files are refused, as the controller refuses them. */
const maxFileBytes = 5 * 1024 * 1024

/** Walks from `directory` (absolute, inside the root). Throws BuildError with the controller's text where a reference is broken. */
export function decryptSources(
  directory: string,
  files: SecureRoot,
  decryptor: Decryptor,
  checkpoint: () => void,
): DecryptedSources {
  const warnings: string[] = []
  const assumptions: RenderAssumption[] = []
  const visited = new Set<string>()
  const done = new Set<string>()
  visit(directory, true)
  return { warnings, assumptions }

  /** References that lead to no directory are no fault, except the first. */
  function visit(path: string, isTop: boolean): void {
    checkpoint()
    const real = joinInsideRoot(files, files.root, relativeToRoot(path, files.root))
    if (visited.has(real)) return
    visited.add(real)
    if (files.stat(real) !== 'directory') {
      if (isTop)
        throw new BuildError('FileNotFound', `lstat ${relativeToRoot(real, files.root)}: no such file or directory`)
      return
    }
    const kustomization = loadFile(real)
    for (const { path: source, format } of encryptedSources(kustomization)) decryptOne(real, source, format)
    for (const resource of [...texts(kustomization.get('resources')), ...texts(kustomization.get('components'))])
      visit(isAbsolutePath(resource) ? resource : joinPath(path, resource), false)
  }

  function loadFile(path: string): GoMap {
    const present = kustomizationFileNames.filter((name) => files.stat(joinPath(path, name)) !== null)
    if (present.length === 0) throw new BuildError('FileNotFound', 'no kustomization file found', { file: path })
    if (present.length > 1)
      throw new BuildError('InvalidKustomization', 'found multiple kustomization files', { file: path })
    const name = present[0]!
    const file = joinPath(path, name)
    if (files.stat(file) !== 'file')
      throw new BuildError('FileUnreadable', `expected ${name} to be a regular file`, { file })
    try {
      return readKustomization(file, files)
    } catch (error) {
      throw error instanceof BuildError ? error.wrap(`failed to unmarshal kustomization file from '${file}'`) : error
    }
  }

  function decryptOne(base: string, source: string, format: SopsFormat): void {
    const target = isAbsolutePath(source) ? source : joinPath(base, source)
    const path = joinInsideRoot(files, files.root, relativeToRoot(target, files.root))
    if (done.has(path)) return
    const bytes = readSource(path)
    const shown = relativeToRoot(path, files.root)
    try {
      const result = decryptor.decryptFile(shown, bytes, format)
      if (result.wasEncrypted) files.overlay(path, result.bytes)
      warnings.push(...result.warnings)
    } catch (error) {
      if (!(error instanceof BuildError) || error.code !== 'DecryptionFailed') throw error
      assumptions.push({ kind: 'undecryptable', message: error.message, names: [shown], file: shown, line: 0 })
    }
    done.add(path)
  }

  function readSource(path: string): Uint8Array {
    const shown = relativeToRoot(path, files.root)
    let bytes: Uint8Array
    try {
      bytes = files.read(path)
    } catch (error) {
      if (!(error instanceof FileFault)) throw error
      const message =
        error.code === 'NotFound'
          ? `lstat ${shown}: no such file or directory`
          : error.code === 'IsADirectory'
            ? 'cannot decrypt irregular file as it has file mode type bits set'
            : error.message
      throw new BuildError('FileUnreadable', message, { file: path }, error)
    }
    if (bytes.length > maxFileBytes)
      throw new BuildError(
        'LimitExceeded',
        `cannot decrypt file with size (${bytes.length} bytes) exceeding limit (${maxFileBytes})`,
        { file: path },
      )
    return bytes
  }
}

interface EncryptedSource {
  readonly path: string
  readonly format: SopsFormat
}

function encryptedSources(kustomization: GoMap): readonly EncryptedSource[] {
  const sources: EncryptedSource[] = []
  for (const generator of maps(kustomization.get('secretGenerator'))) {
    for (const entry of texts(generator.get('files'))) sources.push(generatorSource(entry))
    for (const path of texts(generator.get('envs'))) sources.push(envSource(path))
  }
  for (const patch of maps(kustomization.get('patches'))) {
    const path = patch.get('path')
    if (typeof path === 'string' && path !== '' && !isRemote(path)) sources.push({ path, format: formatOfPath(path) })
  }
  return sources
}

/** `key=path` or `path`: the key decides the format. */
function generatorSource(entry: string): EncryptedSource {
  const equals = entry.indexOf('=')
  const key = equals < 0 ? entry : entry.slice(0, equals)
  return { path: equals < 0 ? entry : entry.slice(equals + 1), format: formatOfPath(key) }
}

/** Dotenv unless the extension says otherwise. */
function envSource(path: string): EncryptedSource {
  const format = formatOfPath(path)
  return { path, format: format === 'binary' ? 'dotenv' : format }
}

function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(path)
}

function texts(value: GoValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function maps(value: GoValue | undefined): readonly GoMap[] {
  return Array.isArray(value) ? value.filter((item): item is GoMap => item instanceof Map) : []
}

function relativeToRoot(path: string, root: string): string {
  return path === root
    ? '.'
    : isInOrBelow(path, root) && root !== '/'
      ? path.slice(root.length + 1)
      : path.replace(/^\//, '')
}
