/** One run of a reconciler without queue and lease: what it is given, and the requests that it sends. */
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, ServedResource } from '../../../electron/engine/clusters/view.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import type { RecordedEvent } from '../../../electron/engine/reconcile/events/event-recorder.ts'
import type { HostedView, RunContext } from '../../../electron/engine/reconcile/reconciler.ts'
import type { HostedController } from '../../../shared/model/hosting.ts'

/** Namespaces of the two who do the same. */
export const real = 'twin-real'
export const ours = 'twin-ours'

/** As an API server serves them. */
export const gitRepositories: ServedResource = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  isNamespaced: true,
  verbs: ['get', 'list', 'watch', 'patch'],
  shortNames: [],
}

/**
 * What was read of both as soon as it is equal, else what was read last. A controller writes its conditions before the rest of its status, and tries
 * again what fails: for a moment one of the two may be in between.
 */
export async function readUntilEqual<T>(read: () => Promise<readonly [T, T]>, maxMs: number): Promise<readonly [T, T]> {
  let both = await read()
  for (const until = Date.now() + maxMs; !isDeepStrictEqual(both[0], both[1]) && Date.now() < until;)
    both = await read()
  return both
}

export function runContext(
  controller: HostedController,
  own: { readonly view: HostedView; readonly client: KubeClient; readonly object: KubeObject },
  events: RecordedEvent[],
): RunContext {
  return {
    ...own,
    fence: (other) => other,
    events: { controller, record: (event) => void events.push(event), flush: () => Promise.resolve() },
    signal: new AbortController().signal,
    report: () => undefined,
    approvals: {
      isApproved: () => false,
      ask: () => undefined,
      allowRest: () => undefined,
      withdraw: () => undefined,
      settle: () => undefined,
    },
    failures: 0,
    isPruneGuarded: false,
    applyOnce: null,
    parked: (work) => work(),
  }
}

/** The client, and what it was asked. */
export function countRequests(client: KubeClient): { readonly counted: KubeClient; readonly requests: KubeRequest[] } {
  const requests: KubeRequest[] = []
  return {
    requests,
    counted: {
      ...client,
      request(request) {
        requests.push(request)
        return client.request(request)
      },
    },
  }
}
