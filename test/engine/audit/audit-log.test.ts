import { expect, it } from 'vitest'
import type { AuditLine } from '../../../shared/model/audit.ts'
import type { AuditEntry } from '../../../electron/engine/audit/audit-log.ts'
import { createAuditLog } from '../../../electron/engine/audit/audit-log.ts'
import { createMemoryStore, ManualClock } from '../gate/memory-cluster.ts'

const entry: AuditEntry = {
  client: 'window',
  context: 'lab',
  cluster: 'c1',
  identity: 'ana',
  verb: 'patch',
  object: {
    cluster: 'c1',
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'apps',
    name: 'web',
  },
  action: 'suspend',
  plan: 'sha256:00',
  patch: [{ op: 'add', path: '/spec/suspend', value: true }],
  result: 'ok',
  code: 200,
}
const quiet = { log: () => undefined }

it('writes one JSON line with who, where, what, the plan and the result', async () => {
  const store = createMemoryStore()
  await createAuditLog({ store, clock: new ManualClock(), logger: quiet }).record(entry)
  expect(store.lines).toHaveLength(1)
  const { cluster: _cluster, ...object } = entry.object
  expect(JSON.parse(store.lines[0] ?? '')).toEqual({ ...entry, object, time: '2026-09-16T07:00:00.000Z' })
})

it('SECURITY 15: holds no secret and no endless line', async () => {
  const store = createMemoryStore()
  const audit = createAuditLog({ store, clock: new ManualClock(), logger: quiet })
  const value = `token=abcdef0123456789 https://bo:hunter2@git.example/x Bearer abcdefghijklmnop`
  await audit.record({ ...entry, patch: [{ op: 'add', path: '/metadata/annotations/x', value }] })
  await audit.record({ ...entry, patch: [{ op: 'add', path: '/x', value: 'y'.repeat(1_000_000) }] })
  expect(store.lines[0]).not.toMatch(/abcdef0123456789|hunter2|abcdefghijklmnop/)
  expect((store.lines[1] ?? '').length).toBeLessThan(10_000)
})

it('does not stop what was done when the disk is full', async () => {
  const logged: string[] = []
  const store = { ...createMemoryStore(), appendLine: () => Promise.reject(new Error('ENOSPC')) }
  const logger = { log: (_level: string, message: string) => void logged.push(message) }
  await createAuditLog({ store, clock: new ManualClock(), logger }).record(entry)
  expect(logged).toEqual(['the audit log could not be written'])
})

it('writes into the chain where there is one, and beside it as lines while that cannot be written', async () => {
  const store = createMemoryStore()
  const chain: AuditLine[] = []
  let isFull = false
  const append = (line: AuditLine): Promise<void> => {
    if (isFull) return Promise.reject(new Error('The disk is full'))
    chain.push(line)
    return Promise.resolve()
  }
  const audit = createAuditLog({ store, clock: new ManualClock(), logger: quiet, append })
  await audit.record(entry)
  isFull = true
  await audit.record({ ...entry, action: 'resume' })
  expect(chain.map(({ at, text }) => [at, (JSON.parse(text) as { action: string }).action])).toEqual([
    [Date.parse('2026-09-16T07:00:00.000Z'), 'suspend'],
  ])
  expect(store.lines.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual(['resume'])
})
