/** A cluster's view whose `cached` is the queue's own copy for the kinds that it watches. */
import { fetchObject } from '../../clusters/object-reader.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { Clock, KubeClient } from '../../ports.ts'
import type { HostedView, StandingObjects } from '../reconciler.ts'
import type { HostedObjects } from './hosted-objects.ts'

/** `onRead`: an object of a kind that is kept was read anew, past the watches. */
export function createHostedView(
  view: ClusterView,
  objects: HostedObjects,
  onRead: (object: KubeObject) => void,
  standing: StandingObjects,
): HostedView {
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
    async fetch(ref, signal) {
      const object = await view.fetch(ref, signal)
      if (ref.cluster === view.id && objects.isKept(ref.group, ref.kind)) onRead(object)
      return object
    },
    list: (group, kind, namespace, options) => view.list(group, kind, namespace, options),
    watchKind: (group, kind, namespace, listener, options) => view.watchKind(group, kind, namespace, listener, options),
    objects: (group, kind) => objects.of(group, kind),
    standing,
  }
}

/**
 * The same as one run has it. SECURITY: what it reads past the watches goes the way of all its requests: within the budget, ended with the run, and with
 * the rights of hosted mode's own context, whatever other contexts lead to the cluster.
 */
export function viewOfRun(view: HostedView, client: KubeClient, clock: Clock): HostedView {
  const reader = {
    clock,
    members: () => [{ client }],
    served: (group: string, kind: string) => view.served(group, kind),
  }
  return {
    ...view,
    client: () => client,
    writeClient: () => client,
    fetch: (ref, signal) => (ref.cluster === view.id ? fetchObject(reader, ref, signal) : view.fetch(ref, signal)),
  }
}
