import { describe, expect, it } from 'vitest'
import { createObjectWatch } from '../../../electron/engine/detail/create-object-watch.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import { MemoryCluster, MemorySink, testCall } from '../memory-cluster.ts'

const ks = 'kustomize.toolkit.fluxcd.io'
const yes = { isAllowed: true, reason: '' }
const no = { isAllowed: false, reason: 'not allowed' }

function open(cluster: MemoryCluster, ref: ObjectRef) {
  const sink = new MemorySink<ObjectDetail>()
  let isAllowed = true
  let asked = 0
  const stop = createObjectWatch({
    clusters: cluster,
    ports: { clock: cluster.clock },
    accessOf: async () => {
      asked += 1
      const access = isAllowed ? yes : no
      return { suspend: access, resume: access, reconcile: access, logs: access }
    },
    gateNoteOf: () => 'Git sets this',
  })({ ref }, sink, testCall())
  return {
    sink,
    stop,
    detail: () => [...sink.items.values()][0],
    deny: () => {
      isAllowed = false
    },
    asked: () => asked,
  }
}

const kustomization = (name: string, conditions: string, spec = '') =>
  `{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: ${name}, namespace: a, uid: u-${name}, annotations: {note: "a\\u202eb"}}, spec: {interval: 10m${spec}}, status: {conditions: [${conditions}]}}`
const ready = '{type: Ready, status: "True", reason: ReconciliationSucceeded, message: Applied}'

describe('object.watch', () => {
  it('tells a Flux object with its links, and again when any of them changes', async () => {
    const cluster = new MemoryCluster()
    cluster.kindRows = [{ group: ks, kind: 'Kustomization', state: 'live', namespaces: null } as unknown as KindRow]
    cluster.apply(
      kustomization('infra', '{type: Ready, status: "False", reason: BuildFailed, message: broken}'),
      kustomization(
        'apps',
        '{type: Ready, status: "False", reason: DependencyNotReady, message: waits}',
        ', dependsOn: [{name: infra}, {name: gone}]',
      ),
      kustomization('leaf', ready, ', dependsOn: [{name: apps}]'),
    )
    const { sink, stop, detail } = open(cluster, cluster.ref(ks, 'Kustomization', 'a', 'apps'))
    await cluster.clock.advance(500)
    expect(sink.isReady).toBe(true)
    expect(detail()).toMatchObject({
      status: 'InProgress',
      row: { status: { word: 'Waiting' } },
      annotations: { note: 'a�b' },
      dependsOn: [{ status: 'Failed', message: 'broken' }, { status: 'NotFound' }],
      blockedBy: [{ ref: { name: 'infra' } }, { ref: { name: 'gone' } }],
      dependents: [{ ref: { name: 'leaf' }, status: 'Ready' }],
      access: { suspend: yes },
      gateNote: 'Git sets this',
      problem: null,
    })
    const told = sink.pushes.length
    // What does not concern it is not told.
    cluster.apply(kustomization('other', ready))
    await cluster.clock.advance(500)
    expect(sink.pushes.length).toBe(told)
    cluster.apply(kustomization('infra', ready))
    await cluster.clock.advance(500)
    expect(detail()?.blockedBy.map((each) => each.ref.name)).toEqual(['gone'])
    expect(cluster.opened).toEqual([])
    stop()
    expect([cluster.watcherCount, cluster.clock.pendingTimers]).toEqual([0, 0])
  })

  it('asks again what the user may do when the gate moves', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(kustomization('apps', ready))
    const { detail, deny, asked } = open(cluster, cluster.ref(ks, 'Kustomization', 'a', 'apps'))
    await cluster.clock.advance(500)
    expect(asked()).toBe(1)
    deny()
    cluster.apply(kustomization('apps', ready, ', suspend: true'))
    await cluster.clock.advance(500)
    expect(asked()).toBe(2)
    expect(detail()).toMatchObject({ access: { resume: no }, row: { isSuspended: true } })
  })

  it('watches an object of any kind, live', async () => {
    const cluster = new MemoryCluster()
    const pod = (phase: string) =>
      `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a, uid: u, labels: {${ks}/name: apps, ${ks}/namespace: a}}, spec: {nodeName: n1}, status: {phase: ${phase}}}`
    cluster.apply(pod('Pending'))
    const { detail } = open(cluster, cluster.ref('', 'Pod', 'a', 'p'))
    await cluster.clock.advance(500)
    expect(detail()).toMatchObject({
      status: 'InProgress',
      row: null,
      flow: [],
      parent: { ref: { name: 'apps' }, status: 'Unknown' },
    })
    cluster.apply(pod('Succeeded'))
    await cluster.clock.advance(500)
    expect(detail()?.status).toBe('Current')
    cluster.delete(cluster.ref('', 'Pod', 'a', 'p'))
    await cluster.clock.advance(500)
    expect(detail()).toMatchObject({ status: 'NotFound', problem: { code: 'NotFound' } })
  })

  it('says what may not be read, what is not served and what is not connected', async () => {
    const cluster = new MemoryCluster()
    cluster.refusals.set('/Pod', 'Forbidden')
    cluster.refusals.set('c1|/Pod|a/p', 'Forbidden')
    const forbidden = open(cluster, cluster.ref('', 'Pod', 'a', 'p'))
    const unserved = open(cluster, cluster.ref('example.com', 'Widget', 'a', 'w'))
    await cluster.clock.advance(500)
    expect(forbidden.detail()?.problem?.code).toBe('Forbidden')
    expect(unserved.detail()?.problem?.code).toBe('ResourceNotServed')
    cluster.deselect()
    expect(forbidden.sink.error).toMatchObject({ code: 'NotConnected' })
    expect(open(cluster, cluster.ref('', 'Pod', 'a', 'p')).sink.error).toMatchObject({ code: 'NotConnected' })
  })
})
