/** Whatever is appended and whatever is asked: the answer is that of a filter over plain arrays. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HistoryQuery, NewHistoryEntry } from '../../../shared/model/history.ts'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import { scaleCount, seed } from '../../soak.ts'
import { newEntry, openStore, readAll, refOf, testFolder } from './entries.ts'
import { asNew, ModelStore } from './model.ts'

const clusters = ['c1', 'c2', 'Größe']
const names = ['podinfo', 'podinfo-6c4f9', 'Ünï', 'flux-system']
const reasons = ['HealthCheckFailed', 'ReconciliationSucceeded', 'DriftFound', '']
const actors = ['', 'ann@example.org', 'kustomize-controller']
const revisions = [
  '',
  'main@sha1:0a1b2c',
  'main@sha1:0a1bff',
  'v1.2.3@sha256:ffee01',
  '6.5.4',
  '6.5.4+0a1b2c3d4e5f',
  '6.5.4+0a1bffffffff.2',
]
const phrases = [
  'Applied revision: main@sha1:0a1b2c',
  'timeout waiting for: [Deployment/apps/podinfo status: InProgress] after 5m0.5s',
  'ÄRGER mit Größe 12, ΟΔΟΣ und İstanbul',
  '\u0001 a hole 12 \u001f and 13',
  '',
  'x'.repeat(500) + ' 42',
  'health check passed in 12.345s',
]
const start = 1_763_000_000_000

const some = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const ref = fc.record({
  name: some(names),
  kind: some(['Kustomization', 'HelmRelease']),
  namespace: some(['apps', '']),
})
const entry: fc.Arbitrary<NewHistoryEntry> = fc
  .record({
    cluster: some(clusters),
    ref: fc.option(ref),
    owner: fc.option(ref),
    type: some(historyTypes),
    tone: some(historyTones),
    reason: some(reasons),
    by: some(actors),
    revision: some(revisions),
    message: fc.oneof(
      some(phrases),
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
    ),
    at: fc.integer({ min: start, max: start + 20 }),
    count: fc.integer({ min: 1, max: 9 }),
    identity: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, some(['e1', '0123abcd-0123-4567-89ab-0123456789ab'])),
    isBackfilled: fc.boolean(),
    facts: fc.option(
      fc.dictionary(
        fc.string({ maxLength: 5 }).map((key) => `k${key}`),
        fc.string(),
        { maxKeys: 2, noNullPrototype: true },
      ),
    ),
    because: fc.option(some(['BuildFailed', 'HealthCheckFailed', `Long${'x'.repeat(300)}`])),
  })
  .map(({ because, ...rest }) => ({
    ...rest,
    facts: because === null ? rest.facts : { ...rest.facts, because },
  }))
  .map(({ ref: own, owner, ...rest }) =>
    newEntry({
      ...rest,
      ref: own === null ? null : refOf(own.name, { ...own, cluster: rest.cluster }),
      owner: owner === null ? null : refOf(owner.name, { ...owner, cluster: rest.cluster }),
    }),
  )

const piece = fc
  .tuple(some(phrases), fc.nat(30), fc.integer({ min: 1, max: 25 }))
  .map(([text, from, length]) => text.slice(from, from + length))
const query: fc.Arbitrary<HistoryQuery> = fc.record(
  {
    clusters: fc.subarray([...clusters, 'gone']),
    ref: fc.tuple(ref, some(clusters)).map(([own, cluster]) => refOf(own.name, { ...own, cluster })),
    owner: fc.tuple(ref, some(clusters)).map(([own, cluster]) => refOf(own.name, { ...own, cluster })),
    types: fc.subarray([...historyTypes]),
    kinds: fc.subarray(['Kustomization', 'helmrelease', 'Pod']),
    namespaces: fc.subarray(['apps', '', 'none']),
    reasons: fc.subarray([...reasons, 'buildfailed', `Long${'x'.repeat(300)}`]),
    by: fc.subarray([...actors, 'k', 'Ann', 'zoe']),
    tones: fc.subarray([...historyTones]),
    commits: fc.subarray(['0a1b', '0a1b2c', '0a1b2c3d4e5f'.padEnd(40, '7'), 'ff', '6.5.4', 'main@sha1:0a1bff', 'zz']),
    words: fc.array(fc.oneof(piece, some(['podinfo', 'health', 'größe', '12'])), { maxLength: 2 }),
    text: piece,
    from: fc.integer({ min: start, max: start + 20 }),
    until: fc.integer({ min: start, max: start + 21 }),
  },
  { requiredKeys: [] },
)

it('answers as a filter over all entries does', { timeout: 60_000 }, async () => {
  const folder = testFolder()
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(entry, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(query, fc.integer({ min: 1, max: 9 })), { minLength: 6, maxLength: 6 }),
      async (batches, queries) => {
        const store = openStore(join(folder, `${round++}.db`))
        const model = new ModelStore()
        for (const batch of batches) {
          await store.append(batch)
          model.append(batch)
        }
        for (const [asked, limit] of [[{}, 5] as const, ...queries]) {
          const found = await readAll(store, asked, limit)
          expect(found.map(asNew)).toEqual(model.query(asked))
          expect(new Set(found.map(({ key }) => key)).size).toBe(found.length)
          const buckets = await store.buckets(
            asked,
            { from: start, until: start + 21, count: 4 },
            new AbortController().signal,
          )
          expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(found.length)
          expect(buckets.reduce((sum, { bad }) => sum + bad, 0)).toBe(found.filter(({ tone }) => tone === 'bad').length)
        }
        await store.close()
      },
    ),
    { numRuns: scaleCount(300), seed: seed() },
  )
})

it('finds in the index what it does not find among the newest', { timeout: 60_000 }, async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const model = new ModelStore()
  const batch = fc.sample(entry, { numRuns: 3000, seed: seed() })
  // Each a time of its own, and nothing merged: the order is that of the times.
  const all = batch.map((one, index) => ({ ...one, at: start + ((index * 7919) % 100_000), identity: '' }))
  await store.append(all)
  model.append(all)
  // Those that the index answers: every two parts together, so that none hides another.
  const parts: HistoryQuery[] = [
    { clusters: ['c2'] },
    { types: ['gate'] },
    { tones: ['bad', 'closed'] },
    { reasons: ['DriftFound'] },
    { reasons: ['buildFailed', 'HealthCheckFailed'] },
    { kinds: ['helmRelease'] },
    { namespaces: ['apps'] },
    { by: ['', 'ann@example.org'] },
    { by: ['Kustomize-'] },
    { words: ['größ', 'ärger'] },
    { text: 'check passed in 12.3' },
  ]
  for (const [index, one] of parts.entries())
    for (const two of parts.slice(index)) {
      const asked = { ...one, ...two }
      expect((await readAll(store, asked, 500)).map(asNew)).toEqual(model.query(asked))
    }
})
