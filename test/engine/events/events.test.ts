import { describe, expect, it } from 'vitest'
import { createEventsWatch } from '../../../electron/engine/events/create-events-watch.ts'
import { readEvent } from '../../../electron/engine/events/event-row.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { EventRow } from '../../../shared/model/rows.ts'
import { memoryCodec } from '../memory-codec.ts'
import { MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'
import { fromYaml } from '../status/yaml.ts'

const ks = 'kustomize.toolkit.fluxcd.io'

function event(name: string, involved: string, more = '', time = '2026-09-16T09:00:00Z'): string {
  const [kind = '', namespace = '', object = ''] = involved.split('/')
  const apiVersion = kind === 'Kustomization' ? `${ks}/v1` : kind === 'Deployment' ? 'apps/v1' : 'v1'
  return `{apiVersion: v1, kind: Event, metadata: {name: ${name}, namespace: ${namespace || 'default'}, uid: e-${name}}, involvedObject: {apiVersion: ${apiVersion}, kind: ${kind}, namespace: "${namespace}", name: ${object}}, type: Normal, reason: R, message: m, lastTimestamp: "${time}", firstTimestamp: "${time}"${more}}`
}

async function open(cluster: MemoryCluster, input: { ref?: ObjectRef; limit?: number } = {}) {
  const sink = new MemorySink<EventRow>()
  const stop = createEventsWatch({
    clusters: cluster,
    ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
  })({ limit: 100, ...input }, sink, testCall())
  await cluster.clock.advance(1000)
  const draw = () =>
    [...sink.items.values()]
      .sort((a, b) => b.lastAt - a.lastAt)
      .map((row) => `${row.involved.kind}/${row.involved.name} ${row.reason} ×${String(row.count)}`)
  return { sink, stop, draw }
}

describe('readEvent', () => {
  it('reads core/v1 with counts, and series over both', () => {
    expect(
      readEvent(
        fromYaml(
          event('a', 'Pod/ns/p', ', count: 4, type: Warning, source: {component: kubelet}').replace(
            'type: Normal, ',
            '',
          ),
        ),
        'c1',
      ),
    ).toMatchObject({ type: 'Warning', count: 4, source: 'kubelet', lastAt: Date.parse('2026-09-16T09:00:00Z') })
    expect(
      readEvent(
        fromYaml(event('a', 'Pod/ns/p', ', series: {count: 7, lastObservedTime: "2026-09-16T09:30:00.123456Z"}')),
        'c1',
      ),
    ).toMatchObject({
      count: 7,
      lastAt: Date.parse('2026-09-16T09:30:00.123Z'),
      firstAt: Date.parse('2026-09-16T09:00:00Z'),
    })
  })
  it('reads events.k8s.io/v1', () => {
    expect(
      readEvent(
        fromYaml(
          `{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: a, namespace: b}, regarding: {apiVersion: apps/v1, kind: Deployment, namespace: b, name: d}, note: "hi\\u001b[31m", eventTime: "2026-09-16T09:00:00.000001Z", deprecatedCount: 3, reportingController: ctl, type: Warning, reason: X}`,
        ),
        'c1',
      ),
    ).toEqual({
      id: 'b/a',
      involved: { cluster: 'c1', group: 'apps', kind: 'Deployment', namespace: 'b', name: 'd' },
      type: 'Warning',
      reason: 'X',
      message: 'hi',
      count: 3,
      firstAt: Date.parse('2026-09-16T09:00:00Z'),
      lastAt: Date.parse('2026-09-16T09:00:00Z'),
      writtenAt: 0,
      source: 'ctl',
    })
  })
  it('skips what names no object, and takes any mess', () => {
    for (const value of [null, {}, { involvedObject: 3 }, { involvedObject: { kind: 'Pod' } }])
      expect(readEvent(value, 'c')).toBeNull()
    expect(
      readEvent(
        { involvedObject: { kind: 'Pod', name: 'p' }, count: 'x', lastTimestamp: 5, series: [], message: {} },
        'c',
      ),
    ).toMatchObject({ count: 1, lastAt: 0 })
  })
})

describe('events.watch', () => {
  it('joins what says the same of the same object, follows updates, drops what expires', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(
      event('a', 'Pod/ns/p', ', count: 2'),
      event('b', 'Pod/ns/p', ', count: 3', '2026-09-16T09:10:00Z'),
      event('c', 'Pod/ns/q', '', '2026-09-16T09:05:00Z'),
    )
    const { sink, stop, draw } = await open(cluster)
    expect(sink.isReady).toBe(true)
    expect(draw()).toEqual(['Pod/p R ×5', 'Pod/q R ×1'])
    expect(sink.pushes[0]?.upsert.map((row) => row.involved.name)).toEqual(['p', 'q'])
    cluster.apply(event('b', 'Pod/ns/p', ', count: 4', '2026-09-16T09:11:00Z'))
    await cluster.clock.advance(500)
    expect(draw()).toEqual(['Pod/p R ×6', 'Pod/q R ×1'])
    cluster.delete(cluster.ref('', 'Event', 'ns', 'a'))
    cluster.delete(cluster.ref('', 'Event', 'ns', 'c'))
    await cluster.clock.advance(500)
    expect(draw()).toEqual(['Pod/p R ×4'])
    stop()
    expect([cluster.watcherCount, cluster.clock.pendingTimers]).toEqual([0, 0])
  })

  it('keeps the newest up to the limit', async () => {
    const cluster = new MemoryCluster()
    const at = (minute: number) => `2026-09-16T09:${String(minute).padStart(2, '0')}:00Z`
    for (let index = 0; index < 10; index += 1)
      cluster.apply(event(`e${String(index)}`, `Pod/ns/p${String(index)}`, '', at(index)))
    const { draw } = await open(cluster, { limit: 3 })
    expect(draw()).toEqual(['Pod/p9 R ×1', 'Pod/p8 R ×1', 'Pod/p7 R ×1'])
    cluster.apply(event('new', 'Pod/ns/new', '', at(30)))
    await cluster.clock.advance(500)
    expect(draw()).toEqual(['Pod/new R ×1', 'Pod/p9 R ×1', 'Pod/p8 R ×1'])
  })

  it('of an object: its own and those of its tree, also when the tree grows later', async () => {
    const cluster = new MemoryCluster()
    const kustomization = (ids: string) =>
      `{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: apps, namespace: flux-system, uid: k}, status: {inventory: {entries: [${ids}]}}}`
    cluster.apply(
      kustomization('{id: ns_web_apps_Deployment, v: v1}'),
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: ns, uid: d}}',
      event('a', 'Kustomization/flux-system/apps'),
      event('b', 'Deployment/ns/web', '', '2026-09-16T08:00:00Z'),
      event('c', 'Deployment/ns/other'),
      event('d', 'Service/ns/later', '', '2026-09-16T07:00:00Z'),
    )
    const { draw, stop } = await open(cluster, { ref: cluster.ref(ks, 'Kustomization', 'flux-system', 'apps') })
    expect(draw()).toEqual(['Kustomization/apps R ×1', 'Deployment/web R ×1'])
    cluster.apply(kustomization('{id: ns_web_apps_Deployment, v: v1}, {id: ns_later__Service, v: v1}'))
    await cluster.clock.advance(1000)
    expect(draw()).toEqual(['Kustomization/apps R ×1', 'Deployment/web R ×1', 'Service/later R ×1'])
    expect(cluster.opened).not.toContain('/Event|')
    stop()
    expect([cluster.watcherCount, cluster.clock.pendingTimers]).toEqual([0, 0])
  })

  it('ends with the refusal when nothing may be listed anywhere', async () => {
    const cluster = new MemoryCluster()
    cluster.refusals.set('/Event', 'Forbidden')
    cluster.apply(`{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: apps, namespace: flux-system}}`)
    const { sink } = await open(cluster)
    expect(sink.error).toMatchObject({ code: 'Forbidden' })
    expect(cluster.opened).toEqual(['/Event|', '/Event|flux-system'])
  })

  it('reads the newer API where only that is served; drops a cluster that is deselected', async () => {
    const cluster = new MemoryCluster()
    cluster.unserve('', 'Event')
    cluster.serve('events.k8s.io', 'v1', 'Event', true)
    cluster.apply(
      event('a', 'Pod/ns/p').replace('apiVersion: v1, kind: Event', 'apiVersion: events.k8s.io/v1, kind: Event'),
    )
    const { draw } = await open(cluster)
    expect(draw()).toEqual(['Pod/p R ×1'])
    cluster.deselect()
    await cluster.clock.advance(500)
    expect(draw()).toEqual([])
  })
})
