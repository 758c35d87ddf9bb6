import fc from 'fast-check'
import { expect, test } from 'vitest'
import { migrateUiState, uiStore } from '../../../renderer/stores/ui-state.ts'
import { createFakeHost } from '../../fixtures/fake-host/fake-host.ts'
import { makeFleet } from '../../fixtures/fake-host/fleet.ts'
import { scaleCount, seed } from '../../soak.ts'
import { connectHost } from '../with-host.ts'

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

test('a window that closes right after a change takes the change along, and saves nothing where there is none', async () => {
  const host = createFakeHost(makeFleet(1_800_000_000_000))
  const connected = connectHost(host)
  await expect.poll(() => uiStore.getState().isLoaded).toBe(true)
  window.dispatchEvent(new Event('pagehide'))
  uiStore.setState({ lastPath: 'view/settings' })
  window.dispatchEvent(new Event('pagehide'))
  await expect.poll(() => migrateUiState(host.uiState).lastPath).toBe('view/settings')
  expect(host.calls.filter(({ name }) => name === 'uiState.save')).toHaveLength(1)
  connected.stop()
})

test('where a link led before the saved state was there is where the window was last', async () => {
  const host = createFakeHost(makeFleet(1_800_000_000_000))
  const connected = connectHost(host)
  expect(uiStore.getState().isLoaded).toBe(false)
  uiStore.setState({ lastPath: 'view/settings' })
  await expect.poll(() => uiStore.getState().isLoaded).toBe(true)
  expect(uiStore.getState().lastPath).toBe('view/settings')
  window.dispatchEvent(new Event('pagehide'))
  await expect.poll(() => migrateUiState(host.uiState).lastPath).toBe('view/settings')
  connected.stop()
})
