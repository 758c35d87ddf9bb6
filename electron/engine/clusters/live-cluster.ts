/**
 * One cluster: the contexts that lead to it share its informers, rows and views. Knows nothing of other clusters; what RBAC makes
 * differ between its contexts is kept by context.
 */
import { fluxKinds } from '../../../shared/flux/kinds.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import type { PrinterColumn } from '../../../shared/flux/kind-types.ts'
import type { ContextRow, ControllerRow, FluxRow, KindRow, TreeNode } from '../../../shared/model/rows.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import { kindKey } from '../cache/discovery.ts'
import type { Member } from '../cache/kind-informer.ts'
import { ObjectArchive } from '../cache/object-archive.ts'
import { ServedKinds } from '../cache/served-kinds.ts'
import { SharedWatches } from '../cache/shared-watch.ts'
import { findBlockers } from '../status/dependencies.ts'
import { ControllerWatch } from '../controllers/controller-watch.ts'
import type { Dispose, KubeClient, Ports } from '../ports.ts'
import { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts'
import type { SeedRows } from '../snapshot/cluster-snapshot.ts'
import type { ContextConnection } from './context-connection.ts'
import { KindAccess } from './kind-access.ts'
import { NamespaceReach } from './namespaces.ts'
import { fetchObject, listObjects } from './object-reader.ts'
import type { ListOptions } from './object-reader.ts'
import { RowTable } from './row-table.ts'
import { staleRow } from './stale-row.ts'
import { StringPool } from '../../../shared/lib/string-pool.ts'
import type { ClusterView, KubeObject, RowChange, ServedResource } from './view.ts'
import { WatchedKind } from './watched-kind.ts'

export interface LiveClusterDeps {
  readonly ports: Ports
  readonly access: AccessReviews
  readonly contextRow: (context: ContextId) => ContextRow | null
  /** Kinds, controllers, versions or snapshot state changed. */
  readonly onChange: () => void
  /** Awaited before a list goes on after its first page. */
  readonly beforeRest: () => Promise<void>
  /** Calls when what a first view seldom shows may be asked for. */
  readonly afterCourtesy: (act: () => void) => Dispose
}

/** Overdue objects, and namespaces that have appeared. */
const lookAgainMs = 30_000

export class LiveCluster implements ClusterView {
  readonly id: ClusterId
  readonly table: RowTable
  /** What was last seen of it, and what is kept for the next time. */
  readonly kept: ClusterSnapshot
  readonly #deps: LiveClusterDeps
  readonly #strings = new StringPool()
  readonly #archive: ObjectArchive
  readonly #kinds = new Map<string, WatchedKind>()
  readonly #servedKinds: ServedKinds
  readonly #shared: SharedWatches
  readonly #controllers: ControllerWatch
  readonly #access: KindAccess
  readonly #connections: ContextConnection[] = []
  readonly #usable = new Set<ContextId>()
  readonly #namespaces = new Map<ContextId, NamespaceReach>()
  readonly #objectListeners = new Set<(key: string, object: KubeObject) => void>()
  #timers: Dispose[] = []
  #stopCourtesy: Dispose = () => undefined
  #identities: readonly string[] = []
  /** What those that have left knew: when they saw it last. */
  #left: { readonly at: number | null; readonly kubernetesVersion: string } = { at: null, kubernetesVersion: '' }
  #isDisposed = false

  constructor(id: ClusterId, deps: LiveClusterDeps) {
    this.id = id
    this.#deps = deps
    const { clock, random, logger, codec } = deps.ports
    const members = (): readonly Member[] => this.#members()
    const shared = { clock, random, logger, members }
    this.table = new RowTable({ clock, blockedBy: findBlockers })
    this.#archive = new ObjectArchive(codec)
    this.#servedKinds = new ServedKinds({
      ...shared,
      onChange: () => {
        this.#applyServed()
      },
    })
    this.#shared = new SharedWatches({ ...shared, served: (group, kind) => this.served(group, kind) })
    this.#controllers = new ControllerWatch({ ...shared, cluster: id, onChange: deps.onChange })
    this.#access = new KindAccess({ clock, logger, access: deps.access, cluster: id, onChange: deps.onChange })
    for (const kind of fluxKinds) this.#addKind(kind.group, kind.kind)
    this.#every(lookAgainMs, () => this.#lookAgain())
    this.kept = new ClusterSnapshot({
      clock,
      codec,
      logger,
      files: deps.ports.snapshots ?? null,
      cluster: id,
      source: {
        isWhole: () => this.#servedKinds.isDiscovered && !this.#isAnyLoading(),
        isReached: () => this.#members().length > 0,
        lastSeenAt: () => this.#lastSeenAt(),
        changeCount: () => {
          let count = 0
          for (const kind of this.#kinds.values()) count += kind.changeCount
          return count
        },
        identities: () => this.#identities,
        versions: () => ({ kubernetesVersion: this.kubernetesVersion(), fluxVersion: this.fluxVersion() }),
        controllers: () => this.#controllers.rows(),
        kinds: () => [...this.#kinds.values()],
      },
      seed: (kind, rows, at) => this.#seed(kind, rows, at),
      onChange: deps.onChange,
    })
  }

  // Contexts

  attach(connection: ContextConnection): void {
    if (!this.#connections.includes(connection)) this.#connections.push(connection)
    this.connectionChanged(connection)
  }

  detach(connection: ContextConnection): void {
    const index = this.#connections.indexOf(connection)
    this.#left = { at: this.#lastSeenAt(), kubernetesVersion: this.kubernetesVersion() }
    if (index >= 0) this.#connections.splice(index, 1)
    this.#usable.delete(connection.context)
    this.#access.forget(connection.context)
    this.#namespaces.delete(connection.context)
    for (const kind of this.#kinds.values()) kind.memberLeft(connection.context)
    this.#noteIdentities()
    this.#kickAll()
    this.#deps.onChange()
  }

  hasConnections(): boolean {
    return this.#connections.length > 0
  }

  /** A connection's state moved; when it has become usable everything that waited goes on at once. */
  connectionChanged(connection: ContextConnection): void {
    const isUsable = connection.isUsable && connection.cluster === this.id
    if (isUsable === this.#usable.has(connection.context)) return
    if (!isUsable) {
      this.#usable.delete(connection.context)
      this.#kickAll()
      return
    }
    this.#usable.add(connection.context)
    this.#noteIdentities()
    this.#servedKinds.kick()
    this.#kickAll()
    this.#stopCourtesy()
    this.#stopCourtesy = this.#deps.afterCourtesy(() => this.#controllers.kick())
  }

  contexts(): readonly ContextRow[] {
    return this.#healthiestFirst()
      .map((connection) => this.#deps.contextRow(connection.context))
      .filter((row) => row !== null)
  }

  client(): KubeClient {
    const member = this.#members()[0]
    if (member === undefined)
      throw new SluiceError('NotConnected', 'No selected context is connected to this cluster', {
        retry: 'transient',
        remedy: 'Retry the context, or select one that can be reached.',
      })
    return member.client
  }

  writeClient(): KubeClient {
    const writable = this.#members().find((member) => this.#deps.contextRow(member.context)?.isReadOnly !== true)
    return writable?.client ?? this.client()
  }

  // Kinds and rows

  served(group: string, kind: string): ServedResource | null {
    return this.#servedKinds.served(group, kind)
  }

  servedAll(): readonly ServedResource[] {
    return this.#servedKinds.all()
  }

  row(key: string): FluxRow | null {
    return this.table.rows.get(key) ?? null
  }

  rows(): Iterable<FluxRow> {
    return this.table.rows.values()
  }

  rowCount(): number {
    return this.table.rows.size
  }

  watchRows(listener: (change: RowChange) => void): Dispose {
    return this.table.watch(listener)
  }

  watchObjects(listener: (key: string, object: KubeObject) => void): Dispose {
    this.#objectListeners.add(listener)
    return () => {
      this.#objectListeners.delete(listener)
    }
  }

  kinds(): readonly KindRow[] {
    return this.#connections.flatMap((connection) =>
      [...this.#kinds.values()].map((kind) => this.#kindRow(kind, connection)),
    )
  }

  controllers(): readonly ControllerRow[] {
    const rows = this.#controllers.rows()
    return rows.length === 0 && this.#controllers.isLoading() ? this.kept.controllers : rows
  }

  areControllersLoading(): boolean {
    return this.#controllers.isLoading()
  }

  cached(ref: ObjectRef): KubeObject | null {
    if (ref.cluster !== this.id) return null
    return this.#kinds.get(kindKey(ref.group, ref.kind))?.cached(`${ref.namespace}/${ref.name}`) ?? null
  }

  fetch(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject> {
    return fetchObject(this.#reader(), ref, signal)
  }

  list(group: string, kind: string, namespace: string, options?: ListOptions): Promise<readonly KubeObject[]> {
    return listObjects(this.#reader(), group, kind, namespace, options)
  }

  watchKind(...[group, kind, namespace, listener, options]: Parameters<ClusterView['watchKind']>): Dispose {
    return this.#shared.watch(group, kind, namespace, listener, options)
  }

  clientOf(context: ContextId): KubeClient | null {
    return this.#members().find((member) => member.context === context)?.client ?? null
  }

  /** Flux's distribution version: of the controllers, else of the CRDs, else of the snapshot. */
  fluxVersion(): string {
    return this.#controllers.fluxVersion() || this.#servedKinds.fluxVersion() || this.kept.fluxVersion
  }

  kubernetesVersion(): string {
    return (
      this.#connections.find((connection) => connection.kubernetesVersion !== '')?.kubernetesVersion ??
      (this.#left.kubernetesVersion || this.kept.kubernetesVersion)
    )
  }

  // What was last seen

  get snapshotAt(): number | null {
    return this.kept.at
  }

  /** Shows what these identities saw last, unless the cluster has answered by then. */
  async showSnapshot(identities: readonly string[]): Promise<void> {
    if (!this.#servedKinds.isDiscovered) await this.kept.show(identities)
  }

  /** Another identity answers than the one whose rows are shown: they go, whatever it may see comes. */
  dropSnapshot(): void {
    if (this.kept.at === null) return
    for (const kind of this.#kinds.values()) kind.dropSeeded()
    this.kept.replaced()
    this.#deps.onChange()
  }

  get lastSeen(): NonNullable<ClusterView['lastSeen']> | null {
    return this.kept.at === null ? null : { at: this.kept.at, object: (ref) => this.kept.object(ref) }
  }

  lastTree(ref: ObjectRef): Promise<readonly TreeNode[] | null> {
    return this.kept.tree(ref, (key) => this.row(key))
  }

  keepTree(ref: ObjectRef, nodes: readonly TreeNode[]): void {
    this.kept.keepTree(ref, nodes)
  }

  async dispose(isSaved: boolean): Promise<void> {
    if (this.#isDisposed) return
    await this.kept.dispose(isSaved)
    this.#isDisposed = true
    for (const cancel of this.#timers) cancel()
    this.#stopCourtesy()
    this.#servedKinds.dispose()
    this.#shared.dispose()
    this.#controllers.dispose()
    this.#access.dispose()
    for (const kind of this.#kinds.values()) kind.stop()
    this.table.dispose()
  }

  #members(): readonly ContextConnection[] {
    return this.#connections.filter((connection) => this.#usable.has(connection.context) && connection.isUsable)
  }

  /** Of all that have answered here: what they saw is one list. Those of the last one stay when it leaves. */
  #noteIdentities(): void {
    const answered = this.#connections.filter(({ cluster, user }) => cluster === this.id && user !== '')
    if (answered.length > 0) this.#identities = answered.map(({ user }) => user)
  }

  #healthiestFirst(): readonly ContextConnection[] {
    const members = this.#members()
    return [...members, ...this.#connections.filter((connection) => !members.includes(connection))]
  }

  #reader(): Parameters<typeof fetchObject>[0] {
    return {
      clock: this.#deps.ports.clock,
      members: () => this.#members(),
      served: (group, kind) => this.served(group, kind),
    }
  }

  #kickAll(): void {
    for (const kind of this.#kinds.values()) kind.kick()
    this.#shared.kick()
  }

  #addKind(group: string, kind: string, columns: readonly PrinterColumn[] = []): WatchedKind {
    const key = kindKey(group, kind)
    const known = this.#kinds.get(key)
    if (known !== undefined) return known
    const { clock, random, logger } = this.#deps.ports
    const watched: WatchedKind = new WatchedKind(
      {
        group,
        kind,
        fluxKind: fluxKinds.find((entry) => entry.group === group && entry.kind === kind) ?? null,
        columns: this.#servedKinds.generic.get(key)?.columns ?? columns,
      },
      {
        clock,
        random,
        logger,
        cluster: this.id,
        archive: this.#archive,
        table: this.table,
        strings: this.#strings,
        members: () => this.#members(),
        beforeRest: this.#deps.beforeRest,
        afterCourtesy: this.#deps.afterCourtesy,
        namespaces: (member, kind) => this.#listable(member, kind),
        onChange: () => {
          this.#kindChanged(watched)
        },
        onObject: (row, object) => {
          for (const listener of this.#objectListeners) listener(row, object)
        },
        onNotServed: () => {
          this.#servedKinds.refreshSoon()
        },
      },
    )
    this.#kinds.set(key, watched)
    return watched
  }

  #applyServed(): void {
    if (this.#isDisposed) return
    if (this.#servedKinds.isDiscovered) {
      for (const [key, { columns }] of this.#servedKinds.generic) {
        const slash = key.indexOf('/')
        const known = this.#kinds.get(key)
        if (known !== undefined && JSON.stringify(known.columns) !== JSON.stringify(columns)) this.#removeKind(key)
        this.#addKind(key.slice(0, slash), key.slice(slash + 1))
      }
      for (const [key, kind] of this.#kinds) {
        // Generic kinds come and go with their CRDs; those of the table stay, to say that they are not installed.
        const isWanted = kind.fluxKind !== null || this.#servedKinds.generic.has(key)
        if (isWanted) kind.setServed(this.#servedKinds.served(kind.group, kind.kind))
        else if (this.#servedKinds.served(kind.group, kind.kind) === null) this.#removeKind(key)
      }
      this.#shared.kick()
    }
    this.#deps.onChange()
  }

  #removeKind(key: string): void {
    const kind = this.#kinds.get(key)
    kind?.setServed(null)
    kind?.stop()
    this.#kinds.delete(key)
  }

  #kindChanged(kind: WatchedKind): void {
    if (kind.state()?.word === 'live') for (const member of this.#members()) this.#access.want(member, kind)
    if (this.#servedKinds.isDiscovered && !this.#isAnyLoading()) {
      if (this.snapshotAt !== null) this.#snapshotReplaced()
      this.kept.becameWhole()
    }
    this.#deps.onChange()
  }

  #seed(...[{ group, kind, columns }, rows, at]: Parameters<SeedRows>): boolean {
    if (this.#isDisposed) return false
    const watched = this.#addKind(group, kind, columns)
    // What has been told live is not mixed with what was.
    if (watched.state()?.word === 'live') return true
    for (const row of rows) watched.seed(staleRow(row, at))
    this.table.flushSoon()
    this.#deps.onChange()
    return true
  }

  #lastSeenAt(): number | null {
    const times = [this.#left.at, ...this.#connections.map(({ lastSeenAt }) => lastSeenAt)].filter((at) => at !== null)
    return times.length === 0 ? null : Math.max(...times)
  }

  /** Every kind has told what it has: what is left of the snapshot is gone from the cluster. */
  #snapshotReplaced(): void {
    this.kept.replaced()
    this.#removeUnknown((kind) => this.#servedKinds.served(kind.group, kind.kind) === null)
  }

  #removeUnknown(isGone: (kind: WatchedKind) => boolean): void {
    for (const [key, kind] of this.#kinds)
      if (kind.fluxKind === null && !this.#servedKinds.generic.has(key) && isGone(kind)) this.#removeKind(key)
  }

  #isAnyLoading(): boolean {
    for (const kind of this.#kinds.values())
      if (kind.served !== null && (kind.state()?.word ?? 'loading') === 'loading') return true
    return false
  }

  /** Many kinds ask at once: one look per context serves them all. */
  #listable(member: Member, kind: WatchedKind): Promise<readonly string[]> {
    let reach = this.#namespaces.get(member.context)
    if (reach === undefined) {
      reach = new NamespaceReach(member, this.#namespacesSeen())
      this.#namespaces.set(member.context, reach)
    }
    return reach.listable(kind.group, kind.served?.plural ?? '')
  }

  #namespacesSeen(): ReadonlySet<string> {
    const namespaces = new Set<string>()
    for (const kind of this.#kinds.values()) kind.namespacesSeen(namespaces)
    return namespaces
  }

  #kindRow(kind: WatchedKind, connection: ContextConnection): KindRow {
    const access = this.#access.of(connection.context, kind)
    const state = this.#kindState(kind, connection)
    return {
      key: `${connection.context}|${kind.group}/${kind.kind}`,
      context: connection.context,
      cluster: this.id,
      group: kind.group,
      kind: kind.kind,
      version: kind.served?.version ?? '',
      plural: kind.served?.plural ?? kind.fluxKind?.plural ?? '',
      isNamespaced: kind.served?.isNamespaced ?? kind.fluxKind?.scope !== 'Cluster',
      category: kind.category,
      ...state,
      count: kind.count,
      remaining: kind.remaining,
      hasGate: kind.hasGate,
      patchAccess: access.patch,
      patchAccessReason: access.patchReason,
      columns: kind.columns.map((column) => column.name),
    }
  }

  #kindState(kind: WatchedKind, connection: ContextConnection): Pick<KindRow, 'state' | 'message' | 'namespaces'> {
    const word = (state: KindRow['state'], message = ''): Pick<KindRow, 'state' | 'message' | 'namespaces'> => ({
      state,
      message,
      namespaces: null,
    })
    const isDown = connection.state !== 'connected' && connection.state !== 'connecting'
    if (isDown || (connection.state === 'connecting' && this.snapshotAt !== null))
      return word(this.snapshotAt === null ? 'unreachable' : 'stale', connection.error?.message ?? '')
    if (!this.#servedKinds.isDiscovered) {
      const error = this.#servedKinds.error
      return error === null ? word('loading') : word('error', error.detail || error.message)
    }
    if (kind.served === null) return word('notInstalled')
    const state = kind.state()
    if (state === null) return word('loading')
    if (state.word === 'live' && kind.informedBy() !== connection.context) {
      const refusal = kind.refusalOf(connection.context) ?? this.#access.of(connection.context, kind).listRefusal
      if (refusal !== null) return word('forbidden', refusal)
    }
    return { state: state.word, message: state.message, namespaces: state.namespaces }
  }

  async #lookAgain(): Promise<void> {
    this.#namespaces.clear()
    // Kinds of a snapshot that are served, and are no longer of the kind that is listed: their CRDs have been read by now.
    if (this.snapshotAt === null && this.#servedKinds.isDiscovered) this.#removeUnknown(() => true)
    for (const kind of this.#kinds.values()) {
      kind.reconsider()
      await kind.checkOverdue()
    }
  }

  #every(ms: number, run: () => Promise<void>): void {
    const index = this.#timers.length
    const next = (): void => {
      this.#timers[index] = this.#deps.ports.clock.after(ms, () => {
        run()
          .catch((error: unknown) => {
            this.#deps.ports.logger.log('warn', 'periodic work failed', { cluster: this.id, error: String(error) })
          })
          .finally(() => {
            if (!this.#isDisposed) next()
          })
      })
    }
    next()
  }
}
