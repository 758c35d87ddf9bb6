import { expect, it } from 'vitest'
import { followRetention } from '../../../electron/engine/history/follow-retention.ts'
import { SettingsStore } from '../../../electron/engine/settings/settings-store.ts'
import type { HistoryRetention } from '../../../shared/model/history.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { silentLogger } from '../memory-cluster.ts'

const dayMs = 86_400_000

it('keeps history as long as the settings say, and applies what the user changes at once', async () => {
  const store = createMemoryStore()
  await store.write('settings.json', JSON.stringify({ version: 1, historyDays: 30, historyMegabytes: -5 }))
  const settings = new SettingsStore({ store, logger: silentLogger, environment: { userName: 'ann' } as never })
  const told: [HistoryRetention, boolean][] = []
  followRetention(settings, (...each) => told.push(each))
  await settings.loaded
  await Promise.resolve()
  await settings.update({ theme: 'dark' })
  await settings.update({ historyDays: 7 })
  // A number that nobody could have set counts as none.
  expect(told).toEqual([
    [{ maxAgeMs: 30 * dayMs, maxBytes: 2 ** 30 }, false],
    [{ maxAgeMs: 7 * dayMs, maxBytes: 2 ** 30 }, true],
  ])
})
