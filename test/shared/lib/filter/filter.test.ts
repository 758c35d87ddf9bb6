import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFilter } from '../../../../shared/lib/filter/compile.ts'
import { compileDriftFilter } from '../../../../shared/lib/filter/compile-drift.ts'
import { globTest } from '../../../../shared/lib/filter/globs.ts'
import { filterKeys, formatFilter, parseFilter } from '../../../../shared/lib/filter/parse.ts'
import { compareRows, orderRows } from '../../../../shared/lib/row-order.ts'
import type { DriftObject, DriftOwner } from '../../../../shared/model/drift.ts'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import type { StatusWord } from '../../../../shared/model/status.ts'
import { statusWords } from '../../../../shared/model/status.ts'
import { scaleCount, seed } from '../../../soak.ts'

function row(namespace: string, name: string, word: StatusWord = 'Ready', more: Partial<FluxRow> = {}): FluxRow {
  const group = 'kustomize.toolkit.fluxcd.io'
  return {
    key: `c|${namespace}/${name}`,
    ref: { cluster: 'c', group, kind: 'Kustomization', namespace, name },
    version: 'v1',
    category: 'kustomizations',
    uid: '',
    generation: 1,
    status: { word, reason: '', message: `message of ${name}`, since: null, isOverdue: false },
    isSuspended: word === 'Suspended',
    suspend: null,
    source: { kind: 'GitRepository', group: 'source.toolkit.fluxcd.io', namespace: 'flux-system', name: 'fleet' },
    revision: '',
    target: '',
    lastAppliedAt: null,
    createdAt: null,
    intervalMs: null,
    dependsOn: [],
    blockedBy: [],
    inventoryCount: 0,
    parent: null,
    columns: {},
    isTerminating: false,
    ...more,
  }
}

const fleet = [
  row('flux-system', 'apps', 'Failed'),
  row('flux-system', 'infra', 'Stalled'),
  row('team-a', 'web', 'Suspended'),
  row('team-b', 'db', 'Waiting', { blockedBy: [{ cluster: 'c', group: '', kind: 'x', namespace: '', name: 'y' }] }),
  row('team-b', 'cache', 'Ready', { source: null }),
]
const select = (text: string, contexts: readonly string[] = ['prod-eu-1']) =>
  fleet.filter((each) => compileFilter(parseFilter(text))(each, contexts)).map((each) => each.ref.name)

describe('filter', () => {
  it.each([
    ['', ['apps', 'infra', 'web', 'db', 'cache']],
    ['ns:flux-system', ['apps', 'infra']],
    ['ns:team-*', ['web', 'db', 'cache']],
    ['namespace:team-a,team-b -name:db', ['web', 'cache']],
    ['-ns:team-* status:failed,stalled', ['apps', 'infra']],
    ['is:failed', ['apps', 'infra']],
    ['is:suspended', ['web']],
    ['-is:ready -is:failed', ['web', 'db']],
    ['is:blocked', ['db']],
    ['kind:ks', ['apps', 'infra', 'web', 'db', 'cache']],
    ['kind:Kustomization name:*a*', ['apps', 'infra', 'cache']],
    ['kind:hr', []],
    ['source:fleet name:apps', ['apps']],
    ['source:GitRepository/fleet,x name:web', ['web']],
    ['source:flux-system/fleet -ns:team-*', ['apps', 'infra']],
    ['-source:*', ['cache']],
    ['ctx:prod-*', ['apps', 'infra', 'web', 'db', 'cache']],
    ['-ctx:prod-*', []],
    ['APP', ['apps']],
    ['"message of db"', ['db']],
    ['"team-b/c"', ['cache']],
    ['-message', []],
    // What is being typed or wrong filters nothing.
    ['ns:', ['apps', 'infra', 'web', 'db', 'cache']],
    ['is:broken', ['apps', 'infra', 'web', 'db', 'cache']],
    ['namespce:team-a', ['apps', 'infra', 'web', 'db', 'cache']],
  ])('%s', (text, expected) => {
    expect(select(text)).toEqual(expected)
  })

  it('sees all contexts that lead to the cluster', () => {
    expect(select('ctx:b name:apps', ['a', 'b'])).toEqual(['apps'])
  })

  it('gives ranges and errors for the boxes', () => {
    const { tokens } = parseFilter('ns:a,b  -is:odd "x y" label:z https://a')
    expect(tokens.map(({ start, end }) => [start, end])).toEqual([
      [0, 6],
      [8, 15],
      [16, 21],
      [22, 29],
      [30, 39],
    ])
    expect(tokens.map(({ error }) => error !== null)).toEqual([false, true, false, true, false])
    expect(tokens[3]?.error).toContain('"label:" is not a filter')
    expect(parseFilter('name:"a b').tokens[0]).toMatchObject({ values: ['a b'], error: 'The closing quote is missing' })
    expect(parseFilter('-').tokens[0]).toMatchObject({ key: null, isNegated: false, values: ['-'] })
  })

  it('reads back what it writes', () => {
    const value = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => text.trim() !== '')
    const token = fc.oneof(
      fc.record({
        key: fc.constantFrom(...filterKeys.filter((key) => key !== 'is')),
        isNegated: fc.boolean(),
        values: fc.array(value, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ key: fc.constant(null), isNegated: fc.boolean(), values: fc.tuple(value) }),
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 5 }), (tokens) => {
        const { tokens: read } = parseFilter(formatFilter(tokens))
        expect(read.map(({ key, isNegated, values }) => ({ key, isNegated, values }))).toEqual(tokens)
        for (const each of read) expect(each.error).toBeNull()
      }),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })

  it('takes any text without an exception, in order and without gaps of meaning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const filter = parseFilter(text)
        let last = 0
        for (const { start, end } of filter.tokens) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
        for (const each of fleet) compileFilter(filter)(each, [])
      }),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })

  it('globs match the whole text in linear time', () => {
    expect([globTest('a*b*c')('aXbYc'), globTest('a*b*c')('acb'), globTest('ab*ba')('aba'), globTest('*')('')]).toEqual(
      [true, false, false, true],
    )
    expect(globTest('*a'.repeat(500))('b'.repeat(10_000))).toBe(false)
  })

  it('filters and orders 8,000 rows', () => {
    const rows = Array.from({ length: 8000 }, (_, index) =>
      row(
        `team-${String(index % 97)}`,
        `app-${String((index * 7919) % 8000)}`,
        statusWords[index % statusWords.length],
      ),
    )
    const predicate = compileFilter(parseFilter('-ns:team-1* kind:ks -status:ready message'))
    expect(rows.filter((each) => predicate(each, ['prod-eu-1'])).length).toBeGreaterThan(1000)
    expect(orderRows(rows)).toEqual([...rows].sort(compareRows))
  })
})

describe('drift in the filter language', () => {
  const owner = (more: Partial<DriftOwner> = {}): DriftOwner => ({
    key: 'o',
    owner: { cluster: 'c', group: 'g', kind: 'Kustomization', namespace: 'flux-system', name: 'apps' },
    state: 'checked',
    objectCount: 3,
    driftedCount: 1,
    recordOnlyCount: 0,
    missingCount: 0,
    prunableCount: 0,
    refusedCount: 0,
    skippedCount: 0,
    fieldCount: 1,
    notOwnedCount: 0,
    ignoredCount: 0,
    isApproximate: false,
    fidelity: null,
    commit: null,
    checkedAt: 1,
    firstSeenAt: 1,
    error: null,
    ...more,
  })
  const object = (more: Partial<DriftObject> = {}): DriftObject => ({
    key: 'x',
    owner: owner().owner,
    ref: { cluster: 'c', group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'podinfo' },
    version: 'v1',
    action: 'configured',
    driftCount: 1,
    notOwnedCount: 0,
    ignoredCount: 0,
    managers: ['kubectl-edit', 'k9s'],
    risk: { level: 'high', text: '' },
    summary: 'spec.replicas 2 → 5',
    rule: '',
    problem: null,
    isSecret: false,
    origin: null,
    firstSeenAt: null,
    checkedAt: 1,
    ...more,
  })
  const onRow = (text: string, drift?: { owner: DriftOwner; objects: readonly DriftObject[] }): boolean =>
    compileFilter(parseFilter(text))(row('a', 'b'), [], drift)
  const onObject = (text: string, of = object()): boolean => compileDriftFilter(parseFilter(text))(of, ['prod-eu-1'])

  it.each([
    ['is:drifted', true],
    ['is:drifted manager:kubectl-edit', true],
    ['manager:kubectl*', true],
    ['-manager:kubectl*', false],
    ['risk:high', true],
    ['risk:low', false],
    ['is:missing', false],
  ])('a row: %s', (text, expected) => {
    expect(onRow(text, { owner: owner(), objects: [object()] })).toBe(expected)
  })

  it('a row that was not compared is not called drifted', () => {
    expect(onRow('is:drifted')).toBe(false)
    expect(onRow('manager:*')).toBe(false)
  })

  it.each([
    ['is:drifted manager:kubectl-edit', true],
    ['kind:deploy ns:shop', true],
    ['owner:apps', true],
    ['owner:Kustomization/flux-system/apps', true],
    ['ctx:prod-*', true],
    ['replicas', true],
    ['-risk:high', false],
    ['is:missing', false],
    ['is:suspended', false],
    ['status:configured', true],
  ])('an object: %s', (text, expected) => {
    expect(onObject(text)).toBe(expected)
  })

  it('an object that could not be compared is not called drifted', () => {
    expect(onObject('is:drifted', object({ action: 'refused' }))).toBe(false)
    expect(onObject('is:refused,moving', object({ action: 'moving' }))).toBe(true)
  })
})
