/** Commits as entries: with what they changed as soon as that is known, with what led to them once, and nothing told again for less. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CommitEntries } from '../../../electron/engine/history/commit-entries.ts'
import type { LoggedCommit } from '../../../electron/engine/source/artifact-port.ts'
import type { DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { ManualClock, MemoryCluster } from '../memory-cluster.ts'

const a = 'a'.repeat(40)
const b = 'b'.repeat(40)
const c = 'c'.repeat(40)
const source: ObjectRef = {
  cluster: 'c1',
  group: 'source.toolkit.fluxcd.io',
  kind: 'GitRepository',
  namespace: 'flux-system',
  name: 'fleet',
}
const owner: ObjectRef = { ...source, group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', name: 'apps' }
const commitOf = (sha: string): RevisionCommit => ({ sha, author: 'Ann', at: 1000, subject: `Subject ${sha[0] ?? ''}` })
const logged = (sha: string, paths: readonly string[] | null): LoggedCommit => ({
  ...commitOf(sha),
  email: 'ann@example.invalid',
  changes: paths === null ? null : { paths, hasMore: false },
})

let written: NewHistoryEntry[]
let logs: Map<string, readonly LoggedCommit[]>
let asked: string[]
let kept: Set<string>
let entries: CommitEntries
let cluster: MemoryCluster
let clock: ManualClock
/** The Git server answers. */
let isThere: boolean
/** By source: until when its server says nothing. */
let slow: Map<string, Promise<void>>

beforeEach(() => {
  written = []
  logs = new Map()
  asked = []
  kept = new Set()
  clock = new ManualClock()
  isThere = true
  slow = new Map()
  cluster = new MemoryCluster()
  cluster.apply(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system }
spec: { sourceRef: { kind: GitRepository, name: fleet } }
`)
  entries = new CommitEntries({
    clock,
    clusters: cluster,
    find: (_owner, revision) => Promise.resolve(isThere ? commitOf(revision.slice(-40)) : null),
    log: async (of, revision, limit) => {
      asked.push(`${revision.slice(-40, -39)} ${limit}`)
      await slow.get(of.name)
      return isThere ? (logs.get(revision.slice(-40)) ?? []).slice(0, limit) : []
    },
    isKept: (_cluster, revision) => Promise.resolve(kept.has(revision)),
    write: (more) => written.push(...more),
  })
})
afterEach(() => entries.dispose())

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const compared = (sha: string): DriftOwner =>
  ({ owner, commit: commitOf(sha), fidelity: { revision: `main@sha1:${sha}` } }) as DriftOwner
const told = (): readonly unknown[] => written.map(({ identity, facts }) => [identity, facts?.['changedPaths']])

it('has the changed paths, told anew where they are known later, and then no more', async () => {
  entries.ran(owner, `main@sha1:${a}`, false)
  await settled()
  expect(told()).toEqual([[`commit|${a}`, undefined]])
  // The comparison has fetched its tree.
  logs.set(a, [logged(a, ['apps/web.yaml', 'password=topsecret/x'])])
  entries.takeOwners([compared(a)])
  entries.takeOwners([compared(a)])
  await settled()
  expect(told()).toEqual([
    [`commit|${a}`, undefined],
    [`commit|${a}`, ['apps/web.yaml', 'password=[redacted]']],
  ])
  entries.ran(owner, `main@sha1:${a}`, false)
  entries.takeOwners([compared(a)])
  await settled()
  expect(written).toHaveLength(2)
})

it('does not write without paths over what an earlier Sluice may have told with them', async () => {
  kept.add(`main@sha1:${a}`)
  entries.ran(owner, `main@sha1:${a}`, false)
  await settled()
  expect(written).toEqual([])
})

it('tells of a new source what led to its revision, found later, each once', async () => {
  logs.set(b, [logged(b, ['b.yaml']), logged(a, null)])
  entries.fetched(source, `main@sha1:${b}`, '', true)
  await settled()
  expect(asked).toEqual(['b 20'])
  expect(written.map(({ revision, isBackfilled, ref, by }) => [revision, isBackfilled, ref?.name, by])).toEqual([
    [`main@sha1:${b}`, true, 'fleet', 'Ann'],
    [`main@sha1:${a}`, true, 'fleet', 'Ann'],
  ])
  // A run of it is no news.
  entries.ran(owner, `main@sha1:${a}`, true)
  entries.fetched(source, `main@sha1:${a}`, '', true)
  await settled()
  expect(told()).toEqual([
    [`commit|${b}`, ['b.yaml']],
    [`commit|${a}`, undefined],
  ])
})

it('tells what a source fetched since the revision before, though nobody runs it, and what is told of that once', async () => {
  logs.set(c, [logged(c, ['c.yaml']), logged(b, null), logged(a, null)])
  entries.fetched(source, `main@sha1:${c}`, `main@sha1:${a}`, false)
  entries.ran(owner, `main@sha1:${c}`, false)
  await settled()
  expect(asked).toEqual(['c 20'])
  expect(written.map(({ revision, isBackfilled, ref }) => [revision, isBackfilled, ref?.name])).toEqual([
    [`main@sha1:${c}`, false, 'fleet'],
    [`main@sha1:${b}`, false, 'fleet'],
  ])
})

it('tells the newest alone where its source has no past, of a tag say, and nothing of one that had it before Sluice came', async () => {
  entries.fetched(source, `v2@sha1:${b}`, '', true)
  await settled()
  expect(written).toEqual([])
  entries.fetched(source, `v2@sha1:${b}`, `v1@sha1:${a}`, false)
  await settled()
  expect(told()).toEqual([[`commit|${b}`, undefined]])
})

it('says of what led to the first revision of a new source that it was found later', async () => {
  logs.set(b, [logged(b, null), logged(a, null)])
  entries.fetched(source, `main@sha1:${b}`, '', false)
  await settled()
  expect(written.map(({ isBackfilled }) => isBackfilled)).toEqual([false, true])
})

it('says of a commit whose run was found later that it was, too', async () => {
  entries.ran(owner, `main@sha1:${a}`, true)
  await settled()
  expect(written.map(({ isBackfilled }) => isBackfilled)).toEqual([true])
})

it('asks again for what the Git server did not answer, a few times, and then when it runs again', async () => {
  isThere = false
  entries.ran(owner, `main@sha1:${a}`, false)
  await clock.advance(29_000)
  isThere = true
  await clock.advance(2000)
  expect(told()).toEqual([[`commit|${a}`, undefined]])
  isThere = false
  entries.ran(owner, `main@sha1:${b}`, false)
  await clock.advance(3_600_000)
  expect(clock.pendingTimers).toBe(0)
  isThere = true
  await clock.advance(3_600_000)
  expect(written).toHaveLength(1)
  entries.ran(owner, `main@sha1:${b}`, false)
  await clock.advance(1000)
  expect(written).toHaveLength(2)
})

it('asks again for what a source fetched and nobody runs, with what led to it, and each once', async () => {
  logs.set(b, [logged(b, null), logged(a, null)])
  logs.set(c, [logged(c, null), logged(b, null), logged(a, null)])
  isThere = false
  entries.fetched(source, `main@sha1:${b}`, `main@sha1:${a}`, false)
  await clock.advance(1000)
  entries.fetched(source, `main@sha1:${c}`, `main@sha1:${b}`, false)
  await clock.advance(28_000)
  expect(written).toEqual([])
  isThere = true
  await clock.advance(5000)
  expect(told()).toEqual([
    [`commit|${b}`, undefined],
    [`commit|${c}`, undefined],
  ])
  expect(clock.pendingTimers).toBe(0)
})

it('asks a source that never answers a few times, and then no more', async () => {
  isThere = false
  entries.fetched(source, `main@sha1:${b}`, `main@sha1:${a}`, false)
  await clock.advance(3_600_000)
  expect(asked).toHaveLength(6)
  expect(clock.pendingTimers).toBe(0)
})

it('asks at once for what waits, and for what it had given up, when a host of that cluster is allowed', async () => {
  isThere = false
  logs.set(b, [logged(b, null), logged(a, null)])
  entries.fetched(source, `main@sha1:${b}`, `main@sha1:${a}`, false)
  entries.ran(owner, `main@sha1:${c}`, false)
  await clock.advance(3_600_000)
  expect(clock.pendingTimers).toBe(0)
  const d = 'd'.repeat(40)
  entries.fetched({ ...source, name: 'late' }, `main@sha1:${d}`, `main@sha1:${b}`, false)
  await clock.advance(1000)
  isThere = true
  entries.allowed('c2')
  await settled()
  expect(written).toEqual([])
  entries.allowed('c1')
  await settled()
  expect(written.map(({ identity, ref }) => [identity, ref?.name])).toEqual([
    [`commit|${b}`, 'fleet'],
    [`commit|${d}`, 'late'],
    [`commit|${c}`, 'fleet'],
  ])
  // Nothing is left to ask for.
  const before = asked.length
  entries.allowed('c1')
  await clock.advance(3_600_000)
  expect(asked).toHaveLength(before)
  expect(clock.pendingTimers).toBe(0)
})

it('has six tries again for what a host does not answer as soon as it is allowed', async () => {
  isThere = false
  entries.ran(owner, `main@sha1:${a}`, false)
  await clock.advance(3_600_000)
  entries.allowed('c1')
  await clock.advance(29_000)
  isThere = true
  await clock.advance(2000)
  expect(told()).toEqual([[`commit|${a}`, undefined]])
})

it('tells the past of a source when its host is allowed after the first sight, and asks for it at no other time', async () => {
  isThere = false
  logs.set(b, [logged(b, null), logged(a, null)])
  entries.fetched(source, `main@sha1:${b}`, '', true)
  await clock.advance(3_600_000)
  expect(asked).toEqual(['b 20'])
  isThere = true
  entries.allowed('c1')
  await settled()
  expect(written.map(({ identity, isBackfilled }) => [identity, isBackfilled])).toEqual([
    [`commit|${b}`, true],
    [`commit|${a}`, true],
  ])
})

it('asks for the past of a source that an earlier Sluice saw first, and leaves what was told as it is', async () => {
  cluster.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system }
status: { artifact: { revision: 'main@sha1:${c}' } }
`)
  logs.set(c, [logged(c, ['apps/c.yaml']), logged(b, null), logged(a, null)])
  kept.add(`main@sha1:${c}`)
  entries.allowed(cluster.id)
  await settled()
  expect(written.map(({ identity, isBackfilled }) => [identity, isBackfilled])).toEqual([
    [`commit|${b}`, true],
    [`commit|${a}`, true],
  ])
})

it('keeps what has a turn, and of the rest the newer, where there is too much', async () => {
  isThere = false
  entries.fetched({ ...source, name: 'first' }, `main@sha1:${c}`, `main@sha1:${b}`, false)
  for (let count = 0; count < 499; count += 1)
    entries.fetched({ ...source, name: `s${String(count)}` }, `main@sha1:${b}`, '', true)
  await clock.advance(1000)
  expect(asked).toHaveLength(500)
  entries.fetched({ ...source, name: 'newest' }, `main@sha1:${a}`, '', true)
  await clock.advance(1000)
  isThere = true
  entries.allowed('c1')
  await clock.advance(1000)
  const again = asked.slice(501)
  expect(again).toHaveLength(500)
  expect(again).toEqual(expect.arrayContaining(['a 20', 'c 20']))
})

it('tells of one source while the server of another says nothing', async () => {
  let answer = (): void => undefined
  slow.set('slow', new Promise((resolve) => (answer = resolve)))
  entries.fetched({ ...source, name: 'slow' }, `main@sha1:${a}`, `main@sha1:${c}`, false)
  entries.fetched(source, `main@sha1:${b}`, `main@sha1:${a}`, false)
  await settled()
  expect(told()).toEqual([[`commit|${b}`, undefined]])
  answer()
  await settled()
  expect(told()).toHaveLength(2)
})
