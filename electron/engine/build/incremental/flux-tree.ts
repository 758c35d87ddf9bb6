/** A folder with Flux Kustomizations, rendered as often as one likes: each is built again only when something that it read has changed. */
import type { DocumentCache } from '../../kustomize/build-context.ts'
import type { Files } from '../../kustomize/files.ts'
import { encodeJson } from '../../kustomize/yaml/go-json.ts'
import type { BuildDecryption } from '../build-decryption.ts'
import { asksForDecryption } from '../build-decryption.ts'
import type { FileProblem, FoundKustomization } from '../find-kustomizations.ts'
import { renderKustomization } from '../render-kustomization.ts'
import type { FluxRenderResult } from '../render-result.ts'
import type { VariableSource } from '../variables.ts'
import type { BuildSources } from './incremental-builds.ts'
import { createIncrementalBuilds } from './incremental-builds.ts'
import { createTreeScanner } from './scan-tree.ts'
import type { TreeMemo } from './tree-memo.ts'
import { createTreeMemo } from './tree-memo.ts'

export interface FluxTreeOptions {
  /** Every build is jailed to `root` whatever these show. */
  readonly files: Files
  /** Links followed. */
  readonly root: string
  readonly variables: VariableSource
  /** For Kustomizations with `spec.decryption`; null where nobody has keys: what is encrypted stays so and is marked. */
  readonly decryption: BuildDecryption | null
  readonly documents: DocumentCache
  /** Equal for equal bytes alone. */
  readonly contentKey: (bytes: Uint8Array) => string
  readonly sha256Hex: (text: string) => string
  /** Milliseconds, for durations. */
  readonly now: () => number
  /** Throws BuildError Canceled or LimitExceeded when the build must stop. */
  readonly checkpoint: () => void
  /** Memory for results; 256 MB if not given. */
  readonly maxBytes?: number
}

export interface TreeKustomization extends FoundKustomization {
  /** `flux|FILE|NAMESPACE/NAME`, with `#n` on the second and later of equal ones. */
  readonly key: string
}

export interface RenderedEntry {
  readonly key: string
  /** `NAMESPACE/NAME`. */
  readonly title: string
  readonly result: FluxRenderResult
  /** Of the build, or of finding that none was needed. */
  readonly durationMs: number
  readonly isReused: boolean
  /** It met keys that nobody has tried: `recover` of the decryption, and render it again. */
  readonly isWaiting: boolean
}

export interface FluxTree {
  scan(): {
    readonly kustomizations: readonly TreeKustomization[]
    readonly problems: readonly FileProblem[]
    /** Paths of YAML and kustomization files below the root. */
    readonly files: readonly string[]
  }
  /** Renders one Kustomization of the last scan. Throws RangeError for any other key. */
  render(key: string): RenderedEntry
  /** Files that changed, absolute; null: look for yourself. Gives the keys of the last scan whose results are in doubt. */
  changed(paths: readonly string[] | null): readonly string[]
  /** Any other build over the same tree, kept in the same way. */
  build<T>(
    key: string,
    work: (sources: BuildSources) => T,
    bytesOf: (result: T) => number,
  ): { result: T; isReused: boolean }
  readonly files: Files
  readonly memo: TreeMemo
}

const defaultMaxBytes = 256 * 1024 * 1024

/** A result that says nothing about the tree: the build was stopped, or waits for keys. */
class Stopped extends Error {
  readonly result: FluxRenderResult
  readonly isWaiting: boolean

  constructor(result: FluxRenderResult, isWaiting: boolean) {
    super('stopped')
    this.result = result
    this.isWaiting = isWaiting
  }
}

/** The value, from outside the tree, that names the keys in force. */
const keysValue = 'decryption'

interface Sized {
  readonly value: unknown
  readonly bytes: number
}

export function createFluxTree(options: FluxTreeOptions): FluxTree {
  const { root, variables, decryption, sha256Hex, now, checkpoint } = options
  const memo = createTreeMemo(options.files, options.contentKey)
  const scanner = createTreeScanner(memo, root)
  const builds = createIncrementalBuilds<Sized>({
    memo,
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    bytesOf: ({ bytes }) => bytes,
    textOfValue: (name) => (name === keysValue ? (decryption?.state ?? '') : textOf(variables, name)),
  })
  /** Keys of the last scan, and what each is built under. */
  const scanned = new Map<string, { readonly kustomization: TreeKustomization; readonly buildKey: string }>()

  /** Builds that keys decide upon, with the keys that they were last built with. */
  const decrypted = new Map<string, string>()

  function renderAnew(one: FoundKustomization, buildKey: string, { files, noteValue }: BuildSources): FluxRenderResult {
    const keys = decryption !== null && asksForDecryption(one.object) ? decryption.begin(files) : null
    if (keys !== null && decryption !== null) {
      noteValue(keysValue, decryption.state)
      decrypted.set(buildKey, decryption.state)
    }
    const built = renderKustomization({
      object: one.object,
      root,
      files: keys?.files ?? files,
      variables(kind, namespace, name) {
        const id = `${kind}/${namespace}/${name}`
        noteValue(id, textOf(variables, id))
        return variables(kind, namespace, name)
      },
      decryptor: keys?.decryptor ?? null,
      isStrict: true,
      documents: options.documents,
      checkpoint,
      sha256Hex,
    })
    const { result, isWaiting } = keys?.finish(built) ?? { result: built, isWaiting: false }
    const isStopped = result.error?.code === 'Canceled' || result.error?.code === 'LimitExceeded'
    if (isStopped || isWaiting) throw new Stopped(result, isWaiting && !isStopped)
    return result
  }

  return {
    files: memo,
    memo,
    scan() {
      const { kustomizations, problems, files } = scanner.scan(checkpoint)
      scanned.clear()
      const keyed = kustomizations.map((one) => {
        const plain = `flux|${one.file}|${one.namespace}/${one.name}`
        let key = plain
        for (let count = 2; scanned.has(key); count++) key = `${plain}#${count}`
        const kustomization = { ...one, key }
        scanned.set(key, { kustomization, buildKey: `flux ${sha256Hex(encodeJson(one.object))}` })
        return kustomization
      })
      return { kustomizations: keyed, problems, files }
    },
    render(key) {
      const found = scanned.get(key)
      if (found === undefined) throw new RangeError(`no Kustomization ${key}`)
      const { kustomization, buildKey } = found
      const startedAt = now()
      let done: Pick<RenderedEntry, 'result' | 'isReused' | 'isWaiting'>
      try {
        const { result, isReused } = builds.get(buildKey, (sources) => {
          const value = renderAnew(kustomization, buildKey, sources)
          return { value, bytes: bytesOf(value) }
        })
        done = { result: result.value as FluxRenderResult, isReused, isWaiting: false }
      } catch (error) {
        if (!(error instanceof Stopped)) throw error
        done = { result: error.result, isReused: false, isWaiting: error.isWaiting }
      }
      const { namespace, name } = kustomization
      return { key, title: namespace === '' ? name : `${namespace}/${name}`, ...done, durationMs: now() - startedAt }
    },
    changed(paths) {
      const reached = new Set(builds.changed(paths))
      for (const [buildKey, state] of decrypted) {
        if (state === (decryption?.state ?? '')) continue
        // SECURITY: what other keys opened is not kept, not even as an older version.
        builds.forget(buildKey)
        decrypted.delete(buildKey)
        reached.add(buildKey)
      }
      const keys: string[] = []
      for (const [key, { buildKey }] of scanned) if (reached.has(buildKey)) keys.push(key)
      for (const key of reached) if (!key.startsWith('flux ')) keys.push(key)
      return keys
    },
    build<T>(key: string, work: (sources: BuildSources) => T, sizeOf: (result: T) => number) {
      const { result, isReused } = builds.get(key, (sources) => {
        const value = work(sources)
        return { value, bytes: sizeOf(value) }
      })
      return { result: result.value as T, isReused }
    },
  }
}

/** Objects hold their own copies of what the text says. */
function bytesOf({ text, objects }: FluxRenderResult): number {
  return text.length * 4 + objects.length * 400 + 500
}

/** What a source holds, as text to compare; `id` is `Kind/namespace/name`. */
function textOf(variables: VariableSource, id: string): string {
  const [kind = '', namespace = '', name = ''] = id.split('/')
  const held = variables(kind as 'ConfigMap' | 'Secret', namespace, name)
  return held === null ? '' : held === 'unknown' ? '?' : JSON.stringify([...held])
}
