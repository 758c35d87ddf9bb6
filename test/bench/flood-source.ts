/**
 * Entry of a thread: the way to a real API server through which a storm of events comes. Everything is the server's own but the lines of the storm, which
 * are said in its watches as it says them: no API server on this machine makes ten thousand objects a second.
 */
import { setPriority } from 'node:os'
import { setTimeout as pass } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { startFaultProxy } from '../integration/host/fault-proxy.ts'

export interface FloodData {
  readonly cluster: { readonly url: string; readonly caPem: string; readonly kubeconfigPath: string }
  readonly namespaces: number
  /** So many Kustomizations are what events are about. */
  readonly objects: number
}

export type ToFlood = { readonly perSecond: number; readonly seconds: number } | 'stop'
export type FromFlood =
  { readonly kubeconfig: string } | { readonly told: number; readonly watches: number; readonly ms: number }

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread only')
const { cluster, namespaces, objects } = workerData as FloodData
// As the server itself (stand-aside.ts): a storm comes from other machines.
if (process.platform === 'linux') setPriority(10)
const path = '/api/v1/events'
/** Beyond what the server has given out: a watch that is opened again in the middle would start there. */
const firstVersion = 1_000_000
const proxy = await startFaultProxy(cluster)

/** What a controller writes, of its usual size: about nine hundred characters. */
function line(index: number, time: string): string {
  const target = index % objects
  const namespace = `team-${String(target % namespaces)}`
  const object = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: {
      name: `app-${String(target)}.${index.toString(16).padStart(16, '0')}`,
      namespace,
      uid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      resourceVersion: String(firstVersion + index),
      creationTimestamp: time,
      annotations: { 'kustomize.toolkit.fluxcd.io/revision': 'main@sha1:5a3f1c2e9d04b7716fa100000000000000000000' },
      managedFields: [{ manager: 'kustomize-controller', operation: 'Update', apiVersion: 'v1', time }],
    },
    involvedObject: {
      kind: 'Kustomization',
      namespace,
      name: `app-${String(target)}`,
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      resourceVersion: '1',
    },
    reason: index % 3 === 0 ? 'HealthCheckFailed' : 'Progressing',
    message: `Deployment/${namespace}/app-${String(target)}-${String(index % 12)} configured in turn ${String(index)}, after a run of ${String(index % 977)} ms`,
    source: { component: 'kustomize-controller' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: index % 3 === 0 ? 'Warning' : 'Normal',
    eventTime: null,
    reportingComponent: 'kustomize-controller',
    reportingInstance: 'kustomize-controller-0',
  }
  return `${JSON.stringify({ type: 'ADDED', object })}\n`
}

/** As many as are due, as time passes; later ones wait where the other side takes no more. */
async function flood(perSecond: number, seconds: number): Promise<FromFlood> {
  const total = perSecond * seconds
  const begunAt = performance.now()
  let watches = 0
  for (let count = 0; count < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - begunAt) / 1000) * perSecond))
    const time = new Date().toISOString().replace(/\.\d+Z/, 'Z')
    const end = Math.min(due, count + perSecond / 20)
    let lines = ''
    for (; count < end; count++) lines += line(count, time)
    if (lines !== '') watches = await proxy.tellWatches(path, lines)
    if (watches === 0) throw new Error(`Nobody watches ${path}`)
    if (count === due) await pass(10)
  }
  return { told: total, watches, ms: performance.now() - begunAt }
}

port.on('message', (message: ToFlood) => {
  if (message === 'stop') {
    void proxy.stop().then(() => port.close())
    return
  }
  flood(message.perSecond, message.seconds).then(
    (told) => port.postMessage(told),
    (error: unknown) => {
      throw error
    },
  )
})
port.postMessage({ kubeconfig: proxy.kubeconfig() } satisfies FromFlood)
