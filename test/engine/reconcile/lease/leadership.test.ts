import { describe, expect, it } from 'vitest'
import type { RunningLeadership } from '../../../../electron/engine/reconcile/lease/create-leadership.ts'
import { createLeadership } from '../../../../electron/engine/reconcile/lease/create-leadership.ts'
import { changesNothing } from '../../../../electron/engine/reconcile/lease/fence.ts'
import { silentLogger } from '../../memory-cluster.ts'
import { MemoryLease, TwoClocks } from './memory-lease.ts'

function candidate(lease: MemoryLease, clock: TwoClocks, identity: string): RunningLeadership {
  let uuids = 0
  return createLeadership({
    controller: 'source-controller',
    namespace: 'flux-system',
    client: () => lease.client(),
    identity,
    clock,
    random: { unit: () => 0, uuid: () => `0000000${String((uuids += 1))}-0000` },
    logger: silentLogger,
  })
}
const write = { method: 'PATCH', path: '/api/v1/namespaces/a/configmaps/b' } as const

describe('taking and renewing', () => {
  it('creates the lease as the controller names it, and renews it every five seconds with one request', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    expect(own.isHeld()).toBe(true)
    expect(own.current()).toMatchObject({
      state: 'held',
      holder: 'a',
      isOurs: true,
      name: 'source-controller-leader-election',
    })
    expect(lease.object?.spec).toMatchObject({ leaseDurationSeconds: 35, leaseTransitions: 0 })
    const before = lease.requests.length
    await clock.time.advance(20_000)
    expect(lease.requests.slice(before).map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'PUT'])
    await own.dispose()
  })

  it('leaves a foreign lease alone until it has seen it unchanged for its whole duration', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    lease.set({ holderIdentity: 'pod_1', renewTime: '2026-01-01T00:00:00.000000Z', leaseTransitions: 4 })
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(34_000)
    expect(own.current()).toMatchObject({ state: 'waiting', holder: 'pod_1', isOurs: false })
    lease.set({ renewTime: '2026-01-01T00:00:34.000000Z' })
    await clock.time.advance(34_000)
    expect(own.isHeld()).toBe(false)
    await clock.time.advance(11_000)
    expect(own.isHeld()).toBe(true)
    expect(lease.object?.spec.leaseTransitions).toBe(5)
    await own.dispose()
  })

  it('tells when nobody answers any more, though the holder is the last one known, and when they answer again', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    lease.set({ holderIdentity: 'pod_1', renewTime: '2026-01-01T00:00:00.000000Z' })
    const own = candidate(lease, clock, 'a')
    const told: string[] = []
    own.watch(({ holder }) => void told.push(`${holder} ${own.problem()?.code ?? 'answers'}`))
    await clock.time.advance(1)
    lease.isDown = true
    await clock.time.advance(12_000)
    lease.isDown = false
    lease.set({ renewTime: '2026-01-01T00:00:12.000000Z' })
    await clock.time.advance(6_000)
    expect(told).toEqual(['pod_1 answers', 'pod_1 ConnectionLost', 'pod_1 answers'])
    await own.dispose()
  })

  it('takes at once what was given back, and what it held before it was restarted', async () => {
    for (const holderIdentity of ['', 'a']) {
      const [lease, clock] = [new MemoryLease(), new TwoClocks()]
      lease.set({ holderIdentity, renewTime: '2026-01-01T00:00:00.000000Z' })
      const own = candidate(lease, clock, 'a')
      await clock.time.advance(1)
      expect(own.isHeld()).toBe(true)
      await own.dispose()
    }
  })

  it('gives it back as client-go does', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    const signal = own.signal()
    await own.release()
    expect(lease.object?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    expect(signal.aborted).toBe(true)
    expect(own.current().state).toBe('released')
    const sent = lease.requests.length
    await clock.time.advance(60_000)
    expect(lease.requests.length).toBe(sent)
  })

  it('takes nothing while it may not, and keeps what it has', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    let may = false
    const own = createLeadership({
      controller: 'source-controller',
      namespace: 'flux-system',
      client: () => lease.client(),
      identity: 'a',
      clock,
      random: { unit: () => 0, uuid: () => '' },
      logger: silentLogger,
      mayAcquire: () => may,
    })
    await clock.time.advance(20_000)
    expect([own.isHeld(), own.isTakeable(), lease.object]).toEqual([false, true, null])
    may = true
    await clock.time.advance(6000)
    expect(own.isHeld()).toBe(true)
    may = false
    await clock.time.advance(60_000)
    expect(own.isHeld()).toBe(true)
    await own.dispose()
  })
})

describe('losing', () => {
  it('is over thirty seconds after the last confirmed renewal, to the millisecond, and not before', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    const signal = own.signal()
    lease.isDown = true
    await clock.time.advance(29_990)
    expect([own.isHeld(), signal.aborted]).toEqual([true, false])
    await clock.time.advance(20)
    expect([own.isHeld(), signal.aborted]).toEqual([false, true])
    expect(own.current().state).toBe('lost')
    expect(own.problem()?.code).toBe('ConnectionLost')
    lease.isDown = false
    await clock.time.advance(6000)
    expect(own.isHeld()).toBe(true)
    expect(own.signal()).not.toBe(signal)
    await own.dispose()
  })

  it('is noticed when somebody else has taken it', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    lease.set({ holderIdentity: 'thief', renewTime: 'x' })
    await clock.time.advance(5001)
    expect(own.current()).toMatchObject({ state: 'waiting', holder: 'thief' })
    await own.release()
    expect(lease.object?.spec.holderIdentity).toBe('thief')
  })

  it.each([
    ['forwards', 3_600_000],
    ['backwards', -3_600_000],
    ['by ten minutes of sleep', 600_000],
  ])('comes with a clock that jumps %s, and ends with the next answer of the server', async (_name, jumpMs) => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(12_000)
    const signal = own.signal()
    clock.wallOffsetMs += jumpMs
    await expect(own.fence(lease.client()).request(write)).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(signal.aborted).toBe(true)
    await clock.time.advance(5001)
    expect(own.isHeld()).toBe(true)
    await own.dispose()
  })

  it('after a sleep goes to whoever has taken it meanwhile', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    clock.wallOffsetMs += 600_000
    lease.set({ holderIdentity: 'pod_1', renewTime: 'x' })
    expect(own.isHeld()).toBe(false)
    await clock.time.advance(20_000)
    expect([own.isHeld(), lease.object?.spec.holderIdentity]).toEqual([false, 'pod_1'])
    await own.dispose()
  })

  it('tells a copy of the same installation from itself: one of them takes another name', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    lease.set({ holderIdentity: 'a', renewTime: 'of the copy' })
    await clock.time.advance(5001)
    expect(own.isHeld()).toBe(false)
    await clock.time.advance(10_000)
    expect([own.isHeld(), lease.object?.spec.holderIdentity]).toEqual([false, 'a'])
    await clock.time.advance(40_000)
    expect(own.isHeld()).toBe(true)
    expect(lease.object?.spec.holderIdentity).toMatch(/^a-/)
    await own.dispose()
  })

  it('gives it back before the machine sleeps, and asks for it again afterwards', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    await clock.time.advance(1)
    await own.suspend()
    expect(lease.object?.spec.holderIdentity).toBe('')
    await clock.time.advance(60_000)
    expect(own.isHeld()).toBe(false)
    own.resume()
    await clock.time.advance(1)
    expect(own.isHeld()).toBe(true)
    await own.dispose()
  })
})

describe('two of them', () => {
  it('never hold it at once, whatever becomes of the connections', async () => {
    const lease = new MemoryLease()
    const clock = new TwoClocks()
    const paths = [true, true]
    const two = ['a', 'b'].map((identity, index) =>
      createLeadership({
        controller: 'source-controller',
        namespace: 'flux-system',
        client: () => {
          if (paths[index] !== true) throw new Error('cut')
          return lease.client()
        },
        identity,
        clock,
        random: { unit: () => index / 2, uuid: () => '' },
        logger: silentLogger,
      }),
    )
    const seen = new Set<string>()
    let seed = 7
    for (let step = 0; step < 400; step += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648
      // Cut for up to a minute and a half, one after the other, sometimes both.
      if (step % 7 === 0) paths[(step / 7) % 2] = (seed >> 8) % 3 !== 0
      await clock.time.advance(1000 + (seed % 3000))
      const held = two.map((each) => each.isHeld())
      expect(held.filter(Boolean).length).toBeLessThan(2)
      seen.add(held.join())
    }
    expect(seen.size).toBe(3)
    for (const each of two) await each.dispose()
  })
})

describe('the fence', () => {
  it('lets reads and dry-runs pass without a lease, and nothing else', async () => {
    const [lease, clock] = [new MemoryLease(), new TwoClocks()]
    const own = candidate(lease, clock, 'a')
    const client = own.fence(lease.client())
    await expect(client.request(write)).rejects.toMatchObject({ code: 'LeaseLost' })
    await expect(client.request({ method: 'GET', path: '/api' })).resolves.toMatchObject({ status: 200 })
    await expect(client.request({ ...write, path: `${write.path}?dryRun=All` })).resolves.toMatchObject({ status: 200 })
    await clock.time.advance(1)
    await expect(client.request(write)).resolves.toMatchObject({ status: 200 })
    // What is sent now is given up before anybody else could have the lease.
    await clock.time.advance(4000)
    await client.request({ ...write, timeoutMs: 600_000 })
    expect(lease.requests.at(-1)?.timeoutMs).toBe(30_999)
    await own.dispose()
    await expect(client.request(write)).rejects.toMatchObject({ code: 'LeaseLost' })
  })

  it.each([
    ['/api/v1/namespaces/a/pods?dryRun=All', true],
    ['/api/v1/namespaces/a/pods?dryRun=all', false],
    ['/api/v1/namespaces/a/pods/dryRun=All', false],
    ['/api/v1/namespaces/a/pods?x=dryRun=All', false],
    ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', true],
    ['/apis/authorization.k8s.io/v1/namespaces/a/roles', false],
  ])('POST %s changes nothing: %s', (path, expected) => {
    expect(changesNothing({ method: 'POST', path })).toBe(expected)
  })
})
