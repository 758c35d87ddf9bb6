/**
 * One open folder: scans it, renders its entries, watches it, renders anew what a change on disk reaches, and marks what became of it.
 * Knows the renderer and the disk only through their ports; must not know who listens.
 */
import type {
  RepositoryFault,
  RepositoryItem,
  RepositoryProblem,
  RepositoryTree,
} from '../../../shared/model/repository.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import { KeyedItems } from '../clusters/keyed-feed.ts'
import type { Clock, Dispose, Logger } from '../ports.ts'
import type { Folders } from './folder-port.ts'
import { isSameRender, showRender, withoutMarks } from './rendered-entry.ts'
import type { RenderedEntry } from './rendered-entry.ts'
import type { RenderedTree, Renderer, TreeScan } from './renderer-port.ts'
import { entryItems, factsOf, isPending } from './session-entries.ts'
import type { SessionEntry } from './session-entries.ts'

export interface SessionPorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly folders: Folders
  readonly renderer: Renderer
}

/** Renders asked for at once: enough to keep every worker busy, few enough that a change is not queued behind a whole fleet. */
const maxRunning = 6
/** What is published of a few results is gathered for so long; of a whole fleet longer, so that the window draws rows and not frames. */
const publishDelayMs = 20
const fleetPublishDelayMs = 160
const manyWaiting = 12
const missingPollMs = 1500
const maxNamedFiles = 20

export class RepositorySession {
  readonly root: string
  readonly items: KeyedItems<RepositoryItem>
  readonly #ports: SessionPorts
  readonly #name: string
  readonly #tree: RenderedTree
  readonly #entries = new Map<string, SessionEntry>()
  /** In the order in which they were asked for. */
  readonly #queue: string[] = []
  readonly #abort = new AbortController()
  #problems: readonly RepositoryFault[] = []
  #state: RepositoryTree['state'] = 'scanning'
  #error: SluiceErrorData | null = null
  #watchProblem = ''
  #change = 0
  #lastChange: { at: number; files: readonly string[]; fileCount: number } | null = null
  #running = 0
  #cancelPublish: Dispose | null = null
  #cancelPoll: Dispose | null = null
  #stopWatching: Dispose | null = null
  /** Scans and changes, one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(root: string, ports: SessionPorts) {
    this.root = root
    this.#ports = ports
    this.#name = baseName(root)
    this.items = new KeyedItems(ports.clock)
    this.#tree = ports.renderer.open(root)
    this.#publishNow()
    this.#startWatching()
    this.#then(() => this.#scan())
  }

  /** Reads the whole folder again. */
  refresh(): void {
    if (this.#stopWatching === null) this.#startWatching()
    this.#onDisk(null)
  }

  /** The output as it stands, rendered now if nobody asked for it before. Throws SluiceError NotFound, Unsupported, Canceled. */
  async output(key: string, signal: AbortSignal): Promise<RenderedEntry> {
    await abortable(this.#work, signal)
    const entry = this.#entries.get(key)
    if (entry === undefined) throw new SluiceError('NotFound', 'This is not in the folder any more')
    if (entry.facts.note !== '') throw new SluiceError('Unsupported', entry.facts.note)
    if (entry.shown === null && entry.fault === null) {
      if (!entry.isWanted) {
        entry.isWanted = true
        this.#enqueue(key, true)
        this.#publishSoon()
      } else this.#hurry(key)
      await abortable(new Promise<void>((resolve) => entry.waiters.push(resolve)), signal)
    }
    if (entry.shown !== null) return entry.shown
    throw new SluiceError('Internal', entry.fault?.message ?? 'It could not be rendered')
  }

  /** The output of that revision; Gone when it has been rendered anew. */
  revision(key: string, revision: number): RenderedEntry {
    const shown = this.#entries.get(key)?.shown ?? null
    if (shown === null || shown.revision !== revision)
      throw new SluiceError('Gone', 'This output has been rendered anew', { retry: 'transient' })
    return shown
  }

  /** Everything rendered so far, in order, with the name of each entry. */
  *rendered(): Generator<readonly [key: string, title: string, entry: RenderedEntry]> {
    for (const [key, { facts, shown }] of this.#entries)
      if (shown !== null) yield [key, facts.namespace === '' ? facts.name : `${facts.namespace}/${facts.name}`, shown]
  }

  get waitingCount(): number {
    let count = 0
    for (const entry of this.#entries.values()) if (isPending(entry)) count += 1
    return count
  }

  dispose(): void {
    this.#abort.abort()
    this.#stopWatching?.()
    this.#cancelPoll?.()
    this.#cancelPublish?.()
    for (const entry of this.#entries.values()) {
      entry.running?.abort()
      release(entry)
    }
    this.#tree.dispose()
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#abort.signal.aborted) return
      try {
        await work()
      } catch (error) {
        await this.#fail(error)
      }
      this.#publishNow()
    })
  }

  async #scan(): Promise<void> {
    const startedAt = this.#ports.clock.monotonicMs()
    const scan = await this.#tree.scan(this.#abort.signal)
    this.#problems = scan.problems
    this.#state = 'ready'
    this.#error = null
    this.#cancelPoll?.()
    this.#cancelPoll = null
    this.#replaceEntries(scan)
    this.#ports.logger.log('info', 'repository scanned', {
      kustomizations: scan.kustomizations.length,
      files: scan.files.length,
      ms: Math.round(this.#ports.clock.monotonicMs() - startedAt),
    })
  }

  #replaceEntries(scan: TreeScan): void {
    const hasFlux = scan.kustomizations.length > 0
    const next = factsOf(scan)
    for (const [key, entry] of this.#entries) {
      if (next.has(key)) continue
      entry.running?.abort()
      release(entry)
      this.#entries.delete(key)
    }
    const before = new Map(this.#entries)
    this.#entries.clear()
    for (const [key, facts] of next) {
      const known = before.get(key)
      // Where Flux tells what is built, the files are its parts, rendered when asked for; without Flux, the roots are what there is.
      const isAutomatic =
        facts.note === '' && (hasFlux ? facts.kind === 'kustomization' : facts.kind === 'build' && facts.isRoot)
      if (known === undefined) {
        const entry = {
          facts,
          isWanted: isAutomatic,
          shown: null,
          fault: null,
          running: null,
          isWaiting: false,
          waiters: [],
        }
        this.#entries.set(key, entry)
        if (isAutomatic) this.#enqueue(key, false)
      } else {
        const isNewlyWanted = isAutomatic && !known.isWanted
        this.#entries.set(key, Object.assign(known, { facts, isWanted: known.isWanted || isAutomatic }))
        if (isNewlyWanted) this.#enqueue(key, false)
      }
    }
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#abort.signal.aborted) return
    const state = await this.#ports.folders.state(this.root).catch(() => 'there' as const)
    this.#state = state === 'there' ? 'failed' : state
    this.#error = state === 'there' ? toErrorData(error) : null
    if (state === 'there') {
      this.#ports.logger.log('warn', 'repository could not be read', { error: String(error) })
      return
    }
    this.#stopWatching?.()
    this.#stopWatching = null
    this.#poll()
  }

  /** Asks now and then whether a folder that is gone is back. */
  #poll(): void {
    this.#cancelPoll?.()
    this.#cancelPoll = this.#ports.clock.after(missingPollMs, () => {
      this.#ports.folders.state(this.root).then(
        (state) => {
          if (this.#abort.signal.aborted) return
          if (state === 'there') this.refresh()
          else {
            this.#state = state
            this.#publishNow()
            this.#poll()
          }
        },
        () => this.#poll(),
      )
    })
  }

  #startWatching(): void {
    this.#watchProblem = ''
    this.#stopWatching = this.#ports.folders.watch(
      this.root,
      (paths) => this.#onDisk(paths),
      (message) => {
        this.#watchProblem = message
        this.#stopWatching = null
        this.#onDisk(null)
      },
    )
  }

  #onDisk(paths: readonly string[] | null): void {
    this.#then(async () => {
      const state = await this.#ports.folders.state(this.root)
      if (state !== 'there') return this.#fail(null)
      const reached = await this.#tree.changed(paths)
      // What was saved is read by no build; the source on screen may still be it.
      if (reached.keys.length === 0 && !reached.isScanStale && this.#state === 'ready' && paths !== null) {
        this.#change += 1
        return
      }
      this.#beginChange(paths)
      if (reached.isScanStale || this.#state !== 'ready') await this.#scan()
      for (const key of reached.keys) this.#renderAgain(key)
    })
  }

  /** A new change: the marks of the one before are old. */
  #beginChange(paths: readonly string[] | null): void {
    this.#change += 1
    this.#lastChange = {
      at: this.#ports.clock.now(),
      files: (paths ?? []).slice(0, maxNamedFiles),
      fileCount: paths?.length ?? 0,
    }
    for (const entry of this.#entries.values())
      if (entry.shown !== null && entry.shown.changedCount > 0)
        entry.shown = { ...withoutMarks(entry.shown), revision: entry.shown.revision + 1 }
  }

  #renderAgain(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || !entry.isWanted) return
    entry.running?.abort()
    entry.running = null
    this.#enqueue(key, false)
  }

  #enqueue(key: string, isFirst: boolean): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.isWaiting) return
    entry.isWaiting = true
    if (isFirst) this.#queue.unshift(key)
    else this.#queue.push(key)
    this.#pump()
  }

  /** Somebody waits for it: it is the next one. */
  #hurry(key: string): void {
    const at = this.#queue.indexOf(key)
    if (at > 0) this.#queue.unshift(...this.#queue.splice(at, 1))
  }

  #pump(): void {
    while (this.#running < maxRunning) {
      const key = this.#queue.shift()
      if (key === undefined) return
      const entry = this.#entries.get(key)
      if (entry === undefined || !entry.isWaiting) continue
      entry.isWaiting = false
      void this.#render(key, entry)
    }
  }

  async #render(key: string, entry: SessionEntry): Promise<void> {
    const abort = new AbortController()
    entry.running = abort
    this.#running += 1
    try {
      const render = await this.#tree.render(key, abort.signal)
      if (entry.running !== abort) return
      const before = entry.shown
      entry.fault = null
      if (before === null || !isSameRender(before.render, render)) {
        // Against nothing there is no difference, and a failed build shows no objects that could have changed.
        const base = before === null || before.render.error !== null || render.error !== null ? null : before
        entry.shown = showRender(render, base, (before?.revision ?? 0) + 1)
      } else entry.shown = { ...before, render }
    } catch (error) {
      if (abort.signal.aborted || entry.running !== abort) return
      const data = toErrorData(error)
      entry.fault = { code: data.code, message: data.message, remedy: data.remedy, file: '', line: 0 }
      entry.shown = null
    } finally {
      this.#running -= 1
      if (entry.running === abort) {
        entry.running = null
        release(entry)
        this.#publishSoon()
      }
      if (!this.#abort.signal.aborted) this.#pump()
    }
  }

  #publishSoon(): void {
    const delayMs = this.waitingCount > manyWaiting ? fleetPublishDelayMs : publishDelayMs
    this.#cancelPublish ??= this.#ports.clock.after(delayMs, () => this.#publishNow())
  }

  #publishNow(): void {
    this.#cancelPublish?.()
    this.#cancelPublish = null
    if (this.#abort.signal.aborted) return
    this.items.set([this.#treeItem(), ...this.#problemItems(), ...entryItems(this.#entries)])
  }

  #treeItem(): RepositoryTree {
    const changed = [...this.#entries.values()].flatMap(({ shown }) =>
      shown === null || shown.changedCount === 0 ? [] : [shown.changedCount],
    )
    return {
      key: 'tree',
      type: 'tree',
      name: this.#name,
      folder: this.#ports.folders.display(this.root),
      state: this.#state,
      error: this.#error,
      watchProblem: this.#watchProblem,
      change: this.#change,
      lastChange:
        this.#lastChange === null
          ? null
          : {
              ...this.#lastChange,
              entryCount: changed.length,
              objectCount: changed.reduce((sum, count) => sum + count, 0),
              isComplete: this.waitingCount === 0,
            },
    }
  }

  #problemItems(): RepositoryProblem[] {
    return this.#problems.map((problem, index) => ({ ...problem, key: `problem|${String(index)}`, type: 'problem' }))
  }
}

function release(entry: SessionEntry): void {
  for (const resolve of entry.waiters.splice(0)) resolve()
}

function baseName(path: string): string {
  const parts = path.split(/[\\/]+/).filter((part) => part !== '')
  return parts.at(-1) ?? path
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
