import { expect, test } from 'vitest'
import { historyGroups, typesOf } from '../../../../renderer/ui/timeline/history-pane.tsx'
import type { TimelineRow } from '../../../../renderer/ui/timeline/timeline-model.ts'
import { rowText, rowTitle } from '../../../../renderer/ui/timeline/timeline-words.ts'
import { historyTypes } from '../../../../shared/model/history.ts'
import type { HistoryEntry } from '../../../../shared/model/history.ts'

const row = (told: Partial<HistoryEntry>): TimelineRow =>
  ({ entry: { revision: '', by: '', facts: null, ...told }, commit: null }) as TimelineRow

test('a condition is told with what became of it, and why', () => {
  const facts = { status: 'False', before: 'True', because: 'HealthCheckFailed' }
  const failed = row({ type: 'condition', reason: 'Healthy', message: 'timed out', facts })
  expect([rowTitle(failed), rowText(failed)]).toEqual(['Healthy=False', 'HealthCheckFailed: timed out'])
  const gone = row({ type: 'condition', reason: 'FetchFailed', message: '', facts: { status: 'Gone', because: '' } })
  expect([rowTitle(gone), rowText(gone)]).toEqual(['FetchFailed=Gone', ''])
})

test('a status without a reason or a message has no lonely colon', () => {
  const text = (because: string, message: string): string =>
    rowText(row({ type: 'status', reason: 'Failed', message, facts: { because } }))
  expect([text('', 'm'), text('BuildFailed', ''), text('BuildFailed', 'm')]).toEqual([
    'm',
    'BuildFailed',
    'BuildFailed: m',
  ])
})

test('a gate says until when, in which mode, and that it was changed', () => {
  const until = new Date(2026, 8, 16, 12, 0).getTime()
  const gate = (reason: string, facts: HistoryEntry['facts'], message = 'INC-1'): TimelineRow =>
    row({ type: 'gate', reason, message, by: 'Ann', facts })
  expect(rowTitle(gate('Changed', null))).toBe('Gate changed by Ann')
  expect(rowText(gate('Changed', { until, mode: 'held' }))).toBe('INC-1, held, until 16 Sep 12:00')
  expect(rowText(gate('Suspended', { until: null, mode: 'manual' }, ''))).toBe('manual')
  expect(rowText(gate('Suspended', { until, mode: null }, ''))).toBe('Until 16 Sep 12:00')
})

test('whatever is written down can be shown, but for manifests', () => {
  const shown = typesOf(new Set(historyGroups.map(({ id }) => id)))
  expect(historyTypes.filter((type) => !shown.includes(type))).toEqual(['render'])
})

test('an artifact does not say its revision twice', () => {
  const revision = `main@sha1:${'a'.repeat(40)}`
  const artifact = row({ type: 'artifact', message: revision, revision })
  expect([rowTitle(artifact), rowText(artifact)]).toEqual(['New artifact main@sha1:aaaaaaa', ''])
})
