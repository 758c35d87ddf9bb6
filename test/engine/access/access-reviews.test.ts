import { expect, it } from 'vitest'
import { createAccessReviews } from '../../../electron/engine/access/access-reviews.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { createMemoryCluster, ManualClock } from '../gate/memory-cluster.ts'

const question = { verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'web' }

it('asks once per identity, verb, resource and namespace, and again after 60 s', async () => {
  const memory = createMemoryCluster()
  const clock = new ManualClock()
  const reviews = createAccessReviews({ clock })
  const client = memory.view.client()
  const both = await Promise.all([reviews.review(client, 'c1', question), reviews.review(client, 'c1', question)])
  expect(both).toEqual([
    { isAllowed: true, reason: '' },
    { isAllowed: true, reason: '' },
  ])
  expect(memory.requests).toHaveLength(1)
  await reviews.review(client, 'c1', { ...question, namespace: 'other' })
  await reviews.review(client, 'c2', question)
  const other: KubeClient = { ...client, identity: () => Promise.resolve('bo') }
  await reviews.review(other, 'c1', question)
  expect(memory.requests).toHaveLength(4)
  clock.advance(59_000)
  await reviews.review(client, 'c1', question)
  expect(memory.requests).toHaveLength(4)
  clock.advance(1_000)
  await reviews.review(client, 'c1', question)
  expect(memory.requests).toHaveLength(5)
  reviews.forget('c1')
  await reviews.review(client, 'c1', question)
  expect(memory.requests).toHaveLength(6)
})

it('asks for one object by its name, and keeps that apart', async () => {
  const memory = createMemoryCluster()
  memory.allow = ({ name }) => name === 'one'
  const reviews = createAccessReviews({ clock: new ManualClock() })
  const client = memory.view.client()
  expect((await reviews.review(client, 'c1', { ...question, name: 'one' })).isAllowed).toBe(true)
  expect((await reviews.review(client, 'c1', { ...question, name: 'two' })).reason).toContain(
    'may not patch deployments two in namespace web',
  )
  expect((await reviews.review(client, 'c1', question)).isAllowed).toBe(false)
  expect(memory.requests).toHaveLength(3)
})

it('keeps no errors', async () => {
  const memory = createMemoryCluster()
  const reviews = createAccessReviews({ clock: new ManualClock() })
  const client = memory.view.client()
  let isBroken = true
  const flaky: KubeClient = {
    ...client,
    request: (request) => (isBroken ? Promise.reject(new Error('gone')) : client.request(request)),
  }
  await expect(reviews.review(flaky, 'c1', question)).rejects.toThrow('gone')
  isBroken = false
  expect((await reviews.review(flaky, 'c1', question)).isAllowed).toBe(true)
})

it('says who may not do what where, in the API server’s words', async () => {
  const memory = createMemoryCluster()
  memory.allow = () => false
  const reviews = createAccessReviews({ clock: new ManualClock() })
  expect(await reviews.review(memory.view.client(), 'c1', question)).toEqual({
    isAllowed: false,
    reason: 'User "ana" may not patch deployments in namespace web: no role binds it',
  })
})

it('asks no single namespace where all are allowed, and each where they are not', async () => {
  const memory = createMemoryCluster()
  const reviews = createAccessReviews({ clock: new ManualClock() })
  const namespaces = new Set(Array.from({ length: 40 }, (_, index) => `n${String(index)}`))
  const all = { verb: 'patch', group: 'apps', resource: 'deployments' }
  const answers = await reviews.reviewNamespaces(memory.view.client(), 'c1', all, namespaces)
  expect(memory.requests).toHaveLength(1)
  expect([...answers.values()].every(({ isAllowed }) => isAllowed)).toBe(true)
  memory.allow = ({ namespace }) => namespace === 'n3'
  const pods = { ...all, resource: 'pods' }
  const single = await reviews.reviewNamespaces(memory.view.client(), 'c1', pods, namespaces)
  expect(memory.requests).toHaveLength(1 + 41)
  expect([...single].filter(([, { isAllowed }]) => isAllowed).map(([name]) => name)).toEqual(['n3'])
})
