import { describe, expect, it } from 'vitest'
import { Delays } from '../../../../electron/engine/reconcile/queue/delays.ts'
import { FairLane } from '../../../../electron/engine/reconcile/queue/fair-lane.ts'
import type { QueueRun } from '../../../../electron/engine/reconcile/queue/queue.ts'
import { ReconcileQueue } from '../../../../electron/engine/reconcile/queue/queue.ts'
import type { RunOutcome } from '../../../../electron/engine/reconcile/reconciler.ts'
import type { HostedRow } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import { silentLogger } from '../../memory-cluster.ts'
import { TwoClocks } from '../lease/memory-lease.ts'

const controller = 'kustomize-controller'
const ref = (name: string, namespace = 'a'): ObjectRef => ({
  cluster: 'c',
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace,
  name,
})
const done: RunOutcome = { result: 'succeeded', state: 'sleeping', message: '', waitsFor: [], requeueAfterMs: null }

/** A queue whose runs end when the test says so. */
function openQueue(concurrency = 2) {
  const clock = new TwoClocks()
  const started: string[] = []
  const rows = new Map<string, HostedRow>()
  const running = new Map<string, { run: QueueRun; end: (outcome: RunOutcome | null | Error) => void }>()
  const queue = new ReconcileQueue({
    clock,
    logger: silentLogger,
    concurrency: { 'source-controller': 1, 'kustomize-controller': concurrency },
    run: (_controller, run) =>
      new Promise((resolve, reject) => {
        const name = `${run.ref.namespace}/${run.ref.name}`
        started.push(name)
        running.set(name, {
          run,
          end(outcome) {
            running.delete(name)
            if (outcome instanceof Error) reject(outcome)
            else resolve(outcome)
          },
        })
      }),
    onChange: (upsert, remove) => {
      for (const key of remove) rows.delete(key)
      for (const row of upsert) rows.set(row.key, row)
    },
  })
  const end = async (name: string, outcome: RunOutcome | null | Error = done): Promise<void> => {
    running.get(name)?.end(outcome)
    await clock.time.advance(0)
  }
  const settle = (): Promise<void> => clock.time.advance(0)
  const row = (one: ObjectRef): HostedRow | undefined => rows.get(refKey(one))
  return { queue, clock, started, running, end, settle, row, rows }
}

describe('the queue', () => {
  it('runs an object once however often it is asked for, and once more when it was asked for meanwhile', async () => {
    const { queue, started, end, settle } = openQueue()
    queue.open(controller)
    for (let time = 0; time < 5; time += 1) queue.add(controller, ref('x'))
    await settle()
    expect(started).toEqual(['a/x'])
    for (let time = 0; time < 5; time += 1) queue.add(controller, ref('x'))
    await settle()
    expect(started).toEqual(['a/x'])
    await end('a/x')
    expect(started).toEqual(['a/x', 'a/x'])
    await end('a/x')
    expect(started).toEqual(['a/x', 'a/x'])
  })

  it('never has two runs of one object, and no more at once than it may', async () => {
    const { queue, running, end, settle, started } = openQueue(2)
    queue.open(controller)
    for (const name of ['x', 'y', 'z', 'w']) queue.add(controller, ref(name))
    await settle()
    expect([...running.keys()]).toEqual(['a/x', 'a/y'])
    expect(queue.counts()).toEqual({ running: 2, waiting: 2, total: 4 })
    await end('a/y')
    expect([...running.keys()]).toEqual(['a/x', 'a/z'])
    await end('a/x')
    await end('a/z')
    await end('a/w')
    expect(started).toHaveLength(4)
  })

  it('gives each namespace its turn', async () => {
    const { queue, started, end, settle } = openQueue(1)
    for (let index = 0; index < 100; index += 1) queue.add(controller, ref(String(index), 'large'))
    queue.add(controller, ref('one', 'small'))
    queue.add(controller, ref('two', 'small'))
    queue.open(controller)
    for (let turn = 0; turn < 5; turn += 1) {
      await settle()
      await end(started.at(-1) ?? '')
    }
    expect(started.slice(0, 4)).toEqual(['large/0', 'small/one', 'large/1', 'small/two'])
  })

  it('keeps what it was asked for while it is closed, and ends what runs', async () => {
    const { queue, running, started, end, settle, row } = openQueue()
    queue.add(controller, ref('x'))
    await settle()
    expect(started).toEqual([])
    queue.open(controller)
    await settle()
    const { signal } = running.get('a/x')?.run ?? {}
    queue.close(controller, new Error('lease lost'))
    expect(signal?.aborted).toBe(true)
    let isDrained = false
    void queue.drained().then(() => (isDrained = true))
    await settle()
    expect(isDrained).toBe(false)
    await end('a/x', new Error('aborted'))
    expect(isDrained).toBe(true)
    // An aborted run is no failure, and is made up for.
    expect(row(ref('x'))).toMatchObject({ state: 'queued', failures: 0, lastResult: 'canceled' })
    queue.open(controller)
    await settle()
    expect(started).toEqual(['a/x', 'a/x'])
    await end('a/x')
  })

  it('outlives faults of runs, counts them, and tries again as the controllers would', async () => {
    const { queue, clock, started, end, settle, row } = openQueue()
    queue.open(controller)
    queue.add(controller, ref('x'))
    await settle()
    await end('a/x', new Error('boom'))
    expect(row(ref('x'))).toMatchObject({ state: 'sleeping', message: 'boom', lastResult: 'failed', failures: 1 })
    await clock.time.advance(749)
    expect(started).toHaveLength(1)
    await clock.time.advance(2)
    expect(started).toHaveLength(2)
    await end('a/x', new Error('boom'))
    await clock.time.advance(1501)
    expect(started).toHaveLength(3)
    await end('a/x')
    expect(row(ref('x'))).toMatchObject({ lastResult: 'succeeded', failures: 0, nextAt: null })
  })

  it('sleeps as long as the outcome says, unless it is asked for earlier', async () => {
    const { queue, clock, started, end, settle, row } = openQueue()
    queue.open(controller)
    queue.add(controller, ref('x'))
    await settle()
    await end('a/x', { ...done, requeueAfterMs: 60_000 })
    expect(row(ref('x'))?.nextAt).toBe(clock.now() + 60_000)
    await clock.time.advance(30_000)
    queue.add(controller, ref('x'))
    await settle()
    expect(started).toHaveLength(2)
    await end('a/x', { ...done, requeueAfterMs: 60_000 })
    await clock.time.advance(59_000)
    expect(started).toHaveLength(2)
    await clock.time.advance(1001)
    expect(started).toHaveLength(3)
    await end('a/x')
  })

  it('forgets what is gone: at once while it waits, after its run while it runs', async () => {
    const { queue, rows, end, settle, started } = openQueue(1)
    queue.open(controller)
    queue.add(controller, ref('x'))
    queue.add(controller, ref('y'))
    await settle()
    queue.forget(ref('y'))
    queue.forget(ref('x'))
    expect(rows.size).toBe(1)
    await end('a/x', { ...done, requeueAfterMs: 1000 })
    expect(rows.size).toBe(0)
    expect(started).toEqual(['a/x'])
  })

  it('lets others run while a run is parked, and gives it its place back before newcomers', async () => {
    const { queue, running, end, settle, started } = openQueue(1)
    queue.open(controller)
    queue.add(controller, ref('x'))
    queue.add(controller, ref('y'))
    queue.add(controller, ref('z'))
    await settle()
    let ready: () => void = () => undefined
    let isBack = false
    const waiting = running
      .get('a/x')
      ?.run.parked(() => new Promise<void>((resolve) => (ready = resolve)))
      .then(() => (isBack = true))
    await settle()
    expect(started).toEqual(['a/x', 'a/y'])
    ready()
    await settle()
    expect(isBack).toBe(false)
    await end('a/y')
    await waiting
    expect(started).toEqual(['a/x', 'a/y'])
    await end('a/x')
    expect(started).toEqual(['a/x', 'a/y', 'a/z'])
    await end('a/z')
  })
})

describe('delays', () => {
  const open = (): { delays: Delays; clock: TwoClocks; due: string[] } => {
    const clock = new TwoClocks()
    const due: string[] = []
    return { delays: new Delays(clock, (key) => void due.push(key)), clock, due }
  }

  it('wake in order, each at its time, with one timer', async () => {
    const { delays, clock, due } = open()
    const times = Array.from({ length: 200 }, (_each, index) => ((index * 7919) % 200) + 1)
    for (const time of times) delays.set(String(time), time * 10)
    expect(clock.time.pendingTimers).toBe(1)
    await clock.time.advance(2001)
    expect(due).toEqual([...times].sort((a, b) => a - b).map(String))
    expect([delays.size, clock.time.pendingTimers]).toEqual([0, 0])
  })

  it('take the earlier of two times, and can be taken back', async () => {
    const { delays, clock, due } = open()
    delays.set('x', 1000)
    delays.set('x', 5000)
    delays.set('y', 5000)
    delays.set('y', 1000)
    delays.set('z', 500)
    delays.cancel('z')
    await clock.time.advance(1001)
    expect(due.sort()).toEqual(['x', 'y'])
    await clock.time.advance(10_000)
    expect(due).toHaveLength(2)
  })

  it('count the time that the machine slept, within half a minute of its waking up', async () => {
    const { delays, clock, due } = open()
    delays.set('x', 600_000)
    await clock.time.advance(1000)
    clock.wallOffsetMs += 700_000
    await clock.time.advance(30_000)
    expect(due).toEqual(['x'])
  })

  it('are not put off by a clock that is set back', async () => {
    const { delays, clock, due } = open()
    delays.set('x', 60_000)
    await clock.time.advance(1000)
    clock.wallOffsetMs -= 3_600_000
    await clock.time.advance(59_001)
    expect(due).toEqual(['x'])
  })
})

it('a lane takes namespaces in turn and holds no key twice', () => {
  const lane = new FairLane()
  for (const key of ['1', '2', '3', '2']) lane.add('a', key)
  lane.add('b', '9')
  lane.add('b', '8', true)
  expect(lane.size).toBe(5)
  lane.remove('a', '3')
  const taken: (string | null)[] = []
  for (let turn = 0; turn < 5; turn += 1) taken.push(lane.take())
  expect(taken).toEqual(['1', '8', '2', '9', null])
})
