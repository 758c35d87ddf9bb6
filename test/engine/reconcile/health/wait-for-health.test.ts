import { expect, it } from 'vitest'
import type { ClusterView, KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { InventoryEntry } from '../../../../electron/engine/inventory/entry.ts'
import type { KubeClient } from '../../../../electron/engine/ports.ts'
import type { HealthWaitOptions } from '../../../../electron/engine/reconcile/health/health-check.ts'
import { compileHealthExpressions } from '../../../../electron/engine/reconcile/health/health-expressions.ts'
import { waitForHealth } from '../../../../electron/engine/reconcile/health/wait-for-health.ts'
import { ManualClock } from '../../memory-cluster.ts'
import { answer } from '../../cache/scripted-client.ts'

const plurals: Readonly<Record<string, string>> = { Thing: 'things', Job: 'jobs', StatefulSet: 'statefulsets' }
const entry = (kind: string, name: string, group = 'example.com'): InventoryEntry => ({
  group,
  version: 'v1',
  kind,
  namespace: 'apps',
  name,
})

function world() {
  const clock = new ManualClock()
  const objects = new Map<string, Partial<KubeObject>>()
  const requests: string[] = []
  const client = {
    request: ({ path }: { path: string }) => {
      const [place = ''] = path.split('?')
      const name = place.split('/').at(-1) ?? ''
      requests.push(name)
      const body = name === 'pods' ? { items: objects.get('pods')?.['items'] ?? [] } : objects.get(name)
      const absent = { kind: 'Status', reason: 'NotFound', message: 'not found', details: { name } }
      return Promise.resolve(body === undefined ? answer(404, absent) : answer(200, body))
    },
  } as unknown as KubeClient
  const view = {
    served: (group: string, kind: string) =>
      plurals[kind] === undefined
        ? null
        : { group, version: 'v1', kind, plural: plurals[kind], isNamespaced: true, verbs: [], shortNames: [] },
  } as unknown as ClusterView
  const abort = new AbortController()
  const wait = (entries: readonly InventoryEntry[], more: Partial<HealthWaitOptions> = {}) =>
    waitForHealth(entries, {
      view,
      client,
      impersonate: null,
      clock,
      expressions: null,
      timeoutMs: 60_000,
      signal: abort.signal,
      ...more,
    })
  return { clock, objects, requests, wait, abort }
}

const thing = (ready: string, more: object = {}): Partial<KubeObject> => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', generation: 1 },
  status: { conditions: [{ type: 'Ready', status: ready }], ...more },
})

it('is healthy when all are Current', async () => {
  const { objects, wait, requests } = world()
  objects.set('a', thing('True'))
  objects.set('b', thing('True'))
  expect(await wait([entry('Thing', 'a'), entry('Thing', 'b')])).toEqual({ result: 'healthy' })
  expect(requests).toEqual(['a', 'b'])
})

it('asks again until they are, sooner than the controller at first', async () => {
  const { clock, objects, wait } = world()
  objects.set('a', thing('False'))
  const done = wait([entry('Thing', 'a')])
  await clock.advance(1000)
  objects.set('a', thing('True'))
  await clock.advance(1000)
  expect(await done).toEqual({ result: 'healthy' })
})

it('says what it waited for', async () => {
  const { clock, objects, wait } = world()
  objects.set('a', thing('False'))
  const done = wait([entry('Thing', 'a'), entry('Thing', 'gone'), entry('Other', 'x')])
  await clock.advance(61_000)
  expect(await done).toEqual({
    result: 'timedOut',
    message:
      "timeout waiting for: [Thing/apps/a status: 'InProgress', Thing/apps/gone status: 'NotFound', Other/apps/x status: 'Unknown': no matches for kind \"Other\" in group \"example.com\"]",
  })
})

it('ends with the first failure, or waits for the others', async () => {
  const { clock, objects, wait } = world()
  objects.set('a', thing('False', { conditions: [{ type: 'Stalled', status: 'True' }] }))
  objects.set('b', thing('False'))
  const entries = [entry('Thing', 'a'), entry('Thing', 'b')]
  const failed = { result: 'failed', message: "failed early due to stalled resources: [Thing/apps/a status: 'Failed']" }
  expect(await wait(entries)).toEqual(failed)
  const patient = wait(entries, { isFailFast: false })
  await clock.advance(10_000)
  objects.set('b', thing('True'))
  await clock.advance(10_000)
  expect(await patient).toEqual(failed)
})

it('takes a Job for done that takes itself away, and one that runs for unsettled', async () => {
  const { clock, objects, wait } = world()
  const job = entry('Job', 'once', 'batch')
  expect(await wait([job], { jobsWithTtl: [job] })).toEqual({ result: 'healthy' })
  objects.set('once', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, status: { active: 1 } })
  const done = wait([job])
  await clock.advance(2000)
  objects.set('once', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once' },
    status: { conditions: [{ type: 'Failed', status: 'True' }] },
  })
  await clock.advance(5000)
  expect(await done).toEqual({
    result: 'failed',
    message: "failed early due to stalled resources: [Job/apps/once status: 'Failed']",
  })
})

it('asks expressions first, and never calls Current what they cannot say', async () => {
  const { clock, objects, wait } = world()
  const compiled = compileHealthExpressions([
    { apiVersion: 'example.com/v1', kind: 'Thing', current: "status.phase == 'Up'", failed: "status.phase == 'Down'" },
  ])
  if (!compiled.ok) throw new Error(compiled.message)
  objects.set('a', thing('True'))
  const done = wait([entry('Thing', 'a')], { expressions: compiled.expressions, timeoutMs: 8000 })
  await clock.advance(9000)
  expect(await done).toEqual({
    result: 'timedOut',
    message:
      "timeout waiting for: [Thing/apps/a status: 'Unknown': failed to evaluate the CEL expression 'status.phase == 'Down'': no such key: phase]",
  })
  objects.set('a', thing('False', { phase: 'Up' }))
  expect(await wait([entry('Thing', 'a')], { expressions: compiled.expressions })).toEqual({ result: 'healthy' })
})

it('looks at the pods of a set that does not get ready', async () => {
  const { objects, wait } = world()
  objects.set('db', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'apps', generation: 1 },
    spec: { replicas: 1, selector: { matchLabels: { app: 'db' } } },
    status: { observedGeneration: 1, replicas: 1 },
  })
  const pod = {
    metadata: { name: 'db-0' },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'db', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  }
  objects.set('pods', { items: [pod] })
  expect(await wait([entry('StatefulSet', 'db', 'apps')])).toMatchObject({ result: 'failed' })
})

it('watches what has not settled, and looks as soon as it changes', async () => {
  const { clock, objects, requests, wait } = world()
  const watched: string[] = []
  let tell: (name: string) => void = () => undefined
  const view = {
    served: (group: string, kind: string) => ({
      group,
      version: 'v1',
      kind,
      plural: plurals[kind],
      isNamespaced: true,
      verbs: ['watch'],
      shortNames: [],
    }),
    watchKind: (_group: string, kind: string, namespace: string, listener: (change: object) => void) => {
      watched.push(`${kind} ${namespace}`)
      tell = (name) => {
        listener({ isSnapshot: false, upsert: [{ metadata: { name } }], remove: [], error: null })
      }
      return () => watched.push('stopped')
    },
  } as unknown as ClusterView
  objects.set('a', thing('True'))
  expect(await wait([entry('Thing', 'a')], { view })).toEqual({ result: 'healthy' })
  expect(watched).toEqual([])
  objects.set('a', thing('False'))
  objects.set('b', { ...thing('True'), metadata: { name: 'b', generation: 1 } })
  const done = wait([entry('Thing', 'a'), entry('Thing', 'b')], { view })
  await clock.advance(30_000)
  const before = requests.length
  objects.set('a', thing('True'))
  tell('other')
  await clock.advance(100)
  expect(requests).toHaveLength(before)
  tell('a')
  await clock.advance(100)
  expect(await done).toEqual({ result: 'healthy' })
  expect(watched).toEqual(['Thing apps', 'stopped'])
})

it('stops when it is told to', async () => {
  const { abort, clock, objects, wait } = world()
  objects.set('a', thing('False'))
  const done = wait([entry('Thing', 'a')])
  await clock.advance(1000)
  abort.abort()
  expect(await done).toEqual({ result: 'canceled' })
  expect(clock.pendingTimers).toBe(0)
})
