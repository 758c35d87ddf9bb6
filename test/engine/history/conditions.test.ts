/** Turns of conditions that no status word tells: what is told of each, and what a restart knows of them. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { conditionsText } from '../../../electron/engine/history/condition-changes.ts'
import type { History } from '../../../electron/engine/history/history.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { createMemoryEvents } from './memory-events.ts'
import { startHistory } from './start-history.ts'

const helmGroup = 'helm.toolkit.fluxcd.io'
let cluster: MemoryCluster
let events: ReturnType<typeof createMemoryEvents>
let blobs: ReturnType<typeof createMemoryStore>
let histories: History[]
let version: number

beforeEach(() => {
  cluster = new MemoryCluster()
  cluster.kindRows = [{ group: helmGroup, kind: 'HelmRelease', state: 'live' } as KindRow]
  events = createMemoryEvents()
  blobs = createMemoryStore()
  histories = []
  version = 0
})
afterEach(async () => {
  for (const history of histories) await history.dispose()
})

async function begin(): Promise<History> {
  const history = startHistory(cluster, { blobs, store: events })
  histories.push(history)
  await cluster.clock.advance(1000)
  return history
}

async function restartAfter(history: History, ms: number, meanwhile: () => void): Promise<void> {
  await history.dispose()
  histories = []
  events.entries.length = 0
  await cluster.clock.advance(ms)
  meanwhile()
  await begin()
}

type Line = `${string} ${'True' | 'False' | 'Unknown'} ${string} ${string}`

/** Each condition as `Type Status Reason hh:mm:ss`; Ready stays as it is, whatever they say. */
function release(lines: readonly Line[], more: { uid?: string; message?: string } = {}): KubeObject {
  const { uid = 'u1', message = 'm' } = more
  version += 1
  return {
    apiVersion: `${helmGroup}/v2`,
    kind: 'HelmRelease',
    metadata: {
      name: 'web',
      namespace: 'apps',
      uid,
      generation: 1,
      resourceVersion: String(version),
      creationTimestamp: '2026-09-16T08:00:00Z',
    },
    spec: { interval: '10m', chart: { spec: { chart: 'web', version: '1.x' } } },
    status: {
      observedGeneration: 1,
      lastAttemptedRevision: '1.2.3',
      conditions: ['Ready True UpgradeSucceeded 09:00:00', ...lines].map((line) => {
        const [type, status, reason, time] = line.split(' ')
        return { type, status, reason, message, lastTransitionTime: `2026-09-16T${time}Z`, observedGeneration: 1 }
      }),
    },
  }
}

const told = (): readonly string[] =>
  events.entries
    .filter(({ type }) => type === 'condition')
    .map(({ at, reason, tone, facts, isBackfilled }) =>
      [
        new Date(at).toISOString().slice(11, 19),
        `${reason}: ${String(facts?.['before'])} → ${String(facts?.['status'])} ${String(facts?.['because'])}`.trim(),
        tone,
        ...(isBackfilled ? ['found'] : []),
      ].join(' '),
    )

it('tells each turn of a condition, though the row stays as it is: what it was, why, with its message and its time', async () => {
  cluster.apply(release(['Released True InstallSucceeded 09:00:00']))
  await begin()
  expect(told()).toEqual([])
  cluster.apply(
    release(['Released False UpgradeFailed 10:00:01', 'TestSuccess False TestFailed 10:00:01'], { message: 'no: it' }),
  )
  cluster.apply(release(['Released False UpgradeFailed 10:00:01', 'Remediated True RollbackSucceeded 10:00:02']))
  cluster.apply(release(['Released True UpgradeSucceeded 10:00:03']))
  await cluster.clock.advance(1000)
  expect(told()).toEqual([
    '10:00:01 Released: True → False UpgradeFailed bad',
    '10:00:01 TestSuccess: null → False TestFailed bad',
    '10:00:02 Remediated: null → True RollbackSucceeded bad',
    '10:00:01 TestSuccess: False → Gone good',
    '10:00:03 Released: False → True UpgradeSucceeded good',
    '10:00:01 Remediated: True → Gone good',
  ])
  const [first] = events.entries.filter(({ type }) => type === 'condition')
  expect(first).toMatchObject({ message: 'no: it', revision: '1.2.3', owner: { name: 'web' }, ref: { name: 'web' } })
})

it('tells neither what Ready and Stalled say, nor what every run passes through, nor another message of the same', async () => {
  const healthy: Line = 'Healthy True Succeeded 09:00:00'
  cluster.apply(release([healthy]))
  await begin()
  cluster.apply(release(['Healthy Unknown Progressing 10:00:01', 'Reconciling True Progressing 10:00:01']))
  cluster.apply(release(['Healthy False HealthCheckCanceled 10:00:01', 'ArtifactOutdated True NewRevision 10:00:01']))
  cluster.apply(release(['Healthy True Succeeded 10:00:02', 'Stalled True InvalidPath 10:00:02'], { message: 'other' }))
  await cluster.clock.advance(1000)
  expect(told()).toEqual([])
  // What came of it is compared with what was before the run.
  cluster.apply(release(['Healthy Unknown Progressing 10:00:03']))
  cluster.apply(release(['Healthy False HealthCheckFailed 10:00:04']))
  await cluster.clock.advance(1000)
  expect(told()).toEqual(['10:00:04 Healthy: True → False HealthCheckFailed bad'])
})

it('takes the time of another reason for when it was seen where the condition itself was not dated anew', async () => {
  cluster.apply(release(['Degraded True One 09:00:00']))
  await begin()
  cluster.apply(release(['Degraded True Two 09:00:00']))
  await cluster.clock.advance(1000)
  // Whether it is bad nobody can say.
  expect(told()).toEqual(['10:00:01 Degraded: True → True Two plain'])
})

it('tells on a first sight, of a new object and of one made anew, only what is bad then', async () => {
  const lines: readonly Line[] = ['Released True InstallSucceeded 09:00:00', 'FetchFailed True Refused 09:10:00']
  cluster.apply(release(lines))
  const history = await begin()
  expect(told()).toEqual(['09:10:00 FetchFailed: null → True Refused bad found'])
  // The file of what is known is lost: the same entry.
  await history.dispose()
  histories = []
  blobs.blobs.clear()
  await begin()
  expect(told()).toHaveLength(1)
  events.entries.length = 0
  cluster.apply(release(['Released True InstallSucceeded 10:00:05', 'Healthy False Failed 10:00:05'], { uid: 'u2' }))
  await cluster.clock.advance(1000)
  expect(told()).toEqual(['10:00:05 Healthy: null → False Failed bad'])
})

it('finds after a restart what turned meanwhile, and nothing else', async () => {
  cluster.apply(release(['Released True InstallSucceeded 09:00:00', 'Healthy True Succeeded 09:00:00']))
  const history = await begin()
  await restartAfter(history, 3_600_000, () =>
    cluster.apply(release(['Released True InstallSucceeded 09:00:00', 'Healthy False Failed 10:20:00'])),
  )
  expect(told()).toEqual(['10:20:00 Healthy: True → False Failed bad found'])
  // What was found is known now.
  cluster.apply(release(['Released True InstallSucceeded 09:00:00', 'Healthy True Succeeded 11:00:02']))
  await cluster.clock.advance(1000)
  expect(told().slice(1)).toEqual(['11:00:02 Healthy: False → True Succeeded good'])
})

it('goes on from what an older Sluice knew, which had not looked at conditions: only what went wrong since is told', async () => {
  cluster.apply(release(['Released True InstallSucceeded 09:00:00', 'SourceVerified False Bad 09:30:00']))
  const history = await begin()
  await restartAfter(history, 3_600_000, () => {
    for (const [name, data] of blobs.blobs) if (!name.endsWith('-alive')) blobs.blobs.set(name, asOlder(data))
    cluster.apply(
      release([
        'Released True InstallSucceeded 09:00:00',
        'SourceVerified False Bad 09:30:00',
        'Healthy False Failed 10:20:00',
        'TestSuccess True TestSucceeded 10:20:00',
      ]),
    )
  })
  expect(told()).toEqual(['10:20:00 Healthy: null → False Failed bad found'])
  // It was no first sight: the object's creation is not told again.
  expect(events.entries.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'session WatchEnded',
    'session WatchBegan',
    'condition Healthy',
  ])
})

/** The same file with lines that end before the conditions. */
function asOlder(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const parts: Uint8Array[] = []
  for (let at = 0; at < data.length; at += 4 + view.getUint32(at))
    parts.push(data.subarray(at + 4, at + 4 + view.getUint32(at)))
  const [head = new Uint8Array(), ...rest] = parts
  const cut = rest.map((part) =>
    memoryCodec.deflate(
      memoryCodec
        .inflate(part)
        .split('\n')
        .map((line) => JSON.stringify((JSON.parse(line) as unknown[]).slice(0, 7)))
        .join('\n'),
    ),
  )
  return Buffer.concat(
    [head, ...cut].flatMap((part) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(part.length)
      return [length, part]
    }),
  )
}

it('knows conditions of any order, of any text and of any number by one text of bounded length', () => {
  const [a, b]: readonly Line[] = ['Healthy True Succeeded 09:00:00', 'Released True InstallSucceeded 09:00:00']
  expect(conditionsText(release([a!, b!]), null)).toBe(conditionsText(release([b!, a!]), null))
  const hostile = {
    status: {
      conditions: [
        ...Array.from({ length: 5000 }, (_, index) => ({
          type: `T${index}`,
          status: 'True',
          reason: 'r'.repeat(10_000),
        })),
        { type: 'Tab\tand\nend', status: 'True', reason: '\n' },
        7,
        null,
        { type: '' },
      ],
    },
  }
  expect(conditionsText(hostile, null).length).toBeLessThan(64 * 450)
  expect(conditionsText({ status: { conditions: [{ type: 'A\tb\nc', status: 'True', reason: 'd\te' }] } }, null)).toBe(
    'A b c\tTrue\td e',
  )
  expect(conditionsText({}, 'Healthy\tTrue\tSucceeded')).toBe('')
})
