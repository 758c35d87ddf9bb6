import { mount } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../../../shared/model/app.ts'
import { defaultNotifyRules, defaultQuietHours } from '../../../../shared/model/notify.ts'
import type { NotifyState } from '../../../../shared/model/notify.ts'
import { NotificationSection } from '../../../../renderer/features/settings/notification-section.tsx'
import { toastsStore } from '../../../../renderer/stores/toasts.ts'
import { failure } from '../../support/fake-bridge.ts'

const settings = { key: 'settings', notifications: true } as Settings
const state: NotifyState = {
  key: 'notify',
  rules: defaultNotifyRules,
  quiet: defaultQuietHours,
  snoozedUntil: null,
  pausedUntil: null,
  heldCount: 0,
}

function show(change: Partial<NotifyState> = {}) {
  const mounted = mount(<NotificationSection settings={settings} />, ({ bridge }) =>
    bridge.publish('notify.watch', [{ ...state, ...change }]),
  )
  const last = async (name: string): Promise<unknown> => {
    await waitFor(() => expect(mounted.bridge.calls.at(-1)?.name).toBe(name))
    return mounted.bridge.calls.at(-1)?.input
  }
  return { ...mounted, last }
}

const row = (name: RegExp) =>
  within(screen.getByRole('table', { name: 'Rules of notifications' })).getByRole('row', { name })

describe('rules of notifications', () => {
  it('stand as sentences, are switched, removed and put back as at first', async () => {
    const { last, bridge } = show()
    expect(row(/^An object fails/).textContent).toContain('An object fails for 5 minutesat most one in 5 minutes')
    expect(row(/^A certificate/).textContent).toContain('within 7 days')
    expect(screen.getByRole('button', { name: /^Rules as at first/ }).getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(screen.getByRole('switch', { name: /^Rule: A Kustomization or HelmRelease drifts/ }))
    const drifting = defaultNotifyRules.map((rule) => (rule.event === 'drift' ? { ...rule, isOn: true } : rule))
    expect(await last('notify.save')).toEqual({ rules: drifting, quiet: defaultQuietHours })
    act(() => bridge.publish('notify.watch', [{ ...state, rules: drifting }]))
    fireEvent.click(screen.getByRole('button', { name: /^Remove: A cluster does not answer/ }))
    expect(await last('notify.save')).toEqual({
      rules: drifting.filter(({ event }) => event !== 'unreachable'),
      quiet: defaultQuietHours,
    })
    fireEvent.click(screen.getByRole('button', { name: /^Rules as at first/ }))
    expect(await last('notify.save')).toEqual({ rules: defaultNotifyRules, quiet: defaultQuietHours })
  })

  it('are added for a context and a filter; a filter that is none keeps the button off', async () => {
    const { last } = show({ rules: [] })
    expect(screen.getByText('No rule: nothing is told.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Add a rule…' }))
    const dialog = screen.getByRole('dialog', { name: 'Add a rule' })
    fireEvent.change(within(dialog).getByLabelText('In'), { target: { value: 'prod' } })
    fireEvent.change(within(dialog).getByLabelText('Objects'), { target: { value: 'nam:web' } })
    expect(within(dialog).getByText(/^"nam:" is not a filter/)).toBeTruthy()
    const add = within(dialog).getByRole('button', { name: /^Add rule/ })
    expect(add.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(add)
    fireEvent.change(within(dialog).getByLabelText('Objects'), { target: { value: ' ns:team-* ' } })
    fireEvent.change(within(dialog).getByLabelText('Once it fails for'), { target: { value: '2' } })
    fireEvent.change(within(dialog).getByLabelText('Once it fails for: unit'), { target: { value: 'hours' } })
    fireEvent.change(within(dialog).getByLabelText('At most one notification in'), { target: { value: '0' } })
    fireEvent.click(add)
    expect(await last('notify.save')).toEqual({
      rules: [
        {
          id: 'rule-1',
          event: 'failing',
          isOn: true,
          context: 'prod',
          filter: 'ns:team-*',
          afterMs: 7_200_000,
          everyMs: 0,
        },
      ],
      quiet: defaultQuietHours,
    })
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('are changed; of a context’s event no objects are asked for', async () => {
    const { last } = show({ rules: [{ ...defaultNotifyRules[0]!, filter: 'kind:ks', context: 'gone' }] })
    fireEvent.click(screen.getByRole('button', { name: /^Change: An object fails/ }))
    const dialog = screen.getByRole('dialog', { name: 'Change the rule' })
    expect(within(dialog).getByRole('option', { name: 'gone (not in any kubeconfig)' })).toBeTruthy()
    fireEvent.change(within(dialog).getByLabelText('Notify when'), { target: { value: 'credentials' } })
    expect(within(dialog).queryByLabelText('Objects')).toBeNull()
    fireEvent.click(within(dialog).getByRole('button', { name: /^Save rule/ }))
    expect(await last('notify.save')).toEqual({
      rules: [
        { ...defaultNotifyRules[0], event: 'credentials', context: 'gone', afterMs: 604_800_000, everyMs: 3_600_000 },
      ],
      quiet: defaultQuietHours,
    })
  })

  it('are tried: the desktop took it, or shows none', async () => {
    const { bridge, last } = show()
    bridge.answer('notify.test', () => ({ ok: true, value: { isShown: true } }))
    fireEvent.click(screen.getByRole('button', { name: /^Show a test: A gate/ }))
    expect(await last('notify.test')).toEqual({ event: 'gate' })
    await waitFor(() =>
      expect(toastsStore.getState().toasts.at(-1)?.title).toBe('The desktop was given a notification'),
    )
    bridge.answer('notify.test', () => ({ ok: true, value: { isShown: false } }))
    fireEvent.click(screen.getByRole('button', { name: /^Show a test: A gate/ }))
    await waitFor(() => expect(toastsStore.getState().toasts.at(-1)?.title).toBe('The desktop shows no notifications'))
  })
})

describe('pauses', () => {
  it('quiet hours are switched on, their ends typed', async () => {
    const { last } = show()
    fireEvent.click(screen.getByRole('switch', { name: 'Quiet hours' }))
    expect(await last('notify.save')).toMatchObject({ quiet: { isOn: true, from: 1320, until: 420 } })
    const until = screen.getByLabelText('Quiet until')
    fireEvent.change(until, { target: { value: '24:30' } })
    expect(until.getAttribute('aria-invalid')).toBe('true')
    fireEvent.blur(until)
    expect((until as HTMLInputElement).value).toBe('07:00')
    fireEvent.change(until, { target: { value: '8:30' } })
    fireEvent.blur(until)
    expect(await last('notify.save')).toMatchObject({ quiet: { isOn: false, from: 1320, until: 510 } })
  })

  it('a snooze says until when and how many wait, and is ended', async () => {
    const today = new Date()
    today.setHours(14, 5, 0, 0)
    const until = today.getTime()
    const { last, bridge } = show({ snoozedUntil: until, pausedUntil: until, heldCount: 3 })
    expect(screen.getByText('Snoozed until 14:05, 3 wait.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'End snooze' }))
    expect(await last('notify.snooze')).toEqual({ until: null })
    act(() => bridge.publish('notify.watch', [{ ...state, pausedUntil: until, heldCount: 1 }]))
    expect(screen.getByText('Quiet until 14:05, 1 waits.')).toBeTruthy()
    act(() => bridge.publish('notify.watch', [{ ...state, snoozedUntil: until + 86_400_000 }]))
    expect(screen.getByText(/^Snoozed until [A-Z][a-z]{2} 14:05\.$/)).toBeTruthy()
    act(() => bridge.publish('notify.watch', [state]))
    fireEvent.click(screen.getByRole('button', { name: 'Snooze' }))
    fireEvent.click(await screen.findByRole('menuitem', { name: '1 hour' }))
    const { until: chosen } = (await last('notify.snooze')) as { until: number }
    expect(Math.abs(chosen - Date.now() - 3_600_000)).toBeLessThan(60_000)
  })
})

it('says what keeps the rules from being known', () => {
  const { bridge } = mount(<NotificationSection settings={{ ...settings, notifications: false }} />)
  act(() => bridge.end('notify.watch', failure('Unsupported', 'Nobody is notified from here.').error))
  expect(screen.getByRole('alert').textContent).toContain('Nobody is notified from here.')
  expect(screen.getByText(/^Nothing is shown/)).toBeTruthy()
})
