import { expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { ObjectListener, ObjectWatch } from '../../../electron/engine/gate/object-watch.ts'
import type { RunVerdict } from '../../../electron/engine/gate/reconcile-judge.ts'
import { followRun } from '../../../electron/engine/gate/reconcile-wait.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { fluxObject, ManualClock } from './memory-cluster.ts'

const token = '2026-09-16T07:00:00.000500000Z'
const ref = {
  cluster: 'c1',
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace: 'apps',
  name: 'web',
}

function state(handled: string, spec: unknown = { interval: '10m' }, uid = 'uid-web'): KubeObject {
  return fluxObject('Kustomization', 'web', {
    spec,
    metadata: { uid },
    status: {
      lastHandledReconcileAt: handled,
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: 'Applied' }],
    },
  })
}

function setUp() {
  const clock = new ManualClock()
  const abort = new AbortController()
  const steps: RunVerdict[] = []
  let listener: ObjectListener | null = null
  const watch: ObjectWatch = {
    follow(_ref, own) {
      listener = own
      return () => (listener = null)
    },
  }
  const kind = fluxKind(ref.group, ref.kind)
  if (kind === null) throw new Error('kind')
  const run = { ref, kind, uid: 'uid-web', request: { token, handledBefore: '' } }
  const wait = followRun(run, watch, clock, abort.signal, (verdict) => steps.push(verdict))
  return {
    clock,
    abort,
    steps,
    wait,
    tell: (object: KubeObject | null) => listener?.changed(object),
    isFollowing: () => listener !== null,
  }
}

it('ends with the first state in which the token was handled, and stops following', async () => {
  const { wait, tell, steps, isFollowing } = setUp()
  wait.begin(state(''))
  tell(state('2026-09-15T00:00:00Z'))
  expect(isFollowing()).toBe(true)
  tell(state(token))
  expect(await wait.end).toMatchObject({ state: 'done', message: 'Applied' })
  expect(isFollowing()).toBe(false)
  expect(steps.map((step) => step.state)).toEqual(['running', 'done'])
})

it('shows nothing before the request was sent, and misses no outcome that came before its answer', async () => {
  const { wait, tell, steps } = setUp()
  tell(state('old'))
  expect(steps).toEqual([])
  tell(state(token))
  expect(steps).toEqual([])
  wait.begin(state(''))
  expect(await wait.end).toMatchObject({ state: 'done' })
})

it('gives up after five minutes, or a minute more than spec.timeout allows', async () => {
  const short = setUp()
  short.wait.begin(state(''))
  short.clock.advance(5 * 60_000 - 1)
  expect(short.isFollowing()).toBe(true)
  short.clock.advance(1)
  await expect(short.wait.end).rejects.toMatchObject({ code: 'ReconcileTimeout' })
  const long = setUp()
  long.wait.begin(state('', { interval: '10m', timeout: '20m' }))
  long.clock.advance(20 * 60_000)
  expect(long.isFollowing()).toBe(true)
  long.clock.advance(60_000)
  await expect(long.wait.end).rejects.toThrow('did not finish within 21m0s')
})

it('ends when the object goes, is made anew, is suspended, or nobody waits any more', async () => {
  const cases: readonly [string, (set: ReturnType<typeof setUp>) => void][] = [
    ['PlanMoved', ({ tell }) => tell(null)],
    ['PlanMoved', ({ tell }) => tell(state(token, {}, 'another'))],
    ['SuspendedRefused', ({ tell }) => tell(state(token, { suspend: true }))],
    [
      'Canceled',
      ({ abort }) => {
        abort.abort()
      },
    ],
    [
      'Canceled',
      ({ wait }) => {
        wait.abandon()
      },
    ],
  ]
  for (const [code, act] of cases) {
    const set = setUp()
    set.wait.begin(state(''))
    act(set)
    await expect(set.wait.end).rejects.toMatchObject({ code })
    expect(set.isFollowing()).toBe(false)
  }
})
