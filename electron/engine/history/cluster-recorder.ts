/**
 * Records one cluster while it is selected: rows, events, and when it was looked at. On a first sight it tells what the cluster still knows of its past;
 * on a later one, what changed since Sluice last looked.
 */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { StringPool } from '../../../shared/lib/string-pool.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { ClusterView, KubeObject, RowChange } from '../clusters/view.ts'
import { EventFeeds } from '../events/event-feeds.ts'
import { readEvent } from '../events/event-row.ts'
import type { Dispose, Ports } from '../ports.ts'
import { fieldOwners, lastWriteAt } from '../status/managed-fields.ts'
import { textAt } from '../status/read.ts'
import { gateOwners } from '../status/suspend-info.ts'
import { describeMeanwhile, describePast } from './backfill.ts'
import { maxSkewMs } from './believed-time.ts'
import { conditionsText, describeBadConditions, describeConditions } from './condition-changes.ts'
import { eventEntry } from './event-entries.ts'
import type { Journal } from './journal.ts'
import { isSameRow, loadMemory, saveAlive, saveMemory } from './known-rows.ts'
import type { Memory } from './known-rows.ts'
import { isApplier, OwnerIndex } from './owner-index.ts'
import { backfillReleases } from './release-backfill.ts'
import { releasingOf } from './release-records.ts'
import type { Releasing } from './release-records.ts'
import { deployedRelease, releaseSeen } from './release-snapshots.ts'
import { describeChange, describeRemoval, knownRow } from './row-changes.ts'
import type { KnownRow, Said, Seen } from './row-changes.ts'
import { lastGoodRun } from './run-snapshots.ts'
import { sessionEntry } from './session-entry.ts'

/** What is known is saved so often, and so is the time at which Sluice was last there. */
const saveMs = 30_000
/** Where the cluster-wide list of events is refused, the namespaces of Flux objects are looked at, at most this many. */
const maxFallbackNamespaces = 30
/** No list is waited for longer: what comes later is then new. */
const settleMs = 60_000
/** So many first rows, and what they tell is on disk before the next are looked at: a large cluster is never in memory twice. */
const firstBatch = 500

export interface RecorderDeps {
  readonly view: ClusterView
  readonly journal: Journal
  readonly ports: Pick<Ports, 'clock' | 'store' | 'codec' | 'logger' | 'releases'>
  /** The store's file was damaged when recording began, and is a new one: what is known of the rows is told anew. */
  readonly isSetAside: Promise<boolean>
  /** When the newest thing that is kept of the cluster happened, 0 where nothing is: asked for where the rows are not known. */
  readonly toldUntil: () => Promise<number>
  /** A Kustomization ran a revision, a HelmRelease a chart of one, or failed at it. */
  readonly ran: (owner: ObjectRef, revision: string, isBackfilled: boolean) => void
  /** A source of Git has this now; `before`: what it had, '' where it is there for the first time. */
  readonly fetched: (source: ObjectRef, revision: string, before: string, isBackfilled: boolean) => void
}

export class ClusterRecorder {
  readonly #deps: RecorderDeps
  readonly #known = new Map<string, KnownRow>()
  /** What is known of conditions is the same text for nearly all rows. */
  readonly #strings = new StringPool()
  readonly #owners = new OwnerIndex()
  readonly #feeds: EventFeeds
  readonly #stops: Dispose[] = []
  /** Lists are waited for: rows are looked at when they are there, their changes before that say nothing more. */
  #isWaiting = true
  /** Changes that come while the first rows are taken, in order. */
  #early: RowChange[] | null = []
  /** When this began: what is older is found afterwards. */
  #began = 0
  #isStopped = false
  #toldUntil = 0
  #stopTimer: Dispose | null = null
  readonly #abort = new AbortController()
  /** HelmReleases that may have had releases which they do not list any more; empty once these are looked for. */
  #releasing: Releasing[] = []
  /** What is known is not what was saved. */
  #isDirty = true

  constructor(deps: RecorderDeps) {
    this.#deps = deps
    const { view } = deps
    // Written down they are not needed any more: a storm of a minute would else stay in memory for hours.
    const isKept = false
    this.#feeds = new EventFeeds(
      view,
      {
        changed: (upsert) => this.#takeEvents(upsert),
        restarted: () => undefined,
        settled: () => this.#fallBack(),
      },
      isKept,
    )
  }

  async start(): Promise<void> {
    const { view, journal, ports, isSetAside } = this.#deps
    this.#began = ports.clock.now()
    this.#stops.push(view.watchRows((change) => this.#takeChange(change)))
    const stopObjects = view.watchObjects?.((key, object) => this.#takeObject(key, object))
    if (stopObjects !== undefined) this.#stops.push(stopObjects)
    const [kept, isAnew] = await Promise.all([loadMemory(ports, view.id), isSetAside, this.#rowsAreThere()])
    const memory = isAnew ? null : kept
    if (memory === null && !isAnew && !this.#isStopped) this.#toldUntil = await this.#deps.toldUntil()
    if (this.#isStopped) return
    if (memory !== null)
      journal.write([
        {
          // Not after this began: the clock may have been set back since.
          ...sessionEntry(
            this.#deps.view.id,
            'WatchEnded',
            'Sluice stopped watching',
            Math.min(memory.aliveAt, this.#began),
          ),
          isBackfilled: true,
          identity: `ended|${memory.aliveAt}`,
        },
      ])
    journal.write([sessionEntry(this.#deps.view.id, 'WatchBegan', 'Sluice began to watch', this.#began)])
    this.#isWaiting = false
    await this.#takeFirsts(memory)
    if (this.#isStopped) return
    const early = this.#early ?? []
    this.#early = null
    for (const change of early) this.#takeChange(change)
    this.#feeds.watch(new Set(['']))
    this.#saveLater()
    const releasing = this.#releasing
    this.#releasing = []
    // Beside everything else: nobody waits for what was long ago.
    void backfillReleases(releasing, {
      view,
      ports,
      write: (entries) => this.#write(entries),
      signal: this.#abort.signal,
    })
  }

  /** The cluster is no longer selected, or Sluice ends. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#abort.abort()
    for (const stop of this.#stops) stop()
    this.#stopTimer?.()
    this.#feeds.stop()
    const { journal, ports } = this.#deps
    if (this.#early !== null) return
    const now = ports.clock.now()
    journal.write([
      { ...sessionEntry(this.#deps.view.id, 'WatchEnded', 'Sluice stopped watching', now), identity: `ended|${now}` },
    ])
    await this.#save(now)
  }

  /** Every kind has its list, or says why it has none. */
  #rowsAreThere(): Promise<void> {
    const { view, ports } = this.#deps
    return new Promise((resolve) => {
      const until = ports.clock.monotonicMs() + settleMs
      const look = (): void => {
        const isLoading = view.kinds().some(({ state }) => state === 'loading')
        const isEmpty = view.kinds().length === 0
        if (this.#isStopped || (!isLoading && !isEmpty) || ports.clock.monotonicMs() > until) resolve()
        else this.#stopTimer = ports.clock.after(250, look)
      }
      look()
    })
  }

  #isKindLive(key: string): boolean {
    const [, groupKind = ''] = key.split('|')
    return this.#deps.view
      .kinds()
      .some(({ group, kind, state }) => state === 'live' && `${group}/${kind}` === groupKind)
  }

  /**
   * Rows as they are now, beside what was known of them. Not in `start`: what it watches with lives as long as this does, and would keep a second copy
   * of all that was known.
   */
  async #takeFirsts(memory: Memory | null): Promise<void> {
    const { view, journal, ports } = this.#deps
    const rows = [...view.rows()]
    for (let start = 0; start < rows.length && !this.#isStopped; start += firstBatch) {
      await forEachInSlices(
        ports.clock,
        rows.slice(start, start + firstBatch),
        (row) => this.#takeFirst(row, memory),
        () => this.#isStopped,
      )
      await journal.flush()
    }
    if (this.#isStopped) return
    for (const [key, known] of memory?.rows ?? [])
      if (!this.#known.has(key) && this.#isKindLive(key)) {
        const ref = refOfKey(key, view.id)
        if (ref !== null)
          journal.write([describeRemoval(ref, { ...this.#seen(ref, null), isBackfilled: known.uid !== '' })])
      }
  }

  #takeFirst(row: FluxRow, memory: Memory | null): void {
    const { view } = this.#deps
    const before = memory?.rows.get(row.key) ?? null
    const object = view.cached(row.ref)
    const known = this.#withConditions(this.#shared(knownRow(row, before, saidBy(object))), object)
    this.#known.set(row.key, known)
    this.#owners.update(row, object)
    if (before !== null && isSameRow(before, known)) return
    // Where the clock was set back nobody knows when that was: rather told twice than not at all.
    const aliveAt = memory === null || memory.aliveAt > this.#began ? 0 : memory.aliveAt
    if (before === null && row.ref.kind === 'GitRepository' && row.revision !== '')
      this.#deps.fetched(row.ref, row.revision, '', true)
    if (before?.release !== known.release) this.#noteReleasing(row, object, before === null ? this.#toldUntil : aliveAt)
    if (before === null) this.#write(describePast(row, object, this.#calmSeen(row, object), this.#toldUntil))
    else this.#write(describeMeanwhile(before, row, object, this.#seen(row.ref, object, aliveAt), aliveAt))
  }

  #noteReleasing(row: FluxRow, object: KubeObject | null, toldUntil: number): void {
    if (object === null || row.ref.kind !== 'HelmRelease' || !isApplier(row.ref)) return
    const releasing = releasingOf(row, object, this.#calmSeen(row, object), toldUntil, this.#deps.ports.codec)
    if (releasing !== null) this.#releasing.push(releasing)
  }

  #takeChange(change: RowChange): void {
    if (this.#isWaiting) return
    if (this.#early !== null) {
      this.#early.push(change)
      return
    }
    const { view, journal } = this.#deps
    for (const row of change.upsert) this.#takeRow(row, view.cached(row.ref))
    for (const key of change.remove) {
      // A list that was lost takes its rows along: that is no deletion.
      if (!this.#isKindLive(key)) continue
      if (!this.#known.delete(key)) continue
      this.#isDirty = true
      this.#owners.remove(key)
      const ref = refOfKey(key, view.id)
      if (ref !== null) journal.write([describeRemoval(ref, this.#seen(ref, null))])
    }
  }

  #takeRow(row: FluxRow, object: KubeObject | null): void {
    this.#owners.update(row, object)
    const before = this.#known.get(row.key) ?? null
    const isNew = before === null || before.uid !== row.uid
    const seen = this.#seen(row.ref, object)
    // Conditions of an object that is known were told with the object.
    const next = this.#shared(knownRow(row, before, seen))
    const known = isNew ? this.#withConditions(next, object) : next
    if (before === null || !isSameRow(before, known)) this.#isDirty = true
    this.#known.set(row.key, known)
    this.#write(describeChange(before, row, seen))
    if (isNew && object !== null) this.#write(describeBadConditions(row, object, seen))
  }

  /** A new version of it: what its conditions and its runs became, whether its row says so or not. */
  #takeObject(key: string, object: KubeObject): void {
    const known = this.#known.get(key)
    // One that is not known yet is looked at with its row.
    if (known === undefined || known.uid !== textAt(object, 'metadata', 'uid')) return
    this.#takeConditions(key, object, known)
    const row = this.#deps.view.row(key)
    // Changes of rows that wait are older than this.
    if (row === null || this.#early !== null || !isApplier(row.ref)) return
    const { attempted, ran } = knownRow(row, known, saidBy(object))
    if (attempted !== known.attempted || ran !== known.ran) this.#takeRow(row, object)
  }

  #takeConditions(key: string, object: KubeObject, before: KnownRow): void {
    const known = this.#withConditions(before, object)
    if (known.conditions === before.conditions) return
    this.#known.set(key, known)
    this.#isDirty = true
    const row = this.#deps.view.row(key)
    if (row === null) return
    const seen = this.#seen(row.ref, object)
    const told =
      before.conditions === null
        ? describeBadConditions(row, object, seen)
        : describeConditions(before.conditions, row, object, seen)
    // Times are told in whole seconds.
    this.#write(told.map((entry) => ({ ...entry, isBackfilled: entry.at < this.#began - 1000 })))
  }

  /** A fleet is suspended by one hand, and fails at one revision. */
  #shared(known: KnownRow): KnownRow {
    const { attempted, gate } = known
    if (!attempted && !gate) return known
    return { ...known, attempted: this.#one(attempted), gate: this.#one(gate) }
  }

  #one(text: string | null): string | null {
    return text === null ? null : this.#strings.one(text)
  }

  #withConditions(known: KnownRow, object: KubeObject | null): KnownRow {
    if (object === null) return known
    const conditions = conditionsText(object, known.conditions)
    return conditions === known.conditions ? known : { ...known, conditions: this.#strings.one(conditions) }
  }

  #write(entries: readonly NewHistoryEntry[]): void {
    if (entries.length === 0) return
    this.#isDirty = true
    this.#deps.journal.write(entries)
    for (const { type, tone, ref, revision, facts, isBackfilled } of entries) {
      // Also what nobody runs: it may wait behind a closed gate.
      if (type === 'artifact' && ref?.kind === 'GitRepository')
        this.#deps.fetched(ref, revision, textAt(facts, 'before'), isBackfilled)
      if (ref === null || (type !== 'run' && (type !== 'status' || tone !== 'bad'))) continue
      // A version of a chart is no commit; what it was packaged from may be.
      const ran = ref.kind === 'Kustomization' ? revision : textAt(facts, 'originRevision')
      if (isApplier(ref) && ran !== '') this.#deps.ran(ref, ran, isBackfilled)
    }
  }

  /** Without what only a change needs. */
  #calmSeen(row: FluxRow, object: KubeObject | null): Seen {
    return {
      now: this.#deps.ports.clock.now(),
      isBackfilled: true,
      specOwner: null,
      gateOwner: null,
      owner: this.#owners.ownerOf(row.ref) ?? row.parent,
      attempted: '',
      ...releaseSeen(this.#deps.view, object),
    }
  }

  /** `since`: what changed did so after that. */
  #seen(ref: ObjectRef, object: KubeObject | null, since = this.#deps.ports.clock.now()): Seen {
    const kind = fluxKind(ref.group, ref.kind)
    const owners = object === null ? [] : fieldOwners(object, ['spec'])
    const specOwner = owners.reduce<Seen['specOwner']>(
      (latest, each) => (latest === null || (each.at ?? 0) > (latest.at ?? 0) ? each : latest),
      null,
    )
    return {
      now: this.#deps.ports.clock.now(),
      writtenAt: lastWriteAt(object),
      since,
      isBackfilled: false,
      // Who wrote the spec long before it changed did not change it.
      specOwner: (specOwner?.at ?? 0) > since - maxSkewMs ? specOwner : null,
      gateOwner: (object === null ? [] : gateOwners(object, kind))[0] ?? null,
      owner: this.#owners.ownerOf(ref) ?? this.#deps.view.row(refKey(ref))?.parent ?? null,
      ...saidBy(object),
      ...releaseSeen(this.#deps.view, object),
    }
  }

  #takeEvents(objects: readonly KubeObject[]): void {
    const { view, journal, ports } = this.#deps
    const entries: NewHistoryEntry[] = []
    for (const object of objects) {
      const event = readEvent(object, view.id)
      if (event === null) continue
      const row = view.row(refKey(event.involved))
      const owner = this.#owners.ownerOf(event.involved) ?? row?.parent ?? null
      // Events of what no Flux object applies are not ours to keep.
      if (owner === null && row === null && !event.involved.group.endsWith('.toolkit.fluxcd.io')) continue
      entries.push(eventEntry(event, owner, this.#began, ports.clock.now()))
    }
    if (entries.length > 0) journal.write(entries)
  }

  #fallBack(): void {
    if (this.#feeds.refusal === null) return
    const namespaces = new Set<string>()
    for (const row of this.#deps.view.rows())
      if (namespaces.size < maxFallbackNamespaces && row.ref.namespace !== '') namespaces.add(row.ref.namespace)
    if (namespaces.size > 0) this.#feeds.watch(namespaces)
  }

  #saveLater(): void {
    const { clock } = this.#deps.ports
    this.#stopTimer = clock.after(saveMs, () => {
      if (this.#isStopped) return
      void this.#save(clock.now()).then(() => this.#saveLater())
    })
  }

  async #save(aliveAt: number): Promise<void> {
    const { view, ports } = this.#deps
    try {
      // The rows of a large cluster are not written again and again for nothing.
      if (this.#isDirty) {
        this.#isDirty = false
        await saveMemory(ports, view.id, this.#known)
      }
      await saveAlive(ports, view.id, aliveAt)
    } catch (error) {
      ports.logger.log('warn', 'what is known for the history could not be saved', { error: String(error) })
    }
  }
}

function saidBy(object: KubeObject | null): Said & Pick<Seen, 'attempted'> {
  const release = deployedRelease(object)
  return {
    attempted: textAt(object, 'status', 'lastAttemptedRevision'),
    ...(release === undefined ? {} : { release }),
    ...lastGoodRun(object),
  }
}

/** What refKey made it of; null for a key of another shape. */
function refOfKey(key: string, cluster: string): ObjectRef | null {
  const [, groupKind = '', title = ''] = key.split('|')
  const kindAt = groupKind.lastIndexOf('/')
  const nameAt = title.indexOf('/')
  if (kindAt < 0 || nameAt < 0) return null
  return {
    cluster,
    group: groupKind.slice(0, kindAt),
    kind: groupKind.slice(kindAt + 1),
    namespace: title.slice(0, nameAt),
    name: title.slice(nameAt + 1),
  }
}
