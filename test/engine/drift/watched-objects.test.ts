/** Who is told of a change to a live object, and who is not. */
import { expect, it } from 'vitest'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { answer } from '../cache/scripted-client.ts'
import { config, refOf, setUp } from './drift-world.ts'
import { ObjectServer } from './object-server.ts'

it('goes on watching what was let go while it was being compared', async () => {
  const world = setUp({ owners: ['one', 'two'], perSecond: 0.05, atOnce: 1, hasInputs: false })
  const { clock } = world.cluster
  const isDone = (name: string): boolean => world.owner(name)?.state === 'checked'
  while (!world.dryRuns.includes('two-a')) await clock.advance(1000)
  // What nobody asks about any more is looked for every 15 s, and all that is followed was followed for these two.
  expect(isDone('one')).toBe(true)
  world.cluster.delete(refOf(world.cluster, 'one'))
  await clock.advance(16_000)
  expect(isDone('two')).toBe(false)
  while (!isDone('two')) await clock.advance(1000)
  await clock.advance(1000)
  world.server.put('configmaps', config('two-a', 'edited'))
  await clock.advance(60_000)
  expect([...world.objects.items.values()].map(({ ref, action }) => `${ref.name} ${action}`)).toEqual([
    'two-a configured',
  ])
})

it('leaves an owner alone whose objects are elsewhere, whatever has their names here', async () => {
  const far = new ObjectServer()
  for (const part of ['a', 'b']) far.put('configmaps', config(`one-${part}`, 'git'))
  const kinds = [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['get', 'list', 'watch'] }]
  const remote: KubeClient = {
    ...far.client,
    context: 'far',
    request: (request) =>
      request.path === '/api/v1' ? Promise.resolve(answer(200, { resources: kinds })) : far.client.request(request),
  }
  const world = setUp({ owners: ['one'], remote })
  const { clock } = world.cluster
  await clock.advance(2000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', driftedCount: 0 })
  expect(world.dryRuns).toEqual(['one-a', 'one-b'])
  // Another object of the same name, which this cluster's watch does see: it follows one beside it.
  world.server.put('configmaps', config('one-a', 'here'))
  await clock.advance(60_000)
  expect(world.dryRuns).toHaveLength(2)
  // Nobody tells of changes there: looked at again when its time has come.
  far.put('configmaps', config('one-b', 'edited there'))
  await clock.advance(11 * 60_000)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1 })
})
