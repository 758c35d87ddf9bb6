import fc from 'fast-check'
import { expect, test } from 'vitest'
import { migrateUiState } from '../../../renderer/stores/ui-state.ts'
import { scaleCount, seed } from '../../soak.ts'

test('a saved state comes back', () => {
  const list = { sortColumn: 'age', isDescending: true, columns: { context: false } }
  const text = JSON.stringify({ version: 1, lists: { releases: list }, overviewRange: '7d', lastPath: 'view/sources' })
  expect(migrateUiState(text)).toMatchObject({
    lists: { releases: list },
    overviewRange: '7d',
    lastPath: 'view/sources',
  })
})

test('what cannot be read is forgotten, never an error', () => {
  const fallback = migrateUiState(null)
  for (const text of ['', 'null', '[]', '{"version":99}', '{"version":1,"lists":{"a":{"sortColumn":1}}}', '{']) {
    const read = migrateUiState(text)
    expect(read.lists).toEqual({})
    expect(read.overviewRange).toBe(fallback.overviewRange)
  }
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json)
      const state = migrateUiState(
        JSON.stringify({ version: 1, lists: value, tabs: value, panels: value, lastPath: value }),
      )
      expect(typeof state.lastPath).toBe('string')
    }),
    { numRuns: scaleCount(2000), seed: seed() },
  )
})
