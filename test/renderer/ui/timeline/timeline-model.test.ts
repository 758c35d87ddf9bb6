import { expect, test } from 'vitest'
import { buildTimeline } from '../../../../renderer/ui/timeline/timeline-model.ts'
import type { TimelineItem, TimelineOptions } from '../../../../renderer/ui/timeline/timeline-model.ts'
import { outcomeText, rowText, rowTitle } from '../../../../renderer/ui/timeline/timeline-words.ts'
import type { HistoryEntry } from '../../../../shared/model/history.ts'
import { historyEntry } from '../../support/history.ts'

const apps = {
  cluster: 'c',
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'apps',
}
const minute = 60_000
const options: TimelineOptions = {
  hasChannel: true,
  isClosedNow: false,
  dayOf: (at) => Math.floor(at / (1440 * minute)),
}

/** `minutes` since the epoch. */
function entry(minutes: number, type: HistoryEntry['type'], told: Partial<HistoryEntry> = {}): HistoryEntry {
  return historyEntry(apps, type, minutes * minute, { owner: apps, ...told })
}
const newestFirst = (...entries: HistoryEntry[]): readonly HistoryEntry[] => entries.toSorted((a, b) => b.at - a.at)
const words = (items: readonly TimelineItem[]): readonly string[] =>
  items.map((item) => {
    switch (item.kind) {
      case 'day':
        return `day ${item.at}`
      case 'gap':
        return `gap ${item.from / minute}-${item.until / minute}`
      case 'waiting':
        return `waiting ${item.commits.map(({ message }) => message).join(', ')}`
      case 'row': {
        const { entry: each, commit, outcome, channel, isTurn } = item
        const result =
          outcome === null
            ? ''
            : ` ${outcome.isGood ? 'good' : 'bad'} ${String(outcome.durationMs === null ? null : outcome.durationMs / minute)}`
        return `${each.type} ${each.message}${commit === null ? '' : ` of ${commit.message}`}${result} ${channel}${isTurn ? ' turn' : ''}`
      }
    }
  })

test('a run stands with its commit and with what came of it', () => {
  const items = buildTimeline(
    newestFirst(
      entry(1, 'commit', { revision: 'a', message: 'first' }),
      entry(5, 'run', { revision: 'a', message: 'A', tone: 'good' }),
      entry(6, 'status', { tone: 'good', message: 'ready' }),
      entry(9, 'commit', { revision: 'b', message: 'second' }),
      entry(10, 'run', { revision: 'b', message: 'B', tone: 'good' }),
      entry(12, 'status', { tone: 'bad', message: 'failed' }),
      entry(42, 'status', { tone: 'good', message: 'ready again' }),
      entry(50, 'run', { revision: 'c', message: 'C', tone: 'bad' }),
    ),
    options,
  )
  expect(words(items)).toEqual([
    'day 0',
    'run C bad null open',
    'status ready again open',
    'status failed open',
    'run B of second bad 30 open',
    'status ready open',
    'run A of first good 1 open',
  ])
})

test('a commit that never ran stands with its failure, what ran with the time that it says it took', () => {
  const items = buildTimeline(
    newestFirst(
      entry(1, 'commit', { revision: 'a', message: 'first' }),
      entry(5, 'run', { revision: 'a', message: 'A', tone: 'good', facts: { duration: '1m30s', outcome: 'Healthy' } }),
      entry(9, 'commit', { revision: 'b', message: 'second' }),
      entry(10, 'status', { revision: 'b', tone: 'bad', message: 'broken' }),
      entry(12, 'status', { revision: 'b', tone: 'bad', message: 'broken otherwise' }),
      entry(20, 'commit', { revision: 'c', message: 'third' }),
      entry(25, 'run', { revision: 'c', message: 'C', tone: 'good', facts: { duration: '30s', outcome: 'Applied' } }),
      entry(25, 'status', { revision: 'c', tone: 'good', message: 'ready' }),
      entry(90, 'status', { revision: 'c', tone: 'bad', message: 'unhealthy' }),
    ),
    options,
  )
  expect(words(items)).toEqual([
    'day 0',
    'status unhealthy of third open',
    'run C of third good 0.5 open',
    'status ready open',
    'status broken otherwise of second open',
    'status broken of second bad 15 open',
    'run A of first good 1.5 open',
  ])
  const rows = items.filter((item) => item.kind === 'row')
  expect(rows.filter(({ isAttempt }) => isAttempt).map((row) => [rowTitle(row), rowText(row)])).toEqual([
    ['second', 'broken'],
  ])
  expect(rows.flatMap(({ outcome }) => (outcome === null ? [] : outcomeText(outcome)))).toEqual([
    'Applied in 30 s',
    'Failed for 15m',
    'Healthy in 90 s',
  ])
})

test('a run that failed and was found later is over when the next one went well', () => {
  const items = buildTimeline(
    newestFirst(
      entry(10, 'run', { revision: 'a', message: 'A', tone: 'bad', isBackfilled: true }),
      entry(16, 'run', { revision: 'b', message: 'B', tone: 'good', isBackfilled: true }),
    ),
    options,
  )
  expect(words(items)).toEqual(['day 0', 'run B open', 'run A bad 6 open'])
})

test('behind a closed gate: the channel is broken, commits wait together, the turns are marked', () => {
  const items = buildTimeline(
    newestFirst(
      entry(1, 'run', { revision: 'a', message: 'A' }),
      entry(2, 'gate', { tone: 'closed', message: 'hotfix' }),
      entry(3, 'drift', { message: 'replicas' }),
      entry(4, 'commit', { revision: 'b', message: 'one' }),
      entry(5, 'commit', { revision: 'c', message: 'two' }),
    ),
    { ...options, isClosedNow: true },
  )
  expect(words(items)).toEqual([
    'day 0',
    'waiting two, one',
    'drift replicas closed',
    'gate hotfix closed turn',
    'run A open',
  ])
})

test('a gate that is closed in another way does not turn: it was closed before', () => {
  const items = buildTimeline(
    newestFirst(
      entry(1, 'gate', { tone: 'closed', message: 'INC-1' }),
      entry(2, 'drift', { message: 'replicas' }),
      entry(3, 'gate', { tone: 'closed', reason: 'Changed', message: 'INC-2' }),
    ),
    { ...options, isClosedNow: true },
  )
  expect(words(items)).toEqual(['day 0', 'gate INC-2 closed', 'drift replicas closed', 'gate INC-1 closed turn'])
})

test('what could not be written is a gap, also where nobody knows since when', () => {
  const lost = (minutes: number, facts: HistoryEntry['facts']): HistoryEntry =>
    entry(minutes, 'session', { reason: 'EntriesLost', tone: 'bad', ref: null, message: `${minutes} entries`, facts })
  const items = buildTimeline(newestFirst(lost(20, null), lost(40, { from: 30 * minute })), options)
  expect(words(items)).toEqual(['day 0', 'gap 30-40', 'gap 20-20'])
  expect(items.map((item) => (item.kind === 'gap' ? item.unwritten : ''))).toEqual(['', '40 entries', '20 entries'])
})

test('a failure that another one follows lasts until something is good', () => {
  const items = buildTimeline(
    newestFirst(
      entry(1, 'run', { tone: 'good', message: 'A' }),
      entry(2, 'status', { tone: 'bad', message: 'failed' }),
      entry(5, 'status', { tone: 'bad', message: 'failed anew' }),
      entry(9, 'status', { tone: 'good', message: 'ready' }),
    ),
    options,
  )
  expect(words(items).at(-1)).toBe('run A bad 7 open')
})

test('days begin where they do, and where nobody looked is a gap of its own', () => {
  const items = buildTimeline(
    newestFirst(
      entry(10, 'run', { message: 'A' }),
      entry(20, 'session', { reason: 'WatchEnded' }),
      entry(3000, 'session', { reason: 'WatchBegan' }),
      entry(3010, 'run', { message: 'B' }),
      entry(3020, 'session', { reason: 'WatchEnded' }),
      entry(3020.5, 'session', { reason: 'WatchBegan' }),
    ),
    { ...options, hasChannel: false },
  )
  expect(words(items)).toEqual(['day 2', 'run B none', 'gap 20-3000', 'day 0', 'run A none'])
})

test('a cluster that could not be reached is a gap, also one that still cannot be', () => {
  const lost = (minutes: number, reason: string): HistoryEntry => entry(minutes, 'session', { reason, ref: null })
  const items = buildTimeline([lost(50, 'ClusterLost'), lost(30, 'ClusterReached'), lost(20, 'ClusterLost')], {
    hasChannel: false,
    isClosedNow: false,
    now: 60 * minute,
    dayOf: () => 0,
  })
  expect(
    items.flatMap((item) => (item.kind === 'gap' ? [[item.isLost, item.from / minute, item.until / minute]] : [])),
  ).toEqual([
    [true, 50, 60],
    [true, 20, 30],
  ])
})

test('a release stands with the commit of its chart: by what was recorded, or by the beginning of it in its version', () => {
  const sha = '0a1b2c3d4e5f'.padEnd(40, '6')
  const ref = { ...apps, group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', name: 'web' }
  const items = buildTimeline(
    newestFirst(
      entry(1, 'commit', { revision: `main@sha1:${sha}`, message: 'the chart' }),
      entry(2, 'run', { ref, revision: '0.1.0+0a1b2c3d4e5f', message: 'packaged' }),
      entry(3, 'run', {
        ref,
        revision: '7.0.0',
        message: 'by version',
        facts: { originRevision: `main@sha1:${sha}` },
      }),
      entry(4, 'run', { ref, revision: '6.0.0', message: 'from elsewhere' }),
    ),
    { ...options, hasChannel: false },
  )
  expect(words(items)).toEqual([
    'day 0',
    'run from elsewhere none',
    'run by version of the chart none',
    'run packaged of the chart none',
  ])
})

test('past releases that could not be read are a row with the reason, and no gap', () => {
  const unread = entry(20, 'session', {
    reason: 'ReleasesUnread',
    message: 'you may not list Secrets there',
    ref: null,
  })
  const began = entry(10, 'session', { reason: 'WatchBegan', ref: null })
  const items = buildTimeline([unread, began], { ...options, hasChannel: false })
  expect(words(items)).toEqual(['day 0', 'session you may not list Secrets there none'])
})
