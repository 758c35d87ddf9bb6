import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBy, availableColumns } from '../../../../renderer/features/lists/columns.tsx'
import { makeMatcher } from '../../../../renderer/features/lists/row-filter.ts'
import { RowIndex, compareIdentity } from '../../../../renderer/features/lists/row-index.ts'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import { statusWords } from '../../../../shared/model/status.ts'
import { makeContext, makeManyRows, makeRow } from '../../../fixtures/fake-host/fleet.ts'
import { scaleCount, seed } from '../../../soak.ts'

const context = makeContext('kind-lab')
const scene = {
  contexts: new Map([['uid-kind-lab', [context]]]),
  kinds: new Map(),
  moving: new Map(),
  approvals: new Set<string>(),
  isSeveral: false,
}
const byStatus = compareBy(
  availableColumns('kustomizations').find((column) => column.id === 'status'),
  false,
  scene,
)
const notTeam3 = makeMatcher('-ns:team-3', scene.contexts)
const isMember = (row: FluxRow): boolean => row.category === 'kustomizations'

test('kept by merging, the order is what sorting anew would give', () => {
  const change = fc.record({
    name: fc.integer({ min: 0, max: 40 }),
    word: fc.constantFrom(...statusWords),
    isRemoved: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 12 }), (batches) => {
      const index = new RowIndex({ isMember, compare: byStatus, matches: notTeam3 })
      const model = new Map<string, FluxRow>()
      for (const batch of batches) {
        const upsert = new Map<string, FluxRow>()
        const remove = new Map<string, FluxRow>()
        for (const { name, word, isRemoved } of batch) {
          const row = makeRow('kind-lab', 'Kustomization', `team-${name % 5}/app-${name}`, word)
          const known = model.get(row.key)
          if (isRemoved && known !== undefined && !upsert.has(row.key)) {
            remove.set(row.key, known)
            model.delete(row.key)
          } else if (!remove.has(row.key)) {
            upsert.set(row.key, row)
            model.set(row.key, row)
          }
        }
        index.apply([...upsert.values()], [...remove.values()])
      }
      const expected = [...model.values()]
        .filter((row) => notTeam3?.(row) ?? true)
        .sort((a, b) => byStatus(a, b) || compareIdentity(a, b))
      expect(index.rows.map((row) => row.key)).toEqual(expected.map((row) => row.key))
      expect(index.total).toBe(model.size)
      for (const word of statusWords)
        expect(index.countOf(word)).toBe([...model.values()].filter((row) => row.status.word === word).length)
    }),
    { numRuns: scaleCount(4000), seed: seed() },
  )
})

test('while the order is held a row changes in place, and moves when it is let go', () => {
  const rows = ['a', 'b', 'c'].map((name) => makeRow('kind-lab', 'Kustomization', `ns/${name}`, 'Ready'))
  const index = new RowIndex({ isMember, compare: byStatus, matches: null })
  index.reset(rows)
  index.setHeld(true)
  const failed = makeRow('kind-lab', 'Kustomization', 'ns/c', 'Failed')
  index.apply([failed], [])
  expect(index.rows.map((row) => row.ref.name)).toEqual(['a', 'b', 'c'])
  expect(index.rows[2]?.status.word).toBe('Failed')
  expect(index.setHeld(false)).toBe(true)
  expect(index.rows.map((row) => row.ref.name)).toEqual(['c', 'a', 'b'])
})

test('filters and changes over 8,000 rows keep what a fresh sort and filter would show', () => {
  const rows = makeManyRows(8000, 1_800_000_000_000)
  const index = new RowIndex({ isMember, compare: byStatus, matches: null })
  index.reset(rows)
  for (const text of ['ns:team-1*', 'app-00', '-status:ready', 'is:overdue', 'source:flux-system health']) {
    const matches = makeMatcher(text, scene.contexts)
    index.arrange({ compare: byStatus, matches })
    expect(index.rows.length).toBe(rows.filter((row) => isMember(row) && (matches?.(row) ?? true)).length)
  }
  index.arrange({ compare: byStatus, matches: null })
  const changed = rows.slice(100, 105).map((row) => ({ ...row, status: { ...row.status, word: 'Failed' as const } }))
  index.apply(changed, [])
  const fresh = new Map([...rows, ...changed].map((row) => [row.key, row]))
  expect(index.rows).toEqual([...fresh.values()].filter(isMember).sort(byStatus))
})
