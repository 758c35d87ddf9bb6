/**
 * clusters/: contexts, the clusters behind them, and what they hold. Owns selection and connections; must not know actions, trees or
 * the window. A cluster is a UID, a context is a way in (architecture.md, State; product.md, "Never block").
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterId, ContextId } from '../../../shared/model/identity.ts'
import type { ContextRow, ControllerRow, FluxRow, KindRow } from '../../../shared/model/rows.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import type { Dispose, KubeConfigSet, KubeContextInfo, KubeFileInfo, Ports } from '../ports.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { StoredJson } from '../settings/stored-json.ts'
import { ContextConnection } from './context-connection.ts'
import { KeyedFeed, KeyedItems } from './keyed-feed.ts'
import type { FirstView } from './first-view.ts'
import { LiveCluster } from './live-cluster.ts'
import { isProductionName } from './production-name.ts'
import {
  formatRemembered,
  isRecreated,
  nothingRemembered,
  parseRemembered,
  rememberedOf,
} from './remembered-contexts.ts'
import type { RememberedContexts } from './remembered-contexts.ts'
import { snapshotFolder } from '../snapshot/cluster-snapshot.ts'
import type { Clusters, ClusterView } from './view.ts'

export interface RegistryDeps {
  readonly ports: Ports
  readonly settings: SettingsStore
  readonly access: AccessReviews
  readonly firstView: FirstView
  /** Rows that were last seen are shown at once: somebody looks. Others can wait for the answer. Absent: nobody does. */
  readonly isWindowExpected?: boolean
}

/** Rows of contexts, kinds and controllers are told at most this often. */
const refreshMs = 50
/** What was last seen is shown when the cluster has not answered within this time: one that is near has. */
const snapshotDelayMs = 250
/** The same where nobody looks: a command waits for the answer rather. */
const patientDelayMs = 1500

export class ContextRegistry implements Clusters {
  readonly contextItems: KeyedItems<ContextRow>
  readonly kindItems: KeyedItems<KindRow>
  readonly controllerItems: KeyedItems<ControllerRow>
  readonly rowFeed: KeyedFeed<FluxRow>
  /** Resolves when contexts and selection are known. */
  readonly ready: Promise<void>
  readonly #deps: RegistryDeps
  readonly #file: StoredJson<unknown>
  readonly #connections = new Map<ContextId, ContextConnection>()
  readonly #clusters = new Map<ClusterId, { readonly cluster: LiveCluster; readonly stopRows: Dispose }>()
  /** The cluster to which each connection is attached, by what it said or by what is remembered. */
  readonly #assigned = new Map<ContextConnection, LiveCluster>()
  readonly #recreatedAt = new Map<ContextId, number>()
  readonly #listeners = new Set<() => void>()
  readonly #disposals = new Set<Promise<void>>()
  #set: KubeConfigSet | null = null
  #remembered: RememberedContexts = nothingRemembered
  #isLoaded = false
  #isDisposed = false
  #refreshTimer: Dispose | null = null
  #stopConfigs: Dispose = () => undefined
  #snapshotTimers: Dispose[] = []

  constructor(deps: RegistryDeps) {
    this.#deps = deps
    const { clock } = deps.ports
    this.contextItems = new KeyedItems(clock)
    this.kindItems = new KeyedItems(clock)
    this.controllerItems = new KeyedItems(clock)
    this.rowFeed = new KeyedFeed(clock, () => this.#allRows())
    this.#file = new StoredJson(deps.ports, 'contexts.json')
    this.ready = this.#start()
  }

  // Clusters

  view(id: ClusterId): ClusterView | null {
    return this.#clusters.get(id)?.cluster ?? null
  }

  views(): readonly ClusterView[] {
    return [...this.#clusters.values()].map((entry) => entry.cluster)
  }

  contextRow(id: ContextId): ContextRow | null {
    const info = this.#info(id)
    return info === null ? null : this.#toRow(info)
  }

  watch(listener: () => void): Dispose {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  files(): readonly KubeFileInfo[] {
    return this.#set?.files ?? []
  }

  // What the user does

  async select(contexts: readonly ContextId[]): Promise<void> {
    await this.ready
    this.#remember({ ...this.#remembered, selected: [...new Set(contexts)] })
    this.#applySelection()
  }

  async retry(context: ContextId): Promise<void> {
    const connection = await this.#selected(context)
    connection.retry()
  }

  async setReadOnly(context: ContextId, isReadOnly: boolean): Promise<void> {
    await this.ready
    this.#requireInfo(context)
    // SECURITY: closing takes effect before it is written down, opening after.
    if (isReadOnly) this.#connections.get(context)?.setReadOnly(true)
    await this.#deps.settings.setReadOnly(context, isReadOnly)
    this.#connections.get(context)?.setReadOnly(isReadOnly)
    this.#refreshNow()
  }

  async setAlwaysAsk(context: ContextId, isAlwaysAsk: boolean): Promise<void> {
    await this.ready
    this.#requireInfo(context)
    await this.#deps.settings.setAlwaysAsk(context, isAlwaysAsk)
    this.#refreshNow()
  }

  async setDryRuns(context: ContextId, isOn: boolean): Promise<void> {
    await this.ready
    this.#requireInfo(context)
    await this.#deps.settings.setDryRuns(context, isOn)
    this.#refreshNow()
    this.#tellClusters()
  }

  async approveExec(context: ContextId, digest: string): Promise<void> {
    const connection = await this.#selected(context)
    await this.#deps.ports.kubeConfigs.approveExec(context, digest)
    connection.retry()
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#stopConfigs()
    this.#refreshTimer?.()
    for (const cancel of this.#snapshotTimers) cancel()
    await Promise.all([...this.#clusters.values()].map(({ cluster }) => cluster.dispose(true)))
    await Promise.all(this.#disposals)
    for (const connection of this.#connections.values()) connection.close()
    if (this.#isLoaded) await this.#file.write(formatRemembered(this.#remembered)).catch(() => undefined)
    this.#listeners.clear()
  }

  async #start(): Promise<void> {
    const { ports, settings } = this.#deps
    const [remembered] = await Promise.all([this.#file.read(parseRemembered), settings.loaded])
    if (this.#isDisposed) return
    this.#remembered = (remembered as RememberedContexts | null) ?? nothingRemembered
    this.#isLoaded = true
    await new Promise<void>((resolve) => {
      this.#stopConfigs = ports.kubeConfigs.watch((set) => {
        this.#configsChanged(set)
        resolve()
      })
    })
  }

  #configsChanged(set: KubeConfigSet): void {
    if (this.#isDisposed) return
    this.#set = set
    this.#deps.settings.setFiles(set.files)
    const { selected } = this.#remembered
    const isAnySelected = selected?.some((id) => set.contexts.some((info) => info.id === id)) ?? false
    if (
      !isAnySelected &&
      (selected === null || selected.length > 0 || set.contexts.some((info) => info.isPlayground))
    ) {
      // First start, or nothing left of what was selected: where kubectl would go, else the playground.
      const playground = set.contexts.find((info) => info.isPlayground)?.id ?? null
      const first = selected === null ? (set.current ?? playground) : playground
      if (first !== null && set.contexts.some((info) => info.id === first))
        this.#remember({ ...this.#remembered, selected: [first] })
    }
    this.#applySelection()
  }

  #applySelection(): void {
    const wanted = new Map<ContextId, KubeContextInfo>()
    for (const id of this.#remembered.selected ?? []) {
      const info = this.#info(id)
      if (info !== null) wanted.set(id, info)
    }
    for (const [id, connection] of this.#connections) {
      const info = wanted.get(id)
      if (info === undefined) this.#close(connection)
      else if (info.configHash !== connection.info.configHash || !isSameProblem(info, connection.info)) {
        // SECURITY: another server starts from nothing. Renewed credentials keep the rows, which the API server confirms or refuses.
        const isSameServer = info.endpointHash === connection.info.endpointHash
        if (!isSameServer) this.#close(connection)
        this.#open(info)
        if (isSameServer) this.#close(connection)
      }
    }
    for (const info of wanted.values()) if (!this.#connections.has(info.id)) this.#open(info)
    this.#tellClusters()
    this.#refreshNow()
  }

  #open(info: KubeContextInfo): void {
    const { clock, random, logger, kubeConfigs } = this.#deps.ports
    const connection = new ContextConnection(info, {
      clock,
      random,
      logger,
      kubeConfigs,
      isReadOnly: (context) => this.#isReadOnly(context),
      onChange: (changed) => {
        this.#connectionChanged(changed)
      },
    })
    this.#connections.set(info.id, connection)
    const known = rememberedOf(this.#remembered, info)
    if (known !== null) this.#assign(connection, known.cluster)
    connection.open()
    if (known !== null)
      this.#snapshotTimers.push(
        clock.after(this.#deps.isWindowExpected === true ? snapshotDelayMs : patientDelayMs, () => {
          this.#showSnapshot(connection)
        }),
      )
  }

  #close(connection: ContextConnection): void {
    if (this.#connections.get(connection.context) === connection) this.#connections.delete(connection.context)
    this.#unassign(connection)
    connection.close()
  }

  #connectionChanged(connection: ContextConnection): void {
    if (this.#connections.get(connection.context) !== connection) return
    if (connection.state === 'connected' && connection.cluster !== null)
      this.#identified(connection, connection.cluster)
    else if (connection.state !== 'connecting') this.#showSnapshot(connection)
    this.#assigned.get(connection)?.connectionChanged(connection)
    this.#refreshSoon()
  }

  #identified(connection: ContextConnection, id: ClusterId): void {
    const { context, info } = connection
    const before = this.#remembered.known.get(context)
    if (isRecreated(before, id, info.server)) {
      this.#recreatedAt.set(context, this.#deps.ports.clock.now())
      const isElsewhere = [...this.#remembered.known].some(
        ([other, known]) => other !== context && known.cluster === before?.cluster,
      )
      if (before !== undefined && !isElsewhere) void this.#forgetFiles([before.cluster])
    }
    const { server, endpointHash, user } = info
    const identity = connection.user
    const now = { cluster: id, server, endpointHash, user, identity }
    if (before === undefined || Object.entries(now).some(([key, value]) => before[key as keyof typeof now] !== value)) {
      const known = new Map(this.#remembered.known)
      known.set(context, { ...now, lastSeenAt: this.#deps.ports.clock.now() })
      this.#remember({ ...this.#remembered, known })
      // SECURITY: what another identity saw is not this one's to see.
      if (before?.cluster === id && before.identity !== identity) this.#assigned.get(connection)?.dropSnapshot()
    }
    if (this.#assigned.get(connection)?.id !== id) {
      this.#unassign(connection)
      this.#assign(connection, id)
      this.#tellClusters()
      // Rows are on their way: the context that they belong to is told before them.
      this.#refreshNow()
    }
  }

  #assign(connection: ContextConnection, id: ClusterId): void {
    let entry = this.#clusters.get(id)
    if (entry === undefined) {
      const cluster = new LiveCluster(id, {
        ports: this.#deps.ports,
        access: this.#deps.access,
        beforeRest: () => this.#deps.firstView.wait(),
        afterCourtesy: (act) => this.#deps.firstView.afterCourtesy(act),
        contextRow: (context) => this.contextRow(context),
        onChange: () => {
          this.#refreshSoon()
        },
      })
      let known = 0
      const stopRows = cluster.watchRows(({ upsert, remove }) => {
        this.rowFeed.publish(upsert, remove)
        // Of kinds and contexts a row tells no more than that it is there.
        const count = cluster.rowCount()
        if (count !== known || remove.length > 0) this.#refreshSoon()
        known = count
      })
      entry = { cluster, stopRows }
      this.#clusters.set(id, entry)
    }
    this.#assigned.set(connection, entry.cluster)
    entry.cluster.attach(connection)
  }

  #unassign(connection: ContextConnection): void {
    const cluster = this.#assigned.get(connection)
    if (cluster === undefined) return
    this.#assigned.delete(connection)
    cluster.detach(connection)
    if (cluster.hasConnections()) return
    const entry = this.#clusters.get(cluster.id)
    this.#clusters.delete(cluster.id)
    entry?.stopRows()
    this.rowFeed.publish([], cluster.table.toldKeys())
    const isGone = this.#recreatedAt.has(connection.context) && connection.cluster !== cluster.id
    const disposal = cluster.dispose(!isGone).finally(() => this.#disposals.delete(disposal))
    this.#disposals.add(disposal)
  }

  #showSnapshot(connection: ContextConnection): void {
    const cluster = this.#assigned.get(connection)
    if (cluster === undefined || connection.state === 'connected') return
    const identities = [...this.#assigned]
      .filter(([, assigned]) => assigned === cluster)
      .map(([{ info }]) => rememberedOf(this.#remembered, info)?.identity ?? '')
    void cluster.showSnapshot(identities.filter((identity) => identity !== ''))
  }

  /** Deletes what is kept of these clusters, or of all: their rows, objects and trees as they were last seen. */
  async forgetLastSeen(clusters: readonly ClusterId[] | null): Promise<void> {
    await this.ready
    for (const { cluster } of this.#clusters.values())
      if (clusters === null || clusters.includes(cluster.id)) await cluster.kept.forget()
    await this.#forgetFiles(clusters)
  }

  /** Deletes what is kept of clusters that no context leads to any longer, of those that one led to before. */
  async forgetGone(before: readonly ContextId[]): Promise<void> {
    const known = new Map(this.#remembered.known)
    for (const id of before) if (this.#info(id) === null) known.delete(id)
    if (known.size === this.#remembered.known.size) return
    const left = new Set([...known.values()].map(({ cluster }) => cluster))
    const gone = [...this.#remembered.known.values()].map(({ cluster }) => cluster).filter((id) => !left.has(id))
    this.#remember({ ...this.#remembered, known })
    await Promise.all(this.#disposals)
    await this.#forgetFiles([...new Set(gone)])
  }

  contextIds(): readonly ContextId[] {
    return (this.#set?.contexts ?? []).map(({ id }) => id)
  }

  async #forgetFiles(clusters: readonly ClusterId[] | null): Promise<void> {
    const { snapshots, codec, logger } = this.#deps.ports
    const folders = clusters === null ? [null] : clusters.map((id) => snapshotFolder(codec, id))
    for (const folder of folders)
      await snapshots?.remove(folder).catch((error: unknown) => {
        logger.log('error', 'what was last seen was not deleted', { error: String(error) })
      })
  }

  #toRow(info: KubeContextInfo): ContextRow {
    const { settings } = this.#deps
    const connection = this.#connections.get(info.id) ?? null
    const cluster = connection === null ? null : (this.#assigned.get(connection) ?? null)
    const isProduction = isProductionName(info.name)
    const known = this.#remembered.known.get(info.id)
    return {
      key: info.id,
      name: info.name,
      cluster: cluster?.id ?? connection?.cluster ?? null,
      server: info.server,
      user: connection === null || connection.user === '' ? info.user : connection.user,
      namespace: info.namespace,
      file: info.file,
      isSelected: connection !== null,
      connection: connection?.state ?? (info.problem === null ? 'idle' : 'invalid'),
      error: connection === null ? info.problem : connection.error,
      nextTryAt: connection?.nextTryAt ?? null,
      lastSeenAt: connection?.lastSeenAt ?? latest(known?.lastSeenAt ?? null, cluster?.snapshotAt ?? null),
      watchLagMs:
        connection?.isUsable === true && connection.roundTripMs !== null ? Math.round(connection.roundTripMs) : null,
      kubernetesVersion: connection?.kubernetesVersion || (cluster?.kubernetesVersion() ?? ''),
      fluxVersion: cluster?.fluxVersion() ?? '',
      isReadOnly: this.#isReadOnly(info),
      isProduction,
      isAlwaysAsk: settings.current().alwaysAskContexts[info.id] ?? isProduction,
      isDryRunOff: settings.current().dryRunContexts?.[info.id] === false,
      isPlayground: info.isPlayground,
      warnings: info.warnings,
      snapshotAt: cluster?.snapshotAt ?? null,
      ...(cluster === null || cluster.kept.problem === '' ? {} : { snapshotProblem: cluster.kept.problem }),
      recreatedAt: this.#recreatedAt.get(info.id) ?? null,
      approval: connection?.approval ?? null,
    }
  }

  #isReadOnly(info: KubeContextInfo): boolean {
    return this.#deps.settings.current().readOnlyContexts[info.id] ?? isProductionName(info.name)
  }

  #info(id: ContextId): KubeContextInfo | null {
    return this.#set?.contexts.find((info) => info.id === id) ?? null
  }

  #requireInfo(id: ContextId): KubeContextInfo {
    const info = this.#info(id)
    if (info === null)
      throw new SluiceError('NotFound', `No kubeconfig has a context ${id}`, { remedy: 'Choose another context.' })
    return info
  }

  async #selected(id: ContextId): Promise<ContextConnection> {
    await this.ready
    this.#requireInfo(id)
    const connection = this.#connections.get(id)
    if (connection === undefined)
      throw new SluiceError('NotConnected', `Context ${id} is not selected`, { remedy: 'Select the context first.' })
    return connection
  }

  *#allRows(): Iterable<FluxRow> {
    for (const { cluster } of this.#clusters.values()) yield* cluster.rows()
  }

  #remember(remembered: RememberedContexts): void {
    this.#remembered = remembered
    this.#file.write(formatRemembered(remembered)).catch((error: unknown) => {
      this.#deps.ports.logger.log('error', 'selection not saved', { error: String(error) })
    })
  }

  #tellClusters(): void {
    for (const listener of this.#listeners) listener()
  }

  #refreshSoon(): void {
    if (this.#isDisposed) return
    const { clock } = this.#deps.ports
    this.#refreshTimer ??= clock.after(refreshMs, () => {
      // While a long list is read, telling its rows is a turn's work.
      this.#tellRows()
      this.#refreshTimer = clock.after(0, () => {
        this.#refreshNow()
      })
    })
  }

  #tellRows(): void {
    for (const { cluster } of this.#clusters.values()) cluster.table.flush()
  }

  #refreshNow(): void {
    this.#refreshTimer?.()
    this.#refreshTimer = null
    const before = this.contextItems.values()
    if (this.contextItems.set((this.#set?.contexts ?? []).map((info) => this.#toRow(info)))) {
      const isUsableChanged = before.some((row) => this.contextItems.get(row.key)?.connection !== row.connection)
      if (isUsableChanged) this.#tellClusters()
    }
    // A list that is said to be read, and to be of so many, is never told before its rows: it would be shown empty.
    this.#tellRows()
    const clusters = [...this.#clusters.values()].map((entry) => entry.cluster)
    this.kindItems.set([...clusters.flatMap((cluster) => cluster.kinds())])
    this.controllerItems.set(clusters.flatMap((cluster) => cluster.controllers()))
  }
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

function isSameProblem(a: KubeContextInfo, b: KubeContextInfo): boolean {
  return (a.problem === null) === (b.problem === null)
}
