/**
 * One resource kept in step with the API server: list in pages, then watch; relist on 410, re-open on a cut or a stall, wait as
 * asked on 429. Tells its sink about objects and its owner about its state; keeps no objects itself.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Clock, Dispose, KubeClient, KubeResponse, Logger, Random } from '../ports.ts'
import { errorFromAnswer, errorFromStatus, isTransportFault, retryAfterMs } from './api-answer.ts'
import { backoffMs } from './backoff.ts'
import { forEachInSlices, nextTurn } from './slices.ts'

export interface ListWatchSink {
  /** A list begins: whatever is not told before `listed` is gone from the server. */
  begin(): void
  /** One object of a page. `remaining`: what the server announced to follow, null if it did not say. */
  item(object: KubeObject): void
  pageEnd(remaining: number | null): void
  listed(): void
  changed(object: KubeObject): void
  deleted(object: KubeObject): void
}

export type ListWatchState =
  | { readonly word: 'loading' }
  | { readonly word: 'live' }
  /** No client is connected. */
  | { readonly word: 'unreachable' }
  | { readonly word: 'forbidden' | 'notInstalled' | 'error'; readonly error: SluiceError }

export interface ListWatchOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** For people: `Kustomizations in apps`. */
  readonly title: string
  /** Path of the collection without query; evaluated for each list and watch, since discovery may change the version. */
  readonly path: () => string
  /** Further query parameters, already encoded (`labelSelector=…`). */
  readonly query?: string
  readonly accept?: string
  /** Accept header of lists where that differs from the watches'; evaluated for each page. */
  readonly listAccept?: () => string
  /** How answers are read; their json() if not given. */
  readonly bodyOf?: (response: KubeResponse) => unknown
  readonly sink: ListWatchSink
  /** The client to use now, null while there is none: call `kick` when that changes. */
  readonly client: () => KubeClient | null
  readonly onState: (state: ListWatchState) => void
  /** The client did not reach the server, or its credentials no longer hold. */
  readonly onLost: (client: KubeClient, error: SluiceError) => void
  /** 403: true when another client takes over, so that the next try comes at once. */
  readonly onForbidden?: (client: KubeClient, error: SluiceError) => boolean
  readonly onNotServed?: () => void
  readonly onSeen?: (client: KubeClient) => void
  /** Awaited between the first page of a list and the next. */
  readonly beforeRest?: () => Promise<void>
}

const firstPageSize = 100
const pageSize = 500
/** Pages are cut so that reading one stays short: 1 MB takes 10 ms to parse, and as much again for its buffers and the collector. */
const pageBytes = 500_000
const stallMs = 90_000
const watchSeconds = 300
const pollMs = 30_000
const retryLimits = { firstMs: 500, maxMs: 30_000 }
const refusedLimits = { firstMs: 1000, maxMs: 60_000 }
/** A 403 or 404 right after a restart may be the API server still loading its roles or CRDs: believed the third time. */
const confirmationsNeeded = 3
/** So many watches in a row, cut so soon after they opened and before they told anything, and the list is read anew: what was cut off may have been the 410. */
const fruitlessAllowed = 3
const fruitlessMs = 5000

type WatchEvent = { readonly type: string; readonly object: KubeObject }

export class ListWatch {
  readonly #options: ListWatchOptions
  #isStopped = false
  #resourceVersion: string | null = null
  #failures = 0
  #refusals = 0
  #isSettled = false
  #word: ListWatchState['word'] | null = null
  #errorCode = ''
  /** Aborts the request under way. */
  #abort = new AbortController()
  /** Ends the current wait. */
  #wake: (() => void) | null = null
  #bytesPerObject = 0
  #throttledMs = 0
  /** The last answer was a whole list: no watch has opened since. */
  #isJustListed = false
  #fruitless = 0

  constructor(options: ListWatchOptions) {
    this.#options = options
    void this.#run()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#abort.abort()
    this.#wake?.()
  }

  /** Tries at once: a client is there again, permissions or the served version may have changed. */
  kick(): void {
    this.#failures = 0
    this.#refusals = 0
    this.#wake?.()
  }

  /** Drops the request under way and goes on with the client that `client()` now gives. */
  restart(isFresh: boolean): void {
    if (isFresh) this.#resourceVersion = null
    this.#abort.abort()
    this.kick()
  }

  async #run(): Promise<void> {
    this.#setState({ word: 'loading' })
    while (!this.#isStopped) {
      const client = this.#options.client()
      if (client === null) {
        this.#setState({ word: 'unreachable' })
        await this.#sleep(null)
        continue
      }
      this.#abort = new AbortController()
      const { signal } = this.#abort
      try {
        if (this.#word === 'unreachable' || this.#word === null) this.#setState({ word: 'loading' })
        if (this.#resourceVersion === null) await this.#list(client, signal)
        if (this.#isStopped) return
        await this.#watch(client, signal)
        if (!signal.aborted) this.#failures = 0
      } catch (error) {
        if (this.#isStopped) return
        if (signal.aborted) continue
        const waitMs = this.#judge(client, error)
        if (waitMs !== 0) await this.#sleep(waitMs)
      }
    }
  }

  /** What a fault means for the state; milliseconds to wait before the next try, null to wait for a kick. */
  #judge(client: KubeClient, fault: unknown): number | null {
    const { random, logger, title } = this.#options
    const error =
      fault instanceof SluiceError
        ? fault
        : new SluiceError('Internal', `${title}: ${fault instanceof Error ? fault.message : String(fault)}`, {
            cause: fault,
          })
    if (error.code === 'Gone') {
      this.#resourceVersion = null
      this.#failures += 1
      // The first 410 is everyday life; a server that answers every list with one is not.
      return this.#failures <= 1 ? 0 : backoffMs(random, this.#failures - 1, retryLimits)
    }
    if (isTransportFault(error) || error.code === 'Unauthorized' || error.code === 'ExecNotApproved') {
      this.#options.onLost(client, error)
      this.#failures += 1
      // While the owner still takes the client for good this is the only brake; a lost client is waited for by `kick`.
      return backoffMs(random, this.#failures, { firstMs: 250, maxMs: 3000 })
    }
    if (error.code === 'Forbidden') {
      this.#resourceVersion = null
      // Listing was allowed a moment ago and watching is not: lists stand in for the watch.
      if (this.#isJustListed) return pollMs
      if (this.#options.onForbidden?.(client, error) === true) return 0
      return this.#refused({ word: 'forbidden', error })
    }
    if (error.code === 'ResourceNotServed') {
      this.#resourceVersion = null
      this.#options.onNotServed?.()
      return this.#refused({ word: 'notInstalled', error })
    }
    this.#failures += 1
    if (error.code === 'ResponseMalformed') this.#resourceVersion = null
    logger.log('warn', 'list-watch failed', { title, code: error.code, detail: error.detail, failures: this.#failures })
    // One failed re-watch of a live list is repaired unseen.
    if (this.#failures > 1 || !this.#isSettled) this.#setState({ word: 'error', error })
    // Told how long to wait, a client waits that long: a starting server says 1 s, and then is there.
    if (error.code === 'Throttled' && this.#throttledMs > 0) return this.#throttledMs * (1 + 0.25 * random.unit())
    return Math.max(backoffMs(random, this.#failures, retryLimits), this.#throttledMs)
  }

  #refused(state: ListWatchState & { word: 'forbidden' | 'notInstalled' }): number {
    this.#refusals += 1
    if (this.#refusals >= confirmationsNeeded || !this.#isSettled) {
      if (this.#isSettled) {
        this.#options.sink.begin()
        this.#options.sink.listed()
      }
      this.#isSettled = false
      this.#setState(state)
    }
    return backoffMs(this.#options.random, this.#refusals, refusedLimits)
  }

  async #list(client: KubeClient, signal: AbortSignal): Promise<void> {
    const { clock, sink, title } = this.#options
    this.#isJustListed = false
    sink.begin()
    let limit = firstPageSize
    let token = ''
    let version = ''
    for (;;) {
      const response = await client.request({
        method: 'GET',
        path: this.#path([`limit=${String(limit)}`, token === '' ? '' : `continue=${encodeURIComponent(token)}`]),
        accept: this.#options.listAccept?.() ?? this.#options.accept ?? 'application/json',
        signal,
        timeoutMs: 60_000,
      })
      this.#throwUnless200(response, `List ${title}`)
      this.#options.onSeen?.(client)
      const body = (this.#options.bodyOf?.(response) ?? response.json()) as {
        readonly items?: unknown
        readonly metadata?: { resourceVersion?: unknown; continue?: unknown; remainingItemCount?: unknown }
      } | null
      const items = body?.items ?? []
      if (!Array.isArray(items)) throw malformed(title, 'the list has no items')
      const remaining = body?.metadata?.remainingItemCount
      // Reading a page was a turn's work.
      await nextTurn(clock)
      await forEachInSlices(
        clock,
        items as readonly unknown[],
        (item) => {
          if (isObject(item)) sink.item(item)
        },
        () => this.#isStopped || signal.aborted,
      )
      if (this.#isStopped || signal.aborted) return
      if (items.length > 0) this.#bytesPerObject = response.bytes.length / items.length
      version = typeof body?.metadata?.resourceVersion === 'string' ? body.metadata.resourceVersion : version
      token = typeof body?.metadata?.continue === 'string' ? body.metadata.continue : ''
      if (token === '') break
      sink.pageEnd(typeof remaining === 'number' ? remaining : null)
      await this.#options.beforeRest?.()
      if (this.#isStopped || signal.aborted) return
      limit = Math.max(10, Math.min(pageSize, Math.floor(pageBytes / Math.max(1, this.#bytesPerObject))))
    }
    if (version === '') throw malformed(title, 'the list has no resourceVersion')
    this.#resourceVersion = version
    this.#refusals = 0
    sink.listed()
    this.#isSettled = true
    this.#isJustListed = true
    this.#setState({ word: 'live' })
  }

  async #watch(client: KubeClient, signal: AbortSignal): Promise<void> {
    const { clock, title } = this.#options
    const seconds = watchSeconds + Math.floor(this.#options.random.unit() * watchSeconds)
    const openedAt = clock.monotonicMs()
    let isOpen = false
    const stall = new AbortController()
    const merged = AbortSignal.any([signal, stall.signal])
    let stallTimer: Dispose = () => undefined
    const expectSign = (): void => {
      stallTimer()
      stallTimer = clock.after(stallMs, () => {
        stall.abort()
      })
    }
    expectSign()
    try {
      const answer = await client.stream({
        method: 'GET',
        path: this.#path([
          'watch=1',
          'allowWatchBookmarks=true',
          `timeoutSeconds=${String(seconds)}`,
          `resourceVersion=${encodeURIComponent(this.#resourceVersion ?? '')}`,
        ]),
        accept: watchAccept(this.#options.accept),
        signal: merged,
        timeoutMs: (seconds + 60) * 1000,
      })
      if (answer.status !== 200) this.#throwUnless200(await answer.error(), `Watch ${title}`)
      isOpen = true
      this.#isJustListed = false
      this.#options.onSeen?.(client)
      this.#setState({ word: 'live' })
      for await (const lines of answer.lines) {
        if (this.#isStopped || merged.aborted) return
        expectSign()
        this.#options.onSeen?.(client)
        if (lines.length > 0) {
          this.#failures = 0
          this.#fruitless = 0
        }
        await forEachInSlices(
          clock,
          lines,
          (line) => {
            this.#line(line)
          },
          () => this.#isStopped || merged.aborted,
        )
      }
      this.#fruitless = 0
      // A server that ends each watch at once must not be asked in a tight loop.
      if (!merged.aborted && clock.monotonicMs() - openedAt < 1000) await this.#sleep(1000)
    } catch (error) {
      // A stalled watch is re-opened from where it stood.
      if (stall.signal.aborted && !signal.aborted) return
      if (isOpen && !signal.aborted && clock.monotonicMs() - openedAt < fruitlessMs) this.#fruitless += 1
      if (this.#fruitless >= fruitlessAllowed) {
        this.#fruitless = 0
        this.#resourceVersion = null
      }
      throw error
    } finally {
      stallTimer()
    }
  }

  #line(line: string): void {
    if (line === '') return
    const { title, sink } = this.#options
    const event = parseEvent(line)
    if (event === null) throw malformed(title, 'a watch line does not parse')
    if (event.type === 'ERROR') {
      const status = event.object as unknown as Parameters<typeof errorFromStatus>[1]
      const isExpired = status?.reason === 'Expired'
      throw errorFromStatus(isExpired ? 410 : 500, status, `Watch ${title}`)
    }
    if (!hasMetadata(event.object)) throw malformed(title, 'a watch event has no metadata')
    const version = event.object.metadata.resourceVersion
    if (event.type === 'ADDED' || event.type === 'MODIFIED') sink.changed(event.object)
    else if (event.type === 'DELETED') sink.deleted(event.object)
    if (typeof version === 'string' && version !== '') this.#resourceVersion = version
  }

  #path(parameters: readonly string[]): string {
    const all = [...parameters, this.#options.query ?? ''].filter((part) => part !== '')
    return `${this.#options.path()}?${all.join('&')}`
  }

  #throwUnless200(response: KubeResponse, what: string): void {
    if (response.status === 200) return
    this.#throttledMs = response.status === 429 || response.status === 503 ? (retryAfterMs(response) ?? 0) : 0
    throw errorFromAnswer(response, what)
  }

  #setState(state: ListWatchState): void {
    const code = 'error' in state ? `${state.error.code} ${state.error.detail}` : ''
    if (this.#word === state.word && this.#errorCode === code) return
    this.#word = state.word
    this.#errorCode = code
    this.#options.onState(state)
  }

  /** Waits `ms` (null: until kicked), or until `kick` or `stop`. */
  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isStopped) {
        resolve()
        return
      }
      const cancel = ms === null ? () => undefined : this.#options.clock.after(ms, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = null
        cancel()
        resolve()
      }
    })
  }
}

function malformed(title: string, what: string): SluiceError {
  return new SluiceError('ResponseMalformed', `Reading ${title}: ${what}`, {
    remedy: 'Sluice lists again by itself.',
    retry: 'transient',
  })
}

function parseEvent(line: string): WatchEvent | null {
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null) return null
    const { type, object } = value as { type?: unknown; object?: unknown }
    return typeof type === 'string' && typeof object === 'object' && object !== null
      ? { type, object: object as KubeObject }
      : null
  } catch {
    return null
  }
}

function hasMetadata(object: KubeObject): boolean {
  const metadata = (object as { metadata?: unknown }).metadata
  return typeof metadata === 'object' && metadata !== null
}

function isObject(item: unknown): item is KubeObject {
  if (typeof item !== 'object' || item === null || !hasMetadata(item as KubeObject)) return false
  const { name } = (item as KubeObject).metadata as { name?: unknown }
  return typeof name === 'string' && name !== ''
}

/** Metadata-only watches name the single object's form where lists name the list's. */
function watchAccept(accept: string | undefined): string {
  return (accept ?? 'application/json').replace('PartialObjectMetadataList', 'PartialObjectMetadata')
}
