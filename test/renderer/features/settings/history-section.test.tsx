import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { SettingsView } from '../../../../renderer/features/settings/settings-view.tsx'
import { toastsStore } from '../../../../renderer/stores/toasts.ts'
import type { Settings } from '../../../../shared/model/app.ts'
import type { HistoryStoreState } from '../../../../shared/model/history.ts'
import { mount } from '../../support/app.tsx'
import type { FakeBridge } from '../../support/fake-bridge.ts'
import { failure } from '../../support/fake-bridge.ts'

const settings: Settings = {
  key: 'settings',
  theme: 'system',
  notifications: true,
  kubeconfigFiles: [],
  readOnlyContexts: {},
  alwaysAskContexts: {},
  owner: '',
  editor: 'vscode',
  usesSopsKeys: false,
  historyDays: 30,
}
const state: HistoryStoreState = {
  entries: 12_345,
  bytes: 34 * 1_048_576,
  oldestAt: Date.parse('2026-10-12T12:00:00Z'),
  problem: '',
  note: '',
}

function show(more: Partial<HistoryStoreState> = {}): FakeBridge {
  const { bridge } = mount(<SettingsView />, (mounted) => {
    mounted.bridge.publish('settings.watch', [settings])
    mounted.bridge.answer('history.state', () => ({ ok: true, value: { ...state, ...more } }))
  })
  return bridge
}
const section = () => within(screen.getByRole('region', { name: 'History' }))
const inputs = (bridge: FakeBridge, name: string): readonly unknown[] =>
  bridge.calls.filter((call) => call.name === name).map(({ input }) => input)

it('says how much is kept, and changes for how long; a number that cannot be is not sent', async () => {
  const bridge = show()
  await waitFor(() => expect(section().getByText(/^12,345 entries since Mon 12 Oct 2026, 34 MB$/)).toBeTruthy())
  const days = section().getByLabelText<HTMLInputElement>('Keep')
  expect(days.value).toBe('30')
  expect(section().getByLabelText<HTMLInputElement>('At most').value).toBe('1024')
  fireEvent.change(days, { target: { value: '0' } })
  fireEvent.blur(days)
  expect(section().getByText('A whole number from 1 to 3,650.')).toBeTruthy()
  expect(inputs(bridge, 'settings.update')).toEqual([])
  fireEvent.change(days, { target: { value: '7' } })
  fireEvent.keyDown(days, { key: 'Enter' })
  await waitFor(() => expect(inputs(bridge, 'settings.update')).toEqual([{ historyDays: 7 }]))
})

it('forgets a cluster or everything after it was asked, and says what stays', async () => {
  const bridge = show()
  bridge.answer('history.forget', () => ({ ok: true, value: null }))
  await section().findByText(/^12,345 entries/)
  fireEvent.click(section().getByRole('button', { name: 'Forget…' }))
  const all = screen.getByRole('dialog', { name: 'Forget everything that happened?' })
  expect(all.textContent).toContain('All 12,345 entries')
  expect(all.textContent).toContain('The audit log stays')
  // What cannot be undone is never one key away.
  expect(document.activeElement?.textContent).toContain('Cancel')
  fireEvent.click(within(all).getByRole('button', { name: /^Cancel/ }))
  expect(inputs(bridge, 'history.forget')).toEqual([])
  fireEvent.change(section().getByLabelText('Forget'), { target: { value: 'prod' } })
  fireEvent.click(section().getByRole('button', { name: 'Forget…' }))
  const one = screen.getByRole('dialog', { name: /^Forget what happened in prod-eu-1/ })
  fireEvent.click(within(one).getByRole('button', { name: /^Forget/ }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(inputs(bridge, 'history.forget')).toEqual([{ clusters: [expect.any(String)] }])
})

it('checks the audit log, and names what is not what was written', async () => {
  const bridge = show()
  const whole = { rows: 12, first: 1, head: 12, digest: 'ab'.repeat(32), faults: [] }
  bridge.answer('history.checkAudit', () => ({ ok: true, value: whole }))
  fireEvent.click(section().getByRole('button', { name: 'Check' }))
  await section().findByText('12 actions, none changed, removed or moved. Ends with abababababab.')
  const message = 'Row 4 was changed after it was written.'
  const faults = [{ kind: 'changed' as const, n: 4, last: 4, message }]
  bridge.answer('history.checkAudit', () => ({ ok: true, value: { ...whole, faults } }))
  fireEvent.click(section().getByRole('button', { name: 'Check' }))
  await section().findByText(/The audit log is not what was written.*Row 4 was changed/s)
  bridge.answer('history.checkAudit', () => failure('StorageFailed', 'The history cannot be read'))
  fireEvent.click(section().getByRole('button', { name: 'Check' }))
  await waitFor(() => expect(JSON.stringify(toastsStore.getState().toasts)).toContain('The history cannot be read'))
})

it('says why nothing is recorded, and what was set aside', async () => {
  show({ problem: 'The disk is full: history is not recorded', note: 'It was set aside as /x.damaged-1.' })
  await section().findByText('Nothing is recorded now. The disk is full: history is not recorded')
  expect(section().getByText('It was set aside as /x.damaged-1.')).toBeTruthy()
})
