/**
 * The engine's side of rendering for clusters: what was rendered is kept here, beside the comparisons that hold on to the same objects, so that a
 * render that is asked for again costs neither a build nor a transfer.
 */
import { hash } from 'node:crypto'
import type { ClusterRenderMessage } from '../../engine/build/cluster/cluster-renders.ts'
import { parseExact } from '../../engine/exact-json.ts'
import type { ClusterRender, ClusterRenderedObject, ClusterRenderer } from '../../engine/drift/cluster-renderer-port.ts'
import type { ClusterRenderRequest } from '../../engine/drift/cluster-renderer-port.ts'
import type { PrintElsewhere } from '../../engine/drift/cluster-renderer-port.ts'

export interface ClusterRendererOptions {
  readonly send: (request: ClusterRenderRequest, signal: AbortSignal) => Promise<ClusterRenderMessage>
  readonly print?: PrintElsewhere
  /** Characters of JSON that are kept; about three times as many bytes of memory. 24 M if not given. */
  readonly maxKeptCharacters?: number
}

const defaultMaxKeptCharacters = 24 * 1024 * 1024

interface Kept {
  readonly render: ClusterRender
  readonly characters: number
}

export function createClusterRenderer(options: ClusterRendererOptions): ClusterRenderer {
  const { send, maxKeptCharacters = defaultMaxKeptCharacters } = options
  // A Map keeps the order of insertion: what is used moves to its end.
  const kept = new Map<string, Kept>()
  let total = 0

  function keep(key: string, entry: Kept): void {
    total -= kept.get(key)?.characters ?? 0
    kept.delete(key)
    if (entry.characters > maxKeptCharacters) return
    kept.set(key, entry)
    total += entry.characters
    for (const [oldest, { characters }] of kept) {
      if (total <= maxKeptCharacters) break
      kept.delete(oldest)
      total -= characters
    }
  }

  return {
    ...(options.print === undefined ? {} : { print: options.print }),
    async render(request, signal) {
      const key = keyOf(request)
      const found = kept.get(key)
      if (found !== undefined) {
        kept.delete(key)
        kept.set(key, found)
        return found.render
      }
      const message = await send(request, signal)
      const objects = parseExact(message.objects) as readonly ClusterRenderedObject[]
      const render: ClusterRender = { ...message, objects }
      // What the worker could not end, or keys of this machine may open another time, says nothing about the next try.
      // SECURITY: item 9: what was decrypted is not kept: it is decrypted again.
      const isFinal =
        message.error?.code !== 'LimitExceeded' &&
        objects.every(({ sensitive }) => sensitive.length === 0) &&
        !(request.usesOwnKeys && message.assumptions.some(({ kind }) => kind === 'undecryptable'))
      if (isFinal) keep(key, { render, characters: message.objects.length + 500 })
      return render
    },
  }
}

/** SECURITY: item 9: keys and variables are in it as a digest only. */
function keyOf({ tree, ...rest }: ClusterRenderRequest): string {
  return hash('sha256', JSON.stringify([tree.kind, tree.path, tree.contentKey, rest]))
}
