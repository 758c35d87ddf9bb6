import { connect } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { ResumePreview } from '../../../../shared/model/drift.ts'
import { GateLayer } from '../../../../renderer/features/gate/gate-layer.tsx'
import { openPlanDialog, pressGate } from '../../../../renderer/stores/actions.ts'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { openApplyNow } from '../../../../renderer/stores/hosting-actions.ts'
import { appsObjects, previewOf } from '../../../fixtures/fake-host/drift.ts'
import { failure } from '../../support/fake-bridge.ts'
import { planItem, planOf } from '../../support/sample-fleet.ts'

function start(prepare: (mounted: Mounted) => void = () => undefined): Mounted {
  const mounted = connect((each) => {
    each.bridge.answer('plan.prepare', ({ action, refs }) => ({
      ok: true,
      value: planOf(
        action,
        refs.map((ref) => planItem(ref)),
      ),
    }))
    each.bridge.answer('plan.execute', () => ({ ok: true, value: { operation: 'op-1' } }))
    prepare(each)
  })
  render(<GateLayer />)
  return mounted
}

const withPreview =
  (more: Partial<ResumePreview> = {}) =>
  ({ bridge, fleet, now }: Mounted): void =>
    bridge.answer('drift.preview', ({ ref }) => ({
      ok: true,
      value: { ...previewOf(ref, appsObjects(fleet.suspended.ref, now), now), ...more },
    }))

const executed = ({ bridge }: Mounted): number => bridge.calls.filter(({ name }) => name === 'plan.execute').length

describe('the resume dialog', () => {
  it('shows what resuming does: tally, objects, risk; red, focus on Cancel, deletions need a tick', async () => {
    const mounted = start(withPreview())
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    const tally = await screen.findByRole('group', { name: 'What will happen' })
    expect(tally.textContent).toContain('1will be created')
    expect(tally.textContent).toContain('5will be configured')
    expect(tally.textContent).toContain('1will be deleted')
    const [first] = within(screen.getByRole('list', { name: 'Changes' })).getAllByRole('listitem')
    expect(first?.textContent).toContain('apps/podinfo')
    expect(first?.textContent).toContain('High')
    expect(screen.getByRole('note').textContent).toContain('High risk')
    const confirm = screen.getByRole('button', { name: 'Resume, 7 changes' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Cancel'))
    expect(confirm.getAttribute('aria-disabled')).toBe('true')
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', ctrlKey: true })
    expect(executed(mounted)).toBe(0)
    fireEvent.click(screen.getByRole('checkbox', { name: 'I have seen that 1 object will be deleted.' }))
    await waitFor(() => expect(confirm.getAttribute('aria-disabled')).toBeNull())
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(executed(mounted)).toBe(1))
  })

  it('tells changes in the direction of the plan, as drift has them the other way round', async () => {
    const mounted = start((each) => {
      const objects = appsObjects(each.fleet.suspended.ref, each.now).slice(0, 2)
      const [changed, other] = objects
      withPreview({
        objects: [
          { ...changed!, summary: 'spec.replicas 2 → 5', change: 'spec.replicas 5 → 2' },
          { ...other!, summary: 'missing' },
        ],
      })(each)
    })
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    const [first, second] = within(await screen.findByRole('list', { name: 'Changes' })).getAllByRole('listitem')
    expect(first?.textContent).toContain('spec.replicas 5 → 2')
    expect(second?.textContent).toContain('missing')
  })

  it('counts nothing where a release is upgraded, and says what stays where it is not', async () => {
    const none = {
      createdCount: 0,
      configuredCount: 0,
      recreatedCount: 0,
      prunedCount: 0,
      refusedCount: 0,
      objects: [],
    }
    const upgrade = {
      ...none,
      unchangedCount: 0,
      skippedCount: 0,
      revision: '',
      risk: { level: 'medium', text: '' } as const,
    }
    const { fleet } = start(withPreview({ ...upgrade, caution: 'It upgrades the release: its values changed (a).' }))
    act(() => openPlanDialog('resume', [fleet.suspended.ref]))
    expect((await screen.findByRole('note')).textContent).toContain('its values changed (a)')
    expect(screen.queryByRole('group', { name: 'What will happen' })).toBeNull()
    expect(screen.getByRole('button', { name: 'Resume' })).toBeTruthy()
    cleanup()
    const left = { ...none, unchangedCount: 3, risk: { level: 'low', text: '' } as const, caution: '' }
    const second = start(withPreview({ ...left, note: 'One drifted object stays as it is.' }))
    act(() => openPlanDialog('resume', [second.fleet.suspended.ref]))
    expect(await screen.findByText('One drifted object stays as it is.')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Resume, no changes' })).toBeTruthy()
  })

  it('says what it waits for first, and what waits for it', async () => {
    const mounted = start()
    const { apps, releases } = { apps: mounted.fleet.apps.ref, releases: mounted.fleet.suspended.ref }
    withPreview({
      waitsFor: [
        { ref: apps, text: 'is not ready (Failed)', isStuck: false },
        { ref: { ...apps, name: 'gone' }, text: 'is not there', isStuck: true },
      ],
      waiting: [{ ...releases, name: 'tenants' }],
    })(mounted)
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    const list = await screen.findByRole('list', { name: 'Waits for' })
    expect(
      within(list)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      expect.stringContaining(`${apps.namespace}/${apps.name} is not ready (Failed)`),
      expect.stringContaining('gone is not there'),
    ])
    expect(screen.getByText(/goes on once what it depends on is ready/)).toBeTruthy()
    expect(screen.getByText(/tenants waits for it\.$/)).toBeTruthy()
  })

  it('is possible without a preview where none can be made, and says why', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('drift.preview', () => failure('ArtifactUnavailable', 'The artifact cannot be reached')),
    )
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    expect(await screen.findByText('What it will change is not known.')).toBeTruthy()
    expect(screen.getByText('The artifact cannot be reached')).toBeTruthy()
    const confirm = screen.getByRole('button', { name: 'Resume' })
    await waitFor(() => expect(confirm.getAttribute('aria-disabled')).toBeNull())
    fireEvent.click(confirm)
    await waitFor(() => expect(executed(mounted)).toBe(1))
  })

  it('waits for the preview until the person goes on without it', async () => {
    const mounted = start(({ bridge }) => bridge.answer('drift.preview', () => new Promise(() => undefined)))
    act(() => openPlanDialog('resume', [mounted.fleet.suspended.ref]))
    expect(await screen.findByText('Finding out what it would change…')).toBeTruthy()
    const confirm = screen.getByRole('button', { name: 'Resume' })
    await waitFor(() =>
      expect(confirm.getAttribute('aria-description')).toBe('What it would change is being found out'),
    )
    fireEvent.click(screen.getByRole('button', { name: 'Go on without it' }))
    await waitFor(() => expect(confirm.getAttribute('aria-disabled')).toBeNull())
  })
})

describe('the reconcile dialog', () => {
  it('shows what it overwrites and waits for no preview', async () => {
    const mounted = start(({ bridge }) => bridge.answer('drift.preview', () => new Promise(() => undefined)))
    act(() => openPlanDialog('reconcile', [mounted.fleet.apps.ref]))
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Reconcile' }).getAttribute('aria-disabled')).toBeNull(),
    )
  })

  it('asks for the tick as resuming does', async () => {
    const mounted = start(withPreview({ risk: { level: 'low', text: '' }, caution: '' }))
    act(() => openPlanDialog('reconcile', [mounted.fleet.apps.ref]))
    const confirm = await screen.findByRole('button', { name: 'Reconcile, 7 changes' })
    expect(confirm.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(screen.getByRole('checkbox', { name: /will be deleted/ }))
    await waitFor(() => expect(confirm.getAttribute('aria-disabled')).toBeNull())
    expect(screen.queryByRole('note')).toBeNull()
  })
})

describe('the dialog of one run', () => {
  it('takes the focus from the button that does it once the risk is known', async () => {
    const mounted = start(withPreview())
    act(() => openApplyNow(mounted.fleet.apps.ref))
    await screen.findByRole('button', { name: 'Apply now, 7 changes' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Cancel'))
  })
})

describe('one press on a closed gate', () => {
  it('resumes at once where the engine has a harmless plan', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('gate.open', () => ({ ok: true, value: { operation: 'op-2' } })),
    )
    act(() => pressGate(mounted.fleet.suspended.ref, false, 'pointer'))
    await waitFor(() =>
      expect(mounted.bridge.calls).toContainEqual({ name: 'gate.open', input: { ref: mounted.fleet.suspended.ref } }),
    )
    expect(dialogsStore.getState().open).toBeNull()
  })

  it.each(['PreviewNeeded', 'AlwaysAsk'] as const)('opens the dialog on %s', async (code) => {
    const mounted = start(({ bridge }) => bridge.answer('gate.open', () => failure(code, 'Look first')))
    act(() => pressGate(mounted.fleet.suspended.ref, false, 'pointer'))
    expect(await screen.findByRole('dialog', { name: /^Resume / })).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('says any other refusal', async () => {
    const mounted = start(({ bridge }) =>
      bridge.answer('gate.open', () => failure('Forbidden', 'You may not patch it')),
    )
    act(() => pressGate(mounted.fleet.suspended.ref, false, 'pointer'))
    expect((await screen.findByRole('alert')).textContent).toContain('You may not patch it')
    expect(dialogsStore.getState().open).toBeNull()
  })

  it('opens the dialog by a key, without asking the engine', () => {
    const mounted = start()
    act(() => pressGate(mounted.fleet.suspended.ref, false, 'keyboard'))
    expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'resume' })
    expect(mounted.bridge.calls.some(({ name }) => name === 'gate.open')).toBe(false)
  })
})
