/** A KubeClient whose answers a test writes by hand: what a real API server does only once a month. */
import type { KubeClient, KubeRequest, KubeResponse } from '../../../electron/engine/ports.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { SluiceError } from '../../../shared/model/errors.ts'

export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): KubeResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    status,
    headers,
    bytes: new TextEncoder().encode(text),
    text: () => text,
    json: () => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        throw new SluiceError('ResponseMalformed', 'not JSON')
      }
    },
  }
}

export function statusAnswer(
  code: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): KubeResponse {
  return answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }, headers)
}

export function object(name: string, resourceVersion: string, uid = `uid-${name}`, namespace = 'apps'): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace, uid, resourceVersion } }
}

export function list(
  items: readonly KubeObject[],
  resourceVersion: string,
  next = '',
  remaining?: number,
): KubeResponse {
  return answer(200, {
    kind: 'ThingList',
    metadata: {
      resourceVersion,
      ...(next === '' ? {} : { continue: next }),
      ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
    },
    items,
  })
}

/** One open watch: the test sends lines, ends or cuts it. */
export class ScriptedWatch {
  readonly request: KubeRequest
  isClosed = false
  #queue: (readonly string[] | Error | null)[] = []
  #wake: (() => void) | null = null

  constructor(request: KubeRequest) {
    this.request = request
    request.signal?.addEventListener('abort', () => {
      this.isClosed = true
      this.#put(new SluiceError('Canceled', 'aborted', { retry: 'canceled' }))
    })
  }
  event(type: string, value: unknown): void {
    this.#put([JSON.stringify({ type, object: value })])
  }
  line(text: string): void {
    this.#put([text])
  }
  end(): void {
    this.#put(null)
  }
  cut(): void {
    this.#put(new SluiceError('ConnectionLost', 'cut', { retry: 'transient' }))
  }
  async *lines(): AsyncIterable<readonly string[]> {
    for (;;) {
      const next = this.#queue.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      if (next === null) return
      if (next instanceof Error) throw next
      yield next
    }
  }
  #put(item: readonly string[] | Error | null): void {
    this.#queue.push(item)
    this.#wake?.()
    this.#wake = null
  }
}

type Step = KubeResponse | Error | ((request: KubeRequest) => KubeResponse | Promise<KubeResponse>)

export class ScriptedClient implements KubeClient {
  readonly context = 'test'
  readonly requests: KubeRequest[] = []
  readonly watches: ScriptedWatch[] = []
  readonly calls: string[] = []
  /** Answers of requests, in order; the last one is repeated. */
  readonly steps: Step[] = []
  /** Answers in place of watches, in order; empty = watches open. */
  readonly watchRefusals: KubeResponse[] = []
  isReadOnly: boolean | null = null

  async request(request: KubeRequest): Promise<KubeResponse> {
    this.calls.push(`${request.method} ${request.path}`)
    this.requests.push(request)
    const step = this.steps.length > 1 ? this.steps.shift() : this.steps[0]
    if (step === undefined) throw new Error(`no answer for ${request.path}`)
    if (step instanceof Error) throw step
    return typeof step === 'function' ? step(request) : step
  }
  openTunnel(): ReturnType<KubeClient['openTunnel']> {
    return Promise.reject(new Error('no tunnels here'))
  }
  stream(request: KubeRequest): ReturnType<KubeClient['stream']> {
    const refusal = this.watchRefusals.shift()
    if (refusal !== undefined)
      return Promise.resolve({
        status: refusal.status,
        headers: refusal.headers,
        lines: new ScriptedWatch(request).lines(),
        error: () => Promise.resolve(refusal),
      })
    const watch = new ScriptedWatch(request)
    this.watches.push(watch)
    return Promise.resolve({
      status: 200,
      headers: {},
      lines: watch.lines(),
      error: () => Promise.resolve(answer(200, '')),
    })
  }
  setReadOnly(isReadOnly: boolean): void {
    this.calls.push(`setReadOnly ${String(isReadOnly)}`)
    this.isReadOnly = isReadOnly
  }
  pendingApproval(): null {
    return null
  }
  identity(): Promise<string> {
    return Promise.resolve('tester')
  }
  reset(): void {
    this.calls.push('reset')
  }
  close(): void {
    this.calls.push('close')
  }
}
