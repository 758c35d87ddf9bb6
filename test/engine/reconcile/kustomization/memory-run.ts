/** One Kustomization, its source and the parts around the reconciler in memory: what is asked of them is written down. */
import type { AppliedEntry, ApplySet, PruneSet } from '../../../../electron/engine/apply/apply-set.ts'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { ClusterRender } from '../../../../electron/engine/drift/cluster-renderer-port.ts'
import type { KubeClient, KubeRequest } from '../../../../electron/engine/ports.ts'
import type { RecordedEvent } from '../../../../electron/engine/reconcile/events/event-recorder.ts'
import type { HealthOutcome } from '../../../../electron/engine/reconcile/health/health-check.ts'
import { mergePatchOf } from '../../../../electron/engine/reconcile/status/merge-patch.ts'
import { createKustomizationReconciler } from '../../../../electron/engine/reconcile/kustomization/create-kustomization-reconciler.ts'
import type { KustomizationDeps } from '../../../../electron/engine/reconcile/kustomization/create-kustomization-reconciler.ts'
import type { HostedView, RunContext, RunOutcome } from '../../../../electron/engine/reconcile/reconciler.ts'
import type { PendingApproval } from '../../../../shared/model/hosting.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { ManualClock } from '../../memory-cluster.ts'
import { memoryCodec } from '../../memory-codec.ts'
import { answer } from '../../cache/scripted-client.ts'

export const revision = 'main@sha1:aaaa'

export interface MemoryRun {
  readonly clock: ManualClock
  /** Other objects of the cluster, by `Kind/namespace/name`. */
  readonly objects: Map<string, KubeObject>
  object: KubeObject
  /** ConfigMaps that a build gives. */
  built: readonly string[]
  renderError: ClusterRender['error']
  assumptions: ClusterRender['assumptions']
  isStored: boolean
  /** How often the artifact storage was asked for an artifact. */
  found: number
  action: AppliedEntry['action']
  applyError: string | null
  pruneError: string | null
  health: HealthOutcome
  readonly approved: Set<string>
  readonly asked: Omit<PendingApproval, 'key' | 'ref' | 'since'>[]
  /** What is asked now. */
  pending: Omit<PendingApproval, 'key' | 'ref' | 'since'> | null
  /** ConfigMaps are in the cluster as the build gives them, and a dry-run changes nothing. */
  isInSync: boolean
  readonly log: string[]
  readonly requests: KubeRequest[]
  readonly events: RecordedEvent[]
  run(more?: Partial<RunContext>): Promise<RunOutcome>
  readonly reconciler: ReturnType<typeof createKustomizationReconciler>
}

export function kustomization(spec: object = {}, metadata: object = {}, status: object = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: 'apps',
      namespace: 'flux',
      uid: 'u1',
      generation: 1,
      resourceVersion: '1',
      finalizers: ['finalizers.fluxcd.io'],
      ...metadata,
    },
    spec: {
      interval: '10m',
      prune: true,
      path: './apps',
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      ...spec,
    },
    status: { observedGeneration: -1, ...status },
  }
}

export const source = (of: string = revision): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'fleet', namespace: 'flux' },
  spec: {},
  status: { artifact: { path: 'gitrepository/flux/fleet/a.tar.gz', revision: of, digest: 'sha256:1' } },
})

/** `unit`: what chance says; in the middle an interval stays as it is. */
export function createMemoryRun(
  object: KubeObject,
  settings: KustomizationDeps['settings'] = {},
  unit = 0.5,
): MemoryRun {
  const clock = new ManualClock()
  const log: string[] = []
  const configMap = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'apps' },
    data: {},
  })
  const inCluster = (name: string): KubeObject => {
    const made = configMap(name)
    return { ...made, metadata: { ...made.metadata, uid: name, resourceVersion: '1' } }
  }
  const entryOf = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name })
  const applySet: ApplySet = (set) => {
    log.push(`apply ${set.objects.map(({ object: one }) => one.metadata.name).join(' ')}`)
    const entries = set.objects.map(({ object: one }) => ({
      subject: `ConfigMap/apps/${one.metadata.name}`,
      action: memory.action,
      entry: entryOf(one.metadata.name),
      object: one,
    }))
    const data = { code: 'ApplyFailed', message: '', remedy: '', detail: '', retry: 'terminal' } as const
    return Promise.resolve({
      entries,
      error: memory.applyError === null ? null : { message: memory.applyError, data },
    })
  }
  const pruneSet: PruneSet = (stale) => {
    log.push(`prune ${stale.map(({ name }) => name).join(' ')}`)
    return Promise.resolve({
      entries: stale.map((entry) => ({
        subject: `ConfigMap/apps/${entry.name}`,
        action: memory.pruneError === null ? 'deleted' : 'unknown',
        entry,
        object: null,
      })),
      survivors: memory.pruneError === null ? [] : stale,
      error: memory.pruneError,
    })
  }
  const client = {
    request(request: KubeRequest) {
      memory.requests.push(request)
      const isDryRun = request.path.includes('dryRun=All')
      const body = request.body as { status?: object; metadata?: { finalizers?: unknown } } | undefined
      if (request.method !== 'GET' && !isDryRun) log.push(request.path.includes('/status') ? 'status' : 'metadata')
      if (request.method === 'PATCH' && !isDryRun) memory.object = patched(memory.object, body ?? {})
      // Nothing that is managed is there.
      const managed = /configmaps\/([^?]+)/.exec(request.path)?.[1]
      if (memory.isInSync && managed !== undefined) return Promise.resolve(answer(200, inCluster(managed)))
      const isAbsent = request.method === 'GET' && !request.path.includes('kustomizations')
      return Promise.resolve(
        isAbsent ? answer(404, { kind: 'Status', code: 404, details: { name: 'x' } }) : answer(200, memory.object),
      )
    },
  } as unknown as KubeClient
  const keyOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`
  const view = {
    id: 'c1',
    client: () => client,
    served: (group: string, kind: string) => ({
      group,
      version: 'v1',
      kind,
      plural: `${kind.toLowerCase()}s`,
      isNamespaced: true,
      verbs: [],
      shortNames: [],
    }),
    cached: ({ kind, namespace, name }: { kind: string; namespace: string; name: string }) =>
      memory.objects.get(keyOf(kind, namespace, name)) ?? null,
    fetch: ({ kind, namespace, name }: { kind: string; namespace: string; name: string }) => {
      const found = memory.objects.get(keyOf(kind, namespace, name))
      return found === undefined
        ? Promise.reject(new SluiceError('NotFound', `${kind} ${name}`))
        : Promise.resolve(found)
    },
    objects: () => [memory.object, ...memory.objects.values()],
    controllers: () => [],
  } as unknown as HostedView
  const reconciler = createKustomizationReconciler({
    ports: {
      clock,
      codec: memoryCodec,
      random: { unit: () => unit, uuid: () => 'uuid' },
      clusterRenderer: {
        render: () => {
          log.push('render')
          return Promise.resolve({
            objects: memory.built.map((name) => ({
              object: configMap(name),
              origin: null,
              sensitive: [],
              unknown: '',
            })),
            digest: memory.assumptions.length === 0 ? `sha256:${memory.built.join()}` : null,
            assumptions: memory.assumptions,
            warnings: [],
            error: memory.renderError,
            durationMs: 1,
          })
        },
      },
      kubeConfigs: {} as never,
    },
    storage: {
      find: () => {
        memory.found += 1
        return Promise.resolve(
          memory.isStored
            ? {
                path: 'a',
                digest: 'sha256:1',
                bytes: 1,
                tree: { kind: 'archive', path: 'a', contentKey: '1', files: 1, bytes: 1 },
              }
            : 'absent',
        )
      },
    } as never,
    hosts: { isAllowed: () => true, noteNamed: () => undefined },
    access: {} as never,
    applySet,
    pruneSet,
    waitForHealth: (entries) => {
      log.push(`health ${entries.map(({ name }) => name).join(' ')}`)
      return Promise.resolve(memory.health)
    },
    compileHealth: (specs) =>
      specs.includes('unsupported')
        ? { ok: false, why: 'unsupported', message: 'optional' }
        : { ok: false, why: 'invalid', message: 'syntax' },
    compileReady: (text) =>
      text === 'bad'
        ? { ok: false, why: 'invalid', message: 'syntax' }
        : { ok: true, evaluate: () => ({ value: text === 'yes', error: null }) },
    settings,
  })
  const memory: MemoryRun = {
    clock,
    object,
    objects: new Map([['GitRepository/flux/fleet', source()]]),
    built: ['a'],
    renderError: null,
    assumptions: [],
    isStored: true,
    found: 0,
    action: 'created',
    applyError: null,
    pruneError: null,
    health: { result: 'healthy' },
    approved: new Set(),
    asked: [],
    pending: null,
    isInSync: false,
    log,
    requests: [],
    events: [],
    reconciler,
    run(more = {}) {
      return reconciler.reconcile(
        { cluster: 'c1', group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'flux', name: 'apps' },
        {
          view,
          client,
          fence: (other) => other,
          events: {
            controller: 'kustomize-controller',
            record: (event) => {
              log.push(`event ${event.reason}`)
              memory.events.push(event)
            },
            flush: () => Promise.resolve(),
          },
          signal: new AbortController().signal,
          report: () => undefined,
          object: memory.object,
          approvals: {
            isApproved: (digest) => memory.approved.has(digest),
            ask: (pending) => {
              log.push(`ask ${pending.kind}`)
              memory.asked.push(pending)
              memory.pending = pending
            },
            allowRest: (of, rest) => {
              if (memory.approved.has(of)) memory.approved.add(rest)
            },
            withdraw: () => {
              memory.pending = null
            },
            settle: () => {
              memory.approved.clear()
              memory.pending = null
            },
          },
          failures: 0,
          isPruneGuarded: true,
          applyOnce: null,
          parked: (work) => work(),
          ...more,
        },
      )
    },
  }
  return memory
}

/** A merge patch, as far as one is sent. */
function patched(object: KubeObject, body: { status?: object; metadata?: { finalizers?: unknown } }): KubeObject {
  const status = { ...(object.status as object) } as Record<string, unknown>
  for (const [key, value] of Object.entries(body.status ?? {}))
    if (value === null) Reflect.deleteProperty(status, key)
    else status[key] = value
  const finalizers = body.metadata?.finalizers
  return {
    ...object,
    status: { ...status, inventory: mergedInventory(object, status) },
    metadata: { ...object.metadata, ...(finalizers === undefined ? {} : { finalizers: finalizers ?? [] }) },
  }
}

function mergedInventory(object: KubeObject, status: Readonly<Record<string, unknown>>): unknown {
  const before = (object.status as { inventory?: object } | undefined)?.inventory
  const after = status.inventory as object | undefined
  return after === undefined || mergePatchOf({ a: before }, { a: after }) === null ? before : { ...before, ...after }
}
