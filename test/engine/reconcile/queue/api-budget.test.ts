import { expect, it } from 'vitest'
import { createApiBudget } from '../../../../electron/engine/reconcile/queue/api-budget.ts'
import { passThrough } from '../../../../electron/engine/reconcile/lease/fence.ts'
import type { KubeClient, KubeResponse } from '../../../../electron/engine/ports.ts'
import { answer } from '../../cache/scripted-client.ts'
import { TwoClocks } from '../lease/memory-lease.ts'

const random = { unit: () => 0, uuid: () => '' }
const get = { method: 'GET', path: '/x' } as const

function server(respond: (count: number) => Promise<KubeResponse>): { client: KubeClient; sent: () => number } {
  let sent = 0
  const request = (): Promise<KubeResponse> => respond((sent += 1))
  const base = { context: 'x', request } as unknown as KubeClient
  return { client: { ...passThrough(base), request }, sent: () => sent }
}

it('sends what was saved up at once, then so many a second, and never more at once than it may', async () => {
  const clock = new TwoClocks()
  const { client, sent } = server(() => Promise.resolve(answer(200, null)))
  const budget = createApiBudget(clock, random, { perSecond: 10, burst: 5, atOnce: 100 })
  const all = Array.from({ length: 25 }, () => budget.limit(client).request(get))
  await clock.time.advance(0)
  expect(sent()).toBe(5)
  await clock.time.advance(1000)
  expect(sent()).toBe(15)
  await clock.time.advance(1000)
  expect((await Promise.all(all)).length).toBe(25)
  budget.dispose()
})

it('holds back what would be too much at once, and lets go of what is aborted', async () => {
  const clock = new TwoClocks()
  const ends: (() => void)[] = []
  const { client, sent } = server(() => new Promise((resolve) => ends.push(() => resolve(answer(200, null)))))
  const budget = createApiBudget(clock, random, { perSecond: 1000, burst: 1000, atOnce: 2 })
  const abort = new AbortController()
  const waiting = Array.from({ length: 2 }, () => budget.limit(client).request(get))
  const third = budget.limit(client).request({ ...get, signal: abort.signal })
  await clock.time.advance(0)
  expect(sent()).toBe(2)
  abort.abort()
  await expect(third).rejects.toThrow()
  for (const end of ends.splice(0)) end()
  await Promise.all(waiting)
  expect(sent()).toBe(2)
  budget.dispose()
})

it('waits as long as a 429 says, with everything, and asks again', async () => {
  const clock = new TwoClocks()
  const { client, sent } = server((count) =>
    Promise.resolve(count === 1 ? answer(429, null, { 'retry-after': '3' }) : answer(200, null)),
  )
  const budget = createApiBudget(clock, random)
  const first = budget.limit(client).request(get)
  await clock.time.advance(0)
  const second = budget.limit(client).request(get)
  await clock.time.advance(2990)
  expect(sent()).toBe(1)
  await clock.time.advance(20)
  expect((await first).status).toBe(200)
  expect((await second).status).toBe(200)
  expect(sent()).toBe(3)
  budget.dispose()
})
