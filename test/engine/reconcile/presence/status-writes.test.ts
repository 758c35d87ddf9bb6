import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { StatusWrites } from '../../../../electron/engine/reconcile/presence/status-writes.ts'

const object = (version: string, status: unknown, managers: readonly (readonly [string, string])[]): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: {
    name: 'x',
    namespace: 'a',
    uid: 'u1',
    resourceVersion: version,
    managedFields: managers.map(([manager, time]) => ({ manager, time, operation: 'Update', subresource: 'status' })),
  },
  status,
})
const ours = 'gotk-kustomize-controller'
const controller = 'kustomize-controller'

function open(): { writes: StatusWrites; foreign: string[] } {
  const foreign: string[] = []
  return { foreign, writes: new StatusWrites((_name, { metadata }) => foreign.push(metadata.resourceVersion ?? '')) }
}

it('knows its own writes, told by the watch before or after their answer, and changes of others on top of them', () => {
  const { writes, foreign } = open()
  const before = object('1', { a: 1 }, [[ours, 't1']])
  const after = object('2', { a: 2 }, [[ours, 't2']])
  const answered = writes.begin('u1')
  answered(after)
  writes.look(controller, before, after)
  writes.look(controller, before, {
    ...after,
    metadata: { ...after.metadata, resourceVersion: '3', labels: { x: 'y' } },
  })
  const late = writes.begin('u1')
  const next = object('4', { a: 3 }, [[ours, 't3']])
  writes.look(controller, after, next)
  late(next)
  expect(foreign).toEqual([])
})

it('sees a controller that writes under the same name', () => {
  const { writes, foreign } = open()
  const before = object('1', { a: 1 }, [[ours, 't1']])
  writes.begin('u1')(before)
  writes.look(controller, before, object('2', { a: 2 }, [[ours, 't1']]))
  expect(foreign).toEqual(['2'])
  // It refused our write: that explains nothing.
  writes.begin('u1')('refused')
  writes.look(controller, before, object('3', { a: 3 }, [[ours, 't2']]))
  expect(foreign).toEqual(['2', '3'])
})

it('takes nobody for a controller who is none, and concludes nothing from a write whose answer was lost', () => {
  const { writes, foreign } = open()
  const before = object('1', { a: 1 }, [[ours, 't1']])
  writes.look(controller, null, before)
  writes.look(
    controller,
    before,
    object('2', { a: 2 }, [
      [ours, 't1'],
      ['kubectl-edit', 't2'],
    ]),
  )
  writes.look(controller, object('1', {}, []), object('2', { a: 2 }, [['someone', 't2']]))
  writes.begin('u1')(null)
  writes.look(controller, before, object('3', { a: 3 }, [[ours, 't2']]))
  expect(foreign).toEqual([])
  writes.look(controller, before, object('4', { a: 4 }, [[ours, 't3']]))
  expect(foreign).toEqual(['4'])
})
