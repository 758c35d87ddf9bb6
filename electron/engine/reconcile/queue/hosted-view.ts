/** A cluster's view whose `cached` is the queue's own copy for the kinds that it watches. */
import type { ClusterView } from '../../clusters/view.ts'
import type { HostedView } from '../reconciler.ts'
import type { HostedObjects } from './hosted-objects.ts'

export function createHostedView(view: ClusterView, objects: HostedObjects): HostedView {
  const areLoading = view.areControllersLoading?.bind(view)
  const clientOf = view.clientOf?.bind(view)
  return {
    id: view.id,
    contexts: () => view.contexts(),
    client: () => view.client(),
    writeClient: () => view.writeClient(),
    served: (group, kind) => view.served(group, kind),
    servedAll: () => view.servedAll(),
    row: (key) => view.row(key),
    rows: () => view.rows(),
    kinds: () => view.kinds(),
    controllers: () => view.controllers(),
    ...(areLoading === undefined ? {} : { areControllersLoading: areLoading }),
    ...(clientOf === undefined ? {} : { clientOf }),
    watchRows: (listener) => view.watchRows(listener),
    cached: (ref) =>
      ref.cluster === view.id && objects.isKept(ref.group, ref.kind) ? objects.get(ref) : view.cached(ref),
    fetch: (ref, signal) => view.fetch(ref, signal),
    list: (group, kind, namespace, options) => view.list(group, kind, namespace, options),
    watchKind: (group, kind, namespace, listener, options) => view.watchKind(group, kind, namespace, listener, options),
    objects: (group, kind) => objects.of(group, kind),
  }
}
