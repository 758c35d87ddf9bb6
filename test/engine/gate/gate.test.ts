import { expect, it } from 'vitest'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import { createAccessReviews } from '../../../electron/engine/access/access-reviews.ts'
import { createAuditLog } from '../../../electron/engine/audit/audit-log.ts'
import type { Gate } from '../../../electron/engine/gate/gate.ts'
import { createGate } from '../../../electron/engine/gate/gate.ts'
import type { MemoryCluster } from './memory-cluster.ts'
import { createMemoryCluster, createMemoryStore, fluxObject, ManualClock } from './memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'

function setUp(preview: ResumePreview | null = null): { gate: Gate; memory: MemoryCluster; clock: ManualClock } {
  const memory = createMemoryCluster()
  const clock = new ManualClock()
  const store = createMemoryStore()
  const logger = { log: () => undefined }
  let ids = 0
  const gate = createGate({
    ports: {
      clock,
      random: { uuid: () => `op-${String((ids += 1))}`, unit: () => 0.5 },
      logger,
      codec: memoryCodec,
      store,
      shell: { notify: () => undefined } as never,
      environment: { userName: 'ana' } as never,
    },
    clusters: memory.clusters,
    access: createAccessReviews({ clock }),
    audit: createAuditLog({ store, clock, logger }),
    settings: () => ({ owner: '', notifications: true }),
    previewOf: () => (preview === null ? Promise.reject(new Error('no answer')) : Promise.resolve(preview)),
  })
  return { gate, memory, clock }
}

const call = { signal: new AbortController().signal, client: 'test' } as const

it('executes nothing but a plan that was shown, once, for ten minutes', async () => {
  const { gate, memory, clock } = setUp()
  const ref = memory.put(fluxObject('Kustomization', 'web'))
  await expect(gate.handlers['plan.execute']({ digest: `sha256:${'0'.repeat(64)}` }, call)).rejects.toMatchObject({
    code: 'PlanUnknown',
  })
  const { digest } = await gate.handlers['plan.prepare']({ action: 'suspend', refs: [ref] }, call)
  clock.advance(10 * 60_000)
  await expect(gate.handlers['plan.execute']({ digest }, call)).rejects.toMatchObject({ code: 'PlanUnknown' })
  const again = await gate.handlers['plan.prepare']({ action: 'suspend', refs: [ref] }, call)
  await gate.handlers['plan.execute']({ digest: again.digest }, call)
  await expect(gate.handlers['plan.execute']({ digest: again.digest }, call)).rejects.toMatchObject({
    code: 'PlanUnknown',
  })
})

it('asks before one click in production and where the user wants it, and needs a reason in production', async () => {
  const { gate, memory } = setUp()
  const ref = memory.put(fluxObject('Kustomization', 'web'))
  memory.context.isAlwaysAsk = true
  await expect(gate.handlers['gate.close']({ ref }, call)).rejects.toMatchObject({ code: 'AlwaysAsk' })
  memory.context.isAlwaysAsk = false
  memory.context.isProduction = true
  await expect(gate.handlers['gate.close']({ ref }, call)).rejects.toMatchObject({ code: 'AlwaysAsk' })
  const silent = await gate.handlers['plan.prepare']({ action: 'suspend', refs: [ref] }, call)
  await expect(gate.handlers['plan.execute']({ digest: silent.digest }, call)).rejects.toMatchObject({
    code: 'InvalidInput',
  })
})

it('opens a gate by one click where a fresh look says that it is harmless, and nowhere else', async () => {
  const harmless = { isHarmless: true, caution: '' } as ResumePreview
  const { gate, memory } = setUp(harmless)
  const ref = memory.put(fluxObject('Kustomization', 'closed', { spec: { suspend: true } }))
  const { operation } = await gate.handlers['gate.open']({ ref }, call)
  expect(operation).not.toBe('')
  const open = memory.put(fluxObject('Kustomization', 'open'))
  await expect(gate.handlers['gate.open']({ ref: open }, call)).rejects.toMatchObject({ code: 'NotSuspended' })
  memory.context.isProduction = true
  await expect(gate.handlers['gate.open']({ ref }, call)).rejects.toMatchObject({ code: 'AlwaysAsk' })
})

it('asks for a look at the plan where it deletes, or is not known', async () => {
  const deleting = setUp({ isHarmless: false, caution: 'It deletes one object.' } as ResumePreview)
  const ref = deleting.memory.put(fluxObject('Kustomization', 'closed', { spec: { suspend: true } }))
  await expect(deleting.gate.handlers['gate.open']({ ref }, call)).rejects.toMatchObject({
    code: 'PreviewNeeded',
    detail: 'It deletes one object.',
  })
  const unknown = setUp()
  unknown.memory.put(fluxObject('Kustomization', 'closed', { spec: { suspend: true } }))
  await expect(unknown.gate.handlers['gate.open']({ ref }, call)).rejects.toMatchObject({ code: 'PreviewNeeded' })
  expect([...deleting.memory.requests, ...unknown.memory.requests].filter(({ method }) => method === 'PATCH')).toEqual(
    [],
  )
})

it('refuses one click with the reason, before anything is sent', async () => {
  const { gate, memory } = setUp()
  const closed = memory.put(fluxObject('Kustomization', 'closed', { spec: { suspend: true } }))
  await expect(gate.handlers['gate.close']({ ref: closed }, call)).rejects.toMatchObject({ code: 'AlreadySuspended' })
  const open = memory.put(fluxObject('Kustomization', 'open'))
  memory.context.isReadOnly = true
  await expect(gate.handlers['gate.close']({ ref: open }, call)).rejects.toMatchObject({ code: 'ReadOnlyContext' })
  expect(memory.requests.filter(({ method }) => method === 'PATCH')).toEqual([])
})

it('says what may be done with an object, and why not', async () => {
  const { gate, memory } = setUp()
  const ref = memory.put(fluxObject('Kustomization', 'web', { spec: { suspend: true } }))
  memory.allow = ({ resource }) => resource === 'kustomizations'
  const access = await gate.accessOf(ref)
  expect(access.suspend.isAllowed).toBe(true)
  expect(access.reconcile).toEqual({ isAllowed: false, reason: 'It is suspended. Resume it first' })
  expect(access.logs.reason).toBe('User "ana" may not get pods/log in namespace apps: no role binds it')
  memory.context.isReadOnly = true
  expect((await gate.accessOf(ref)).resume.reason).toBe('Context lab is read-only')
  const artifact = memory.put(fluxObject('ExternalArtifact', 'x'))
  expect((await gate.accessOf(artifact)).suspend.reason).toBe('Objects of kind ExternalArtifact cannot be suspended')
  expect((await gate.accessOf({ ...ref, cluster: 'c9' })).reconcile.isAllowed).toBe(false)
})

it('knows no operation that was not started', async () => {
  const { gate } = setUp()
  await expect(gate.handlers['operation.undo']({ operation: 'x' }, call)).rejects.toMatchObject({ code: 'NotFound' })
  await expect(gate.handlers['operation.cancel']({ operation: 'x' }, call)).rejects.toMatchObject({ code: 'NotFound' })
})
