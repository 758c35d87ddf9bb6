/**
 * The one IPC contract: every procedure between window (or command line) and engine. Both sides derive their types from this object;
 * no channel string exists elsewhere. Names are `domain.verb`. The window is untrusted: the host parses every input with these schemas.
 */
import { z } from 'zod'
import type { Operation, OperationItem, Plan } from '../model/actions.ts'
import { playgroundActions } from '../model/app.ts'
import type { AppInfo, DeepLink, PlaygroundState, Settings } from '../model/app.ts'
import type { LogLine, LogTarget, ObjectDetail } from '../model/detail.ts'
import type {
  DriftField,
  DriftObject,
  DriftOwner,
  DriftTexts,
  IgnoreEdit,
  MappedFolder,
  ResumePreview,
  RevisionCommit,
  SourceHost,
  SourceRepository,
} from '../model/drift.ts'
import type { BootstrapRepository } from '../model/bootstrap.ts'
import type { HandOverPlan, HandOverState, ManifestsWays, PickedManifests } from '../model/hand-over.ts'
import type { ComparedTexts, HistoryBand, HistoryComparison, ObjectAsItWas } from '../model/history-compare.ts'
import type { AuditCheck } from '../model/audit.ts'
import type { HistoryBucket, HistoryPage, HistoryStoreState } from '../model/history.ts'
import type { HostedRow, HostingPlan, HostingState, PendingApproval } from '../model/hosting.ts'
import { maxNotifyRules, notifyEvents } from '../model/notify.ts'
import type { NotifyState } from '../model/notify.ts'
import type {
  EditorChoice,
  RepositoryFound,
  RepositoryItem,
  RepositoryObject,
  RepositoryOutput,
  RepositoryRow,
  RepositorySource,
} from '../model/repository.ts'
import { editorIds } from '../model/repository.ts'
import type { ContextRow, ControllerRow, EventRow, FluxRow, KindRow, TreeNode } from '../model/rows.ts'
import type { CommitArrivals, ObjectTrace } from '../model/trace.ts'
import { command, query, stream } from './define.ts'
import {
  contextId,
  digest,
  empty,
  comparePoint,
  compareScope,
  historyQuery,
  instant,
  bootstrapTarget,
  fluxRelease,
  manifestsChoice,
  notifyRule,
  objectRef,
  operationId,
  planRequest,
  repositoryEntry,
  repositoryId,
  repositoryPath,
  repositoryRevision,
  reportRequest,
  quietHours,
} from './schemas.ts'

export const contract = {
  // application
  'app.info': query<AppInfo>()(empty),
  'app.openExternal': command<{ opened: boolean }>()(z.strictObject({ url: z.string().max(2048) })),
  /** The first view is on screen: what was held back for its sake (the rest of long lists) goes on. */
  'app.viewShown': command<null>()(empty),
  'app.copyText': command<null>()(z.strictObject({ text: z.string().max(200_000) })),
  'links.watch': stream<DeepLink>()(empty),
  'settings.watch': stream<Settings>()(empty),
  'settings.update': command<null>()(
    z.strictObject({
      theme: z.enum(['system', 'light', 'dark']).optional(),
      notifications: z.boolean().optional(),
      owner: z.string().max(253).optional(),
      editor: z.enum(editorIds).optional(),
      usesSopsKeys: z.boolean().optional(),
      keepsRunning: z.boolean().optional(),
      historyDays: z.number().int().min(1).max(3650).optional(),
      historyMegabytes: z.number().int().min(50).max(100_000).optional(),
    }),
  ),
  /** Window-only state (columns, sorting, tabs): an opaque versioned JSON text that the host stores and never reads. */
  'uiState.load': query<{ text: string | null }>()(empty),
  'uiState.save': command<null>()(z.strictObject({ text: z.string().max(128 * 1024) })),

  // contexts
  'contexts.watch': stream<ContextRow>()(empty),
  /** The selected contexts are connected and stay so; the others are closed. Answers when the selection is taken, not when connected. */
  'contexts.select': command<null>()(z.strictObject({ contexts: z.array(contextId).max(200) })),
  'contexts.retry': command<null>()(z.strictObject({ context: contextId })),
  'contexts.setReadOnly': command<null>()(z.strictObject({ context: contextId, isReadOnly: z.boolean() })),
  'contexts.setAlwaysAsk': command<null>()(z.strictObject({ context: contextId, isAlwaysAsk: z.boolean() })),
  'contexts.approveExec': command<null>()(z.strictObject({ context: contextId, digest })),
  /** Shows the native file dialog; `added` counts contexts. The window never names a path. */
  'kubeconfig.pick': command<{ added: number; canceled: boolean }>()(empty),
  'kubeconfig.forget': command<null>()(z.strictObject({ id: z.string().min(1).max(64) })),

  // playground
  'playground.watch': stream<PlaygroundState>()(empty),
  'playground.start': command<null>()(empty),
  'playground.stop': command<null>()(z.strictObject({ isDataDeleted: z.boolean() })),
  'playground.act': command<null>()(z.strictObject({ action: z.enum(playgroundActions) })),

  // lists: rows of all selected contexts, each cluster once
  'kinds.watch': stream<KindRow>()(empty),
  'rows.watch': stream<FluxRow>()(empty),
  'controllers.watch': stream<ControllerRow>()(empty),
  /** Newest first, capped at `limit`; of one object and what it owns when `ref` is given. */
  'events.watch': stream<EventRow>()(
    z.strictObject({ ref: objectRef.optional(), limit: z.number().int().min(1).max(5000) }),
  ),

  // one object
  'object.watch': stream<ObjectDetail>()(z.strictObject({ ref: objectRef })),
  /** YAML text in pages of at most 256 KiB; Secret values are masked. `etag` of a first page makes later pages refuse a moved object. */
  'object.yaml': query<{ text: string; offset: number; total: number; etag: string }>()(
    z.strictObject({ ref: objectRef, offset: z.number().int().min(0).max(1e9), etag: z.string().max(128).optional() }),
  ),
  'tree.watch': stream<TreeNode>()(z.strictObject({ ref: objectRef })),
  'logs.targets': query<{ targets: LogTarget[]; isTruncated: boolean }>()(z.strictObject({ ref: objectRef })),
  'logs.follow': stream<LogLine>()(
    z.strictObject({
      ref: objectRef,
      role: z.enum(['pod', 'controller']),
      namespace: z.string().max(253),
      pod: z.string().min(1).max(253),
      container: z.string().max(253),
      tailLines: z.number().int().min(1).max(10_000),
      isPrevious: z.boolean(),
    }),
  ),

  // the gate and the other actions
  'plan.prepare': query<Plan>()(planRequest),
  'plan.execute': command<{ operation: string }>()(z.strictObject({ digest })),
  /** One click on an open gate: suspend at once. Refused with AlwaysAsk where the context asks always. */
  'gate.close': command<{ operation: string }>()(z.strictObject({ ref: objectRef })),
  'operations.watch': stream<Operation>()(empty),
  'operation.items': stream<OperationItem>()(z.strictObject({ operation: operationId })),
  'operation.undo': command<{ operation: string }>()(z.strictObject({ operation: operationId })),
  'operation.cancel': command<null>()(z.strictObject({ operation: operationId })),

  // drift: Kustomizations and HelmReleases of all selected contexts, compared in the background
  'drift.owners': stream<DriftOwner>()(empty),
  /** Every compared object that is not unchanged, of all owners. */
  'drift.objects': stream<DriftObject>()(empty),
  /** All objects of one owner. Checks it at once where it was never checked. */
  'drift.watch': stream<DriftObject>()(z.strictObject({ ref: objectRef })),
  /** Fields of one object of an owner, in the order of the text; of an unchanged one too (fields that others own). */
  'drift.fields': query<{ fields: DriftField[]; checkedAt: number }>()(
    z.strictObject({ owner: objectRef, ref: objectRef }),
  ),
  /** Whole object; Secret values are hidden. At most 2 M characters a side: beyond that, SluiceError Unsupported. */
  'drift.texts': query<DriftTexts>()(z.strictObject({ owner: objectRef, ref: objectRef })),
  /** Compares one owner anew, now, and answers with its result: "Compare again", and the command line. */
  'drift.check': query<{ owner: DriftOwner; objects: DriftObject[] }>()(z.strictObject({ ref: objectRef })),
  /** The commit of the revision that the owner was compared with, waited for; null as in DriftOwner. */
  'drift.commit': query<{ commit: RevisionCommit | null }>()(z.strictObject({ ref: objectRef })),
  /** What resuming or reconciling now would do; kept by the engine for one-click resuming. */
  'drift.preview': query<ResumePreview>()(z.strictObject({ ref: objectRef })),
  /** The exact addition to the owner's manifest that ignores a field, as YAML, and where it goes. */
  'drift.ignoreRule': query<{ text: string; path: string; note: string; origin: string }>()(
    z.strictObject({ owner: objectRef, ref: objectRef, field: z.string().min(1).max(2000) }),
  ),
  /** That addition as a change of the owner's file in the mapped working copy: prepared and shown, not written. */
  'drift.ignoreEdit': query<IgnoreEdit>()(
    z.strictObject({ owner: objectRef, ref: objectRef, field: z.string().min(1).max(2000) }),
  ),
  /**
   * Writes a prepared edit into the working copy, refused where the file moved on. With a `message` the file is committed too, or, where that
   * fails, as it was; nothing is pushed.
   */
  'drift.writeIgnore': command<{ file: string; commit: { id: string; branch: string } | null }>()(
    z.strictObject({ edit: z.string().min(1).max(64), message: z.string().max(10_000).nullable() }),
  ),
  /** Live values of the drifting fields as a strategic-merge style patch for the manifest in Git, YAML; Secret values are left out. */
  'drift.patch': query<{ text: string }>()(z.strictObject({ owner: objectRef, ref: objectRef })),
  'contexts.setDryRuns': command<null>()(z.strictObject({ context: contextId, isOn: z.boolean() })),
  /** One click on a closed gate: resumes where a fresh preview is harmless; PreviewNeeded otherwise, AlwaysAsk as for closing. */
  'gate.open': command<{ operation: string }>()(z.strictObject({ ref: objectRef })),
  /** Hosts that clusters' objects name, and whether they may be contacted for that cluster. */
  'hosts.watch': stream<SourceHost>()(empty),
  'hosts.allow': command<null>()(
    z.strictObject({ cluster: z.string().min(1).max(128), host: z.string().min(1).max(300), isAllowed: z.boolean() }),
  ),
  /** Repositories for which clusters' sources have no usable Secret, and whether the user's own Git credentials may be used for them. */
  'credentials.watch': stream<SourceRepository>()(empty),
  'credentials.allow': command<null>()(
    z.strictObject({ cluster: z.string().min(1).max(128), url: z.string().min(1).max(2000), isAllowed: z.boolean() }),
  ),
  /** Whether this machine can keep tokens, and why not. */
  'credentials.tokenStore': query<{ isAvailable: boolean; reason: string }>()(empty),
  /**
   * Keeps the token (or `user:token`) on the user's clipboard for a repository of `credentials.watch`, and allows it: main asks, showing the repository. SECURITY:
   * item 9: the token itself never passes here.
   */
  'credentials.keepToken': command<{ outcome: 'kept' | 'canceled' | 'unusable' }>()(
    z.strictObject({ cluster: z.string().min(1).max(128), url: z.string().min(1).max(2000) }),
  ),
  'credentials.forgetToken': command<null>()(
    z.strictObject({ cluster: z.string().min(1).max(128), url: z.string().min(1).max(2000) }),
  ),
  'folders.watch': stream<MappedFolder>()(empty),
  /** Shows the native folder dialog and maps what is chosen to the source. */
  'folders.map': command<{ canceled: boolean }>()(z.strictObject({ source: objectRef })),
  'folders.unmap': command<null>()(z.strictObject({ source: objectRef })),
  /** Opens the file that an object comes from, where its source has a mapped folder. */
  'drift.openOrigin': command<{ editor: string }>()(z.strictObject({ owner: objectRef, ref: objectRef })),

  // hosted mode: the work of Flux's controllers, done from here, per context
  'hosting.watch': stream<HostingState>()(empty),
  /** What switching it on would do; kept for `hosting.start`. */
  /** `release`: where the definitions of Flux's kinds shall come from, if they are missing. */
  'hosting.plan': query<HostingPlan>()(z.strictObject({ context: contextId, release: fluxRelease.optional() })),
  /** PlanMoved where the cluster is not what the plan saw. Answers when it is switched on, not when it acts. */
  'hosting.start': command<null>()(z.strictObject({ context: contextId, digest })),
  /** Runs are ended at a safe point, leases given back. */
  'hosting.stop': command<null>()(z.strictObject({ context: contextId })),
  /** The queues of all hosted clusters. */
  'hosting.rows': stream<HostedRow>()(empty),
  /** What waits for the user: held prunes and held revisions. */
  'hosting.approvals': stream<PendingApproval>()(empty),
  'hosting.approve': command<null>()(z.strictObject({ ref: objectRef, digest })),
  /**
   * A run now, of one object in mode manual: renders, compares and applies once, suspended as it is. `digest`: of the plan in its row, which the user
   * looked at; null where the row has none. PlanMoved where the row has another one.
   */
  'hosting.applyOnce': command<null>()(z.strictObject({ ref: objectRef, digest: digest.nullable() })),

  // hand-over: Flux's own controllers move into a cluster that hosted mode serves
  'handOver.watch': stream<HandOverState>()(empty),
  /** Which `flux` this machine has: it is started for its version. */
  'handOver.ways': query<ManifestsWays>()(empty),
  /** Shows the native dialog for a file or folder of manifests; null: nothing was chosen. */
  'handOver.pick': command<{ picked: PickedManifests | null }>()(z.strictObject({ what: z.enum(['file', 'folder']) })),
  /** Reads and checks the manifests, asks the API server what they would change; kept for `handOver.start`. */
  'handOver.plan': query<HandOverPlan>()(
    z.strictObject({ context: contextId, manifests: manifestsChoice, bootstrap: bootstrapTarget.optional() }),
  ),
  /** PlanMoved where the cluster or the manifests are not what the plan saw. Answers when it has begun. */
  'handOver.start': command<null>()(z.strictObject({ context: contextId, digest })),
  /** Undone as a failure is; without effect once the controllers have taken over. */
  'handOver.cancel': command<null>()(z.strictObject({ context: contextId })),
  /** A file of the last plan against what is in the repository, as a unified diff; at most 1 M characters. */
  'handOver.diff': query<{ text: string }>()(
    z.strictObject({ context: contextId, digest, path: z.string().min(1).max(1000) }),
  ),
  /** What a bootstrap may push to: repositories that the cluster's sources name. */
  'bootstrap.repositories': query<{ items: BootstrapRepository[] }>()(z.strictObject({ context: contextId })),
  /** A repository that no source of the cluster names: main asks the user, who sees the address. null: they did not want it. */
  'bootstrap.addRepository': command<{ repository: BootstrapRepository | null }>()(
    z.strictObject({ context: contextId, url: z.string().min(1).max(500) }),
  ),
  /** Shows the native dialog for a private SSH key; null: nothing was chosen. */
  'bootstrap.pickKey': command<{ picked: PickedManifests | null }>()(empty),

  // history: what happened, as long as it is kept
  /** Newest first; `after` as the page before said. */
  'history.query': query<HistoryPage>()(
    z.strictObject({
      query: historyQuery,
      limit: z.number().int().min(1).max(1000),
      after: z.string().max(200).nullable(),
    }),
  ),
  /** Counts over a range, oldest first. */
  'history.buckets': query<{ buckets: readonly HistoryBucket[] }>()(
    z.strictObject({
      query: historyQuery,
      from: instant,
      until: instant,
      count: z.number().int().min(1).max(2000),
    }),
  ),
  /** One item that changes whenever entries were added: ask again then. */
  'history.changes': stream<{ readonly key: string; readonly added: number }>()(empty),
  'history.state': query<HistoryStoreState>()(empty),
  /** What changed between two points, by origin; a point is a time or a revision of the scope's owner. */
  'history.compare': query<HistoryComparison>()(
    z.strictObject({ scope: compareScope, from: comparePoint, until: comparePoint }),
  ),
  /** The manifest of one object at both of them. */
  'history.compareTexts': query<ComparedTexts>()(
    z.strictObject({ owner: objectRef, ref: objectRef, from: instant, until: instant }),
  ),
  'history.asItWas': query<ObjectAsItWas>()(z.strictObject({ ref: objectRef, at: instant })),
  /** Stretches in which something failed, was suspended or not reached, and those in which Sluice did not watch. */
  'history.bands': query<{ bands: readonly HistoryBand[] }>()(
    z.strictObject({ scope: compareScope, from: instant, until: instant }),
  ),
  /** A range as a document, redacted; `preview` is its beginning, `name` what it would be saved as. */
  'history.report': query<{ preview: string; name: string; entries: number; isCut: boolean }>()(reportRequest),
  /** Shows the native dialog and writes the whole document there; null: the user did not want it. */
  'history.saveReport': command<{ path: string | null }>()(reportRequest),
  /** One object back to Git: a single item, told again when something of its chain changes; ready once files and commits are looked up. */
  'trace.watch': stream<ObjectTrace>()(z.strictObject({ ref: objectRef })),
  /** Where a commit has arrived. `commit`: a hash, its beginning, or a revision; without `clusters`: everywhere. */
  'history.where': query<CommitArrivals>()(
    z.strictObject({
      commit: z.string().min(1).max(300),
      clusters: z.array(z.string().min(1).max(128)).max(200).optional(),
    }),
  ),
  /** Deletes what is kept of these clusters; null: of all. */
  'history.forget': command<null>()(
    z.strictObject({ clusters: z.array(z.string().min(1).max(128)).max(200).nullable() }),
  ),

  /** Looks through all actions taken in Sluice: is each what was written, at its place? */
  'history.checkAudit': query<AuditCheck>()(empty),

  // notifications: what the desktop is told of, and when it is not
  'notify.watch': stream<NotifyState>()(empty),
  'notify.save': command<null>()(z.strictObject({ rules: z.array(notifyRule).max(maxNotifyRules), quiet: quietHours })),
  /** Nothing is shown until then; null: it is again, beginning with what waited. */
  'notify.snooze': command<null>()(z.strictObject({ until: instant.nullable() })),
  /** Shows one as a rule of this kind would; `isShown` as the desktop says. */
  'notify.test': command<{ isShown: boolean }>()(z.strictObject({ event: z.enum(notifyEvents) })),

  // repositories: local folders, named by the id that the engine gave them; files by their path inside, checked by the engine
  'repositories.watch': stream<RepositoryRow>()(empty),
  /** Shows the native folder dialog; null: nothing was chosen. */
  'repository.pick': command<{ repository: string | null }>()(empty),
  /** For a path that was typed or pasted: the main process asks the user, showing it, before the engine looks at it. */
  'repository.openPath': command<{ repository: string | null }>()(
    z.strictObject({ path: z.string().min(1).max(4096) }),
  ),
  'repository.forget': command<null>()(z.strictObject({ repository: repositoryId })),
  /** The folder is open, watched and rendered while somebody listens. */
  'repository.watch': stream<RepositoryItem>()(z.strictObject({ repository: repositoryId })),
  /** Reads the folder again, from the beginning. */
  'repository.refresh': command<null>()(z.strictObject({ repository: repositoryId })),
  /** Renders the entry first where that was left for when it is asked for. */
  'repository.output': query<RepositoryOutput>()(z.strictObject({ repository: repositoryId, entry: repositoryEntry })),
  /** Objects in pages of at most 1,000. Gone: the entry has been rendered anew. */
  'repository.objects': query<{ objects: RepositoryObject[] }>()(
    z.strictObject({
      repository: repositoryId,
      entry: repositoryEntry,
      revision: repositoryRevision,
      offset: z.number().int().min(0).max(1e7),
    }),
  ),
  /** Text in pages of at most 1 M characters, of the whole output or of one object; secret values are masked. */
  'repository.text': query<{ text: string; offset: number; total: number }>()(
    z.strictObject({
      repository: repositoryId,
      entry: repositoryEntry,
      revision: repositoryRevision,
      object: z.string().min(1).max(1500).optional(),
      offset: z.number().int().min(0).max(1e9),
    }),
  ),
  /** A manifest of the folder; secret values are masked. */
  'repository.source': query<RepositorySource>()(z.strictObject({ repository: repositoryId, file: repositoryPath })),
  /** `kind:`, `ns:`, `name:` and `in:` narrow; the rest is looked for in the lines of all rendered objects. Secret values are not searched. */
  'repository.find': query<RepositoryFound>()(
    z.strictObject({
      repository: repositoryId,
      text: z.string().min(1).max(500),
      limit: z.number().int().min(1).max(1000),
    }),
  ),
  /** One hidden value, on the user's request; `decoded` is the text behind base64, null where it is none. */
  'repository.reveal': query<{ value: string; decoded: string | null }>()(
    z.strictObject({
      repository: repositoryId,
      entry: repositoryEntry,
      revision: repositoryRevision,
      object: z.string().min(1).max(1500),
      field: z.string().min(1).max(1000),
    }),
  ),
  'repository.editors': query<{ editors: EditorChoice[] }>()(empty),
  /** Opens a file of the folder in the editor of the settings. */
  'repository.openInEditor': command<{ editor: string }>()(
    z.strictObject({ repository: repositoryId, file: repositoryPath, line: z.number().int().min(0).max(1e7) }),
  ),
} as const

export type Contract = typeof contract
export type ProcedureName = keyof Contract

type KindOf<P extends ProcedureName> = Contract[P]['kind']
export type QueryName = { [P in ProcedureName]: KindOf<P> extends 'query' ? P : never }[ProcedureName]
export type CommandName = { [P in ProcedureName]: KindOf<P> extends 'command' ? P : never }[ProcedureName]
export type StreamName = { [P in ProcedureName]: KindOf<P> extends 'stream' ? P : never }[ProcedureName]
export type CallName = QueryName | CommandName

export type InputOf<P extends ProcedureName> = z.infer<Contract[P]['input']>
export type OutputOf<P extends CallName> = Contract[P] extends { readonly output?: infer O }
  ? Exclude<O, undefined>
  : never
export type ItemOf<P extends StreamName> = Contract[P] extends { readonly item?: infer T }
  ? Exclude<T, undefined>
  : never

/**
 * What a handler of a stream writes to. The first `push` or `ready` follows a snapshot; `ready` says that the snapshot is complete
 * (later pushes are deltas). `end` closes the stream, with an error or because it is over.
 */
export interface StreamSink<T> {
  push(upsert: readonly T[], remove?: readonly string[]): void
  ready(): void
  end(error?: unknown): void
  readonly isClosed: boolean
}

export interface CallContext {
  readonly signal: AbortSignal
  /** Who asks: recorded in the audit log. */
  readonly client: 'window' | 'cli' | 'test'
}

/** The engine as its hosts see it: one function per procedure. Stream handlers return what stops them. */
export type Handlers = {
  readonly [P in CallName]: (input: InputOf<P>, call: CallContext) => Promise<OutputOf<P>>
} & {
  readonly [P in StreamName]: (input: InputOf<P>, sink: StreamSink<ItemOf<P>>, call: CallContext) => () => void
}
