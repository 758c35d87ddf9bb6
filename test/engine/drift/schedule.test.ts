/** What is compared when. */
import { expect, it } from 'vitest'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { testCall } from '../memory-cluster.ts'
import { config, kustomization, refOf, setUp } from './drift-world.ts'

it('compares everything once, reads whole objects by lists alone, and then rests', async () => {
  const world = setUp({ owners: ['one', 'two', 'three'] })
  await world.cluster.clock.advance(2000)
  expect([...world.owners.items.values()].map(({ state, objectCount }) => `${state} ${objectCount}`)).toEqual([
    'checked 2',
    'checked 2',
    'checked 2',
  ])
  expect(world.dryRuns).toHaveLength(6)
  expect(world.server.count('GET', /configmaps\/[a-z]/)).toBe(0)
  expect(world.objects.items.size).toBe(0)
  const before = world.server.requests.length
  await world.cluster.clock.advance(60_000)
  expect(world.server.requests.length).toBe(before)
  expect(world.dryRuns).toHaveLength(6)
})

it('compares an edited object alone, at once, without rendering', async () => {
  const world = setUp({ owners: ['one', 'two'], perSecond: 1 })
  await world.cluster.clock.advance(10_000)
  const renders = world.rendered.length
  world.dryRuns.length = 0
  world.server.put('configmaps', config('one-b', 'edited'))
  await world.cluster.clock.advance(100)
  expect(world.dryRuns).toEqual(['one-b'])
  expect(world.rendered).toHaveLength(renders)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1, state: 'checked' })
  expect([...world.objects.items.values()].map(({ ref, action }) => `${ref.name} ${action}`)).toEqual([
    'one-b configured',
  ])
})

it('says who made the revision as soon as that is known, which nothing waits for', async () => {
  const answers: ((commit: RevisionCommit | null) => void)[] = []
  const asked: string[] = []
  const world = setUp({
    owners: ['one'],
    commitOf: (_view, object, revision) => {
      asked.push(`${object.metadata.name} ${revision}`)
      return new Promise((resolve) => answers.push(resolve))
    },
  })
  await world.cluster.clock.advance(2000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', commit: null })
  expect(asked).toEqual(['one main@sha1:a'])
  const commit = { sha: 'a', author: 'Ana', at: 5, subject: 'Scale' }
  answers.shift()?.(commit)
  await world.cluster.clock.advance(200)
  expect(world.owner('one')).toMatchObject({ state: 'checked', commit })
  const told = world.drift.handlers['drift.commit']({ ref: refOf(world.cluster, 'one') }, testCall())
  await world.cluster.clock.advance(1)
  answers.shift()?.(null)
  expect(await told).toEqual({ commit: null })
})

it('knows the commits of a source, too, which applies nothing, and compares none', async () => {
  const commit = { sha: 'a', author: 'Ana', at: 5, subject: 'Scale' }
  const world = setUp({
    owners: [],
    commitOf: (_view, { kind }, revision) =>
      Promise.resolve(`${kind} ${revision}` === 'GitRepository main' ? commit : null),
    logOf: (_view, { name }, _revision, limit) =>
      Promise.resolve(name === 'fleet' && limit === 3 ? [{ ...commit, email: '', changes: null }] : []),
  })
  world.cluster.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: apps}
`)
  const { signal } = testCall()
  const source = { ...refOf(world.cluster, 'fleet'), group: 'source.toolkit.fluxcd.io', kind: 'GitRepository' }
  expect(await world.drift.commitAt(source, 'main', signal)).toEqual(commit)
  expect(await world.drift.logAt(source, 'main', 3, signal)).toMatchObject([commit])
  await expect(world.drift.handlers['drift.check']({ ref: source }, testCall())).rejects.toMatchObject({
    code: 'Unsupported',
  })
})

it('leaves status noise alone', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const before = world.dryRuns.length
  for (let index = 0; index < 20; index += 1) world.server.put('configmaps', config('one-a', 'git'), true)
  await world.cluster.clock.advance(30_000)
  expect(world.dryRuns.length).toBe(before)
})

it('sees objects go and come back, and says since when', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.server.delete('configmaps', 'apps', 'one-a')
  await world.cluster.clock.advance(200)
  const missing = [...world.objects.items.values()][0]
  expect(missing).toMatchObject({ action: 'created', summary: 'missing' })
  const since = missing?.firstSeenAt
  await world.cluster.clock.advance(5000)
  const asked = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'one') }, testCall())
  await world.cluster.clock.advance(200)
  await asked
  expect([...world.objects.items.values()][0]?.firstSeenAt).toBe(since)
  world.server.put('configmaps', config('one-a', 'git'))
  await world.cluster.clock.advance(200)
  expect(world.objects.items.size).toBe(0)
  expect(world.owner('one')).toMatchObject({ driftedCount: 0, firstSeenAt: null })
})

it('renders anew when an input or the spec changes, and asks again only for what differs', async () => {
  const world = setUp({ owners: ['one', 'two'] })
  await world.cluster.clock.advance(2000)
  world.dryRuns.length = 0
  world.rendered.length = 0
  world.server.put('configmaps', config('vars', 'x'))
  await world.cluster.clock.advance(500)
  expect([...world.rendered].sort()).toEqual(['one', 'two'])
  world.cluster.apply(kustomization('one', ', force: true'))
  await world.cluster.clock.advance(500)
  expect(world.rendered.filter((name) => name === 'one')).toHaveLength(2)
  expect(world.dryRuns).toEqual([])
})

it('makes no result while the API server is away, keeps the last one, and goes on when it is back', async () => {
  const world = setUp({ owners: ['one', 'two'], perSecond: 1, atOnce: 1 })
  await world.cluster.clock.advance(1500)
  const first = [...world.owners.items.values()].filter(({ checkedAt }) => checkedAt !== null)
  expect(first.length).toBeLessThan(2)
  world.server.goDown()
  await world.cluster.clock.advance(30_000)
  for (const { error, driftedCount } of world.owners.items.values()) {
    expect(error).toBeNull()
    expect(driftedCount).toBe(0)
  }
  world.server.isUp = true
  await world.cluster.clock.advance(60_000)
  expect([...world.owners.items.values()].map(({ state }) => state)).toEqual(['checked', 'checked'])
  expect(world.objects.items.size).toBe(0)
})

it('waits while a controller brings another revision, and looks again when it is done', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const applying = kustomization('one')
    .replace('lastAttemptedRevision: main@sha1:a', 'lastAttemptedRevision: main@sha1:b')
    .replace('status: {', 'status: {conditions: [{type: Reconciling, status: "True", reason: Progressing}], ')
  world.cluster.apply(applying)
  world.server.put('configmaps', config('one-a', 'newer'))
  await world.cluster.clock.advance(3000)
  expect(world.objects.items.size).toBe(0)
  world.server.put('configmaps', config('one-a', 'git'))
  world.cluster.apply(kustomization('one').replaceAll('main@sha1:a', 'main@sha1:b'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', driftedCount: 0 })
  expect(world.objects.pushes.flatMap(({ upsert }) => upsert)).toEqual([])
})

it('calls nothing missing of what was made just now and no controller has looked at, and goes on where none does', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const made = (name: string): string =>
    kustomization(name)
      .replace(
        'generation: 1',
        `generation: 1, creationTimestamp: "${new Date(world.cluster.clock.now()).toISOString()}"`,
      )
      .replace(/status: .*/, '')
  world.cluster.apply(made('two'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('two')?.state).not.toBe('checked')
  for (const part of ['a', 'b']) world.server.put('configmaps', config(`two-${part}`, 'git'))
  world.cluster.apply(kustomization('two'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('two')).toMatchObject({ state: 'checked', driftedCount: 0 })
  expect(world.objects.pushes.flatMap(({ upsert }) => upsert)).toEqual([])
  world.cluster.apply(made('three'))
  await world.cluster.clock.advance(40_000)
  expect(world.owner('three')).toMatchObject({ state: 'checked', driftedCount: 2 })
})

it('tells why an owner cannot be compared beside what was known, and tries again when something changes', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.fail = new SluiceError('RenderFailed', 'no such file')
  world.cluster.apply(kustomization('one', ', wait: true'))
  await world.cluster.clock.advance(500)
  expect(world.owner('one')).toMatchObject({ state: 'failed', objectCount: 2, error: { code: 'RenderFailed' } })
  world.fail = null
  world.cluster.apply(kustomization('one'))
  await world.cluster.clock.advance(500)
  expect(world.owner('one')).toMatchObject({ state: 'checked', error: null })
})

it('compares nothing by itself where nobody asked for it, and answers who does', async () => {
  const world = setUp({ owners: ['one', 'two'], isWatched: false })
  await world.cluster.clock.advance(60_000)
  expect(world.dryRuns).toEqual([])
  expect(world.owners.items.size).toBe(0)
  const asked = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'two') }, testCall())
  await world.cluster.clock.advance(1000)
  expect((await asked).objects.map(({ ref }) => ref.name)).toEqual(['two-a', 'two-b'])
  world.server.goDown()
  const failing = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'two') }, testCall())
  const refused = expect(failing).rejects.toMatchObject({ code: 'ConnectionRefused' })
  await world.cluster.clock.advance(1000)
  await refused
})

it('stops at once with the context', async () => {
  const world = setUp({ owners: ['one', 'two', 'three'], perSecond: 1 })
  await world.cluster.clock.advance(1500)
  world.cluster.deselect()
  await world.cluster.clock.advance(100)
  const { length } = world.dryRuns
  expect(world.owners.items.size).toBe(0)
  await world.cluster.clock.advance(60_000)
  expect(world.dryRuns).toHaveLength(length)
})

it('reads one by one where lists are forbidden, and looks again after some minutes', async () => {
  const world = setUp({ owners: ['one'] })
  world.server.forbiddenLists.add('configmaps')
  await world.cluster.clock.advance(60_000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', objectCount: 2 })
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(12 * 60_000)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1 })
})

it('asks for what is refused again and again half as often each time, whatever else changes, and at once when its owner does', async () => {
  const world = setUp({ owners: ['one'] })
  world.refused.add('one-a')
  await world.cluster.clock.advance(2000)
  const asked = (): number => world.dryRuns.filter((name) => name === 'one-a').length
  expect([asked(), world.owner('one')?.refusedCount]).toEqual([1, 1])
  await world.cluster.clock.advance(90_000)
  expect(asked()).toBe(2)
  // After 1, 2, 4, 8, 16 minutes; then every half hour.
  await world.cluster.clock.advance(60 * 60_000)
  expect(asked()).toBeGreaterThan(4)
  expect(asked()).toBeLessThan(8)
  const afterAnHour = asked()
  world.server.put('configmaps', config('one-b', 'edited'))
  await world.cluster.clock.advance(5 * 60_000)
  // It is looked at with what changed, and not a minute later again.
  expect(asked()).toBe(afterAnHour + 1)
  world.cluster.apply(kustomization('one', ', force: true'))
  await world.cluster.clock.advance(500)
  expect(asked()).toBe(afterAnHour + 2)
  await world.cluster.clock.advance(90_000)
  expect(asked()).toBe(afterAnHour + 3)
  world.refused.clear()
  await world.cluster.clock.advance(3 * 60_000)
  expect(world.owner('one')).toMatchObject({ refusedCount: 0, driftedCount: 1 })
})

it('takes four times as long on battery', async () => {
  const owners = Array.from({ length: 20 }, (_, index) => `app-${index}`)
  const world = setUp({ owners, perSecond: 10, isOnBattery: true })
  await world.cluster.clock.advance(6000)
  expect(world.dryRuns.length).toBeGreaterThan(8)
  expect(world.dryRuns.length).toBeLessThan(20)
})

it('keeps a preview for a minute, and no longer than its objects', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const ref = refOf(world.cluster, 'one')
  const first = await world.drift.handlers['drift.preview']({ ref }, testCall())
  expect(first).toMatchObject({ isHarmless: true, unchangedCount: 2, configuredCount: 0 })
  const { length } = world.rendered
  expect(await world.drift.previewOf(ref, testCall().signal)).toBe(first)
  expect(world.rendered).toHaveLength(length)
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(200)
  expect(await world.drift.previewOf(ref, testCall().signal)).toMatchObject({ configuredCount: 1 })
  await world.cluster.clock.advance(61_000)
  const late = await world.drift.previewOf(ref, testCall().signal)
  expect(late.checkedAt).toBe(world.cluster.clock.now())
})

it('prints nothing of what drifts until somebody looks', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(2000)
  expect([world.objects.items.size, world.printed]).toEqual([1, 0])
  const [row] = world.objects.items.values()
  const texts = await world.drift.handlers['drift.texts']({ owner: row!.owner, ref: row!.ref }, testCall())
  expect([texts.git, texts.live, world.printed]).toEqual(['g', 'l', 1])
})
