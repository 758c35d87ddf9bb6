/** What a hosted context looks at: the objects of every reconciler's kind, and the ConfigMaps and Secrets that ask for a run when they change. */
import { toErrorData } from '../../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { Dispose, Logger } from '../../ports.ts'
import type { HostedObjects } from '../queue/hosted-objects.ts'
import type { Reconciler } from '../reconciler.ts'

export interface HostedWatchOptions {
  readonly view: Pick<ClusterView, 'watchKind'>
  readonly logger: Logger
  readonly reconcilers: readonly Reconciler[]
  /** Is told of snapshots and of what is gone. */
  readonly objects: HostedObjects
  /** One object as a watch tells it, after the snapshot. */
  readonly onSeen: (object: KubeObject) => void
  /** A kind has been listed for the first time. */
  readonly onListed: () => void
  /** Metadata alone; `before`: null the first time. */
  readonly onConfig: (before: KubeObject | null, after: KubeObject) => void
}

export interface HostedWatch {
  /** Every object of every kind has been told once. */
  isListed(): boolean
  dispose(): void
}

/** ConfigMaps and Secrets that ask for a run when they change. Semantics: pkg/runtime controller, WatchConfigs. */
const watchedConfigs = 'reconcile.fluxcd.io/watch=Enabled'
const configKinds = ['ConfigMap', 'Secret'] as const

/** Watches until `dispose`. */
export function watchHosted(options: HostedWatchOptions): HostedWatch {
  const { view, logger, reconcilers, objects } = options
  const listed = new Set<Reconciler>()
  const stops: Dispose[] = reconcilers.map((reconciler) => {
    const { group, kind } = reconciler
    return view.watchKind(group, kind, '', ({ isSnapshot, upsert, remove, error }) => {
      if (error !== null) logger.log('debug', 'watch of hosted objects', { kind, error: toErrorData(error).message })
      if (isSnapshot) objects.replace(group, kind, upsert)
      else for (const object of upsert) options.onSeen(object)
      for (const object of remove) objects.remove(object)
      if (!isSnapshot || listed.has(reconciler)) return
      listed.add(reconciler)
      options.onListed()
    })
  })
  for (const kind of configKinds) stops.push(watchConfigs(options, kind))
  return {
    isListed: () => reconcilers.every((each) => listed.has(each)),
    dispose() {
      for (const stop of stops) stop()
    },
  }
}

function watchConfigs({ view, onConfig }: HostedWatchOptions, kind: (typeof configKinds)[number]): Dispose {
  const known = new Map<string, KubeObject>()
  return view.watchKind(
    '',
    kind,
    '',
    ({ isSnapshot, upsert }) => {
      for (const object of upsert) {
        const { uid = '' } = object.metadata
        const before = known.get(uid) ?? null
        // Metadata is all that is needed: what Secrets say is not kept.
        const { apiVersion, metadata } = object
        const after = { apiVersion, kind, metadata }
        known.set(uid, after)
        if (!isSnapshot && before?.metadata.resourceVersion !== metadata.resourceVersion) onConfig(before, after)
      }
    },
    { labelSelector: watchedConfigs },
  )
}
