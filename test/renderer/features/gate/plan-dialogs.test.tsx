import { connect } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openPlanDialog } from '../../../../renderer/stores/actions.ts'
import { GateLayer } from '../../../../renderer/features/gate/gate-layer.tsx'
import { failure } from '../../support/fake-bridge.ts'
import { planItem, planOf } from '../../support/sample-fleet.ts'

function start(prepare?: (mounted: Mounted) => void): Mounted {
  const mounted = connect((m) => {
    m.bridge.answer('plan.prepare', ({ action, refs }) => ({
      ok: true,
      value: planOf(
        action,
        refs.map((ref) => planItem(ref)),
      ),
    }))
    m.bridge.answer('plan.execute', () => ({ ok: true, value: { operation: 'op-1' } }))
    prepare?.(m)
  })
  render(<GateLayer />)
  return mounted
}

const calls = ({ bridge }: Mounted, name: string): unknown[] =>
  bridge.calls.filter((call) => call.name === name).map((call) => call.input)

async function live(name: string): Promise<HTMLElement> {
  const button = await screen.findByRole('button', { name })
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBeNull())
  return button
}

const digestOf = (reason: string): string => `sha256:${(reason.length % 10).toString().repeat(64)}`

afterEach(() => {
  vi.useRealTimers()
})

describe('the suspend dialog', () => {
  it('prepares its plan as it opens, focuses the reason, and executes by the digest', async () => {
    const mounted = start()
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    const dialog = screen.getByRole('dialog', { name: 'Suspend flux-system/apps' })
    expect(document.activeElement).toBe(within(dialog).getByLabelText('Reason'))
    expect(screen.getByRole('button', { name: 'Suspend' }).getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(await live('Suspend'))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(calls(mounted, 'plan.execute')).toEqual([{ digest: planOf('suspend', []).digest }])
  })

  it('prepares what was typed last before it executes, without a second question', async () => {
    const mounted = start()
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    await live('Suspend')
    fireEvent.change(screen.getByLabelText('Reason'), { target: { value: '  Hotfix  ' } })
    fireEvent.click(screen.getByRole('radio', { name: '4 h' }))
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(calls(mounted, 'plan.execute')).toHaveLength(1))
    const last = calls(mounted, 'plan.prepare').at(-1) as { reason: string; until: number }
    expect(last.reason).toBe('Hotfix')
    expect(last.until - Date.now()).toBeGreaterThan(3.9 * 3_600_000)
  })

  it('executes what was confirmed right after typing, though its plan takes longer than the pause after typing', async () => {
    const answers: (() => void)[] = []
    const mounted = start(({ bridge }) =>
      bridge.answer(
        'plan.prepare',
        ({ action, refs, reason = '' }) =>
          new Promise((resolve) => {
            const plan = planOf(
              action,
              refs.map((ref) => planItem(ref)),
            )
            const answer = (): void => resolve({ ok: true, value: { ...plan, digest: digestOf(reason) } })
            if (reason === '') answer()
            else answers.push(answer)
          }),
      ),
    )
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    await live('Suspend')
    vi.useFakeTimers()
    fireEvent.change(screen.getByLabelText('Reason'), { target: { value: 'Hotfix' } })
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', ctrlKey: true })
    await act(() => vi.advanceTimersByTimeAsync(5000))
    vi.useRealTimers()
    expect(calls(mounted, 'plan.execute')).toEqual([])
    for (const answer of answers) answer()
    await waitFor(() => expect(calls(mounted, 'plan.execute')).toEqual([{ digest: digestOf('Hotfix') }]))
    expect(answers).toHaveLength(1)
  })

  it('asks for the reason where the plan requires it', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('plan.prepare', ({ refs }) => ({
        ok: true,
        value: planOf(
          'suspend',
          refs.map((ref) => planItem(ref)),
          { isReasonRequired: true },
        ),
      })),
    )
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    await screen.findByText('required')
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', metaKey: true })
    expect((await screen.findByRole('alert')).textContent).toContain('Say why')
    expect(calls(mounted, 'plan.execute')).toEqual([])
    fireEvent.change(screen.getByLabelText(/^Reason/), { target: { value: 'INC-2041' } })
    fireEvent.click(await live('Suspend'))
    await waitFor(() => expect(calls(mounted, 'plan.execute')).toHaveLength(1))
  })

  it('refuses a date in the past', async () => {
    const mounted = start()
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    await live('Suspend')
    fireEvent.click(screen.getByRole('radio', { name: 'Date…' }))
    fireEvent.change(screen.getByLabelText('Until date and time'), { target: { value: '2020-01-01 10:00' } })
    expect(screen.getByText('This is in the past.')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Suspend' }).getAttribute('aria-disabled')).toBe('true')
  })

  it('shows a moved plan in place and prepares again', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('plan.execute', () => failure('PlanMoved', 'It changed 3 s ago')),
    )
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    fireEvent.click(await live('Suspend'))
    expect((await screen.findByRole('alert')).textContent).toContain('It changed 3 s ago')
    const before = calls(mounted, 'plan.prepare').length
    fireEvent.click(screen.getByRole('button', { name: 'Prepare again' }))
    await waitFor(() => expect(screen.queryByText('It changed 3 s ago')).toBeNull())
    expect(calls(mounted, 'plan.prepare')).toHaveLength(before + 1)
    expect(screen.getByRole('dialog')).toBeTruthy()
  })

  it('names dependents, shows the patch on request, and cancels with Escape', async () => {
    const mounted = start(({ bridge, fleet }) =>
      bridge.answer('plan.prepare', ({ refs }) => ({
        ok: true,
        value: planOf(
          'suspend',
          refs.map((ref) => planItem(ref, { dependents: fleet.apps.dependents.map((each) => each.ref) })),
        ),
      })),
    )
    act(() => openPlanDialog('suspend', [mounted.fleet.apps.ref]))
    expect(await screen.findByText('2 Kustomizations depend on it.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Show patch' }))
    expect(screen.getByRole('region', { name: 'Patch' }).textContent).toContain('/spec/suspend')
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' })
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(calls(mounted, 'plan.execute')).toEqual([])
  })
})

describe('bulk and other plans', () => {
  it('list each object with what happens, refusals first, and count on the button', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('plan.prepare', ({ action, refs }) => ({
        ok: true,
        value: planOf(
          action,
          refs.map((ref, index) =>
            index === 1
              ? planItem(ref, { effect: 'refused', refusal: failure('Forbidden', 'You may not patch it').error })
              : planItem(ref),
          ),
        ),
      })),
    )
    act(() =>
      openPlanDialog(
        'reconcile',
        mounted.fleet.rows.slice(0, 3).map((row) => row.ref),
      ),
    )
    await live('Reconcile 2')
    const items = screen.getAllByRole('listitem')
    expect(items[0]?.textContent).toContain('refused: You may not patch it')
    expect(screen.getByText('2 change, 1 refused')).toBeTruthy()
  })

  it('cannot be confirmed when nothing changes', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('plan.prepare', ({ action, refs }) => ({
        ok: true,
        value: planOf(
          action,
          refs.map((ref) => planItem(ref, { effect: 'unchanged', changes: [] })),
        ),
      })),
    )
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Resume' }).getAttribute('aria-description')).toBe(
        'The plan changes nothing',
      ),
    )
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', ctrlKey: true })
    expect(calls(mounted, 'plan.execute')).toEqual([])
  })

  it('say who suspended, why and until when before resuming', async () => {
    const mounted = start()
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    const dialog = screen.getByRole('dialog', { name: 'Resume flux-system/legacy-batch' })
    expect(dialog.textContent).toMatch(/Suspended by oncall-1 2h 1[34]m ago, until .*: Hotfix for checkout latency/)
    await live('Resume')
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Resume' }))
  })
})
