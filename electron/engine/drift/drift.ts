/**
 * drift/: what differs from Git, for every Kustomization and HelmRelease of the selected contexts, all the time. Owns the procedures `drift.*`,
 * `hosts.*`, `credentials.*`, `folders.*`, the schedule and the results. Desired state comes from desired/ and helm/, comparison from apply/ and
 * diff/; must not know windows. Semantics: flux-semantics §2.6 to §2.12, §3.2, §9, §10; security.md 9 to 12.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import { isSameRevision } from '../../../shared/flux/revision.ts'
import type {
  DriftField,
  DriftObject,
  DriftOrigin,
  DriftOwner,
  DriftTexts,
  ResumePreview,
  RevisionCommit,
} from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { EditorId } from '../../../shared/model/repository.ts'
import type { ComparedObject } from '../apply/compare-set.ts'
import { KeyedFeed } from '../clusters/keyed-feed.ts'
import type { Clusters, ClusterView } from '../clusters/view.ts'
import type { Compared } from '../diff/texts.ts'
import { parseExact } from '../exact-json.ts'
import type { Dispose, Ports } from '../ports.ts'
import type { BudgetLimits } from './budget.ts'
import { defaultBudget, DryRunBudget } from './budget.ts'
import type { DesiredSource } from './owner-comparer.ts'
import { ClusterDrift } from './cluster-drift.ts'
import type { ClusterDriftDeps } from './cluster-drift.ts'
import type { Comparison } from './compare-owner.ts'
import type { MappedFolders } from './folders.ts'
import { createMappedFolders } from './folders.ts'
import { ignoreRulesOf } from './desired/ignore-rules.ts'
import type { Hosts } from './hosts.ts'
import { createHosts } from './hosts.ts'
import { createIgnoreEdits } from './ignore-edits.ts'
import { isOwnerKind } from './inputs.ts'
import { liveId } from './live/live-index.ts'
import type { CompileReady } from './preview-waits.ts'
import type { LoggedCommit } from '../source/artifact-port.ts'
import type { HostConsents } from '../source/consents.ts'
import { createOwnCredentials } from './own-credentials.ts'
import { createPreviews } from './preview.ts'
import { FirstSeen } from './results/first-seen.ts'
import { KeyedTable } from './results/keyed-table.ts'
import type { ComparedRecord, RecordDetails } from './results/record.ts'
import { createPrinter } from './results/shown-texts.ts'

export type DriftProcedure =
  | 'drift.owners'
  | 'drift.objects'
  | 'drift.watch'
  | 'drift.fields'
  | 'drift.texts'
  | 'drift.check'
  | 'drift.commit'
  | 'drift.preview'
  | 'drift.ignoreRule'
  | 'drift.ignoreEdit'
  | 'drift.writeIgnore'
  | 'drift.patch'
  | 'drift.openOrigin'
  | 'contexts.setDryRuns'
  | 'hosts.watch'
  | 'hosts.allow'
  | 'credentials.watch'
  | 'credentials.allow'
  | 'credentials.tokenStore'
  | 'credentials.keepToken'
  | 'credentials.forgetToken'
  | 'folders.watch'
  | 'folders.map'
  | 'folders.unmap'

interface Manifest {
  readonly source: ObjectRef
  readonly file: string
  readonly line: number
}

export interface DriftOptions {
  /** False: only what is asked for is compared: the command line. */
  readonly isWatched: boolean
  /** Awaited before anything is compared that nobody asked for. */
  readonly beforeBackground?: Promise<unknown>
  /** Of dry-runs, per cluster; `defaultBudget` if not given. */
  readonly budget?: BudgetLimits
  /** The machine runs on battery: a quarter of the budget. */
  readonly isOnBattery?: () => boolean
}

/** What desired states are made with. */
export interface DriftKnowledge {
  readonly hosts: Hosts
  readonly folders: MappedFolders
  /** resourceVersion of an object as its watch has it; null where nobody watches it. */
  readonly versionOf: (input: ObjectRef) => string | null
}

export interface DriftDeps {
  readonly ports: Ports
  readonly clusters: Clusters
  readonly options: DriftOptions
  /** Makes desired states, given what the user decided about hosts and folders. */
  readonly createDesired: (known: DriftKnowledge) => DesiredSource & { dispose(): void }
  /** As of ClusterDrift. */
  readonly onDesired?: ClusterDriftDeps['onDesired']
  readonly comparison: Comparison
  readonly compileReady: CompileReady
  readonly editor: () => EditorId
  readonly setDryRuns: (context: ContextId, isOn: boolean) => Promise<void>
}

export interface Consents extends Hosts, HostConsents {
  /** Calls back when the user allows something for a cluster. */
  watchAllowed(listener: (cluster: ClusterId) => void): Dispose
}

export interface Drift {
  readonly handlers: Pick<Handlers, DriftProcedure>
  /** What resuming would do, fresh: for one-click resuming. */
  previewOf(ref: ObjectRef, signal: AbortSignal): Promise<ResumePreview>
  /** What a revision of `ref`'s source is in Git, whether it was compared or not; null as DriftOwner.commit. */
  commitAt(ref: ObjectRef, revision: string, signal: AbortSignal): Promise<RevisionCommit | null>
  /** Commits of a source's branch that led to the revision, the newest first; one alone contacts nobody, more at most once. Empty as `commitAt` is null. */
  logAt(source: ObjectRef, revision: string, limit: number, signal: AbortSignal): Promise<readonly LoggedCommit[]>
  /** File and line of an owner's object in its source; null where that is not known. Compares it where it was not. */
  originOf(owner: ObjectRef, ref: ObjectRef, signal: AbortSignal): Promise<DriftOrigin | null>
  /** What the user decided about hosts and credentials: hosted mode goes by the same. */
  consents(): Promise<Consents>
  dispose(): Promise<void>
}

export function createDrift(deps: DriftDeps): Drift {
  const { ports, clusters, options, comparison } = deps
  const { clock, random, logger, codec } = ports
  const byCluster = new Map<string, ClusterDrift>()
  const ownerTable = new KeyedTable<DriftOwner>(clock)
  const objectTable = new KeyedTable<DriftObject>(clock)
  const firstSeen = new FirstSeen(ports)
  /** Who looks at the objects of one owner. */
  const watches = new Map<string, Set<(objects: readonly DriftObject[]) => void>>()
  // SECURITY: item 9: equality of secret values is decided by digests that mean nothing outside this process.
  const secretKey = new TextEncoder().encode(`${random.uuid()}${random.uuid()}`)
  let isDisposed = false

  const allowedListeners = new Set<(cluster: ClusterId) => void>()
  const choicesChanged = (cluster: string): void => {
    byCluster.get(cluster)?.choicesChanged()
    for (const listener of allowedListeners) listener(cluster)
  }
  const hosts = createHosts(ports, choicesChanged)
  const credentials = createOwnCredentials(ports, choicesChanged)
  const folders = createMappedFolders(ports, ({ cluster }) => {
    choicesChanged(cluster)
  })
  const ignoreEdits = createIgnoreEdits(ports, folders)
  const desired = deps.createDesired({
    hosts: { ...hosts, ...credentials.consents },
    folders,
    versionOf: ({ cluster, group, kind, namespace, name }) =>
      byCluster.get(cluster)?.live.versionOf(liveId(group, kind, namespace, name)) ?? null,
  })
  const ready = Promise.all([hosts.loaded, credentials.loaded, folders.loaded, firstSeen.loaded])
  const previews = createPreviews(clock, driftOf, deps.compileReady)
  const printer = createPrinter(comparison, ports.clusterRenderer.print ?? null)

  function open(view: ClusterView): ClusterDrift {
    const known = byCluster.get(view.id)
    if (known !== undefined) return known
    const opened = new ClusterDrift({
      view,
      clock,
      random,
      logger,
      codec,
      secretKey,
      desired,
      comparison,
      firstSeen,
      ready,
      ownerTable,
      objectTable,
      budget: new DryRunBudget({
        clock,
        limits: options.budget ?? defaultBudget,
        isOnBattery: options.isOnBattery ?? (() => false),
      }),
      onCompared: (owner, objects) => {
        for (const tell of watches.get(refKey(owner)) ?? []) tell(objects)
      },
      onDesired: deps.onDesired,
      isBackground: options.isWatched,
      beforeBackground: options.beforeBackground ?? Promise.resolve(),
    })
    byCluster.set(view.id, opened)
    return opened
  }

  /** Clusters as they are selected now. */
  function follow(): void {
    if (isDisposed) return
    const views = clusters.views()
    for (const [id, drift] of byCluster)
      if (!views.some((view) => view.id === id)) {
        drift.dispose()
        byCluster.delete(id)
      }
    for (const view of views) {
      const known = byCluster.get(view.id)
      if (known !== undefined) known.contextsChanged()
      else if (options.isWatched) open(view)
    }
  }
  const stopFollowing = clusters.watch(follow)
  follow()

  /** Of any object: a source, say. */
  function clusterOf(ref: ObjectRef): ClusterView {
    const view = clusters.view(ref.cluster)
    if (view === null)
      throw new SluiceError('NotConnected', `No selected context leads to the cluster of ${refTitle(ref)}`, {
        remedy: 'Select its context and try again.',
      })
    return view
  }

  function driftOf(ref: ObjectRef): ClusterDrift {
    const view = clusterOf(ref)
    if (!isOwnerKind(ref))
      throw new SluiceError('Unsupported', `${ref.kind} ${refTitle(ref)} applies no objects that could be compared`, {
        remedy: 'Choose a Kustomization or a HelmRelease.',
      })
    return open(view)
  }

  function detailsOf(record: ComparedRecord | null): RecordDetails | null {
    return record?.details == null ? null : (parseExact(codec.inflate(record.details)) as RecordDetails)
  }

  async function compareNow(owner: ObjectRef, ref: ObjectRef, signal: AbortSignal): Promise<ComparedObject> {
    const compared = await driftOf(owner).compareObject(owner, ref, signal)
    if (compared !== null) return compared
    throw new SluiceError('NotFound', `${owner.kind} ${refTitle(owner)} has no ${ref.kind} ${refTitle(ref)}`)
  }

  /** Both sides as they were compared where they are kept, else compared afresh. */
  async function sidesOf(
    owner: ObjectRef,
    ref: ObjectRef,
    signal: AbortSignal,
  ): Promise<{ readonly compared: Compared; readonly checkedAt: number }> {
    const record = driftOf(owner).record(owner, ref)
    const details = detailsOf(record)
    if (record !== null && details !== null && details.sides !== null)
      return { compared: { ...details.sides, fields: details.fields }, checkedAt: record.row.checkedAt }
    return { compared: await compareNow(owner, ref, signal), checkedAt: clock.now() }
  }

  /** As they were found where the object drifted, else compared afresh: nothing is kept of unchanged objects. */
  async function fieldsOf(
    owner: ObjectRef,
    ref: ObjectRef,
    signal: AbortSignal,
  ): Promise<{ fields: DriftField[]; checkedAt: number }> {
    const record = driftOf(owner).record(owner, ref)
    const details = detailsOf(record)
    if (record !== null && details !== null) return { fields: [...details.fields], checkedAt: record.row.checkedAt }
    const { fields } = await compareNow(owner, ref, signal)
    return { fields: [...fields], checkedAt: clock.now() }
  }

  const handlers: Drift['handlers'] = {
    'drift.owners': (_input, sink) => ownerTable.feed.subscribe(sink),
    'drift.objects': (_input, sink) => objectTable.feed.subscribe(sink),
    'drift.watch': ({ ref }, sink) => {
      const drift = driftOf(ref)
      let items = new Map(drift.objectsOf(ref).map((object) => [object.key, object]))
      const feed = new KeyedFeed<DriftObject>(clock, () => items.values())
      const tell = (objects: readonly DriftObject[]): void => {
        const next = new Map(objects.map((object) => [object.key, object]))
        const removed = [...items.keys()].filter((key) => !next.has(key))
        items = next
        feed.publish(objects, removed)
      }
      const key = refKey(ref)
      const listeners = watches.get(key) ?? new Set()
      watches.set(key, listeners.add(tell))
      const stopLooking = drift.look(ref)
      const stop = feed.subscribe(sink)
      return () => {
        stop()
        stopLooking()
        listeners.delete(tell)
        if (listeners.size === 0) watches.delete(key)
      }
    },
    'drift.fields': ({ owner, ref }, call) => settle(() => fieldsOf(owner, ref, call.signal)),
    'drift.texts': ({ owner, ref }, call) =>
      settle(async (): Promise<DriftTexts> => {
        const { compared, checkedAt } = await sidesOf(owner, ref, call.signal)
        return { ...(await printer.textsOf(compared, `${ref.kind} ${refTitle(ref)}`, call.signal)), checkedAt }
      }),
    'drift.check': ({ ref }, call) =>
      settle(async () => {
        const { owner, objects } = await driftOf(ref).check(ref, call.signal)
        return { owner, objects: [...objects] }
      }),
    'drift.commit': ({ ref }, call) => settle(async () => ({ commit: await driftOf(ref).commitOf(ref, call.signal) })),
    'drift.preview': ({ ref }, call) => settle(() => previews.make(ref, call.signal)),
    'drift.ignoreRule': ({ owner, ref, field }, call) =>
      settle(async () => {
        const { text, path, note } = await ruleFor(owner, ref, field, call.signal)
        const origin = manifestOf(owner)
        const line = origin === null || origin.line === 0 ? '' : `:${String(origin.line)}`
        return { text, path, note, origin: origin === null ? '' : `${origin.file}${line}` }
      }),
    'drift.ignoreEdit': ({ owner, ref, field }, call) =>
      settle(async () => {
        const { path, rule } = await ruleFor(owner, ref, field, call.signal)
        return ignoreEdits.prepare(owner, await findManifest(owner, call.signal), path, rule, ref)
      }),
    'drift.writeIgnore': ({ edit, message }) => settle(() => ignoreEdits.write(edit, message)),
    'drift.patch': ({ owner, ref }, call) =>
      settle(async () => {
        const { compared } = await sidesOf(owner, ref, call.signal)
        return { text: await printer.patchOf(compared, call.signal) }
      }),
    'drift.openOrigin': ({ owner, ref }, call) =>
      settle(async () => {
        const origin = await originOf(owner, ref, call.signal)
        const source = clusters.view(owner.cluster)?.row(refKey(owner))?.source ?? null
        const folder = source === null ? null : folders.folderOf({ cluster: owner.cluster, ...source })
        if (origin === null)
          throw new SluiceError('NotFound', `Which file ${ref.kind} ${refTitle(ref)} comes from is not known`)
        if (folder === null)
          throw new SluiceError('NotFound', `No folder on this machine stands for the source of ${refTitle(owner)}`, {
            remedy: 'Map a working copy to the source first.',
          })
        const { label } = await ports.editors.open(deps.editor(), folder.path, origin.file, origin.line)
        return { editor: label }
      }),
    'contexts.setDryRuns': async ({ context, isOn }) => {
      await deps.setDryRuns(context, isOn)
      return null
    },
    'hosts.watch': (_input, sink) => hosts.items.feed.subscribe(sink),
    'hosts.allow': async ({ cluster, host, isAllowed }) => {
      await hosts.allow(cluster, host, isAllowed)
      return null
    },
    'credentials.watch': (_input, sink) => credentials.items.feed.subscribe(sink),
    'credentials.allow': async ({ cluster, url, isAllowed }) => {
      await credentials.allow(cluster, url, isAllowed)
      return null
    },
    'credentials.tokenStore': () => credentials.tokens.store(),
    'credentials.keepToken': async ({ cluster, url }) => ({
      outcome: await credentials.tokens.keep(cluster, url),
    }),
    'credentials.forgetToken': async ({ cluster, url }) => {
      await credentials.tokens.forget(cluster, url)
      return null
    },
    'folders.watch': (_input, sink) => folders.items.feed.subscribe(sink),
    'folders.map': ({ source }) => folders.map(source),
    'folders.unmap': async ({ source }) => {
      await folders.unmap(source)
      return null
    },
  }

  async function originOf(owner: ObjectRef, ref: ObjectRef, signal: AbortSignal): Promise<DriftOrigin | null> {
    const drift = driftOf(owner)
    const known = isOfBefore(drift, owner) ? null : (drift.record(owner, ref)?.row.origin ?? null)
    // The first question of a command line comes before what the user decided about hosts is read.
    await ready
    return known ?? (await compareNow(owner, ref, signal)).desired?.origin ?? null
  }

  /** It was compared with another revision than it has applied since: files may have lines more, or other names. */
  function isOfBefore(drift: ClusterDrift, owner: ObjectRef): boolean {
    if (owner.kind !== 'Kustomization') return false
    const applied = clusters.view(owner.cluster)?.row(refKey(owner))?.revision ?? ''
    const compared = drift.resultOf(owner)?.fidelity.revision ?? ''
    return applied !== '' && compared !== '' && !isSameRevision(applied, compared)
  }

  async function ruleFor(
    owner: ObjectRef,
    ref: ObjectRef,
    field: string,
    signal: AbortSignal,
  ): Promise<ReturnType<Comparison['ignoreRuleOf']>> {
    const drift = driftOf(owner)
    const [{ fields }, object] = await Promise.all([fieldsOf(owner, ref, signal), drift.objectOf(owner, signal)])
    const found = fields.find(({ key }) => key === field)
    if (found === undefined)
      throw new SluiceError('NotFound', `${ref.kind} ${refTitle(ref)} has no such difference any more`, {
        remedy: 'Look at its fields again.',
      })
    const version = drift.record(owner, ref)?.row.version ?? 'v1'
    const apiVersion = ref.group === '' ? version : `${ref.group}/${version}`
    const { kind, namespace, name } = ref
    const controller = owner.kind === 'HelmRelease' ? 'helm-controller' : 'kustomize-controller'
    return comparison.ignoreRuleOf(
      { owner, controller, ignoreRules: ignoreRulesOf(object) },
      { apiVersion, kind, namespace, name },
      found,
    )
  }

  /** The owner's parent and that one's source; null where either is not known. */
  function parentOf(owner: ObjectRef): { readonly parent: ObjectRef; readonly source: ObjectRef } | null {
    const view = clusters.view(owner.cluster)
    const parent = view?.row(refKey(owner))?.parent ?? null
    const source = parent === null ? null : (view?.row(refKey(parent))?.source ?? null)
    return parent === null || source === null ? null : { parent, source: { cluster: owner.cluster, ...source } }
  }

  /** The owner's own manifest in its parent's source, where the owner is an object of another one that was compared; else null. */
  function manifestOf(owner: ObjectRef): Manifest | null {
    const place = parentOf(owner)
    const origin =
      place === null ? null : (byCluster.get(owner.cluster)?.record(place.parent, owner)?.row.origin ?? null)
    return place === null || origin === null ? null : { source: place.source, file: origin.file, line: origin.line }
  }

  /** The same; the parent is compared now where it has not been, as right after a folder was mapped. */
  async function findManifest(owner: ObjectRef, signal: AbortSignal): Promise<Manifest | null> {
    const known = manifestOf(owner)
    const place = parentOf(owner)
    if (known !== null || place === null) return known
    const origin = (await compareNow(place.parent, owner, signal)).desired?.origin ?? null
    return origin === null ? null : { source: place.source, file: origin.file, line: origin.line }
  }

  return {
    handlers,
    previewOf: (ref, signal) => settle(() => previews.freshOrMade(ref, signal)),
    commitAt: async (ref, revision, signal) => {
      await ready
      return open(clusterOf(ref)).commitAt(ref, revision, signal)
    },
    logAt: async (source, revision, limit, signal) => {
      await ready
      return open(clusterOf(source)).logAt(source, revision, limit, signal)
    },
    originOf: (owner, ref, signal) => settle(() => originOf(owner, ref, signal)),
    async consents() {
      await Promise.all([hosts.loaded, credentials.loaded])
      return {
        ...hosts,
        ...credentials.consents,
        watchAllowed(listener) {
          allowedListeners.add(listener)
          return () => allowedListeners.delete(listener)
        },
      }
    },
    async dispose() {
      isDisposed = true
      stopFollowing()
      for (const drift of byCluster.values()) drift.dispose()
      byCluster.clear()
      ownerTable.dispose()
      objectTable.dispose()
      desired.dispose()
      await Promise.all([firstSeen.dispose(), hosts.settled(), credentials.settled(), folders.settled()])
    },
  }
}

/** What an act throws at once rejects as well. */
async function settle<T>(act: () => Promise<T>): Promise<T> {
  return act()
}
