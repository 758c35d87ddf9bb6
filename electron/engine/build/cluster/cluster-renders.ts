/**
 * build/cluster: renders Kustomizations of clusters against stored trees, in a worker of the render pool: build, decryption, substitution,
 * digest, then the bodies that the controller would apply. Owns the trees that are open and nothing of what was rendered. Knows no cluster: the
 * request brings the object, its variables and its keys. Semantics: flux-semantics §2.2 to §2.6.
 */
import type { SopsCrypto } from '../../decrypt/crypto.ts'
import type { ClusterRenderedObject, ClusterRenderRequest } from '../../drift/cluster-renderer-port.ts'
import { exactText } from '../../exact-json.ts'
import type { DocumentCache } from '../../kustomize/build-context.ts'
import { BuildError } from '../../kustomize/build-error.ts'
import type { Files } from '../../kustomize/files.ts'
import { FileFault } from '../../kustomize/files.ts'
import type { GoMap } from '../../kustomize/yaml/go-value.ts'
import type { StoredTree } from '../../source/artifact-port.ts'
import { asksForDecryption, createUserDecryption } from '../build-decryption.ts'
import type { KeySource, UserDecryption } from '../build-decryption.ts'
import { renderKustomization } from '../render-kustomization.ts'
import type { FluxRenderResult, RenderAssumption, RenderFault } from '../render-result.ts'
import type { VariableSource } from '../variables.ts'
import { createGivenKeys } from './given-keys.ts'
import { toGoValue } from './plain-value.ts'
import { toApplyBodies } from './apply-bodies.ts'

export interface OpenTree {
  readonly files: Files
  /** Path of the tree's root in `files`. */
  readonly root: string
  close?(): void
}

export interface ClusterRendersOptions {
  /** Throws FileFault where the tree cannot be read. */
  readonly openTree: (tree: StoredTree) => OpenTree
  readonly crypto: SopsCrypto
  readonly documents: DocumentCache
  /** Lower-case hexadecimal SHA-256 of a text's UTF-8. */
  readonly sha256Hex: (text: string) => string
  readonly now: () => number
  /** Throws BuildError Canceled or LimitExceeded when the build must stop. */
  readonly checkpoint: () => void
  /** Trees that stay open; 6 if not given. */
  readonly keptTrees?: number
}

/** As it crosses the threads: one text costs less than many small objects. */
export interface ClusterRenderMessage {
  /** JSON of ClusterRenderedObject[]. */
  readonly objects: string
  readonly digest: string | null
  readonly assumptions: readonly RenderAssumption[]
  readonly warnings: readonly string[]
  readonly error: RenderFault | null
  readonly durationMs: number
}

export interface ClusterRenders {
  /** `ownKeys`: the user's own, where the request allows them. Throws BuildError Canceled alone: whatever else fails is `error`. */
  render(request: ClusterRenderRequest, ownKeys: KeySource | null): Promise<ClusterRenderMessage>
}

const defaultKeptTrees = 6
/** A document that is decrypted may hold encrypted ones in turn; nobody goes deeper than this. */
const maxRounds = 3

export function createClusterRenders(options: ClusterRendersOptions): ClusterRenders {
  const { crypto, now, keptTrees = defaultKeptTrees } = options
  // A Map keeps the order of insertion: what is used moves to its end.
  const trees = new Map<string, OpenTree>()

  function open(tree: StoredTree): OpenTree {
    const key = `${tree.kind} ${tree.path} ${tree.contentKey}`
    const known = trees.get(key)
    trees.delete(key)
    const opened = known ?? options.openTree(tree)
    trees.set(key, opened)
    for (const [oldest, old] of trees) {
      if (trees.size <= keptTrees) break
      trees.delete(oldest)
      old.close?.()
    }
    return opened
  }

  async function renderObjects(
    request: ClusterRenderRequest,
    ownKeys: KeySource | null,
  ): Promise<Omit<ClusterRenderMessage, 'durationMs'>> {
    const tree = open(request.tree)
    const object = toGoValue(request.kustomization) as GoMap
    // SECURITY: item 9: keys and what they recovered live as long as this render and no longer.
    const decryption = asksForDecryption(object) ? decryptionOf(request, ownKeys, crypto) : null
    const { result, unknown } = await decrypted(decryption, tree, object, request)
    const { digest, assumptions, warnings, error } = result
    if (error?.code === 'Canceled') throw new BuildError('Canceled', error.message)
    if (error !== null) return { objects: '[]', digest: null, assumptions, warnings, error }
    const bodies = toApplyBodies(result.objects, unknown, request.kustomization)
    return {
      objects: exactText(bodies satisfies readonly ClusterRenderedObject[]),
      digest,
      assumptions,
      warnings,
      error,
    }
  }

  async function decrypted(
    decryption: UserDecryption | null,
    tree: OpenTree,
    object: GoMap,
    request: ClusterRenderRequest,
  ): Promise<{ readonly result: FluxRenderResult; readonly unknown: ReadonlyMap<number, string> }> {
    for (let round = 0; ; round++) {
      const keys = decryption?.begin(tree.files) ?? null
      const notes: { readonly object: number; readonly assumption: number }[] = []
      const built = renderKustomization({
        object,
        root: tree.root,
        files: keys?.files ?? tree.files,
        variables: variablesOf(request),
        decryptor: keys?.decryptor ?? null,
        isStrict: request.isStrict,
        documents: options.documents,
        checkpoint: options.checkpoint,
        sha256Hex: options.sha256Hex,
        noteUnknown: (at, assumption) => notes.push({ object: at, assumption }),
      })
      const { result, isWaiting } = keys?.finish(built) ?? { result: built, isWaiting: false }
      if (isWaiting && round < maxRounds && (await decryption?.recover(options.checkpoint)) === true) continue
      const unknown = new Map<number, string>()
      for (const note of notes) {
        const message = result.assumptions[note.assumption]?.message ?? ''
        unknown.set(note.object, [unknown.get(note.object) ?? [], message].flat().join(' '))
      }
      return { result, unknown }
    }
  }

  return {
    async render(request, ownKeys) {
      const startedAt = now()
      try {
        return { ...(await renderObjects(request, ownKeys)), durationMs: now() - startedAt }
      } catch (error) {
        const fault = faultOf(error)
        return {
          objects: '[]',
          digest: null,
          assumptions: [],
          warnings: [],
          error: fault,
          durationMs: now() - startedAt,
        }
      }
    },
  }
}

function decryptionOf(
  request: ClusterRenderRequest,
  ownKeys: KeySource | null,
  crypto: SopsCrypto,
): UserDecryption | null {
  const own = request.usesOwnKeys ? ownKeys : null
  if (request.decryptionKeys === null && own === null) return null
  return createUserDecryption(crypto, createGivenKeys(request.decryptionKeys ?? {}, own))
}

function variablesOf({ variables }: ClusterRenderRequest): VariableSource {
  const known = new Map(Object.entries(variables))
  return (kind, namespace, name) => {
    const held = known.get(`${kind}/${namespace}/${name}`)
    return held === undefined || held === 'unknown' ? 'unknown' : held === null ? null : new Map(Object.entries(held))
  }
}

/** What goes wrong before or after the build itself. */
function faultOf(error: unknown): RenderFault {
  if (error instanceof BuildError) {
    if (error.code === 'Canceled') throw error
    return { code: error.code, message: error.message, file: error.place.file ?? '', line: error.place.line ?? 0 }
  }
  if (error instanceof FileFault) return { code: 'FileUnreadable', message: error.message, file: '', line: 0 }
  // Keys of the cluster that cannot be used: the controller stops over them as well. The text names the entry, never its content.
  if (error instanceof Error && error.name === 'KeyFileFault')
    return { code: 'DecryptionFailed', message: `failed to import ${error.message}`, file: '', line: 0 }
  throw error
}
