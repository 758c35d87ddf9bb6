/** How live objects are read and watched: by as few requests as they can be had for. */
import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { LiveIndex, liveId } from '../../../../electron/engine/drift/live/live-index.ts'
import { MemoryCluster, silentLogger } from '../../memory-cluster.ts'
import { memoryCodec } from '../../memory-codec.ts'
import { ObjectServer } from '../object-server.ts'

interface World {
  readonly cluster: MemoryCluster
  readonly server: ObjectServer
  readonly live: LiveIndex
  readonly changed: string[]
  readonly read: (namespace: string, name: string) => Promise<KubeObject | null>
}

const config = (namespace: string, name: string, isOwned = true): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: isOwned ? { 'kustomize.toolkit.fluxcd.io/name': 'a' } : {} },
  data: { value: name },
})

function setUp(): World {
  const cluster = new MemoryCluster()
  const server = new ObjectServer()
  cluster.kubeClient = server.client
  const changed: string[] = []
  const live = new LiveIndex({
    clock: cluster.clock,
    random: { uuid: () => 'u', unit: () => 0.5 },
    logger: silentLogger,
    codec: memoryCodec,
    view: cluster,
    isWatching: true,
    onChange: (id) => changed.push(id),
  })
  const read: World['read'] = async (namespace, name) => {
    const reading = live.read({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name })
    await cluster.clock.advance(50)
    const answer = await reading
    if ('problem' in answer) throw new Error(answer.problem.message)
    return answer.object
  }
  return { cluster, server, live, changed, read }
}

const lists = (server: ObjectServer): readonly string[] =>
  server.requests
    .filter(({ path }) => /configmaps\?/.test(path) && !path.includes('watch=1'))
    .map(({ path }) => path.replace(/\?.*(fieldSelector=[^&]*).*/, '?$1').replace(/\?limit.*/, ''))

it('lists a namespace once for all that is read of it, and reads nothing singly', async () => {
  const { server, read } = setUp()
  for (const name of ['a', 'b', 'c']) server.put('configmaps', config('one', name))
  expect((await read('one', 'a'))?.['data']).toEqual({ value: 'a' })
  expect((await read('one', 'b'))?.kind).toBe('ConfigMap')
  expect((await read('one', 'c'))?.metadata.name).toBe('c')
  expect(lists(server)).toEqual(['/api/v1/namespaces/one/configmaps'])
  expect(server.count('GET', /configmaps\/./)).toBe(0)
})

it('watches metadata alone', async () => {
  const { server, read } = setUp()
  server.put('configmaps', config('one', 'a'))
  await read('one', 'a')
  const watch = server.requests.find(({ path }) => path.includes('watch=1'))
  expect(watch?.accept).toContain('as=PartialObjectMetadata;')
})

it('lists the whole cluster from the third namespace on', async () => {
  const { server, read } = setUp()
  for (const namespace of ['one', 'two', 'three', 'four']) {
    server.put('configmaps', config(namespace, 'a'))
    await read(namespace, 'a')
  }
  expect(lists(server)).toEqual([
    '/api/v1/namespaces/one/configmaps',
    '/api/v1/namespaces/two/configmaps',
    '/api/v1/configmaps',
  ])
})

it('goes on namespace by namespace where the whole cluster is forbidden', async () => {
  const { server, read, live } = setUp()
  server.forbiddenLists.add('configmaps cluster-wide')
  for (const namespace of ['one', 'two', 'three', 'four']) {
    server.put('configmaps', config(namespace, 'a'))
    expect(await read(namespace, 'a')).not.toBeNull()
  }
  const seen = live.validity(await read('four', 'a'))
  expect(live.judge(liveId('', 'ConfigMap', 'four', 'a'), seen)).toBe('valid')
})

it('watches single objects of a crowded namespace', async () => {
  const { server, read, cluster, changed } = setUp()
  for (let index = 0; index < 10_500; index += 1) server.put('configmaps', config('one', `x-${String(index)}`, false))
  expect((await read('one', 'x-7'))?.['data']).toEqual({ value: 'x-7' })
  expect(lists(server)).toEqual([
    '/api/v1/namespaces/one/configmaps',
    '/api/v1/namespaces/one/configmaps?fieldSelector=metadata.name%3Dx-7',
  ])
  changed.length = 0
  server.put('configmaps', { ...config('one', 'x-7', false), data: { value: 'other' } })
  await cluster.clock.advance(50)
  expect(changed).toEqual(['/ConfigMap|one/x-7'])
})

it('lists the metadata alone of a namespace that is much larger than what is compared', async () => {
  const { server, read, live } = setUp()
  for (let index = 0; index < 1500; index += 1) server.put('configmaps', config('one', `x-${String(index)}`, false))
  const object = await read('one', 'x-1400')
  expect(object?.['data']).toEqual({ value: 'x-1400' })
  const pages = server.requests.filter(({ path }) => path.includes('limit='))
  expect(pages.map(({ accept }) => accept?.includes('PartialObjectMetadataList'))).toEqual([
    false,
    ...Array.from({ length: pages.length - 1 }, () => true),
  ])
  expect(live.judge(liveId('', 'ConfigMap', 'one', 'x-1400'), live.validity(object))).toBe('valid')
})

it('lists once more when many are read again, and reads singly what nobody else asks for', async () => {
  const { server, read, cluster, live } = setUp()
  const names = Array.from({ length: 40 }, (_each, index) => `x-${String(index)}`)
  for (const name of names) server.put('configmaps', config('one', name))
  for (const name of names) await read('one', name)
  expect(server.count('GET', /configmaps\/./)).toBe(0)
  await read('one', 'x-1')
  expect(server.count('GET', /configmaps\/./)).toBe(1)
  const again = Promise.all(
    names.map((name) => live.read({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'one', name })),
  )
  await cluster.clock.advance(100)
  expect((await again).every((answer) => 'object' in answer && answer.object !== null)).toBe(true)
  expect(server.count('GET', /configmaps\/./)).toBeLessThan(16)
  expect(lists(server)).toHaveLength(2)
})

it('does not believe that an object is absent before it has asked for it', async () => {
  const { server, read, live, cluster } = setUp()
  server.put('configmaps', config('one', 'a'))
  await read('one', 'a')
  expect(await read('one', 'b')).toBeNull()
  expect(server.count('GET', /configmaps\/b/)).toBe(1)
  const id = liveId('', 'ConfigMap', 'one', 'b')
  expect(live.judge(id, live.validity(null))).toBe('valid')
  server.put('configmaps', config('one', 'b'))
  await cluster.clock.advance(50)
  expect(live.judge(id, live.validity(null))).toBe('changed')
})

it('says which kind is not served, and what is forbidden', async () => {
  const { server, live, cluster } = setUp()
  const thing = { apiVersion: 'acme.dev/v1', kind: 'Thing', namespace: 'one', name: 'a' }
  expect(await live.read(thing)).toMatchObject({ problem: { code: 'ResourceNotServed' } })
  server.put('configmaps', config('one', 'a'))
  const reading = live.read({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'one', name: 'a' })
  await cluster.clock.advance(50)
  await reading
  live.retain(() => false)
  expect(live.judge(liveId('', 'ConfigMap', 'one', 'a'), live.validity(null))).toBe('unknown')
})
