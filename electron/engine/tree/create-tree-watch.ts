/**
 * `tree.watch`: an object, what its inventory names, and what those own, live, down to pods. Owns no list of its own: what it needs it
 * gets from the cluster's view, kind by kind and namespace by namespace. Semantics: flux-semantics §2.10, §2.13, §3.2.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import { notSelectedError } from '../clusters/not-selected.ts'
import type { Clusters } from '../clusters/view.ts'
import { TreeWatcher } from './tree-watcher.ts'
import type { TreePorts } from './tree-watcher.ts'

export interface TreeDeps {
  readonly clusters: Clusters
  readonly ports: TreePorts
}

/** The stream ends with NotConnected when the cluster is not, or no longer, selected. */
export function createTreeWatch(deps: TreeDeps): Handlers['tree.watch'] {
  return ({ ref }, sink) => {
    const view = deps.clusters.view(ref.cluster)
    if (view === null) {
      sink.end(notSelectedError(ref))
      return () => undefined
    }
    const watcher = new TreeWatcher(view, ref, deps.ports, {
      changed: (upsert, remove) => {
        sink.push(upsert, remove)
      },
      ready: () => {
        sink.ready()
      },
    })
    const stopClusters = deps.clusters.watch(() => {
      if (deps.clusters.view(ref.cluster) === view) return
      stop()
      sink.end(notSelectedError(ref))
    })
    const stop = (): void => {
      stopClusters()
      watcher.stop()
    }
    watcher.start()
    return stop
  }
}
