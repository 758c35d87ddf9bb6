/** Trees, pages, YAML and events of a cluster that does not answer, and what becomes of them when it does. */
import { describe, expect, it } from 'vitest'
import { createObjectWatch } from '../../../electron/engine/detail/create-object-watch.ts'
import { createObjectYaml } from '../../../electron/engine/detail/create-object-yaml.ts'
import { createEventsWatch } from '../../../electron/engine/events/create-events-watch.ts'
import { eventRowKey } from '../../../electron/engine/events/event-table.ts'
import { lastEvents } from '../../../electron/engine/snapshot/last-events.ts'
import type { ClusterView, KubeObject } from '../../../electron/engine/clusters/view.ts'
import { createTreeWatch } from '../../../electron/engine/tree/create-tree-watch.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ContextRow, EventRow, TreeNode } from '../../../shared/model/rows.ts'
import { memoryCodec } from '../memory-codec.ts'
import { MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'
import { kustomization, refOf } from './kept-cluster.ts'

const root: ObjectRef = { ...refOf('a'), cluster: 'c1' }

function nodeOf(ref: ObjectRef, parent: string | null, order: number): TreeNode {
  return {
    key: refKey(ref),
    parent,
    ref,
    version: 'v1',
    order,
    shortKind: '',
    isFlux: parent === null,
    status: 'Current',
    message: 'as it was',
    cause: '',
    ready: '',
    createdAt: null,
    uid: '',
    problem: null,
  }
}

/** Silent until `answer`; then it serves what was applied to it. */
class SilentCluster extends MemoryCluster implements ClusterView {
  isSilent = true
  kept: KubeObject | null = kustomization('a')
  lastNodes: readonly TreeNode[] | null = null
  keptTrees: string[] = []

  override contexts(): [] {
    return [{ connection: this.isSilent ? 'unreachable' : 'connected' } as ContextRow] as unknown as []
  }
  override served(group: string, kind: string): ReturnType<MemoryCluster['served']> {
    return this.isSilent ? null : super.served(group, kind)
  }
  override fetch(ref: ObjectRef): Promise<KubeObject> {
    return this.isSilent ? Promise.reject(new SluiceError('NotConnected', 'silent')) : super.fetch(ref)
  }
  override watchKind(...input: Parameters<MemoryCluster['watchKind']>): () => void {
    if (!this.isSilent) return super.watchKind(...input)
    this.clock.after(1, () =>
      input[3]({ isSnapshot: false, upsert: [], remove: [], error: new SluiceError('ResourceNotServed', 'silent') }),
    )
    let stop = (): void => undefined
    this.waiting.push(() => {
      stop = super.watchKind(...input)
    })
    return () => stop()
  }
  readonly waiting: (() => void)[] = []
  get lastSeen(): ClusterView['lastSeen'] & object {
    return (
      this.isSilent
        ? { at: 1000, object: (ref: ObjectRef) => Promise.resolve(ref.name === 'a' ? this.kept : null) }
        : null
    ) as ClusterView['lastSeen'] & object
  }
  lastTree(): Promise<readonly TreeNode[] | null> {
    return Promise.resolve(this.lastNodes)
  }
  keepTree(ref: ObjectRef, nodes: readonly TreeNode[]): void {
    this.keptTrees.push(`${ref.name} ${String(nodes.length)}`)
  }
  answer(...objects: readonly string[]): void {
    this.isSilent = false
    for (const open of this.waiting) open()
    for (const object of objects) this.apply(object)
  }
}

const applied = `{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a, namespace: apps, uid: uid-a}, spec: {path: ./new}, status: {inventory: {entries: [{id: apps_web__ConfigMap, v: v1}]}}}`
const configMap = '{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: apps, uid: uid-web}}'

describe('an object of a silent cluster', () => {
  it('has its page from what was kept, and the live one as soon as there is one', async () => {
    const cluster = new SilentCluster()
    const sink = new MemorySink<ObjectDetail>()
    const denied = { isAllowed: false, reason: 'silent' }
    const stop = createObjectWatch({
      clusters: cluster,
      ports: { clock: cluster.clock },
      accessOf: () => Promise.resolve({ suspend: denied, resume: denied, reconcile: denied, logs: denied }),
      gateNoteOf: () => '',
    })({ ref: root }, sink, testCall())
    await cluster.clock.advance(500)
    expect(sink.items.get(refKey(root))).toMatchObject({ uid: 'uid-a', problem: null })
    cluster.answer(configMap, applied)
    await cluster.clock.advance(500)
    expect(sink.items.get(refKey(root))?.row?.target).toBe('./new')
    stop()
  })

  it('that was not kept says so, and asks for nothing', async () => {
    const cluster = new SilentCluster()
    const sink = new MemorySink<ObjectDetail>()
    const denied = { isAllowed: false, reason: 'silent' }
    const ref = { ...root, name: 'b' }
    const stop = createObjectWatch({
      clusters: cluster,
      ports: { clock: cluster.clock },
      accessOf: () => Promise.resolve({ suspend: denied, resume: denied, reconcile: denied, logs: denied }),
      gateNoteOf: () => '',
    })({ ref }, sink, testCall())
    await cluster.clock.advance(500)
    expect(sink.items.get(refKey(ref))?.problem).toMatchObject({ code: 'NotConnected' })
    expect(sink.items.get(refKey(ref))?.problem?.message).toContain('was not kept')
    stop()
  })

  it('has its YAML from what was kept; of another the refusal names it', async () => {
    const cluster = new SilentCluster()
    const yaml = createObjectYaml({ clusters: cluster, ports: { clock: cluster.clock } })
    const reading = yaml({ ref: root, offset: 0 }, testCall())
    await cluster.clock.advance(100)
    expect((await reading).text).toContain('./a')
    const refused = yaml({ ref: { ...root, name: 'b' }, offset: 0 }, testCall())
    await expect(refused).rejects.toMatchObject({ code: 'NotConnected', message: 'Kustomization apps/b was not kept' })
  })
})

describe('a tree of a silent cluster', () => {
  it('is the last one until the live one is whole, and is kept again then', async () => {
    const cluster = new SilentCluster()
    const pod: ObjectRef = { ...root, group: '', kind: 'Pod', name: 'gone' }
    cluster.lastNodes = [nodeOf(root, null, 0), nodeOf(pod, refKey(root), 1)]
    const sink = new MemorySink<TreeNode>()
    const stop = createTreeWatch({
      clusters: cluster,
      ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
    })({ ref: root }, sink, testCall())
    const names = (): readonly string[] => [...sink.items.values()].map(({ ref, message }) => `${ref.name} ${message}`)
    await cluster.clock.advance(5000)
    expect(names()).toEqual(['a as it was', 'gone as it was'])
    expect(cluster.keptTrees).toEqual([])
    cluster.answer(configMap, applied)
    await cluster.clock.advance(5000)
    expect([...sink.items.values()].map(({ ref }) => ref.name)).toEqual(['a', 'web'])
    stop()
    expect(cluster.keptTrees.at(-1)).toBe('a 2')
  })
})

describe('events of a silent cluster', () => {
  const entry = (message: string, at: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
    key: String(at),
    recordedAt: at,
    cluster: 'c1',
    type: 'event',
    ref: root,
    owner: root,
    at,
    reason: 'R',
    message,
    tone: 'plain',
    revision: '',
    by: 'kubelet',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
    ...more,
  })

  it('are those of the history, said once, and give way to what the cluster says', async () => {
    const cluster = new SilentCluster()
    const sink = new MemorySink<EventRow>()
    const asked: unknown[] = []
    const stop = createEventsWatch({
      clusters: cluster,
      ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
      lastEvents: (question, signal) => {
        asked.push(question)
        const entries = [entry('m', 9000), entry('m', 8000, { count: 2 }), entry('old', 7000, { tone: 'bad' })]
        return lastEvents(() => Promise.resolve({ entries, next: null }), memoryCodec, question, signal)
      },
    })({ limit: 100 }, sink, testCall())
    await cluster.clock.advance(400)
    expect([sink.items.size, sink.isReady]).toEqual([0, false])
    await cluster.clock.advance(1000)
    const rows = (): readonly string[] =>
      [...sink.items.values()].map(
        ({ type, message, count, lastAt }) => `${type} ${message} ×${String(count)} ${String(lastAt)}`,
      )
    expect(asked).toEqual([{ cluster: 'c1', ref: null, limit: 100 }])
    expect([rows(), sink.isReady, sink.error]).toEqual([['Normal m ×3 9000', 'Warning old ×1 7000'], true, null])
    cluster.answer(
      `{apiVersion: v1, kind: Event, metadata: {name: e, namespace: apps, uid: e}, involvedObject: {apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, namespace: apps, name: a}, type: Normal, reason: R, message: m, count: 5, source: {component: kubelet}, lastTimestamp: "2026-09-16T09:00:00Z"}`,
    )
    await cluster.clock.advance(1000)
    expect(rows()).toEqual([`Normal m ×5 ${String(Date.parse('2026-09-16T09:00:00Z'))}`])
    const said = { type: 'Normal', reason: 'R', source: 'kubelet', message: 'm' } as const
    expect([...sink.items.keys()]).toEqual([eventRowKey(memoryCodec, refKey(root), said)])
    stop()
  })
})
