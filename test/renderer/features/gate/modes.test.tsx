import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { GateLayer } from '../../../../renderer/features/gate/gate-layer.tsx'
import { openApplyNow, openApproval, openModeDialog } from '../../../../renderer/stores/hosting-actions.ts'
import { pressGate } from '../../../../renderer/stores/actions.ts'
import { gateOfRow } from '../../../../renderer/stores/row-scene.ts'
import type { Plan } from '../../../../shared/model/actions.ts'
import { newRow } from '../../../../electron/engine/reconcile/queue/new-row.ts'
import type { HostedRow, PendingApproval } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { previewOf } from '../../../fixtures/fake-host/drift.ts'
import { failure } from '../../support/fake-bridge.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

function approvalOf(ref: ObjectRef, more: Partial<PendingApproval> = {}): PendingApproval {
  const at = { cluster: ref.cluster, group: '', namespace: 'apps' }
  return {
    key: refKey(ref),
    ref,
    kind: 'revision',
    digest: digest('a'),
    revision: 'main@sha1:0123456789012345678901234567890123456789',
    reason: 'Revision main@sha1:0123456 creates 1, changes 1 and deletes 2',
    created: 1,
    configured: 1,
    pruned: [
      { ref: { ...at, kind: 'ConfigMap', name: 'old' }, isData: false },
      { ref: { ...at, kind: 'PersistentVolumeClaim', name: 'data' }, isData: true },
    ],
    changes: [
      { ref: { ...at, kind: 'ConfigMap', name: 'new' }, action: 'created', summary: '' },
      { ref: { ...at, kind: 'ConfigMap', name: 'app' }, action: 'configured', summary: 'data.color red → green' },
    ],
    since: Date.now(),
    ...more,
  }
}

function planOf(ref: ObjectRef, action: Plan['action'], isReasonRequired = false): Plan {
  return {
    digest: digest('p'),
    action,
    createdAt: Date.now(),
    contexts: [],
    items: [
      {
        ref,
        context: 'staging-eu',
        uid: 'u',
        generation: 1,
        effect: 'change',
        refusal: null,
        changes: [{ path: '/metadata/annotations/sluice.dev~1mode', before: null, after: 'held' }],
        patch: '[]',
        notes: [],
        dependents: [],
      },
    ],
    changeCount: 1,
    unchangedCount: 0,
    refusedCount: 0,
    isReasonRequired,
  }
}

const manualRow = (ref: ObjectRef, letter: string, of: string): HostedRow => ({
  ...newRow(ref, 'manual', ''),
  mode: 'manual',
  plan: { digest: digest(letter), revision: of },
})

const offOf = (button: HTMLElement): string | null => button.getAttribute('aria-description')

describe('review and approve', () => {
  const open = (more: Partial<PendingApproval> = {}): Mounted & { readonly approval: PendingApproval } => {
    let approval: PendingApproval | null = null
    const mounted = mount(<GateLayer />, ({ bridge, fleet }) => {
      approval = approvalOf(fleet.apps.ref, more)
      bridge.publish('hosting.approvals', [approval])
      bridge.answer('hosting.approve', () => ({ ok: true, value: null }))
    })
    openApproval(mounted.fleet.apps.ref)
    return { ...mounted, approval: approval! }
  }

  it('shows deletions first, data before all, and is live once they were seen; approves the digest that was shown', async () => {
    const { bridge, approval } = open()
    const dialog = within(await screen.findByRole('dialog', { name: /^Approve a revision of/ }))
    const items = within(dialog.getByRole('list', { name: 'Objects' })).getAllByRole('listitem')
    expect(items.map((item) => /apps\/(data|old|new|app)/.exec(item.textContent ?? '')?.[1])).toEqual([
      'data',
      'old',
      'new',
      'app',
    ])
    expect(items[0]?.textContent).toContain('deleted with what is in it')
    expect(items[3]?.textContent).toContain('data.color red → green')
    const approve = dialog.getByRole('button', { name: /^Approve, 4 changes/ })
    expect(offOf(approve)).toBe('Tick first that you have seen what will be deleted')
    fireEvent.click(approve)
    fireEvent.click(dialog.getByRole('checkbox', { name: 'I have seen that 2 objects will be deleted.' }))
    fireEvent.click(approve)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(bridge.calls.filter(({ name }) => name === 'hosting.approve').map(({ input }) => input)).toEqual([
      { ref: approval.ref, digest: approval.digest },
    ])
  })

  it('does not approve what moved: it says so, and shows what waits now when it is asked to', async () => {
    const { bridge, approval } = open({ pruned: [] })
    const dialog = within(await screen.findByRole('dialog', { name: /^Approve a revision of/ }))
    expect(offOf(dialog.getByRole('button', { name: /^Approve, 2 changes/ }))).toBeNull()
    bridge.push('hosting.approvals', [{ ...approval, digest: digest('b'), configured: 2 }])
    await dialog.findByText(/The plan moved since you opened it/)
    const approve = dialog.getByRole('button', { name: /^Approve, 2 changes/ })
    expect(offOf(approve)).toBe('This is not what waits any more')
    fireEvent.click(approve)
    expect(bridge.calls.some(({ name }) => name === 'hosting.approve')).toBe(false)
    fireEvent.click(dialog.getByRole('button', { name: 'Show what waits now' }))
    bridge.answer('hosting.approve', () => failure('PlanMoved', 'What waits is not what you saw', 'Look at it again.'))
    fireEvent.click(dialog.getByRole('button', { name: /^Approve, 3 changes/ }))
    await dialog.findByText('What waits is not what you saw')
    expect(bridge.calls.filter(({ name }) => name === 'hosting.approve').map(({ input }) => input)).toEqual([
      { ref: approval.ref, digest: digest('b') },
    ])
  })

  it('of a held prune says why it is held', async () => {
    open({ kind: 'prune', created: 0, configured: 0, changes: [], reason: 'It would leave nothing of 2 objects' })
    const dialog = within(await screen.findByRole('dialog', { name: /^Approve the deletions of/ }))
    dialog.getByText('It would leave nothing of 2 objects')
    dialog.getByRole('button', { name: /^Delete 2 objects/ })
  })
})

describe('modes', () => {
  it('are set by a plan: its digest is executed, production wants a reason', async () => {
    const { bridge, fleet } = mount(<GateLayer />, ({ bridge: to, fleet: { apps } }) => {
      to.answer('plan.prepare', ({ action, reason }) => ({
        ok: true,
        value: { ...planOf(apps.ref, action, true), digest: digest(reason === undefined ? 'c' : 'd') },
      }))
      to.answer('plan.execute', () => ({ ok: true, value: { operation: 'o' } }))
    })
    openModeDialog(fleet.apps.ref, 'held')
    const dialog = within(await screen.findByRole('dialog', { name: /^Mode of/ }))
    const set = await dialog.findByRole('button', { name: /^Set to held/ })
    await waitFor(() => expect(offOf(set)).toBe('A reason is required in production contexts'))
    fireEvent.change(dialog.getByRole('textbox', { name: /^Reason/ }), { target: { value: 'Two eyes' } })
    await waitFor(() => expect(offOf(set)).toBeNull())
    fireEvent.click(set)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(bridge.calls.filter(({ name }) => name === 'plan.execute').at(-1)?.input).toEqual({ digest: digest('d') })
    expect(
      bridge.calls.find(({ name, input }) => name === 'plan.prepare' && 'reason' in (input as object))?.input,
    ).toMatchObject({
      action: 'hold',
      reason: 'Two eyes',
    })
  })

  it('automatic shows what resuming would do; what it is already is off', async () => {
    const { fleet } = mount(<GateLayer />, ({ bridge, fleet: { apps } }) => {
      bridge.answer('plan.prepare', ({ action }) => ({ ok: true, value: planOf(apps.ref, action) }))
    })
    openModeDialog(fleet.apps.ref, 'manual')
    const dialog = within(await screen.findByRole('dialog', { name: /^Mode of/ }))
    fireEvent.click(dialog.getByRole('radio', { name: 'Automatic' }))
    expect(offOf(await dialog.findByRole('button', { name: /^Set to automatic/ }))).toBe('It is automatic already')
  })

  it('apply now asks for one run, and shows a refusal', async () => {
    const { bridge, fleet } = mount(<GateLayer />, ({ bridge: to }) => {
      to.answer('drift.preview', () => failure('NotConnected', 'Cannot be compared'))
      to.answer('hosting.applyOnce', () => failure('NotHosted', 'It is not in mode manual'))
    })
    openApplyNow(fleet.apps.ref)
    const dialog = within(await screen.findByRole('dialog', { name: /^Apply .* now$/ }))
    await dialog.findByText('What it will change is not known.')
    fireEvent.click(dialog.getByRole('button', { name: /^Apply now/ }))
    await dialog.findByText('It is not in mode manual')
    bridge.answer('hosting.applyOnce', () => ({ ok: true, value: null }))
    fireEvent.click(dialog.getByRole('button', { name: /^Apply now/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it('apply now means the plan that was there when it was looked at; of another one it says so', async () => {
    const row = (ref: ObjectRef, letter: string): HostedRow => manualRow(ref, letter, 'main@sha1:1')
    const { bridge, fleet } = mount(<GateLayer />, ({ bridge: to, fleet: { apps } }) => {
      to.publish('hosting.rows', [row(apps.ref, 'a')])
      to.answer('drift.preview', () => failure('NotConnected', 'Cannot be compared'))
      to.answer('hosting.applyOnce', () => ({ ok: true, value: null }))
    })
    openApplyNow(fleet.apps.ref)
    const dialog = within(await screen.findByRole('dialog', { name: /^Apply .* now$/ }))
    const apply = dialog.getByRole('button', { name: /^Apply now/ })
    await waitFor(() => expect(offOf(apply)).toBeNull())
    bridge.push('hosting.rows', [row(fleet.apps.ref, 'b')])
    await dialog.findByText(/The plan moved since you opened it/)
    fireEvent.click(apply)
    const asked = (): readonly unknown[] =>
      bridge.calls.filter(({ name }) => name === 'hosting.applyOnce').map(({ input }) => input)
    const looks = (): number => bridge.calls.filter(({ name }) => name === 'drift.preview').length
    expect([asked(), looks()]).toEqual([[], 1])
    fireEvent.click(dialog.getByRole('button', { name: 'Show what would be applied now' }))
    await waitFor(() => expect([looks(), offOf(apply)]).toEqual([2, null]))
    fireEvent.click(apply)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(asked()).toEqual([{ ref: fleet.apps.ref, digest: digest('b') }])
  })

  it('apply now waits for what is being found out anew, and for the plan of the revision that was compared', async () => {
    let found: (revision: string) => void = () => undefined
    const { bridge, fleet } = mount(<GateLayer />, ({ bridge: to, fleet: { apps }, now }) => {
      to.publish('hosting.rows', [manualRow(apps.ref, 'a', 'main@sha1:1')])
      to.answer('hosting.applyOnce', () => ({ ok: true, value: null }))
      to.answer('drift.preview', async ({ ref }) => {
        const revision = await new Promise<string>((resolve) => (found = resolve))
        return { ok: true, value: { ...previewOf(ref, [], now), revision } }
      })
    })
    openApplyNow(fleet.apps.ref)
    const dialog = within(await screen.findByRole('dialog', { name: /^Apply .* now$/ }))
    const apply = dialog.getByRole('button', { name: /^Apply now/ })
    // The comparison has seen a commit of which the queue does not know yet.
    found('main@sha1:2')
    await dialog.findByText(/The plan moved since you opened it/)
    bridge.push('hosting.rows', [manualRow(fleet.apps.ref, 'b', 'main@sha1:2')])
    await waitFor(() => {
      const again = dialog.queryByRole('button', { name: 'Show what would be applied now' })
      if (again !== null) fireEvent.click(again)
      expect(dialog.queryByText(/The plan moved since you opened it/)).toBeNull()
    })
    expect(offOf(apply)).toBe('What it would change is being found out')
    found('main@sha1:2')
    await waitFor(() => expect(offOf(apply)).toBeNull())
    fireEvent.click(apply)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })
})

describe('the gate’s third state', () => {
  const stateOf = (row: FluxRow, approvals: readonly string[]): string | undefined =>
    gateOfRow(row, {
      contexts: new Map([[row.ref.cluster, [{ connection: 'connected', isReadOnly: false } as never]]]),
      kinds: new Map(),
      moving: new Map(),
      approvals: new Set(approvals),
      isSeveral: false,
    })?.state

  it('shows its mode, and whether a plan waits', async () => {
    const { fleet } = mount(<GateLayer />)
    const row = fleet.rows.find(({ isSuspended }) => isSuspended === true)!
    expect(stateOf(row, [])).toBe('closed')
    expect(stateOf({ ...row, mode: 'manual' }, [])).toBe('manual')
    expect(stateOf({ ...row, mode: 'held' }, [])).toBe('holding')
    expect(stateOf({ ...row, mode: 'held' }, [row.key])).toBe('held')
    expect(stateOf({ ...row, isSuspended: false }, [row.key])).toBe('open')
  })

  it('is never left by a press alone: what waits, or what resuming would do, is shown first', async () => {
    const { bridge, fleet } = mount(<GateLayer />, ({ bridge: to, fleet: { suspended, rows } }) => {
      const row = rows.find(({ key }) => key === refKey(suspended.ref))!
      to.publish('rows.watch', [{ ...row, mode: 'held' }])
      to.answer('plan.prepare', ({ action }) => ({ ok: true, value: planOf(suspended.ref, action) }))
    })
    pressGate(fleet.suspended.ref, false, 'pointer')
    await screen.findByRole('dialog', { name: /^Resume/ })
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' })
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    bridge.push('hosting.approvals', [approvalOf(fleet.suspended.ref)])
    pressGate(fleet.suspended.ref, false, 'pointer')
    await screen.findByRole('dialog', { name: /^Approve/ })
    expect(bridge.calls.some(({ name }) => name === 'gate.open')).toBe(false)
  })
})
