import { expect, it } from 'vitest'
import { createApprovals } from '../../../../electron/engine/reconcile/hosting/approvals.ts'
import { takeIdentity } from '../../../../electron/engine/reconcile/hosting/installation-identity.ts'
import type { Ports } from '../../../../electron/engine/ports.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import { createMemoryStore } from '../../drift/memory-store.ts'
import { ManualClock, silentLogger } from '../../memory-cluster.ts'

const ref = { cluster: 'c', group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'a', name: 'x' }
const asked = {
  kind: 'prune',
  digest: 'd1',
  revision: 'main@sha1:1',
  reason: 'Much would go.',
  created: 0,
  configured: 0,
  pruned: [],
  changes: [],
} as const

it('an approval holds for what was shown, over a restart, and until it was used', async () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger }
  const first = createApprovals(ports)
  await expect(first.approve(ref, 'd1')).rejects.toMatchObject({ code: 'NotFound' })
  const run = first.of(ref)
  run.ask(asked)
  expect(first.items.values()).toMatchObject([{ digest: 'd1', ref, since: ports.clock.now() }])
  await expect(first.approve(ref, 'd0')).rejects.toMatchObject({ code: 'PlanMoved' })
  expect(run.isApproved('d1')).toBe(false)
  await first.approve(ref, 'd1')
  expect([run.isApproved('d1'), run.isApproved('d2'), first.items.values().length]).toEqual([true, false, 0])

  const second = createApprovals(ports)
  await second.loaded
  expect(second.of(ref).isApproved('d1')).toBe(true)
  expect(second.of({ ...ref, name: 'y' }).isApproved('d1')).toBe(false)
  second.of(ref).settle()
  await second.settled()
  expect(second.of(ref).isApproved('d1')).toBe(false)
  const third = createApprovals(ports)
  await third.loaded
  expect(third.of(ref).isApproved('d1')).toBe(false)
})

it('what is left of something approved is approved as well, and used up with it', async () => {
  const approvals = createApprovals({ clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger })
  await approvals.loaded
  const run = approvals.of(ref)
  run.ask(asked)
  run.allowRest('d1', 'rest')
  expect(run.isApproved('rest')).toBe(false)
  await approvals.approve(ref, 'd1')
  run.allowRest('d0', 'other')
  run.allowRest('d1', 'rest')
  expect(['d1', 'rest', 'other', 'd1 rest'].map((digest) => run.isApproved(digest))).toEqual([true, true, false, false])
  run.ask(asked)
  run.withdraw()
  expect([approvals.items.values().length, run.isApproved('rest')]).toEqual([0, true])
  run.settle()
  expect(['d1', 'rest'].map((digest) => run.isApproved(digest))).toEqual([false, false])
})

it('an allowance goes with its object, or with hosted mode, or when another process has used it up', async () => {
  const store = createMemoryStore()
  const open = async () => {
    const approvals = createApprovals({ clock: new ManualClock(), store, logger: silentLogger })
    await approvals.loaded
    return approvals
  }
  const refs = [ref, { ...ref, name: 'y' }, { ...ref, cluster: 'far' }]
  const allow = async (approvals: Awaited<ReturnType<typeof open>>) => {
    for (const each of refs) {
      approvals.of(each).ask(asked)
      await approvals.approve(each, 'd1')
    }
  }
  const allowed = (approvals: Awaited<ReturnType<typeof open>>) =>
    refs.map((each) => approvals.of(each).isApproved('d1'))
  const first = await open()
  await allow(first)
  // It ends: what was allowed and not yet done is not asked again.
  first.withdraw(() => true)
  expect(allowed(await open())).toEqual([true, true, true])
  first.forget(ref)
  expect(allowed(first)).toEqual([false, true, true])
  await first.settled()
  expect(allowed(await open())).toEqual([false, true, true])
  first.forget('c')
  await first.settled()
  expect(allowed(await open())).toEqual([false, false, true])

  await allow(first)
  const beside = await open()
  beside.of(ref).settle()
  await beside.settled()
  expect(allowed(first)).toEqual([true, true, true])
  await first.recheck()
  expect(allowed(first)).toEqual([false, true, true])
})

it('what was said to be applied holds over a restart until it is done, where it means a plan', async () => {
  const store = createMemoryStore()
  const open = async () => {
    const approvals = createApprovals({ clock: new ManualClock(), store, logger: silentLogger })
    await approvals.loaded
    return approvals
  }
  const refs = [ref, { ...ref, name: 'y' }, { ...ref, cluster: 'far' }]
  const plan = { digest: 'd1', revision: 'r1' }
  const said = ({ wishes }: Awaited<ReturnType<typeof open>>) =>
    refs.map((each) => wishes.begin(refKey(each)).applyOnce)
  const first = await open()
  for (const each of refs) first.wishes.add(refKey(each), { plan })
  first.wishes.add('any', { plan: null })
  await first.settled()
  const second = await open()
  expect(said(second)).toEqual([{ plan }, { plan }, { plan }])
  expect(second.wishes.begin('any').applyOnce).toBeNull()
  const run = { message: '', waitsFor: [], requeueAfterMs: null, mode: 'manual' } as const
  second.wishes.begin(refKey(ref)).ended({ ...run, result: 'failed', state: 'needs-approval' })
  expect(said(second)[0]).toBeNull()
  await second.settled()
  // It asks once more, or goes on with what was approved meanwhile.
  expect(said(await open())[0]).toEqual({ plan })
  second.wishes.approved(refKey(ref))
  second.wishes.begin(refKey(ref)).ended({ ...run, result: 'succeeded', state: 'manual' })
  await second.settled()
  expect(said(await open())).toEqual([null, { plan }, { plan }])
  // Another process of this installation did it.
  expect(said(first)[0]).toEqual({ plan })
  await first.recheck()
  expect(said(first)).toEqual([null, { plan }, { plan }])
  expect(first.wishes.begin('any').applyOnce).toEqual({ plan: null })
  first.forget('c')
  await first.settled()
  expect(said(await open())).toEqual([null, null, { plan }])
})

it('one process has the name of the installation, another one a name of its own', async () => {
  let isTaken = false
  let count = 0
  const ports = {
    store: createMemoryStore(),
    logger: silentLogger,
    random: { unit: () => 0, uuid: () => `00000000-0000-0000-0000-00000000000${String((count += 1))}` },
    locks: {
      machine: 'desk',
      tryLock: () => {
        if (isTaken) return Promise.resolve(null)
        isTaken = true
        return Promise.resolve({
          release: () => {
            isTaken = false
            return Promise.resolve()
          },
        })
      },
    },
  } as unknown as Ports
  const first = await takeIdentity(ports)
  const beside = await takeIdentity(ports)
  expect(first.identity).toMatch(/^sluice-desk_/)
  expect(beside.identity).not.toBe(first.identity)
  await beside.release()
  await first.release()
  const restarted = await takeIdentity(ports)
  expect(restarted.identity).toBe(first.identity)
})
