/**
 * The engine's side of rendering for clusters: what was rendered is kept here, beside the comparisons that hold on to the same objects, so that a
 * render that is asked for again, or by several at once, costs neither a build nor a transfer.
 */
import { hash } from 'node:crypto'
import type { ClusterRenderMessage } from '../../engine/build/cluster/cluster-renders.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { parseExact } from '../../engine/exact-json.ts'
import type { ClusterRender, ClusterRenderedObject, ClusterRenderer } from '../../engine/drift/cluster-renderer-port.ts'
import type { ClusterRenderRequest } from '../../engine/drift/cluster-renderer-port.ts'
import type { PrintElsewhere } from '../../engine/drift/cluster-renderer-port.ts'
import { at } from '../../engine/status/read.ts'

export interface ClusterRendererOptions {
  readonly send: (request: ClusterRenderRequest, signal: AbortSignal) => Promise<ClusterRenderMessage>
  readonly print?: PrintElsewhere
  /** Characters of JSON that are kept; about three times as many bytes of memory. 24 M if not given. */
  readonly maxKeptCharacters?: number
}

const defaultMaxKeptCharacters = 24 * 1024 * 1024

/** A build that somebody waits for. */
interface Building {
  readonly render: Promise<ClusterRender>
  readonly abort: AbortController
  waiting: number
}

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

  const buildings = new Map<string, Building>()

  async function build(key: string, request: ClusterRenderRequest, signal: AbortSignal): Promise<ClusterRender> {
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
  }

  function begin(key: string, request: ClusterRenderRequest): Building {
    const abort = new AbortController()
    const building: Building = { render: build(key, request, abort.signal), abort, waiting: 0 }
    buildings.set(key, building)
    const end = (): void => forget(key, building)
    building.render.then(end, end)
    return building
  }

  function forget(key: string, building: Building): void {
    if (buildings.get(key) === building) buildings.delete(key)
  }

  /** Who leaves does not take the build from the others. The last one ends it, and has its answer when nothing reads the tree any more. */
  function share(key: string, building: Building, signal: AbortSignal): Promise<ClusterRender> {
    building.waiting += 1
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        building.waiting -= 1
        if (building.waiting > 0) {
          reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
          return
        }
        forget(key, building)
        building.abort.abort()
      }
      signal.addEventListener('abort', leave, { once: true })
      void building.render.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  return {
    ...(options.print === undefined ? {} : { print: options.print }),
    async render(asked, signal) {
      if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
      const request = withoutNeedlessKeys(asked)
      const key = keyOf(request)
      const found = kept.get(key)
      if (found !== undefined) {
        kept.delete(key)
        kept.set(key, found)
        return found.render
      }
      return share(key, buildings.get(key) ?? begin(key, request), signal)
    },
  }
}

/**
 * Where nothing is decrypted, who may use their own keys and who may not ask for the same. SECURITY: item 9: where `spec.decryption` is there at all the
 * two are kept apart, since what own keys open is shown to nobody who may not use them.
 */
function withoutNeedlessKeys(request: ClusterRenderRequest): ClusterRenderRequest {
  const isNeeded = at(request.kustomization, 'spec', 'decryption') !== undefined
  return request.usesOwnKeys && !isNeeded ? { ...request, usesOwnKeys: false } : request
}

/** SECURITY: item 9: keys and variables are in it as a digest only. */
function keyOf({ tree, ...rest }: ClusterRenderRequest): string {
  return hash('sha256', JSON.stringify([tree.kind, tree.path, tree.contentKey, rest]))
}
