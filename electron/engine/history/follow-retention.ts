/** How long history is kept, as the settings say. */
import type { Settings } from '../../../shared/model/app.ts'
import { defaultHistoryDays, defaultHistoryMegabytes, historyRetention } from '../../../shared/model/history.ts'
import type { HistoryRetention } from '../../../shared/model/history.ts'
import type { SettingsStore } from '../settings/settings-store.ts'

/** `retain` hears of the stored settings, and of what the user makes of them: that is applied at once. */
export function followRetention(
  settings: Pick<SettingsStore, 'loaded' | 'current' | 'watch'>,
  retain: (retention: HistoryRetention, isAtOnce: boolean) => void,
): void {
  void settings.loaded.then(() => {
    let known = retentionOf(settings.current())
    retain(known, false)
    settings.watch((current) => {
      const next = retentionOf(current)
      if (next.maxAgeMs === known.maxAgeMs && next.maxBytes === known.maxBytes) return
      known = next
      retain(next, true)
    })
  })
}

function retentionOf({ historyDays, historyMegabytes }: Settings): HistoryRetention {
  return historyRetention(historyDays ?? defaultHistoryDays, historyMegabytes ?? defaultHistoryMegabytes)
}
