/** What the engine answers about one object that drifts: a patch for Git, its place in Git, the rule that ignores a field. */
import { expect, it } from 'vitest'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { testCall } from '../memory-cluster.ts'
import type { World } from './drift-world.ts'
import { config, kustomization, refOf, setUp } from './drift-world.ts'

const objectRef = (name: string): ObjectRef => ({
  cluster: 'c1',
  group: '',
  kind: 'ConfigMap',
  namespace: 'apps',
  name,
})

/** `one-b` is edited; `one-a` is as in Git. */
async function edited(spec = ''): Promise<{ world: World; owner: ObjectRef; ref: ObjectRef }> {
  const world = setUp({ owners: ['one'] })
  world.cluster.apply(kustomization('one', spec))
  await world.cluster.clock.advance(2000)
  world.server.put('configmaps', config('one-b', 'edited'))
  await world.cluster.clock.advance(2000)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1 })
  return { world, owner: refOf(world.cluster, 'one'), ref: objectRef('one-b') }
}

it('gives what drifts as a patch for the manifest, and nothing of what does not', async () => {
  const { world, owner, ref } = await edited()
  const { handlers } = world.drift
  expect(await handlers['drift.patch']({ owner, ref }, testCall())).toEqual({
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one-b\n  namespace: apps\ndata:\n  value: edited\n',
  })
  expect(await handlers['drift.patch']({ owner, ref: objectRef('one-a') }, testCall())).toEqual({ text: '' })
  await expect(handlers['drift.patch']({ owner, ref: objectRef('other') }, testCall())).rejects.toMatchObject({
    code: 'NotFound',
  })
})

it('opens file and line of its origin in the folder that stands for the source', async () => {
  const { world, owner, ref } = await edited()
  const { handlers } = world.drift
  await expect(handlers['drift.openOrigin']({ owner, ref }, testCall())).rejects.toMatchObject({
    code: 'NotFound',
    message: 'No folder on this machine stands for the source of apps/one',
  })
  const source = {
    cluster: 'c1',
    group: 'source.toolkit.fluxcd.io',
    kind: 'GitRepository',
    namespace: 'apps',
    name: 'fleet',
  }
  await handlers['folders.map']({ source }, testCall())
  expect(await handlers['drift.openOrigin']({ owner, ref }, testCall())).toEqual({ editor: 'VS Code' })
  expect(world.opened).toEqual(['/folders/fleet one.yaml:1'])
  await expect(handlers['drift.openOrigin']({ owner, ref: objectRef('other') }, testCall())).rejects.toMatchObject({
    code: 'NotFound',
  })
})

it('tells the place in the revision that its owner has now, compared or not', async () => {
  const { world, owner, ref } = await edited()
  const place = (): Promise<unknown> => world.drift.originOf(owner, ref, testCall().signal)
  world.line = 2
  expect(await place()).toEqual({ file: 'one.yaml', line: 1 })
  world.cluster.apply(kustomization('one').replaceAll('sha1:a', 'sha1:b'))
  expect(await place()).toEqual({ file: 'one.yaml', line: 2 })
})

it('writes the rule that ignores a field as a whole, or as an item of the list that its owner has', async () => {
  const rule = async (spec: string): Promise<{ text: string; note: string }> => {
    const { world, owner, ref } = await edited(spec)
    return world.drift.handlers['drift.ignoreRule']({ owner, ref, field: '/data/value' }, testCall())
  }
  const item =
    '- paths:\n    - /data/value\n    target:\n      kind: ConfigMap\n      name: one-b\n      namespace: apps\n'
  const first = await rule('')
  expect(first.text).toBe(`spec:\n  ignore:\n  ${item}`)
  expect(first.note).not.toContain('Add it')
  const second = await rule(', ignore: [{paths: [/metadata/labels]}]')
  expect(second.text).toBe(item.replaceAll('\n    ', '\n  '))
  expect(second.note).toContain('Add it to the list that is there.')
})
