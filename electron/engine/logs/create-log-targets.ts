/**
 * logs/: pods' logs of an object's tree, and the controllers' lines about it. Knows neither permissions nor how lines are shown; lines
 * are untrusted text. Semantics: Kubernetes' pods/log, flux-semantics §2.14.
 */
import { notSelectedError } from '../clusters/not-selected.ts'
import type { Handlers } from '../../../shared/contract/index.ts'
import type { LogTarget } from '../../../shared/model/detail.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { compareText } from '../../../shared/lib/row-order.ts'
import type { Clusters, ClusterView, KubeObject } from '../clusters/view.ts'
import { asArray, asRecord, asText, at, textAt } from '../status/read.ts'
import { TreeWatcher } from '../tree/tree-watcher.ts'
import type { TreePorts } from '../tree/tree-watcher.ts'
import { controllerOf } from './controller-lines.ts'

const maxTargets = 500

export interface LogDeps {
  readonly clusters: Clusters
  readonly ports: TreePorts
}

/** Pods below the object, newest first, then the pods of the controllers that reconcile its kind. */
export function createLogTargets(deps: LogDeps): Handlers['logs.targets'] {
  return async ({ ref }, call) => {
    const view = requireView(deps.clusters, ref)
    const [pods, controllers] = await Promise.all([
      podsOfTree(view, ref, deps.ports, call.signal),
      podsOfControllers(view, ref, call.signal),
    ])
    call.signal.throwIfAborted()
    // Controllers are few, and always among them.
    const kept = newestFirst(pods).slice(0, Math.max(0, maxTargets - controllers.length))
    return {
      targets: [...kept.map((pod) => toTarget('pod', pod)), ...controllers.map((pod) => toTarget('controller', pod))],
      isTruncated: kept.length < pods.length,
    }
  }
}

export function requireView(clusters: Clusters, ref: ObjectRef): ClusterView {
  const view = clusters.view(ref.cluster)
  if (view === null) throw notSelectedError(ref)
  return view
}

async function podsOfTree(
  view: ClusterView,
  ref: ObjectRef,
  ports: TreePorts,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  return new Promise((resolve) => {
    const finish = (): void => {
      signal.removeEventListener('abort', finish)
      const pods: KubeObject[] = []
      for (const node of tree.nodes().values()) {
        if (node.ref.kind !== 'Pod' || node.ref.group !== '') continue
        const pod = tree.object(node.ref)
        if (pod !== null) pods.push(pod)
      }
      tree.stop()
      resolve(pods)
    }
    const tree = new TreeWatcher(view, ref, ports, { changed: () => undefined, ready: finish })
    signal.addEventListener('abort', finish, { once: true })
    tree.start()
  })
}

/** Empty where none is known, or its pods may not be listed: the pods of the tree are worth showing alone. */
async function podsOfControllers(
  view: ClusterView,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const name = controllerOf(ref)
  if (name === null) return []
  const controllers = view
    .controllers()
    .filter((row) => row.cluster === view.id && (row.name === name || row.name.startsWith(`${name}-`)))
  const pods: KubeObject[] = []
  for (const namespace of new Set(controllers.map((row) => row.namespace))) {
    const names = controllers.filter((row) => row.namespace === namespace).map((row) => row.name)
    try {
      const found = await view.list('', 'Pod', namespace, { signal })
      pods.push(...found.filter((pod) => names.some((each) => isPodOf(pod, each))))
    } catch (error) {
      if (signal.aborted) throw error
    }
  }
  return pods.sort((a, b) => compareText(a.metadata.name, b.metadata.name))
}

/** Deployment `x` makes ReplicaSets `x-HASH`. */
function isPodOf(pod: KubeObject, deployment: string): boolean {
  const owner = asArray(at(pod, 'metadata', 'ownerReferences')).find((each) => asRecord(each).kind === 'ReplicaSet')
  const name = textAt(owner, 'name')
  return name.startsWith(`${deployment}-`) && /^[a-z0-9]+$/.test(name.slice(deployment.length + 1))
}

function newestFirst(pods: readonly KubeObject[]): readonly KubeObject[] {
  const createdAt = (pod: KubeObject): string => textAt(pod, 'metadata', 'creationTimestamp')
  return [...pods].sort(
    (a, b) => compareText(createdAt(b), createdAt(a)) || compareText(a.metadata.name, b.metadata.name),
  )
}

function toTarget(role: LogTarget['role'], pod: KubeObject): LogTarget {
  const named = (key: string, isInit: boolean): LogTarget['containers'] =>
    asArray(at(pod, 'spec', key))
      .map((container) => ({ name: asText(asRecord(container).name), isInit }))
      .filter((container) => container.name !== '')
  return {
    role,
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    containers: [...named('containers', false), ...named('initContainers', true)],
  }
}
