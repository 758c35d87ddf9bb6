/**
 * Objects behind a KubeClient, in memory: lists, GETs and watches as far as the schedule of comparisons needs them. What the API server
 * decides is tested on a real one.
 */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { KubeClient, KubeRequest, KubeResponse } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { answer, statusAnswer } from '../cache/scripted-client.ts'

interface Stream {
  readonly plural: string
  readonly namespace: string
  readonly push: (lines: readonly string[] | Error) => void
}

export class ObjectServer {
  readonly requests: KubeRequest[] = []
  /** False: nothing gets through. */
  isUp = true
  readonly forbiddenLists = new Set<string>()
  #version = 100
  readonly #objects = new Map<string, KubeObject>()
  readonly #streams = new Set<Stream>()

  readonly client: KubeClient = {
    context: 'lab',
    request: (request) => this.#answer(request),
    stream: async (request) => {
      await Promise.resolve()
      this.requests.push(request)
      this.#demandUp()
      const { plural, namespace } = readPath(request.path)
      return {
        status: 200,
        headers: {},
        lines: this.#open(plural, namespace, request),
        error: () => this.#answer(request),
      }
    },
    openTunnel: () => Promise.reject(new Error('no tunnels')),
    setReadOnly: () => undefined,
    pendingApproval: () => null,
    identity: () => Promise.resolve('ana'),
    reset: () => undefined,
    close: () => undefined,
  }

  /** Creates or replaces; the generation rises unless `isStatusOnly`. */
  put(plural: string, object: KubeObject, isStatusOnly = false): void {
    this.#version += 1
    const key = keyOf(plural, object.metadata.namespace ?? '', object.metadata.name)
    const before = this.#objects.get(key)
    const generation = (before?.metadata.generation ?? 0) + (isStatusOnly ? 0 : 1)
    const stored: KubeObject = {
      ...object,
      metadata: { uid: `uid-${key}`, ...object.metadata, generation, resourceVersion: String(this.#version) },
    }
    this.#objects.set(key, stored)
    this.#tell(plural, before === undefined ? 'ADDED' : 'MODIFIED', stored)
  }

  delete(plural: string, namespace: string, name: string): void {
    const key = keyOf(plural, namespace, name)
    const object = this.#objects.get(key)
    this.#objects.delete(key)
    if (object !== undefined) this.#tell(plural, 'DELETED', object)
  }

  /** Cuts every watch, as a server that goes away does. */
  goDown(): void {
    this.isUp = false
    for (const stream of this.#streams) stream.push(new SluiceError('ConnectionLost', 'cut', { retry: 'transient' }))
    this.#streams.clear()
  }

  count(method: string, pattern: RegExp): number {
    return this.requests.filter((request) => request.method === method && pattern.test(request.path)).length
  }

  #tell(plural: string, type: string, object: KubeObject): void {
    for (const stream of this.#streams)
      if (stream.plural === plural && ['', object.metadata.namespace].includes(stream.namespace))
        stream.push([JSON.stringify({ type, object })])
  }

  #demandUp(): void {
    if (!this.isUp) throw new SluiceError('ConnectionRefused', 'nobody listens', { retry: 'transient' })
  }

  async #answer(request: KubeRequest): Promise<KubeResponse> {
    await Promise.resolve()
    this.requests.push(request)
    this.#demandUp()
    const { plural, namespace, name } = readPath(request.path)
    if (name !== '') {
      const object = this.#objects.get(keyOf(plural, namespace, name))
      return object === undefined
        ? answer(404, { kind: 'Status', reason: 'NotFound', code: 404, details: { name } })
        : answer(200, object)
    }
    if (this.forbiddenLists.has(plural)) return statusAnswer(403, 'Forbidden', `you may not list ${plural}`)
    const query = new URLSearchParams(request.path.split('?')[1] ?? '')
    if (namespace === '' && this.forbiddenLists.has(`${plural} cluster-wide`))
      return statusAnswer(403, 'Forbidden', `you may not list ${plural} cluster-wide`)
    const single = /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1]
    const items = [...this.#objects]
      .filter(([key, { metadata }]) => key.startsWith(`${plural}|`) && ['', metadata.namespace].includes(namespace))
      .map(([, object]) => object)
      .filter(({ metadata }) => single === undefined || metadata.name === single)
    const start = Number(query.get('continue') ?? 0)
    const end = start + Number(query.get('limit') ?? items.length)
    const remainingItemCount = items.length - end
    return answer(200, {
      metadata: {
        resourceVersion: String(this.#version),
        ...(remainingItemCount > 0 ? { continue: String(end), remainingItemCount } : {}),
      },
      items: items.slice(start, end),
    })
  }

  async *#open(plural: string, namespace: string, request: KubeRequest): AsyncIterable<readonly string[]> {
    const queue: (readonly string[] | Error)[] = []
    let wake: () => void = () => undefined
    const stream: Stream = {
      plural,
      namespace,
      push: (lines) => {
        queue.push(lines)
        wake()
      },
    }
    this.#streams.add(stream)
    request.signal?.addEventListener('abort', () => {
      this.#streams.delete(stream)
      stream.push(new SluiceError('Canceled', 'aborted', { retry: 'canceled' }))
    })
    for (;;) {
      const next = queue.shift()
      if (next instanceof Error) throw next
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

function keyOf(plural: string, namespace: string, name: string): string {
  return `${plural}|${namespace}/${name}`
}

function readPath(path: string): { readonly plural: string; readonly namespace: string; readonly name: string } {
  const parts = (path.split('?')[0] ?? '').split('/').filter((part) => part !== '')
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const isScoped = rest[0] === 'namespaces' && rest.length > 2
  const [plural = '', name = ''] = isScoped ? rest.slice(2) : rest
  return { plural, namespace: isScoped ? (rest[1] ?? '') : '', name }
}
