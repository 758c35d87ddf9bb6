/**
 * What the rest of the engine sees of live clusters: served kinds, rows, objects, clients. Implemented in this folder over
 * informers; consumed by gate/, tree/, detail/, events/ and logs/.
 */
import type { ClusterId, ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import type { ContextRow, ControllerRow, FluxRow, KindRow, TreeNode } from '../../../shared/model/rows.ts'
import type { Dispose, KubeClient } from '../kube-port.ts'

/** Plain JSON as the API server sent it; unknown fields are kept, nothing is assumed present but what is listed. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly generation?: number
    readonly resourceVersion?: string
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly {
      readonly apiVersion: string
      readonly kind: string
      readonly name: string
      readonly uid: string
      readonly controller?: boolean
    }[]
    readonly managedFields?: readonly unknown[]
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

/** One resource as discovery serves it, in the version chosen. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly isNamespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
}

export interface RowChange {
  readonly upsert: readonly FluxRow[]
  readonly remove: readonly string[]
}

export interface ClusterView {
  readonly id: ClusterId
  /** Selected contexts that lead here, healthiest first. */
  contexts(): readonly ContextRow[]
  /** Client of the healthiest selected context; throws SluiceError NotConnected when there is none. */
  client(): KubeClient
  /** For writes: the healthiest context that is not read-only; where all are, the healthiest, which then refuses. Throws as `client`. */
  writeClient(): KubeClient
  served(group: string, kind: string): ServedResource | null
  servedAll(): readonly ServedResource[]
  row(key: string): FluxRow | null
  rows(): Iterable<FluxRow>
  kinds(): readonly KindRow[]
  controllers(): readonly ControllerRow[]
  /** `controllers` are not all of them yet; absent: they are. */
  areControllersLoading?(): boolean
  watchRows(listener: (change: RowChange) => void): Dispose
  /**
   * Hears of each version of each object of a watched (Flux) kind in its turn, before its row is told and whether that becomes another or not: rows are
   * told of together, and what they do not show they do not tell. Absent: views that nobody records.
   */
  watchObjects?(listener: (key: string, object: KubeObject) => void): Dispose
  /** Cached object of a watched (Flux) kind, parsed on demand; null if not cached. */
  cached(ref: ObjectRef): KubeObject | null
  /** Fresh GET in the version that discovery chose; SluiceError NotFound, Forbidden, ResourceNotServed, ... naming the object. */
  fetch(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject>
  /** All objects of a kind in a namespace ('' = all), in pages, through a short-lived list; not cached. */
  list(
    group: string,
    kind: string,
    namespace: string,
    options?: { readonly labelSelector?: string; readonly fieldSelector?: string; readonly signal?: AbortSignal },
  ): Promise<readonly KubeObject[]>
  /**
   * Live copy of one kind in one namespace (list, then watch with all the care of informers): calls back with every object first
   * (`isSnapshot`), then with changes. Shared between callers, closed 30 s after the last one leaves. `isKept` false: each object is told as a change and
   * forgotten, before the snapshot too, which is empty; nothing is told of deletions, nothing is shared.
   */
  watchKind(
    group: string,
    kind: string,
    namespace: string,
    listener: (change: {
      readonly isSnapshot: boolean
      readonly upsert: readonly KubeObject[]
      readonly remove: readonly KubeObject[]
      readonly error: unknown
    }) => void,
    options?: { readonly labelSelector?: string; readonly isKept?: boolean },
  ): Dispose
  /** What was last seen, while lists are of a snapshot; null, or absent: they are not. */
  readonly lastSeen?: {
    /** ms since the epoch. */
    readonly at: number
    object(ref: ObjectRef): Promise<KubeObject | null>
  } | null
  /** A tree as it was last on screen, or as its inventory names it; null where neither is known. Absent: views of tests. */
  lastTree?(ref: ObjectRef): Promise<readonly TreeNode[] | null>
  /** Keeps a tree as it is now, for the time when the cluster does not answer. */
  keepTree?(ref: ObjectRef, nodes: readonly TreeNode[]): void
  /** Client of this context alone, whatever others lead here; null while it is not connected. Absent: views of tests. */
  clientOf?(context: ContextId): KubeClient | null
}

export interface Clusters {
  view(id: ClusterId): ClusterView | null
  views(): readonly ClusterView[]
  contextRow(id: ContextId): ContextRow | null
  /** A cluster appeared, went, or changed its contexts. */
  watch(listener: () => void): Dispose
}

/** API path of a resource, each part percent-encoded: `/apis/group/version/namespaces/ns/plural/name`. */
export function resourcePath(
  resource: Pick<ServedResource, 'group' | 'version' | 'plural' | 'isNamespaced'>,
  namespace: string,
  name?: string,
): string {
  const root =
    resource.group === ''
      ? `/api/${resource.version}`
      : `/apis/${encodeURIComponent(resource.group)}/${encodeURIComponent(resource.version)}`
  const scope = resource.isNamespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  const tail = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${root}${scope}/${encodeURIComponent(resource.plural)}${tail}`
}

/** None of the contexts that lead to the cluster reaches it now: what was last seen is all there is. */
export function isSilent(view: Pick<ClusterView, 'contexts'>): boolean {
  const contexts = view.contexts()
  return contexts.length > 0 && contexts.every(({ connection }) => connection !== 'connected')
}
