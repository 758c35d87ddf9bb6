/** One kind of one cluster as the lists show it: its informer, its objects' bytes, its rows. */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { PrinterColumn } from '../../../shared/flux/kind-types.ts'
import { hasGate } from '../../../shared/flux/kinds.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { Category, FluxRow } from '../../../shared/model/rows.ts'
import { KindInformer } from '../cache/kind-informer.ts'
import type { KindInformerState, Member } from '../cache/kind-informer.ts'
import type { ObjectArchive, Slot } from '../cache/object-archive.ts'
import { ObjectStore, objectNameOf } from '../cache/object-store.ts'
import type { ObjectName } from '../cache/object-store.ts'
import { packObject } from '../cache/packed-object.ts'
import { evaluateColumn } from '../cache/printer-columns.ts'
import { forEachInSlices } from '../cache/slices.ts'
import { annotationOf, timeMs } from '../status/read.ts'
import { reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import { toFluxRow } from '../status/flux-row.ts'
import { lastReconciledAt, timeoutMs } from '../status/overdue.ts'
import type { Clock, Dispose, Logger, Random } from '../ports.ts'
import type { RowTable } from './row-table.ts'
import type { StringPool } from '../../../shared/lib/string-pool.ts'
import type { KubeObject, ServedResource } from './view.ts'

/** What a window mostly starts with: asked for first. */
const firstCategories: ReadonlySet<Category> = new Set(['kustomizations', 'releases', 'sources'])
/** Kept as parsed objects, per kind. */
const maxParsed = 32
const maxParsedChars = 64 * 1024

export interface WatchedKindDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly cluster: ClusterId
  readonly archive: ObjectArchive
  readonly table: RowTable
  readonly strings: StringPool
  readonly members: () => readonly Member[]
  readonly namespaces: (member: Member, kind: WatchedKind) => Promise<readonly string[]>
  readonly onChange: () => void
  /** A new version of an object, by the key of its row. */
  readonly onObject: (key: string, object: KubeObject) => void
  readonly onNotServed: () => void
  readonly beforeRest: () => Promise<void>
  readonly afterCourtesy: (act: () => void) => Dispose
}

export interface WatchedKindIdentity {
  readonly group: string
  readonly kind: string
  readonly fluxKind: FluxKind | null
  readonly columns: readonly PrinterColumn[]
}

export class WatchedKind {
  readonly group: string
  readonly kind: string
  readonly fluxKind: FluxKind | null
  readonly columns: readonly PrinterColumn[]
  served: ServedResource | null = null
  remaining: number | null = null
  /** Rises with every change of an object, shown in its row or not. */
  changeCount = 0
  readonly #deps: WatchedKindDeps
  readonly #store: ObjectStore<string>
  #informer: KindInformer | null = null
  /** Gives up the start of an informer that waits. */
  #stopWaiting: Dispose | null = null
  /** By object name: when the object may have become overdue, ms since the epoch. */
  readonly #checkAt = new Map<ObjectName, number>()
  #isFirstPage = true
  /** Objects parsed last, the newest at the end: sources are read for each of their consumers. */
  readonly #parsed = new Map<ObjectName, { readonly slot: Slot; readonly object: KubeObject }>()

  constructor(identity: WatchedKindIdentity, deps: WatchedKindDeps) {
    this.group = identity.group
    this.kind = identity.kind
    this.fluxKind = identity.fluxKind
    this.columns = identity.columns
    this.#deps = deps
    this.#store = new ObjectStore<string>({
      archive: deps.archive,
      pack: packObject,
      summarise: (object) => {
        const key = this.#summarise(object)
        deps.onObject(key, object)
        return key
      },
      onUpsert: () => {
        this.changeCount += 1
      },
      onRemove: (name, key) => {
        this.changeCount += 1
        this.#checkAt.delete(name)
        deps.table.remove(key)
      },
      onPage: (_scope, remaining) => {
        this.remaining = remaining
        if (this.#isFirstPage) deps.table.flushSoon()
        this.#isFirstPage = false
        deps.onChange()
      },
    })
  }

  get category(): Category {
    return this.fluxKind?.category ?? 'other'
  }

  get hasGate(): boolean {
    return hasGate(this.fluxKind)
  }

  get count(): number {
    return this.#store.entries.size
  }

  /** Discovery's word: served (in this version), or not. */
  setServed(resource: ServedResource | null): void {
    const before = this.served
    this.served = resource
    this.#parsed.clear()
    if (resource === null) {
      this.stop()
      this.#store.drop(null)
      return
    }
    if (this.#informer !== null) {
      if (before?.version !== resource.version || before.plural !== resource.plural) {
        this.#store.invalidate()
        this.#informer.relist()
      }
      return
    }
    if (this.#stopWaiting !== null) return
    if (firstCategories.has(this.category)) this.#start()
    else this.#stopWaiting = this.#deps.afterCourtesy(() => this.#start())
  }

  #start(): void {
    const { served } = this
    if (served === null || this.#informer !== null) return
    const { clock, random, logger, members, namespaces, onNotServed } = this.#deps
    this.#informer = new KindInformer({
      beforeRest: this.#deps.beforeRest,
      clock,
      random,
      logger,
      members,
      resource: () => this.served ?? served,
      namespaces: (member) => namespaces(member, this),
      sink: (scope) => this.#store.sink(scope),
      drop: (scope) => {
        this.#store.drop(scope)
      },
      onChange: () => {
        const word = this.#informer?.state().word
        // Rows of a snapshot, or of better times, are not shown beside "forbidden".
        if ((word === 'forbidden' || word === 'notInstalled') && this.count > 0) this.#store.drop(null)
        this.#deps.onChange()
      },
      onNotServed,
    })
  }

  /** Rows of a snapshot, until the server tells better. */
  seed(row: FluxRow): void {
    const name = `${row.ref.namespace}/${row.ref.name}`
    if (this.#store.entries.has(name)) return
    this.#store.entries.set(name, { uid: row.uid, resourceVersion: '', listNumber: 0, slot: null, summary: row.key })
    this.#deps.table.put(this.#deps.strings.row(row))
  }

  /** Forgets the rows of a snapshot. */
  dropSeeded(): void {
    for (const [name, { slot, summary }] of this.#store.entries)
      if (slot === null) {
        this.#store.entries.delete(name)
        this.#deps.table.remove(summary)
      }
  }

  /** Rows as they stand, and the objects behind them. */
  *rows(): Iterable<FluxRow> {
    for (const { summary } of this.#store.entries.values()) {
      const row = this.#deps.table.rows.get(summary)
      if (row !== undefined) yield row
    }
  }

  texts(): Iterable<readonly [name: ObjectName, text: string]> {
    return this.#store.texts()
  }

  state(): KindInformerState | null {
    return this.#informer?.state() ?? null
  }

  refusalOf(context: string): string | null {
    return this.#informer?.refusalOf(context) ?? null
  }

  informedBy(): string | null {
    return this.#informer?.informedBy() ?? null
  }

  kick(): void {
    this.#informer?.kick()
  }

  reconsider(): void {
    this.#informer?.reconsider()
  }

  memberLeft(context: string): void {
    this.#informer?.memberLeft(context)
  }

  namespacesSeen(into: Set<string>): void {
    for (const name of this.#store.entries.keys()) {
      const namespace = name.slice(0, name.indexOf('/'))
      if (namespace !== '') into.add(namespace)
    }
  }

  /** Parsed on demand. The same version may be answered again as the same object: nobody writes into it. */
  cached(name: ObjectName): KubeObject | null {
    const slot = this.#store.entries.get(name)?.slot ?? null
    const known = this.#parsed.get(name)
    if (known !== undefined) this.#parsed.delete(name)
    if (slot === null) return null
    if (known?.slot === slot) {
      this.#parsed.set(name, known)
      return known.object
    }
    const text = this.#store.text(name)
    if (text === null) return null
    const parsed = JSON.parse(text) as KubeObject
    const object =
      typeof parsed.kind === 'string' ? parsed : { ...parsed, kind: this.kind, apiVersion: this.#apiVersion() }
    if (text.length <= maxParsedChars) this.#parsed.set(name, { slot, object })
    for (const oldest of this.#parsed.keys()) {
      if (this.#parsed.size <= maxParsed) break
      this.#parsed.delete(oldest)
    }
    return object
  }

  /** Looks again at objects whose time has come; their rows change by nothing but the passing of time. */
  async checkOverdue(): Promise<void> {
    const now = this.#deps.clock.now()
    const due = [...this.#checkAt].filter(([, at]) => at <= now).map(([name]) => name)
    await forEachInSlices(this.#deps.clock, due, (name) => {
      const object = this.cached(name)
      if (object === null) this.#checkAt.delete(name)
      else this.#summarise(object)
    })
  }

  stop(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = null
    this.#informer?.stop()
    this.#informer = null
    this.#parsed.clear()
  }

  #apiVersion(): string {
    return this.group === '' ? (this.served?.version ?? 'v1') : `${this.group}/${this.served?.version ?? 'v1'}`
  }

  #summarise(object: KubeObject): string {
    const { cluster, clock, strings, table } = this.#deps
    const now = clock.now()
    const row = toFluxRow(object, {
      cluster,
      group: this.group,
      version: this.served?.version ?? '',
      kind: this.kind,
      fluxKind: this.fluxKind,
      now,
      ...(this.columns.length === 0
        ? {}
        : {
            columns: Object.fromEntries(
              this.columns.map((column) => [column.name, strings.one(evaluateColumn(object, column.jsonPath))]),
            ),
          }),
    })
    const name = objectNameOf(object)
    const checkAt = this.#nextCheck(object, row, now)
    if (checkAt === null) this.#checkAt.delete(name)
    else this.#checkAt.set(name, checkAt)
    table.put(strings.row(row))
    return table.rows.get(row.key)?.key ?? refKey(row.ref)
  }

  /** The earliest moment at which isOverdue can turn true: its window after any of the times that it counts from. */
  #nextCheck(object: KubeObject, row: FluxRow, now: number): number | null {
    if (this.fluxKind === null || row.intervalMs === null || row.status.isOverdue || row.isSuspended === true)
      return null
    const windowMs = 2 * row.intervalMs + timeoutMs(object, this.fluxKind)
    const starts = [
      lastReconciledAt(object, this.fluxKind),
      timeMs(annotationOf(object, reconcileAnnotations.requestedAt)),
      row.createdAt,
    ]
    const checks = starts
      .filter((at) => at !== null)
      .map((at) => at + windowMs + 1)
      .filter((at) => at > now)
    return checks.length === 0 ? null : Math.min(...checks)
  }
}
