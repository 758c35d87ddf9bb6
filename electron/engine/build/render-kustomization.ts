/**
 * What kustomize-controller adds to kustomize: from a Flux Kustomization and an artifact's tree to the exact bytes that it would apply. Owns
 * the order of the steps: path, generated kustomization file, decrypted sources, build, then for each object decryption and substitution.
 * Knows neither clusters nor disks: files, variables and keys come through ports. Semantics: kustomize-controller 1.9.4 `reconcile`,
 * `generate`, `build`, and flux-semantics §2.
 */
import { BuildError, BuildPanic, wrapping } from '../kustomize/build-error.ts'
import type { BuildContext, DocumentCache } from '../kustomize/build-context.ts'
import type { Files } from '../kustomize/files.ts'
import { FileFault } from '../kustomize/files.ts'
import { isInOrBelow, joinPath } from '../kustomize/loader/paths.ts'
import { gvkText } from '../kustomize/resource/gvk.ts'
import { resIdKey } from '../kustomize/resource/res-id.ts'
import type { ResId } from '../kustomize/resource/res-id.ts'
import type { Resource } from '../kustomize/resource/resource.ts'
import { printResource, runBuild } from '../kustomize/run-build.ts'
import { emitNode } from '../kustomize/yaml/emit-v2.ts'
import { encodeJson } from '../kustomize/yaml/go-json.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import type { MapNode } from '../kustomize/yaml/node.ts'
import { goValueToNode, nodeToGoValue } from '../kustomize/yaml/to-value.ts'
import type { Decryptor, SensitivePath } from '../decrypt/decryptor.ts'
import { decryptSources } from './decrypt-sources.ts'
import { generateKustomization } from './generate-kustomization.ts'
import { kustomizationFileNames } from './kustomization-file.ts'
import { nestedField, nestedString } from './nested-field.ts'
import { noKeys } from './no-keys.ts'
import type {
  FluxRenderResult,
  RenderAssumption,
  RenderedObject,
  RenderedOrigin,
  RenderFault,
} from './render-result.ts'
import { pathNotFoundText } from './render-result.ts'
import type { SecureRoot } from './secure-root.ts'
import { createSecureRoot, joinInsideRoot } from './secure-root.ts'
import { substituteResource } from './substitute-resource.ts'
import type { Variables } from './substitute/evaluate-template.ts'
import type { LoadedVariables, VariableSource } from './variables.ts'
import { demandVariableNames, loadVariables } from './variables.ts'

export interface FluxRenderInput {
  /** The Flux Kustomization, as decoded YAML or JSON. */
  readonly object: GoMap
  /** The artifact's root: nothing outside of it is seen. */
  readonly root: string
  readonly files: Files
  readonly variables: VariableSource
  /** For `spec.decryption`; null where nobody has keys: encrypted objects then stay so and are marked. */
  readonly decryptor: Decryptor | null
  /** Strict substitution: the default of controllers since 1.9 (feature gate StrictPostBuildSubstitutions). */
  readonly isStrict: boolean
  readonly documents: DocumentCache
  /** Throws BuildError Canceled or LimitExceeded when the build must stop. */
  readonly checkpoint: () => void
  /** Lower-case hexadecimal SHA-256 of a text's UTF-8. */
  readonly sha256Hex: (text: string) => string
  /** Hears which object (by its place in the result) an assumption (by its place among them) is about, where it is about one. */
  readonly noteUnknown?: (object: number, assumption: number) => void
}

const substituteKey = 'kustomize.toolkit.fluxcd.io/substitute'

/** Renders one Flux Kustomization. Never throws for bad input: `error` says what the controller would; Canceled and LimitExceeded too. */
export function renderKustomization(input: FluxRenderInput): FluxRenderResult {
  const warnings: string[] = []
  const assumptions: RenderAssumption[] = []
  let root = input.root
  try {
    const files = createSecureRoot(input.files, input.root)
    root = files.root
    const built = build(input, files, warnings, assumptions)
    const text = built.map(({ yaml }) => yaml).join('---\n')
    return {
      objects: built,
      text,
      bytes: utf8Length(text),
      digest: assumptions.length === 0 ? `sha256:${input.sha256Hex(text)}` : null,
      assumptions,
      warnings,
      error: null,
    }
  } catch (error) {
    return {
      objects: [],
      text: '',
      bytes: 0,
      digest: null,
      assumptions,
      warnings,
      error: faultOf(error, root),
    }
  }
}

function build(
  input: FluxRenderInput,
  files: SecureRoot,
  warnings: string[],
  assumptions: RenderAssumption[],
): readonly RenderedObject[] {
  const { object, documents, checkpoint } = input
  const directory = joinInsideRoot(files, files.root, nestedString(object, 'spec', 'path') ?? '')
  if (files.stat(directory) === null)
    throw new BuildError('FileNotFound', `${pathNotFoundText}: stat ${directory}: no such file or directory`, {
      file: directory,
    })
  generateKustomization(object, directory, files, documents, checkpoint)

  const decryptor =
    nestedField(object, 'spec', 'decryption', 'provider') === 'sops' ? (input.decryptor ?? noKeys) : null
  if (decryptor !== null) {
    const sources = wrapping('error decrypting sources', () => decryptSources(directory, files, decryptor, checkpoint))
    warnings.push(...sources.warnings)
    assumptions.push(...sources.assumptions)
  }

  const context: BuildContext = {
    files,
    options: {
      loadRestrictions: 'none',
      reorder: 'none',
      hasManagedByLabel: false,
      hasPreloadedSchemas: true,
      // The controller links kustomize as a library, which then does not know its version.
      version: '(devel)',
    },
    documents,
    checkpoint,
    warn: (message) => warnings.push(message),
  }
  const resources = wrapping('kustomize build failed', () => recovering(() => runBuild(directory, context))).resources()

  const substitute = createSubstitution(input, resources, assumptions)
  return resources.map((resource, index) => {
    if ((index & 63) === 0) checkpoint()
    const { apiVersion, kind, name } = resource
    if (name === '' || kind === '' || apiVersion === '')
      throw new BuildError(
        'InvalidResource',
        `failed to decode Kubernetes apiVersion, kind and name from: ${encodeJson(nodeToGoValue(resource.node))}`,
      )
    const line = resource.node.line
    const assumed = assumptions.length
    const sensitive = decryptor === null ? [] : decrypt(resource, decryptor, warnings, assumptions)
    const yaml = substitute(resource)
    for (let at = assumed; at < assumptions.length; at++) input.noteUnknown?.(index, at)
    return {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      namespace: resource.namespace,
      name: resource.name,
      yaml,
      origin: originOf(resource, line, directory, files.root),
      sensitive,
    }
  })
}

/** As the controller goes on where kustomize panics. */
function recovering<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildPanic)) throw error
    throw new BuildError(error.code, `recovered from kustomize build panic: ${error.message}`, error.place, error)
  }
}

/** Decrypts in place; what no key opens stays as it is and is noted. */
function decrypt(
  resource: Resource,
  decryptor: Decryptor,
  warnings: string[],
  assumptions: RenderAssumption[],
): readonly SensitivePath[] {
  try {
    const result = decryptor.decryptResource(resource.node)
    resource.node = result.node
    warnings.push(...result.warnings)
    return result.sensitivePaths
  } catch (error) {
    if (!(error instanceof BuildError) || error.code !== 'DecryptionFailed') throw error
    const { kind, namespace, name, gvk } = resource
    assumptions.push({
      kind: 'undecryptable',
      message: `decryption failed for '${gvkText(gvk)}/${name}': ${error.message}`,
      names: [namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`],
      file: '',
      line: 0,
    })
    return []
  }
}

/** Gives the text of each object, its variables substituted, in the order of the calls. */
function createSubstitution(
  input: FluxRenderInput,
  resources: readonly Resource[],
  assumptions: RenderAssumption[],
): (resource: Resource) => string {
  const postBuild = nestedField(input.object, 'spec', 'postBuild')
  const print = (resource: Resource): string => wrapping('kustomize build failed', () => printResource(resource))
  if (postBuild === undefined || postBuild === null) return print

  const isAlways = postBuild instanceof Map && postBuild.get('substituteStrategy') === 'Always'
  const ids = createIdCounts(resources)
  let loaded: LoadedVariables | null = null
  let variables: Variables | null = null
  const doubtful = new Set<string>()
  const load = (): LoadedVariables => {
    if (loaded !== null) return loaded
    loaded = loadVariables(input.object, input.variables)
    const { values, unknownSources, uncertain } = loaded
    variables = {
      mayHoldMore: unknownSources.length > 0,
      get(name) {
        if (uncertain.has(name)) doubtful.add(name)
        return values.get(name) ?? null
      },
    }
    return loaded
  }
  const note = (ref: string, names: ReadonlySet<string>, loaded: LoadedVariables, what: string): void => {
    if (names.size === 0) return
    const message = `${ref} uses variables that ${loaded.unknownSources.join(', ')} may ${what}: ${[...names].join(', ')}.`
    assumptions.push({ kind: 'unknownVariables', message, names: [...names], file: '', line: 0 })
  }

  return (resource) => {
    const before = resource.currentId()
    const prefix = `post build failed for '${gvkText(resource.gvk)}/${resource.name}'`
    return wrapping(prefix, () => {
      const text = emitNode(resource.node)
      if (isDisabled(resource)) return text
      const known = load()
      if (known.values.size === 0 && !isAlways && known.unknownSources.length === 0) return text
      wrapping('envsubst error', () => demandVariableNames(known.values.keys()))
      const unknown = new Set<string>()
      doubtful.clear()
      const result = substituteResource(text, variables!, input.isStrict, unknown, input.checkpoint)
      const ref = `${before.kind}/${before.name}`
      note(ref, unknown, known, 'hold, so their expressions stay')
      note(ref, doubtful, known, 'hold with another value')
      if (result.value !== null) {
        resource.node = goValueToNode(result.value) as MapNode
        ids.change(before, resource.currentId())
      }
      return result.text
    })
  }
}

function isDisabled(resource: Resource): boolean {
  return resource.labels().get(substituteKey) === 'disabled' || resource.annotations().get(substituteKey) === 'disabled'
}

/** Substitution may give an object the id of another one: the controller then fails. */
function createIdCounts(resources: readonly Resource[]): { change(from: ResId, to: ResId): void } {
  let counts: Map<string, number> | null = null
  return {
    change(from, to) {
      const fromKey = resIdKey(from)
      const toKey = resIdKey(to)
      if (fromKey === toKey) return
      if (counts === null) {
        counts = new Map()
        // The caller has replaced the object already: it counts under its new id.
        for (const resource of resources) {
          const key = resIdKey(resource.currentId())
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
      } else {
        counts.set(fromKey, (counts.get(fromKey) ?? 1) - 1)
        counts.set(toKey, (counts.get(toKey) ?? 0) + 1)
      }
      const count = counts.get(toKey) ?? 0
      if (count > 1) throw new BuildError('IdConflict', `in Replace: id matched ${count} resources`)
    },
  }
}

/** The file is known of every object; its origin, as kustomize tells it, only where buildMetadata asks for it. */
/** Where an object of a build of `directory` was read from or generated; `line` is its document's. Null where that is not known. */
export function originOf(
  { origin, file }: Resource,
  line: number,
  directory: string,
  root: string,
): RenderedOrigin | null {
  const named = origin?.path ?? origin?.configuredIn
  const path = file ?? (named === undefined ? null : joinPath(directory, named))
  // Nothing but generators makes objects out of a kustomization file.
  const isGenerated =
    (origin !== null && origin.path === undefined) ||
    kustomizationFileNames.some((name) => path?.endsWith(`/${name}`) === true)
  return path === null ? null : { file: relativePath(path, root), line: isGenerated ? 0 : line, isGenerated }
}

function relativePath(path: string, root: string): string {
  return isInOrBelow(path, root) ? path.slice(root === '/' ? 1 : root.length + 1) : path
}

function faultOf(error: unknown, root: string): RenderFault {
  if (error instanceof BuildError) {
    const { file, line } = error.place
    return {
      code: error.code,
      message: error.message,
      file: file === undefined ? '' : relativePath(file, root),
      line: line ?? 0,
    }
  }
  if (error instanceof FileFault)
    return {
      code: error.code === 'OutsideRoot' ? 'PathRefused' : 'FileUnreadable',
      message: error.message,
      file: relativePath(error.path, root),
      line: 0,
    }
  // The engine's own recursion ends where the stack does; upstream's would go on, and end the controller.
  if (error instanceof RangeError)
    return { code: 'LimitExceeded', message: 'a document is nested too deeply to be rendered', file: '', line: 0 }
  throw error
}

function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // A surrogate pair is four bytes for two units.
    length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return length
}
